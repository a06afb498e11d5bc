"""Whose word is taken, where annotators differ, and figures that were marked in the tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.corpora.convert.sentences import ConversionError
from gongkai.corpora.records import CorpusParagraph
from gongkai.training.labelling.merge import UnfinishedError, _most, merge
from gongkai.training.labelling.record import Said

Annotate = Callable[..., list[Said]]
HEALTH, EDUCATION, POVERTY = "domain:healthcare", "domain:education", "domain:poverty_relief"


@pytest.fixture
def found(make_paragraph: Callable[..., CorpusParagraph]) -> CorpusParagraph:
    return make_paragraph(["公开医院价格目录。", "公开学校招生计划。"])


def domains(paragraph: CorpusParagraph) -> list[list[str]]:
    return [s.domains for s in paragraph.sentences]


def test_one_annotator(found: CorpusParagraph, annotate: Annotate) -> None:
    merged, conflicts = merge(annotate(found, [[HEALTH], [EDUCATION, "activity:proactive_disclosure"]]), None, "newest")
    assert domains(merged) == [["healthcare"], ["education"]]
    assert merged.sentences[1].activities == ["proactive_disclosure"]
    assert (merged.text, merged.path, conflicts) == (found.text, found.path, [])


def test_labels_come_in_the_order_of_the_scheme(found: CorpusParagraph, annotate: Annotate) -> None:
    one, _ = merge(annotate(found, [[HEALTH, POVERTY], []]), None, "newest")
    other, _ = merge(annotate(found, [[POVERTY, HEALTH], []]), None, "newest")
    assert one == other


@pytest.mark.parametrize(
    ("take", "expected"), [("newest", ["education"]), ("majority", ["healthcare"]), ("existing", ["education"])]
)
def test_annotators_who_differ(found: CorpusParagraph, annotate: Annotate, take: Any, expected: list[str]) -> None:
    said = [
        *annotate(found, [[EDUCATION], []], "last", "2026-03-01T00:00:00+00:00"),
        *annotate(found, [[HEALTH], []], "anna", "2026-01-01T00:00:00+00:00"),
        *annotate(found, [[HEALTH], []], "bo", "2026-02-01T00:00:00+00:00"),
    ]
    merged, conflicts = merge(said, None, take)
    assert domains(merged) == [expected, []]
    assert [(c.kind, c.place, [v.by for v in c.votes]) for c in conflicts] == [
        ("annotators", "r-2023/p1.1", ["last", "bo", "anna"])
    ]
    assert conflicts[0].taken[0] == {f"domain:{expected[0]}"}


@pytest.mark.parametrize(
    ("take", "expected"), [("newest", "education"), ("existing", "healthcare"), ("majority", "education")]
)
def test_an_annotation_against_what_stands(
    found: CorpusParagraph, annotate: Annotate, take: Any, expected: str
) -> None:
    standing, _ = merge(annotate(found, [[HEALTH], [EDUCATION]]), None, "newest")
    merged, conflicts = merge(annotate(found, [[EDUCATION], [EDUCATION]]), standing, take)
    assert domains(merged) == [[expected], ["education"]]
    assert [(c.kind, [v.by for v in c.votes]) for c in conflicts] == [("standing", ["anna", "corpus"])]


def test_what_stands_has_no_second_voice_where_an_annotator_gave_it(found: CorpusParagraph, annotate: Annotate) -> None:
    old = annotate(found, [[HEALTH], []], "anna", "2026-01-01T00:00:00+00:00")
    standing, _ = merge(old, None, "newest")
    new = annotate(found, [[EDUCATION], []], "bo", "2026-02-01T00:00:00+00:00")
    # One against one is a tie, which the last word decides; were anna counted twice, she would win.
    merged, conflicts = merge([*old, *new], standing, "majority")
    assert domains(merged)[0] == ["education"]
    assert [v.by for v in conflicts[0].votes] == ["bo", "anna"]


def test_an_annotator_who_changes_their_mind_has_one_voice(found: CorpusParagraph, annotate: Annotate) -> None:
    said = [
        *annotate(found, [[HEALTH], []], "anna", "2026-01-01T00:00:00+00:00"),
        *annotate(found, [[EDUCATION], []], "anna", "2026-02-01T00:00:00+00:00"),
    ]
    merged, conflicts = merge(said[::-1], None, "majority")
    assert (domains(merged)[0], conflicts) == (["education"], [])


def test_without_times_the_later_file_has_the_last_word(found: CorpusParagraph, annotate: Annotate) -> None:
    said = [*annotate(found, [[HEALTH], []], "anna", None), *annotate(found, [[EDUCATION], []], "bo", None)]
    assert domains(merge(said, None, "newest")[0])[0] == ["education"]


def test_missing_sentences(found: CorpusParagraph, annotate: Annotate) -> None:
    for part in (slice(0, 1), slice(1, 2)):
        with pytest.raises(UnfinishedError, match="1 of 2"):
            merge(annotate(found, [[], []])[part], None, "newest")


def test_another_text_of_the_same_name(
    found: CorpusParagraph, annotate: Annotate, make_paragraph: Callable[..., CorpusParagraph]
) -> None:
    for other in (["公开医院价格目录。", "另一句话在这里。"], ["公开医院价格目录。"]):
        with pytest.raises(ConversionError, match="another text stands"):
            merge(annotate(found, [[], []]), make_paragraph(other), "newest")


def test_a_tampered_gap_is_refused(found: CorpusParagraph, annotate: Annotate) -> None:
    said = annotate(found, [[], []])
    said[0].data["gap"] = "插入一句。"
    with pytest.raises(ConversionError):
        merge(said, None, "newest")


def test_a_figure_keeps_what_it_measures(metric_paragraph: CorpusParagraph, annotate: Annotate) -> None:
    merged, _ = merge(annotate(metric_paragraph, [[POVERTY], []]), None, "newest")
    assert merged.metrics == metric_paragraph.metrics


def test_what_the_corpus_says_of_a_figure_is_kept(metric_paragraph: CorpusParagraph, annotate: Annotate) -> None:
    corrected = metric_paragraph.metrics[0].model_copy(update={"indicator": "公开扶贫信息条数"})
    standing = metric_paragraph.model_copy(update={"metrics": [corrected]})
    merged, _ = merge(annotate(metric_paragraph, [[POVERTY], []]), standing, "newest")
    assert (merged.metrics, domains(merged)[0]) == ([corrected], ["poverty_relief"])


def test_a_figure_marked_in_the_tool_is_read_by_the_rules(
    metric_paragraph: CorpusParagraph, annotate: Annotate
) -> None:
    spans = [[(8, 13, "METRIC")], [(2, 4, "METRIC")]]
    merged, _ = merge(annotate(metric_paragraph, [[], []], spans=spans), None, "newest")
    new = merged.metrics[1]
    assert (new.text, new.value, new.unit, new.comparator) == ("3期", 3, "期", "eq")
    assert "培训" in new.indicator
    assert (new.start, new.end) == (16, 18)


def test_a_span_that_is_no_figure_is_refused(metric_paragraph: CorpusParagraph, annotate: Annotate) -> None:
    with pytest.raises(ConversionError, match="'培训' is new"):
        merge(annotate(metric_paragraph, [[], []], spans=[[], [(0, 2, "METRIC")]]), None, "newest")


def test_a_figure_that_was_taken_off_is_gone(metric_paragraph: CorpusParagraph, annotate: Annotate) -> None:
    merged, conflicts = merge(annotate(metric_paragraph, [[], []], spans=[[], []]), metric_paragraph, "newest")
    assert merged.metrics == []
    assert [c.kind for c in conflicts] == ["standing"]


@settings(deadline=None)
@given(st.lists(st.frozensets(st.sampled_from("abcd")), min_size=1, max_size=6))
def test_majority(sets: list[frozenset[str]]) -> None:
    taken = _most(sets, sets[0])
    for item in "abcd":
        votes = sum(item in found for found in sets)
        if 2 * votes != len(sets):
            assert (item in taken) == (2 * votes > len(sets))
        else:
            assert (item in taken) == (item in sets[0])
