"""Calibration and thresholds, chosen on dev: scores become probabilities, each label gets the cut that serves F1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from gongkai.models.decisions import Decisions
from gongkai.models.store import FACETS

_GRID = np.arange(0.1, 0.81, 0.02)
# How far the threshold of one label may stray from that of its facet: dev holds a few dozen sentences a label, and
# the best cut on so few is mostly chance.
_STRAY = 0.12


def calibrate(logits: NDArray[np.floating], truth: NDArray[np.bool_], labels: Sequence[tuple[str, str]]) -> Decisions:
    """Fit Platt's scaling for each facet and thresholds for each label.

    Args:
        logits: (N, L) scores of the dev sentences.
        truth: (N, L) whether they have the labels.
        labels: (facet, label) of the columns.
    """
    slopes, intercepts = np.ones(len(labels)), np.zeros(len(labels))
    thresholds = np.full(len(labels), 0.5)
    for facet in FACETS:
        columns = [k for k, (own, _) in enumerate(labels) if own == facet]
        slopes[columns], intercepts[columns] = platt(logits[:, columns], truth[:, columns])
        scaled = slopes[columns] * logits[:, columns] + intercepts[columns]
        thresholds[columns] = best_thresholds(1 / (1 + np.exp(-scaled)), truth[:, columns])
    return Decisions(tuple(labels), slopes, intercepts, thresholds)


def platt(logits: NDArray[np.floating], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the slope and intercept that make scores likeliest (Platt 1999, with his smoothed targets).

    Args:
        logits, truth: of one shape: scores, and whether what they score holds.
    """
    flat, held = logits.ravel().astype(np.float64), truth.ravel()
    positives, negatives = held.sum(), (~held).sum()
    target = np.where(held, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: NDArray[np.float64]) -> float:
        z = parameters[0] * flat + parameters[1]
        return float(np.mean(np.logaddexp(0, z) - target * z))

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead")
    return float(found.x[0]), float(found.x[1])


def best_thresholds(probabilities: NDArray[np.floating], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the cut of each label: near the best cut for all of them, where the label adds most to their F1.

    Args:
        probabilities, truth: (N, L) of the labels of one facet, or of one label set.
    """

    def counts(cut: float, rows: NDArray[np.floating], held: NDArray[np.bool_]) -> tuple[int, int]:
        found = rows >= cut
        return int((found & held).sum()), int(found.sum() + held.sum())

    def f1(cut: float) -> float:
        both, total = counts(cut, probabilities, truth)
        return 2 * both / total if total else 0.0

    common = float(max(_GRID, key=f1))
    level = f1(common)
    near = [cut for cut in _GRID if abs(cut - common) <= _STRAY]
    out = np.empty(truth.shape[1])
    for k in range(truth.shape[1]):

        def gain(cut: float, k: int = k) -> tuple[float, float]:
            # What the label adds to the numerator of the facet's F1 less what its decisions cost (Dinkelbach's step).
            both, total = counts(cut, probabilities[:, k], truth[:, k])
            return 2 * both - level * total, -abs(cut - common)

        out[k] = max(near, key=gain)
    return out
