"""The rule linker and the extractor around it: contract, periods, scopes, and input nobody would write."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.metrics.base import LinkedMetric, Quantity
from gongkai.pipeline.metrics.indicator import left_phrase, of_part, shorten
from gongkai.pipeline.metrics.inherit import heading_noun
from gongkai.pipeline.metrics.link import RuleLinker
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.metrics.rules import RuleExtractor
from gongkai.pipeline.metrics.timeframe import find_periods, find_scope, is_place
from gongkai.pipeline.tagging.base import ParagraphInput


def link(text: str, *path: str) -> list[LinkedMetric]:
    return RuleLinker().link(ParagraphInput(text, (), path), find_quantities(text))


def test_links_metric_quantities_only_and_in_order() -> None:
    text = "根据国办发〔2019〕54号文件，2019年共公开信息30条、回应关切8次。"
    metrics = link(text)
    assert [m.quantity.value for m in metrics] == [30, 8]
    assert all(m.quantity.kind == "metric" for m in metrics)


def test_span_points_at_the_main_words() -> None:
    text = "截至年底，全县行政权力事项共计2846项。"
    (metric,) = link(text)
    assert metric.indicator_span is not None
    start, end = metric.indicator_span
    assert text[start:end] == "行政权力事项"


def test_a_number_that_tells_nothing_scores_low() -> None:
    (told,) = link("全县行政权力事项共计2846项。")
    (bare,) = link("共120件。")
    assert bare.score < 0.5 < told.score


def test_the_heading_names_what_the_sentence_leaves_unsaid() -> None:
    (metric,) = link("全年受理12件。", "三、其他", "（二）依申请公开情况")
    assert "依申请公开" in (metric.indicator or "")


def test_a_long_list_of_channels_gives_way_to_the_thing() -> None:
    channels = "政府门户网站、政务微博、政务微信、新闻客户端、电子显示屏、政府公报、广播电视、报刊杂志"
    text = f"通过{channels}等多种渠道发布信息90条。"
    (metric,) = link(text)
    assert metric.indicator is not None
    assert "发布信息" in metric.indicator
    assert len(metric.indicator) <= 40


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2021年，公开信息3条。", ["2021年"]),
        ("截至2020年12月底，公开信息3条。", ["截至2020年12月底"]),
        ("今年以来公开信息3条。", ["今年以来"]),
        ("较2018年增长。", []),
        ("平台于2016年5月正式运行。", []),
        ("《2021年政务公开工作要点》", []),
        ("增加到2014年的", []),
    ],
)
def test_periods(text: str, period: list[str]) -> None:
    assert [m.group() for m in find_periods(text)] == period


def test_a_date_of_one_event_does_not_reach_the_next_sentence() -> None:
    (metric,) = link("2017年11月，印发工作规范。全市42个部门参加了培训。")
    assert metric.period is None


@pytest.mark.parametrize(
    ("clause", "scope"),
    [
        ("沭阳县公开信息", "沭阳县"),
        ("区、镇、村三级网络直报率", "区、镇、村三级"),
        ("各县直单位发布信息", "各县直单位"),
        ("公开市级预算", None),
        ("新建的市民服务中心", None),
        ("依托区政府门户网站", None),
        ("全区共受理", None),
    ],
)
def test_scopes(clause: str, scope: str | None) -> None:
    assert find_scope(clause) == scope


def test_parts_that_are_places() -> None:
    assert is_place("宿城区")
    assert is_place("市级")
    assert not is_place("投诉")


def test_the_reporters_own_place_is_no_scope() -> None:
    paragraphs = [ParagraphInput(f"沭阳县公开信息{n}条。", ()) for n in (11, 12, 13)]
    assert [m.scope for metrics in RuleExtractor().extract(paragraphs) for m in metrics] == [None] * 3
    assert RuleExtractor().extract(paragraphs[:1])[0][0].scope == "沭阳县"


class _NoLinker:
    name = "none"

    def link(self, paragraph: ParagraphInput, quantities: Sequence[Quantity]) -> list[LinkedMetric]:
        return []


def test_another_linker_takes_the_place_of_the_rules() -> None:
    assert RuleExtractor(_NoLinker()).extract([ParagraphInput("公开信息3条。", ())]) == [[]]


def test_no_metric_no_link() -> None:
    assert link("认真落实各项要求。") == []
    assert link("") == []


def test_shorten_keeps_the_head() -> None:
    words = "政府网站、政务微博、微信公众号、客户端、电子屏、报刊、广播电视等平台主动公开涉及民生领域的信息"
    short = shorten(words)
    assert len(short) <= 40
    assert short.endswith("民生领域的信息")
    assert len(of_part(words, "网上申请")) <= 40


def test_words_that_hold_a_filler_stay_whole() -> None:
    for words in ("公共服务事项", "行政许可", "法律依据", "归集数据", "其他信息"):
        assert left_phrase(words, words, 0, len(words)).text == words


def test_headings() -> None:
    assert heading_noun(["一、总体情况", "（二）依申请公开情况"]) == "依申请公开"
    assert heading_noun(["一、总体情况"]) == ""
    assert heading_noun([]) == ""


_WORDS = [
    *[
        "其中",
        "公开信息",
        "3条",
        "占",
        "5%",
        "同比增长",
        "分别为",
        "被",
        "2019年",
        "市级",
        "办结",
        "满意率",
        "的",
        "对",
        "由",
    ],
    *["万元", "7", "等", "A", "（", "）", "、", "，", "。", "《", "》", "“", "”", "：", " ", "\n"],
]
_PIECES = st.sampled_from(_WORDS)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=24).map("".join))
def test_whatever_the_text_the_contract_holds(text: str) -> None:
    metrics = link(text, "（一）主动公开")
    assert len(metrics) == sum(q.kind == "metric" for q in find_quantities(text))
    for metric in metrics:
        assert metric.indicator is None or 0 < len(metric.indicator) <= 40
        assert 0 <= metric.score <= 1
        if metric.indicator_span is not None:
            assert 0 <= metric.indicator_span[0] < metric.indicator_span[1] <= len(text)


@pytest.mark.parametrize(
    "text", ["、办结3件" * 3000, "(" * 9000 + "3条", "占" * 9000 + "3%", "收到9件，其中" + "网上1件、" * 3000]
)
@pytest.mark.timeout(20)
def test_hostile_text_takes_no_long_time(text: str) -> None:
    assert link(text)
