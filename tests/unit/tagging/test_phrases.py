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


@pytest.mark.parametrize(("facet", "floor"), [(0, 0.93), (1, 0.88)])
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
