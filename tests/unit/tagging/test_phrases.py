"""The phrase tagger against sentences of our own wording, labelled by the guidelines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.tagging.base import ParagraphInput, SegmentLabels
from gongkai.pipeline.tagging.phrases import PhraseTagger

_CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "tagging.yaml").read_text(encoding="utf-8")
)
_FACETS = ("domains", "activities")


def paragraph(case: dict[str, Any]) -> ParagraphInput:
    segments, at = [], 0
    for text, _, _ in case["sentences"]:
        segments.append((at, at + len(text)))
        at += len(text)
    text = "".join(sentence[0] for sentence in case["sentences"])
    return ParagraphInput(text, tuple(segments), tuple(case.get("path", ())), case["section"])


def gold(sentence: list[str]) -> tuple[set[str], set[str]]:
    domains, activities = (set(part.replace("-", "").split()) for part in sentence[1:])
    return domains, activities


def found(labels: SegmentLabels) -> tuple[set[str], set[str]]:
    return {x.label for x in labels.domains}, {x.label for x in labels.activities}


@pytest.fixture(scope="module")
def tagger() -> PhraseTagger:
    return PhraseTagger()


def rows(tagger: PhraseTagger) -> Iterator[tuple[tuple[set[str], set[str]], tuple[set[str], set[str]]]]:
    for case in _CASES:
        for sentence, labels in zip(case["sentences"], tagger.predict([paragraph(case)])[0], strict=True):
            yield gold(sentence), found(labels)


def test_the_material_covers_every_label() -> None:
    count: dict[str, int] = {}
    for case in _CASES:
        for sentence in case["sentences"]:
            for label in set().union(*gold(sentence)):
                count[label] = count.get(label, 0) + 1
    known = {label for facet in _FACETS for label in taxonomy()[facet]}
    assert set(count) == known
    assert {label for label in known if count[label] < 3} == set()
    assert sum(len(case["sentences"]) for case in _CASES) >= 250


@pytest.mark.parametrize(("facet", "floor"), [(0, 0.95), (1, 0.93)])
def test_micro_f1(tagger: PhraseTagger, facet: int, floor: float) -> None:
    right = wrong = missed = 0
    for expected, actual in rows(tagger):
        right += len(expected[facet] & actual[facet])
        wrong += len(actual[facet] - expected[facet])
        missed += len(expected[facet] - actual[facet])
    assert 2 * right / (2 * right + wrong + missed) >= floor


@pytest.mark.parametrize("case", [c for c in _CASES if "rule" in c], ids=lambda c: f"{c['rule']}")
def test_rules_hold_exactly(tagger: PhraseTagger, case: dict[str, Any]) -> None:
    for sentence, labels in zip(case["sentences"], tagger.predict([paragraph(case)])[0], strict=True):
        assert found(labels) == gold(sentence), sentence[0]


def whole(text: str, section: str = "overview", path: tuple[str, ...] = ()) -> ParagraphInput:
    return ParagraphInput(text, ((0, len(text)),), path, section)  # type: ignore[arg-type]


def labels(tagger: PhraseTagger, text: str, **place: Any) -> tuple[set[str], set[str]]:
    return found(tagger.predict([whole(text, **place)])[0][0])


def test_output_is_aligned_with_input(tagger: PhraseTagger) -> None:
    paragraphs = [paragraph(case) for case in _CASES]
    out = tagger.predict(paragraphs)
    assert [len(p) for p in out] == [len(p.segments) for p in paragraphs]
    assert tagger.predict([]) == []


def test_scores_are_ordered_bounded_and_filtered() -> None:
    case = whole("主动公开财政预算、部门决算和审计结果，发布义务教育招生信息。")
    for min_score in (0.1, 0.5, 0.95):
        for facet in PhraseTagger(min_score).predict([case])[0][0], PhraseTagger(min_score).predict([case])[0][0]:
            scores = [x.score for x in facet.domains]
            assert scores == sorted(scores, reverse=True)
            assert all(min_score <= s <= 1 for s in scores + [x.score for x in facet.activities])


def test_more_evidence_never_scores_less(tagger: PhraseTagger) -> None:
    less = tagger.predict([whole("公布预算。")])[0][0].domains[0]
    more = tagger.predict([whole("公布预算、决算和审计结果。")])[0][0].domains[0]
    assert less.label == more.label == "finance"
    assert less.score < more.score


def test_at_most_five_fields_of_a_list_the_first_ones(tagger: PhraseTagger) -> None:
    domains, _ = labels(tagger, "推进教育、医疗、就业、社保、环保、旅游、农业领域信息公开。")
    assert domains == {"education", "healthcare", "employment", "social_insurance", "environment"}


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("县教育局组织开展业务培训。", "education"),
        ("由财政局牵头落实。", "finance"),
        ("人力资源和社会保障局更新了网站栏目。", "social_insurance"),
        ("对教育、民政、水利等部门进行督查。", "agriculture"),
        ("“健康某县”微信公众号发布信息12条。", "healthcare"),
        ("优化营商环境。", "environment"),
        ("维护政务环境。", "environment"),
        ("加强网络安全管理。", "work_safety"),
        ("市政府印发方案。", "urban_services"),
        ("开展党史学习教育。", "education"),
        ("印发《县卫生健康系统政府信息公开办法》。", "healthcare"),
        ("在档案馆、图书馆设立查阅点。", "culture_tourism_sports"),
        ("全年未收取信息处理费，收费标准按规定执行。", "taxation_fees"),
        ("城乡居民医疗保险按时参保。", "healthcare"),
        ("开展医疗救助。", "healthcare"),
    ],
)
def test_words_of_a_field_that_do_not_name_it(tagger: PhraseTagger, text: str, domain: str) -> None:
    assert domain not in labels(tagger, text)[0]


def test_a_new_list_head_ends_the_field(tagger: PhraseTagger) -> None:
    text = "一是公开扶贫信息。公示帮扶结果。二是加强检查。抽查结果及时通报。"
    segments = ((0, 9), (9, 16), (16, 23), (23, 33))
    out = [found(x)[0] for x in tagger.predict([ParagraphInput(text, segments)])[0]]
    assert out == [{"poverty_relief"}, {"poverty_relief"}, set(), set()]


def test_explain_tells_phrase_and_source(tagger: PhraseTagger) -> None:
    text = "公布部门预算。按季更新进展。"
    explained = tagger.explain(ParagraphInput(text, ((0, 7), (7, 14)), ("（一）财政信息公开",), "overview"))
    assert {(e.label, e.phrase, e.source) for e in explained[0]} >= {
        ("finance", "部门预算", "segment"),
        ("proactive_disclosure", "公布", "segment"),
    }
    assert ("finance", "heading") in {(e.label, e.source) for e in explained[1]}


@pytest.mark.parametrize("section", ["front_matter", "overview", "problems", "applications", "unknown", "attachment"])
@pytest.mark.parametrize(
    "text", ["", "。", "《", "》《", "\x00\ufffd", "“" * 50, "公开" * 40, "1" * 200 + "条", "（一）"]
)
def test_any_text_is_accepted(tagger: PhraseTagger, text: str, section: str) -> None:
    assert len(tagger.predict([whole(text, section=section, path=(text,))])[0]) == 1


@pytest.mark.timeout(20)
def test_time_grows_with_length_only(tagger: PhraseTagger) -> None:
    text = "通过网站公开针对建立制度教育、问题" * 6000
    assert "education" in labels(tagger, text, section="problems")[0]
