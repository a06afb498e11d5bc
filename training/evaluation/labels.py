"""Scores of labels: precision, recall and F1 by label, micro and macro; what is taken for what; calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongkai.corpora.records import CorpusParagraph
from gongkai.models.store import FACETS
from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.tagging.base import SegmentLabels

Floats = NDArray[np.float64]
_BINS = 10


def labels_of(paragraphs: Iterable[CorpusParagraph], facet: str) -> list[set[str]]:
    """Return the labels of every sentence, in reading order."""
    return [set(getattr(s, facet)) for p in paragraphs for s in p.sentences]


def prf(hits: float, spurious: float, missed: float) -> dict[str, float]:
    """Return precision, recall, F1 and support of counts."""
    precision = hits / (hits + spurious) if hits + spurious else 0.0
    recall = hits / (hits + missed) if hits + missed else 0.0
    f1 = 2 * hits / (2 * hits + spurious + missed) if hits else 0.0
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1, 4),
        "support": int(hits + missed),
    }


def score_labels(
    gold: Sequence[set[str]], found: Sequence[set[str]], labels: Sequence[str], lenient: Sequence[bool] = ()
) -> dict[str, Any]:
    """Score one facet.

    Args:
        gold, found: labels of each sentence.
        labels: of the facet.
        lenient: sentences of which a missed label counts half; none if left out.

    Returns:
        ``{"micro": {precision, recall, f1, support}, "macro_f1", "exact": share of sentences with all labels right,
        "labels": {label: {…}}, "confusions": [[missed label, label found in its place, count], …]}``. A confusion is
        counted once for each pair of a missed and a spurious label of one sentence; ``""`` stands where a label was
        only missed or only spurious.
    """
    hits, spurious, missed = dict.fromkeys(labels, 0), dict.fromkeys(labels, 0), dict.fromkeys(labels, 0.0)
    confusions: Counter[tuple[str, str]] = Counter()
    for g, f, half in zip(gold, found, lenient or [False] * len(gold), strict=True):
        for label in g | f:
            if label in g and label in f:
                hits[label] += 1
            elif label in f:
                spurious[label] += 1
            else:
                missed[label] += 0.5 if half else 1.0
        confusions.update((a, b) for a in sorted(g - f) or [""] for b in sorted(f - g) or [""])
    del confusions["", ""]
    each = {label: prf(hits[label], spurious[label], missed[label]) for label in labels}
    return {
        "micro": prf(sum(hits.values()), sum(spurious.values()), sum(missed.values())),
        "macro_f1": round(float(np.mean([e["f1"] for e in each.values() if e["support"]] or [0.0])), 4),
        "exact": round(sum(g == f for g, f in zip(gold, found, strict=True)) / max(1, len(gold)), 4),
        "labels": each,
        "confusions": [[a, b, n] for (a, b), n in confusions.most_common(20)],
    }


def score_facets(paragraphs: Sequence[CorpusParagraph], found: Sequence[SegmentLabels]) -> dict[str, Any]:
    """Score both facets of a corpus.

    Args:
        paragraphs: the annotated paragraphs.
        found: the labels kept for each of their sentences, in reading order.

    Returns:
        ``{facet: scores}``, see :func:`score_labels`.
    """
    return {
        facet: score_labels(
            labels_of(paragraphs, facet),
            [{x.label for x in getattr(item, facet)} for item in found],
            list(taxonomy()[facet]),
        )
        for facet in FACETS
    }


def reliability(probabilities: Floats, truth: NDArray[np.bool_]) -> dict[str, Any]:
    """Tell how far scores are probabilities (Naeini et al. 2015).

    Args:
        probabilities: any shape.
        truth: the same shape.

    Returns:
        ``{"ece": expected calibration error over all decisions, "ece_told": the same over those that score at least
        0.1, "bins": [{"from", "to", "decisions", "score": mean score, "share": share that holds}]}``. Most decisions
        are sure denials, which make the first figure small; the second tells of those a user looks at.
    """
    flat, held = probabilities.ravel(), truth.ravel()
    index = np.minimum((flat * _BINS).astype(int), _BINS - 1)
    bins = []
    for k in range(_BINS):
        inside = index == k
        if inside.any():
            bins.append(
                {
                    "from": k / _BINS,
                    "to": (k + 1) / _BINS,
                    "decisions": int(inside.sum()),
                    "score": round(float(flat[inside].mean()), 4),
                    "share": round(float(held[inside].mean()), 4),
                }
            )
    return {"ece": _ece(bins), "ece_told": _ece([b for b in bins if b["from"] >= 0.1]), "bins": bins}


def _ece(bins: Sequence[dict[str, Any]]) -> float:
    total = sum(b["decisions"] for b in bins)
    return round(sum(b["decisions"] * abs(b["score"] - b["share"]) for b in bins) / total, 4) if total else 0.0
