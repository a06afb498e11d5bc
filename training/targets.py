"""What a network should say of a window: the corpus's annotation in the coordinates of windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from gongkai.corpora.records import CorpusParagraph, MetricMention
from gongkai.models.alignment import align_words, nearest
from gongkai.models.neural.batches import Encoded, Encoder
from gongkai.models.neural.scheme import ENTITY_TYPES, LINKS, NUMBER_CLASSES, TAG_LAYERS
from gongkai.models.neural.windows import Window, cut
from gongkai.pipeline.metrics.base import Quantity
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.tagging.base import ParagraphInput

IGNORED = -100
_METRIC, _MARGINAL = NUMBER_CLASSES.index("metric"), NUMBER_CLASSES.index("marginal")


@dataclass(slots=True)
class Example:
    """A window with its targets.

    Attributes:
        window, inputs: what the network sees.
        labels: (S, L) 0 or 1, domains first.
        tags: (C, layers) tags, ``IGNORED`` outside the body.
        numbers: (M,) classes.
        links: (3, M, C) 0 or 1.
        linked: (3, M) whether the links of a number are known.
    """

    window: Window
    inputs: Encoded
    labels: NDArray[np.float32]
    tags: NDArray[np.int64]
    numbers: NDArray[np.int64]
    links: NDArray[np.float32]
    linked: NDArray[np.float32]


def to_input(paragraph: CorpusParagraph) -> ParagraphInput:
    """Return a corpus paragraph as models see it."""
    segments = tuple((s.start, s.end) for s in paragraph.sentences)
    return ParagraphInput(paragraph.text, segments, tuple(paragraph.path), paragraph.section)


def by_report(paragraphs: Iterable[CorpusParagraph]) -> Iterator[list[CorpusParagraph]]:
    """Yield the paragraphs of one report after the other."""
    for _, group in groupby(paragraphs, key=lambda p: p.report):
        yield list(group)


def examples(
    paragraphs: Sequence[CorpusParagraph], labels: Sequence[tuple[str, str]], encoder: Encoder
) -> Iterator[Example]:
    """Yield the windows of a corpus with their targets.

    Args:
        paragraphs: the annotated paragraphs.
        labels: (facet, label) in the order of the network's outputs.
        encoder: makes the inputs.
    """
    for index, paragraph in enumerate(paragraphs):
        quantities = find_quantities(paragraph.text)
        for window in cut(index, to_input(paragraph), quantities):
            yield _example(paragraph, window, quantities, labels, encoder)


def _example(
    paragraph: CorpusParagraph,
    window: Window,
    quantities: list[Quantity],
    labels: Sequence[tuple[str, str]],
    encoder: Encoder,
) -> Example:
    told = [
        [label in getattr(paragraph.sentences[k], facet) for facet, label in labels] for k, _, _ in window.sentences
    ]
    numbers = np.zeros(len(window.numbers), np.int64)
    links = np.zeros((len(LINKS), len(window.numbers), len(window.text)), np.float32)
    linked = np.zeros((len(LINKS), len(window.numbers)), np.float32)
    blocked = [(m.start + window.shift, m.end + window.shift) for m in paragraph.metrics]
    for i, (_, start, end) in enumerate(window.numbers):
        metric = _metric_at(paragraph.metrics, start - window.shift, end - window.shift)
        if metric is None:
            continue
        numbers[i] = _MARGINAL if metric.optional else _METRIC
        _link(metric, window, (start, end), blocked, links[:, i], linked[:, i])
    return Example(
        window,
        encoder(window, quantities),
        np.array(told, np.float32),
        _tags(paragraph, window),
        numbers,
        links,
        linked,
    )


def _metric_at(metrics: Sequence[MetricMention], start: int, end: int) -> MetricMention | None:
    """Return the metric that a number found by the grammar is; of several that overlap it, the one with most of it."""
    overlap = {i: min(end, m.end) - max(start, m.start) for i, m in enumerate(metrics)}
    best = max(overlap, key=lambda i: overlap[i], default=None)
    return metrics[best] if best is not None and overlap[best] > 0 else None


def _link(
    metric: MetricMention,
    window: Window,
    number: tuple[int, int],
    blocked: list[tuple[int, int]],
    links: NDArray[np.float32],
    linked: NDArray[np.float32],
) -> None:
    spans = align_words(metric.indicator, window.text, number, blocked)
    for start, end in spans:
        links[0, start:end] = 1
    linked[0] = bool(spans)
    for row, words in ((1, metric.period), (2, metric.scope)):
        place = nearest(words, window.text, number[0]) if words else None
        if place:
            links[row, place[0] : place[1]] = 1
        linked[row] = place is not None or not words


def _tags(paragraph: CorpusParagraph, window: Window) -> NDArray[np.int64]:
    tags = np.full((len(window.text), len(TAG_LAYERS)), IGNORED, np.int64)
    tags[window.body[0] : window.body[1]] = 0
    layers = list(TAG_LAYERS)

    def mark(layer: str, start: int, end: int, kind: int = 0) -> None:
        start, end = max(start + window.shift, window.body[0]), min(end + window.shift, window.body[1])
        if start < end:
            column = layers.index(layer)
            tags[start:end, column] = 2 + 2 * kind
            tags[start, column] = 1 + 2 * kind

    for metric in paragraph.metrics:
        mark("metric", metric.start, metric.end)
        if metric.words:
            mark("indicator", *metric.words)
        for layer, words in (("period", metric.period), ("scope", metric.scope)):
            place = nearest(words, paragraph.text, metric.start) if words else None
            if place:
                mark(layer, *place)
    for entity in paragraph.entities:
        mark("entity", entity.start, entity.end, ENTITY_TYPES.index(entity.type))
    return tags
