"""How far two annotations of the same text agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gongkai.corpora.markup import parse
from gongkai.corpora.records import CorpusParagraph
from gongkai.pipeline.config import taxonomy


def agreement(first: Sequence[CorpusParagraph], second: Sequence[CorpusParagraph]) -> dict[str, Any]:
    """Compare two annotations.

    Args:
        first, second: the same paragraphs, annotated independently.

    Returns:
        Per facet ``f1`` (micro, symmetric), ``kappa`` (Cohen's kappa, mean over labels either annotator used,
        weighted by use; Cohen 1960) and ``alpha`` (Krippendorff's alpha for nominal binary decisions over all
        sentences and labels; Krippendorff 2011); for metrics ``span_f1``, ``tuple_f1`` (span, value, unit and
        comparator), ``indicator_f1`` (also the indicator's characters overlapping by half).

    Raises:
        ValueError: the two do not hold the same sentences.
    """
    ours, theirs = _sentences(first), _sentences(second)
    if ours.keys() != theirs.keys():
        odd = sorted(ours.keys() ^ theirs.keys())[:3]
        raise ValueError(f"the two annotations do not hold the same sentences, for example {odd}")
    result: dict[str, Any] = {"sentences": len(ours)}
    for facet, at in (("domains", 0), ("activities", 1)):
        pairs = [(ours[key][at], theirs[key][at]) for key in ours]
        result[facet] = _facet(pairs, list(taxonomy()[facet]))
    result["metrics"] = _metrics(first, second)
    return result


def recorded_agreement(folder: Path) -> dict[str, Any] | None:
    """Return the agreement of the part that was annotated twice.

    Args:
        folder: holds ``first/ID.txt`` and ``second/ID.txt`` in the written form, as the two annotators left them,
            before their differences were settled in the sources.

    Returns:
        The figures of :func:`agreement` and ``reports``, or ``None`` if nothing was annotated twice.

    Raises:
        ValueError: a report was annotated by one of the two only, or their texts differ.
    """
    sets = {side: {path.name for path in (folder / side).glob("*.txt")} for side in ("first", "second")}
    if sets["first"] != sets["second"]:
        raise ValueError(f"annotated once only: {', '.join(sorted(sets['first'] ^ sets['second']))}")
    names = sorted(sets["first"])
    if not names:
        return None
    sides = []
    for side in ("first", "second"):
        parsed = [parse((folder / side / n).read_text(encoding="utf-8"), Path(n).stem, "train") for n in names]
        sides.append([p for _, paragraphs in parsed for p in paragraphs])
    return {"reports": len(names), **agreement(sides[0], sides[1])}


def disagreements(
    first: Sequence[CorpusParagraph], second: Sequence[CorpusParagraph]
) -> list[tuple[str, str, tuple[set[str], set[str]], tuple[set[str], set[str]]]]:
    """Return (place, sentence, labels of the first, labels of the second) wherever labels differ."""
    ours, theirs = _sentences(first), _sentences(second)
    texts = {(p.id, s.start): p.text[s.start : s.end] for p in first for s in p.sentences}
    return [
        (f"{key[0]}@{key[1]}", texts[key], (ours[key][0], ours[key][1]), (theirs[key][0], theirs[key][1]))
        for key in ours
        if key in theirs and ours[key] != theirs[key]
    ]


def _sentences(paragraphs: Iterable[CorpusParagraph]) -> dict[tuple[str, int], tuple[set[str], set[str]]]:
    return {(p.id, s.start): (set(s.domains), set(s.activities)) for p in paragraphs for s in p.sentences}


def _facet(pairs: list[tuple[set[str], set[str]]], labels: list[str]) -> dict[str, float]:
    both = sum(len(a & b) for a, b in pairs)
    used = sum(len(a) + len(b) for a, b in pairs)
    weighted = weight = observed = expected_ones = 0.0
    for label in labels:
        ones_a, ones_b = sum(label in a for a, _ in pairs), sum(label in b for _, b in pairs)
        differ = sum((label in a) != (label in b) for a, b in pairs)
        observed += differ
        expected_ones += ones_a + ones_b
        if ones_a + ones_b:
            share_a, share_b = ones_a / len(pairs), ones_b / len(pairs)
            chance = share_a * share_b + (1 - share_a) * (1 - share_b)
            kappa = 1.0 if chance == 1 else (1 - differ / len(pairs) - chance) / (1 - chance)
            weighted += kappa * (ones_a + ones_b)
            weight += ones_a + ones_b
    decisions = 2 * len(pairs) * len(labels)
    zeros = decisions - expected_ones
    expected = 2 * expected_ones * zeros / (decisions * (decisions - 1)) if decisions > 1 else 0.0
    alpha = 1 - (observed / (len(pairs) * len(labels))) / expected if expected else 1.0
    return {
        "f1": round(2 * both / used, 4) if used else 1.0,
        "kappa": round(weighted / weight, 4) if weight else 1.0,
        "alpha": round(alpha, 4),
    }


def _metrics(first: Sequence[CorpusParagraph], second: Sequence[CorpusParagraph]) -> dict[str, float]:
    def tuples(paragraphs: Sequence[CorpusParagraph]) -> dict[tuple[str, int, int], tuple[Any, ...]]:
        return {
            (p.id, m.start, m.end): (m.value, m.value_max, m.unit, m.comparator, m.indicator)
            for p in paragraphs
            for m in p.metrics
            if not m.optional
        }

    ours, theirs = tuples(first), tuples(second)
    total = len(ours) + len(theirs)
    same = [key for key in ours if key in theirs]
    exact = [key for key in same if ours[key][:4] == theirs[key][:4]]
    named = [key for key in exact if indicator_overlap(ours[key][4], theirs[key][4]) >= 0.5]
    measures = {"span_f1": same, "tuple_f1": exact, "indicator_f1": named}
    return {name: round(2 * len(found) / total, 4) if total else 1.0 for name, found in measures.items()}


def indicator_overlap(a: str, b: str) -> float:
    """Return the Dice overlap of two indicators' characters."""
    left, right = set(a), set(b)
    return 2 * len(left & right) / (len(left) + len(right)) if left or right else 1.0
