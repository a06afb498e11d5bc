"""Every sentence of links.yaml: each number is told what it measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gongkai.pipeline.metrics.base import LinkedMetric
from gongkai.pipeline.metrics.rules import RuleExtractor
from gongkai.pipeline.tagging.base import ParagraphInput

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "links.yaml").read_text(encoding="utf-8")
)


def _squeeze(words: str) -> str:
    return "".join(words.split())


def _problems(expected: dict[str, Any], metric: LinkedMetric) -> list[str]:
    out = []
    indicator = metric.indicator or ""
    if not any(all(k in indicator for k in keys) for keys in expected["keys"]):
        out.append(f"{expected['m']}: «{indicator}» holds none of {expected['keys']}")
    out += [f"{expected['m']}: «{indicator}» holds {w}" for w in expected.get("not", []) if w in indicator]
    if len(indicator) > 40:
        out.append(f"{expected['m']}: «{indicator}» is longer than 40")
    for key in ("period", "scope"):
        if key in expected and getattr(metric, key) != expected[key]:
            out.append(f"{expected['m']}: {key} {getattr(metric, key)!r}, expected {expected[key]!r}")
    return out


@pytest.mark.parametrize("case", CASES, ids=[c["text"][:24] for c in CASES])
def test_each_number_is_named(case: dict[str, Any]) -> None:
    text = case["text"]
    paragraph = ParagraphInput(text, ((0, len(text)),), tuple(case.get("path", ())))
    metrics = RuleExtractor().extract([paragraph])[0]
    problems: list[str] = []
    at = 0
    for expected in case["metrics"]:
        start = text.index(expected["m"], at)
        at = start + len(expected["m"])
        found = [m for m in metrics if m.quantity.start < at and m.quantity.end > start]
        problems += _problems(expected, found[0]) if found else [f"{expected['m']}: no metric"]
    assert not problems, problems
