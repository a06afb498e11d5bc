"""The entity finder on a network: bodies, platforms and places by its tags, what has a fixed form by the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gongkai.models.neural.analysis import Analyse
from gongkai.models.neural.scheme import ENTITY_TYPES, TAG_LAYERS
from gongkai.pipeline.metrics.base import EntitySpan
from gongkai.pipeline.metrics.entities import find_entities
from gongkai.pipeline.tagging.base import ParagraphInput

# Titles in 《》, document numbers and dates have a form that rules read without fail.
_TAGGED = frozenset(("ORG", "PLATFORM", "PLACE"))


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """A run of tags of one type; offsets are characters of the window."""

    start: int
    end: int
    kind: int


class NetworkEntityFinder:
    """Finds named things. Implements :class:`gongkai.pipeline.metrics.base.EntityFinder`.

    Args:
        analyser: the network.
        name: of the model, for the output.
    """

    def __init__(self, analyser: Analyse, name: str) -> None:
        self.name = name
        self._analyse = analyser

    def find(self, paragraphs: Sequence[ParagraphInput]) -> list[list[EntitySpan]]:
        """Return the named things of each paragraph, in order, not overlapping."""
        out = []
        for paragraph, analysis in zip(paragraphs, self._analyse(paragraphs), strict=True):
            found = [e for e in find_entities(paragraph.text) if e.type not in _TAGGED]
            taken = [(e.start, e.end) for e in found]
            for window, answer in analysis.parts:
                for span in decode(answer.tags[:, _columns("entity")], window.body):
                    start, end = span.start - window.shift, span.end - window.shift
                    kind = ENTITY_TYPES[span.kind]
                    if kind in _TAGGED and not any(a < end and start < b for a, b in taken):
                        taken.append((start, end))
                        found.append(EntitySpan(start, end, kind, paragraph.text[start:end]))
            out.append(sorted(found, key=lambda e: e.start))
        return out


def _columns(layer: str) -> slice:
    """Return where a layer's tags stand among all."""
    start = 0
    for name, width in TAG_LAYERS.items():
        if name == layer:
            return slice(start, start + width)
        start += width
    raise KeyError(layer)


def decode(logits: NDArray[np.floating], body: tuple[int, int]) -> Iterator[TaggedSpan]:
    """Yield the spans of BIO tags of one layer.

    Args:
        logits: (C, K); tag 0 is O, type t has B = 1 + 2t and I = 2 + 2t.
        body: (start, end) of the characters that are answered for.
    """
    tags = logits.argmax(1)
    start, kind = -1, -1
    for at in range(body[0], body[1] + 1):
        tag = int(tags[at]) if at < body[1] else 0
        begins = tag % 2 == 1
        goes_on = tag > 0 and not begins and start >= 0 and (tag - 1) // 2 == kind
        if start >= 0 and not goes_on:
            yield TaggedSpan(start, at, kind)
            start = -1
        if begins or (tag > 0 and start < 0):
            start, kind = at, (tag - 1) // 2
