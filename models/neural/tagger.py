"""The tagger on a network."""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.models.decisions import Decisions
from gongkai.models.neural.analysis import Analyse
from gongkai.pipeline.tagging.base import ParagraphInput, SegmentLabels


class NetworkTagger:
    """Labels segments by a network's scores. Implements :class:`gongkai.pipeline.tagging.base.Tagger`.

    Args:
        analyser: the network.
        decisions: calibration and thresholds.
        name: of the model, for the output.
        min_score: labels below this are not kept.
        candidates: labels not kept that score at least this are handed on as candidates; None for none.
    """

    def __init__(
        self,
        analyser: Analyse,
        decisions: Decisions,
        name: str,
        min_score: float = 0.0,
        candidates: float | None = None,
    ) -> None:
        self.name = name
        self._analyse = analyser
        self._decisions = decisions
        self._min_score = min_score
        self._candidates = candidates

    def predict(self, paragraphs: Sequence[ParagraphInput]) -> list[list[SegmentLabels]]:
        """Label the segments of reports."""
        decide = self._decisions
        return [
            [decide.keep(row, self._min_score, self._candidates) for row in decide.probabilities(analysis.labels)]
            for analysis in self._analyse(paragraphs)
        ]
