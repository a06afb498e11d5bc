"""The metric extractor on a network: which numbers are metrics, and which words belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gongkai.models.indicators import Floats, best_run, choose
from gongkai.models.neural.analysis import Analyse, ParagraphAnalysis
from gongkai.models.neural.scheme import LINKS, NUMBER_CLASSES
from gongkai.models.neural.windows import Window
from gongkai.pipeline.metrics.base import LinkedMetric, Quantity
from gongkai.pipeline.metrics.quantities import as_measure
from gongkai.pipeline.metrics.rules import RuleLinker, without_own_place
from gongkai.pipeline.tagging.base import ParagraphInput

_METRIC = NUMBER_CLASSES.index("metric")
_LONGEST = {"period": 24, "scope": 20}


@dataclass(frozen=True, slots=True)
class Cuts:
    """Thresholds chosen on dev.

    Attributes:
        metric: probability from which a number is a metric.
        period, scope: probability from which a character belongs to one.
    """

    metric: float
    period: float
    scope: float


class NetworkExtractor:
    """Keeps the numbers that a network takes for metrics and links them by its scores and the rules' proposals.

    Implements :class:`gongkai.pipeline.metrics.base.MetricExtractor`. The number grammar gives value, unit and
    comparator.

    Args:
        analyser: the network.
        cuts: thresholds.
        name: of the model, for the output.
    """

    def __init__(self, analyser: Analyse, cuts: Cuts, name: str) -> None:
        self.name = name
        self._analyse = analyser
        self._cuts = cuts
        self._rules = RuleLinker()

    def extract(self, paragraphs: Sequence[ParagraphInput]) -> list[list[LinkedMetric]]:
        """Return the metrics of each paragraph, in reading order."""
        found = [
            self._paragraph(p, analysis) for p, analysis in zip(paragraphs, self._analyse(paragraphs), strict=True)
        ]
        return without_own_place(paragraphs, found)

    def _paragraph(self, paragraph: ParagraphInput, analysis: ParagraphAnalysis) -> list[LinkedMetric]:
        chosen: list[tuple[Quantity, float, Window, Floats]] = []
        kept: dict[int, Quantity] = {}
        for window, answer in analysis.parts:
            links = _sigmoid(answer.links)
            for row, ((index, _, _), probability) in enumerate(
                zip(window.numbers, _softmax(answer.numbers)[:, _METRIC], strict=True)
            ):
                if probability >= self._cuts.metric:
                    quantity = as_measure(paragraph.text, analysis.quantities[index])
                    chosen.append((quantity, float(probability), window, links[:, row]))
                    kept[index] = quantity
        # To the rules a number is a metric if the network says so, for what is left out changes what they name.
        seen = [
            kept.get(i) or (replace(q, kind="marginal") if q.kind == "metric" else q)
            for i, q in enumerate(analysis.quantities)
        ]
        proposals = {(m.quantity.start, m.quantity.end): m for m in self._rules.link(paragraph, seen)}
        return [
            self._link(quantity, probability, window, scores, proposals[quantity.start, quantity.end])
            for quantity, probability, window, scores in chosen
        ]

    def _link(
        self, quantity: Quantity, probability: float, window: Window, scores: Floats, proposal: LinkedMetric
    ) -> LinkedMetric:
        choice = choose(window.text, scores[LINKS.index("indicator")], window.shown, proposal.indicator)
        told = {}
        for name, longest in _LONGEST.items():
            run = best_run(scores[LINKS.index(name)], getattr(self._cuts, name), longest)
            told[name] = window.text[slice(*run)].strip() if run else None
        span = proposal.indicator_span
        if choice and choice.spans:
            start, end = (at - window.shift for at in choice.spans[0])
            span = (start, end) if len(choice.spans) == 1 and start >= 0 else None
        return LinkedMetric(
            quantity=quantity,
            indicator=choice.text if choice else None,
            indicator_span=span,
            period=told["period"],
            scope=told["scope"],
            score=round(probability * (choice.score if choice else 0.1), 4),
        )


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(-1, keepdims=True)) if logits.size else logits
    return shifted / shifted.sum(-1, keepdims=True) if logits.size else logits


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
