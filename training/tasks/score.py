"""Scores of any task: precision, recall and F1, micro, macro and by label; the share of texts that are right whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from gongkai.training.evaluation.labels import prf
from gongkai.training.families.base import Prediction
from gongkai.training.tasks.dataset import Item, Task


def score(task: Task, items: Sequence[Item], predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Score predictions.

    Args:
        task: what was learnt.
        items: with their labels or spans; a label that the model does not know counts as missed.
        predictions: one for each item.

    Returns:
        ``{"items", "micro": {precision, recall, f1, support}, "macro": {precision, recall, f1}, "labels": {label:
        {precision, recall, f1, support}}}`` and a share of texts that are right as a whole, by the name that the field
        gives it: ``accuracy`` of classes, ``subset_accuracy`` of label sets, ``exact_texts`` of spans. A span is right
        where start, end and label are. The macro means are over the labels that stand in the gold or were predicted.
    """
    hits: Counter[str] = Counter()
    spurious: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    exact = 0
    for item, prediction in zip(items, predictions, strict=True):
        gold, found = _marks(task, item), _marks(task, prediction)
        exact += gold == found
        hits.update(label for label, _ in gold & found)
        spurious.update(label for label, _ in found - gold)
        missed.update(label for label, _ in gold - found)
    present = sorted({*hits, *spurious, *missed})
    each = {label: prf(hits[label], spurious[label], missed[label]) for label in present}
    whole = {"multi_class": "accuracy", "multi_label": "subset_accuracy", "spans": "exact_texts"}[task]
    return {
        "items": len(items),
        whole: round(exact / len(items), 4) if items else 0.0,
        "micro": prf(hits.total(), spurious.total(), missed.total()),
        "macro": {name: _mean([figures[name] for figures in each.values()]) for name in ("precision", "recall", "f1")},
        "labels": each,
    }


def _marks(task: Task, said: Item | Prediction) -> set[tuple[str, Hashable]]:
    """Return what is said of a text as (label, which one of that label)."""
    if task == "spans":
        return {(span.label, (span.start, span.end)) for span in said.spans}
    return {(label, None) for label in said.labels}


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
