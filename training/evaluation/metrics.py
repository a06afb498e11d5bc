"""Scores of metrics: found, value, comparator, indicator, and all of them; and of linking by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from gongkai.corpora.agreement import indicator_overlap
from gongkai.corpora.records import CorpusParagraph, MetricMention
from gongkai.pipeline.metrics.base import LinkedMetric
from gongkai.training.evaluation.labels import prf

# An indicator agrees where its characters overlap with the annotator's by half, as between two annotators.
AGREES = 0.5

Pair = tuple[MetricMention | None, LinkedMetric | None]


def same_value(gold: MetricMention, found: LinkedMetric) -> bool:
    """Tell whether value and unit agree."""
    quantity = found.quantity
    near = abs(quantity.value - gold.value) <= 1e-4 * max(1.0, abs(gold.value))
    return near and (quantity.unit or "") == (gold.unit or "")


def overlaps(gold: MetricMention, found: LinkedMetric) -> bool:
    """Tell whether the spans share a character."""
    return found.quantity.start < gold.end and gold.start < found.quantity.end


def pair_up(gold: Sequence[MetricMention], found: Sequence[LinkedMetric]) -> Iterator[Pair]:
    """Yield each metric of the gold with the one found for it, then what was found beyond; optional ones are skipped.

    One that overlaps with equal value and unit is preferred to one that only overlaps.
    """
    left = list(found)
    for metric in gold:
        over = [m for m in left if overlaps(metric, m)]
        hit = next((m for m in over if same_value(metric, m)), over[0] if over and not metric.optional else None)
        if metric.optional:
            left = [m for m in left if m not in over]
        else:
            if hit is not None:
                left.remove(hit)
            yield metric, hit
    yield from ((None, m) for m in left)


def score_metrics(paragraphs: Sequence[CorpusParagraph], found: Sequence[Sequence[LinkedMetric]]) -> dict[str, Any]:
    """Score the metrics of a corpus.

    Args:
        paragraphs: the annotated paragraphs.
        found: the metrics of each.

    Returns:
        ``detection`` (spans overlap), ``value`` (value and unit right too), ``full`` (comparator and indicator right
        too), each with precision, recall, F1 and support; of those with the right value the shares ``comparator``,
        ``indicator``, ``period`` and ``scope``; ``linking`` by the kind of case, see :func:`_case`.
    """
    counts: Counter[str] = Counter()
    cases: dict[str, Counter[str]] = defaultdict(Counter)
    for paragraph, metrics in zip(paragraphs, found, strict=True):
        for gold, hit in pair_up(paragraph.metrics, metrics):
            if gold is None or hit is None:
                counts["spurious" if gold is None else "missed"] += 1
                continue
            counts["detected"] += 1
            if same_value(gold, hit):
                counts["value"] += 1
                outcome = _outcome(gold, hit)
                counts.update(name for name, right in outcome.items() if right)
                for case in _case(gold, paragraph):
                    cases[case]["n"] += 1
                    cases[case].update(name for name, right in outcome.items() if right)

    def f1(name: str) -> dict[str, float]:
        wrong = counts["detected"] - counts[name]
        return prf(counts[name], counts["spurious"] + wrong, counts["missed"] + wrong)

    right = max(1, counts["value"])
    shares = {name: round(counts[name] / right, 4) for name in ("comparator", "indicator", "period", "scope")}
    linking = {
        case: {"metrics": c["n"], **{k: round(c[k] / c["n"], 4) for k in ("indicator", "period", "scope")}}
        for case, c in sorted(cases.items(), key=lambda item: -item[1]["n"])
    }
    return {"detection": f1("detected"), "value": f1("value"), "full": f1("full"), **shares, "linking": linking}


def _outcome(gold: MetricMention, hit: LinkedMetric) -> dict[str, bool]:
    comparator = hit.quantity.comparator == gold.comparator
    indicator = indicator_overlap(hit.indicator or "", gold.indicator) >= AGREES
    return {
        "comparator": comparator,
        "indicator": indicator,
        "full": comparator and indicator,
        "period": (hit.period or "") == (gold.period or ""),
        "scope": (hit.scope or "") == (gold.scope or ""),
    }


def _case(gold: MetricMention, paragraph: CorpusParagraph) -> list[str]:
    """Return what makes linking this metric easy or hard.

    ``beside``: the indicator stands in one piece in the same sentence; ``composed``: its words come from several
    places; ``elsewhere``: its main words stand in another sentence or a heading; ``rate or growth``; ``with scope``;
    ``with period``.
    """
    sentence = next((s for s in paragraph.sentences if s.start <= gold.start < s.end), None)
    inside = sentence is not None and gold.indicator in paragraph.text[sentence.start : sentence.end]
    near = sentence is not None and gold.words is not None and sentence.start <= gold.words[0] < sentence.end
    cases = ["beside" if inside else "composed" if near else "elsewhere"]
    if gold.unit in ("%", "百分点", "倍", "‰"):
        cases.append("rate or growth")
    if gold.scope:
        cases.append("with scope")
    if gold.period:
        cases.append("with period")
    return cases
