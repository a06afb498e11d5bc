"""Marks in the narrative: no character lost or repeated, marks exactly where the summary has them."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.report.marking import lines, tip
from gongkai.pipeline.schema import Entity, Metric, ParagraphOut, Report, Segment

TEXT = "甲乙丙丁戊己庚辛壬癸"
SPAN = st.tuples(st.integers(-3, 14), st.integers(-3, 14))


def _metric(start: int, end: int) -> Metric:
    return Metric(id="m", paragraph="p", start=start, end=end, text="", value=1)


@settings(deadline=None)  # a busy machine is no defect
@given(st.lists(SPAN, max_size=4), st.lists(SPAN, max_size=4), st.lists(SPAN, max_size=4))
def test_every_character_comes_once_and_in_order_whatever_the_offsets(segments, metrics, entities) -> None:
    paragraph = ParagraphOut(
        id="p", section="s", text=TEXT, segments=[Segment(id="x", start=s, end=e) for s, e in segments]
    )
    marked = lines(
        paragraph,
        list(enumerate(_metric(s, e) for s, e in metrics)),
        [Entity(type="ORG", paragraph="p", start=s, end=e, text="") for s, e in entities],
    )
    assert "".join(run.text for line in marked for run in line.runs) == TEXT


@settings(deadline=None)
@given(SPAN, SPAN)
def test_a_character_is_marked_if_and_only_if_the_metric_covers_it(metric, segment) -> None:
    paragraph = ParagraphOut(
        id="p", section="s", text=TEXT, segments=[Segment(id="x", start=segment[0], end=segment[1])]
    )
    marked = lines(paragraph, [(7, _metric(*metric))], [])
    flags = [run.metric for line in marked for run in line.runs for _ in run.text]
    assert flags == [7 if metric[0] <= at < metric[1] else None for at in range(len(TEXT))]


def test_a_metric_cut_by_an_entity_has_one_beginning() -> None:
    paragraph = ParagraphOut(id="p", section="s", text=TEXT)
    entity = Entity(type="DATE", paragraph="p", start=3, end=5, text="丁戊")
    (line,) = lines(paragraph, [(0, _metric(2, 6))], [entity])
    seen = [(run.text, run.metric, run.first, run.entity) for run in line.runs]
    assert seen == [
        ("甲乙", None, False, None),
        ("丙", 0, True, None),
        ("丁戊", 0, False, "DATE"),
        ("己", 0, False, None),
        ("庚辛壬癸", None, False, None),
    ]


def test_labels_of_the_segment_before_are_marked_as_repeated(build: Callable[..., Report]) -> None:
    first, second = lines(build().paragraphs[1], [], [])
    assert [(chip.zh, chip.repeated) for chip in first.chips] == [("教育", False), ("依申请公开", False)]
    assert [(chip.zh, chip.repeated) for chip in second.chips] == [("教育", True)]


def test_the_tip_tells_indicator_value_unit_comparator_and_period(build: Callable[..., Report]) -> None:
    told = "\n".join(tip(build().metrics[0]))
    for part in ("受理申请", "= 12 件", "件", "等于 equal to", "全年", "教育 education"):
        assert part in told
