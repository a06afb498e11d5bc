"""From scores to labels: scores become probabilities, and each label has the threshold that did best on dev."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gongkai.models.store import FACETS
from gongkai.pipeline.tagging.base import Scored, SegmentLabels

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Calibration and thresholds of a model's labels, each array in the order of its outputs.

    Attributes:
        labels: (facet, label).
        slopes, intercepts: of Platt's scaling of the logits (Platt 1999): p = sigmoid(slope * logit + intercept).
        thresholds: probability from which a label is kept.
    """

    labels: tuple[tuple[str, str], ...]
    slopes: Floats
    intercepts: Floats
    thresholds: Floats

    def probabilities(self, logits: NDArray[np.floating]) -> Floats:
        """Return calibrated probabilities of logits (…, L)."""
        return 1 / (1 + np.exp(-np.clip(self.slopes * logits + self.intercepts, -30, 30)))

    def keep(self, probabilities: Floats, min_score: float, candidates: float | None) -> SegmentLabels:
        """Decide on one segment.

        Args:
            probabilities: (L,) of the segment.
            min_score: labels below this are not kept, whatever their threshold.
            candidates: labels that are not kept but score at least this are handed on as candidates.
        """
        kept = probabilities >= np.maximum(self.thresholds, min_score)
        found: dict[str, list[Scored]] = {facet: [] for facet in FACETS}
        unsure: dict[str, list[Scored]] = {facet: [] for facet in FACETS}
        for k in np.argsort(-probabilities, kind="stable"):
            facet, label = self.labels[k]
            if kept[k]:
                found[facet].append(Scored(label, float(probabilities[k])))
            elif candidates is not None and probabilities[k] >= candidates:
                unsure[facet].append(Scored(label, float(probabilities[k])))
        return SegmentLabels(found["domains"], found["activities"], unsure["domains"], unsure["activities"])

    def to_json(self) -> dict[str, list[float]]:
        """Return the figures as a model's ``config.json`` holds them."""
        return {
            name: [round(float(x), 5) for x in getattr(self, name)] for name in ("slopes", "intercepts", "thresholds")
        }


def from_json(labels: Sequence[tuple[str, str]], raw: dict[str, list[float]]) -> Decisions:
    """Return the decisions recorded in a model's ``config.json``."""
    arrays = [np.array(raw[name]) for name in ("slopes", "intercepts", "thresholds")]
    return Decisions(tuple(labels), *arrays)
