"""A report through a network: windows cut, run, and put together again by segment and number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gongkai.models.neural.batches import Encoder
from gongkai.models.neural.runtime import Answer, Network
from gongkai.models.neural.windows import Window, cut
from gongkai.pipeline.metrics.base import Quantity
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.tagging.base import ParagraphInput


@dataclass(slots=True)
class ParagraphAnalysis:
    """One paragraph as a network sees it.

    Attributes:
        labels: (S, L) label logits of its segments.
        quantities: the numbers the grammar found.
        parts: its windows with the answers about them.
    """

    labels: NDArray[np.float64]
    quantities: list[Quantity]
    parts: list[tuple[Window, Answer]]


# What taggers, extractors and entity finders ask: an analysis of each paragraph.
Analyse = Callable[[Sequence[ParagraphInput]], list[ParagraphAnalysis]]


class Analyser:
    """Runs a network over the paragraphs of reports.

    The last result is kept: the tagger, the metric extractor and the entity finder ask for the same paragraphs one
    after the other, and the network need run only once.

    Args:
        network: the network.
        encoder: makes its inputs.
        labels: number of labels; a network that has none only sees windows with numbers.
    """

    def __init__(self, network: Network, encoder: Encoder, labels: int) -> None:
        self._network = network
        self._encoder = encoder
        self._labels = labels
        self._last: tuple[tuple[ParagraphInput, ...], list[ParagraphAnalysis]] | None = None

    def __call__(self, paragraphs: Sequence[ParagraphInput]) -> list[ParagraphAnalysis]:
        """Analyse paragraphs; they may come from several reports, for a window never crosses a paragraph."""
        key = tuple(paragraphs)
        if self._last is None or self._last[0] != key:
            self._last = key, self._analyse(key)
        return self._last[1]

    def _analyse(self, paragraphs: Sequence[ParagraphInput]) -> list[ParagraphAnalysis]:
        found = [find_quantities(p.text) for p in paragraphs]
        windows = [w for i, p in enumerate(paragraphs) for w in cut(i, p, found[i]) if self._labels or w.numbers]
        answers = self._network([self._encoder(w, found[w.paragraph]) for w in windows])
        sums = [np.zeros((len(p.segments), self._labels)) for p in paragraphs]
        weights = [np.zeros((len(p.segments), 1)) for p in paragraphs]
        parts: list[list[tuple[Window, Answer]]] = [[] for _ in paragraphs]
        for window, answer in zip(windows, answers, strict=True):
            parts[window.paragraph].append((window, answer))
            for (k, start, end), row in zip(window.sentences, answer.labels, strict=True):
                # A segment cut into pieces, for it was longer than a window, gets their mean by length.
                sums[window.paragraph][k] += (end - start) * row
                weights[window.paragraph][k] += end - start
        return [
            ParagraphAnalysis(total / np.maximum(weight, 1), quantities, part)
            for total, weight, quantities, part in zip(sums, weights, found, parts, strict=True)
        ]
