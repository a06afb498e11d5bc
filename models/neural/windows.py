"""Paragraphs cut into windows: what a network sees at once, with the places of sentences and numbers in it.

A window is the section's official title and the headings above a paragraph, a line break, and a stretch of the
paragraph. A long paragraph gives several windows, each beginning with the end of the one before it as context, so
that nothing is truncated. Coordinates inside a window are characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from gongkai.pipeline.metrics.base import Quantity
from gongkai.pipeline.tagging.base import ParagraphInput

# Characters of a paragraph in one window, of what stands before them for context, and of the headings above. With
# them a window stays below the 512 positions of the usual encoders, for a token covers at least one character.
BODY = 300
CONTEXT = 80
HEADINGS = 60
# Kinds of numbers that may be metrics; of dates, ordinals, names of things, document numbers and contacts half of a
# hundredth are (33 of 6,020 in the train split).
CANDIDATES = ("metric", "marginal")
# The longest window: headings, the line break, context, body.
LONGEST = HEADINGS + 1 + CONTEXT + BODY


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one paragraph with what stands above and before it.

    Attributes:
        paragraph: index of the paragraph in the batch it came from.
        text: headings, line break, context and body.
        shift: what to add to an offset in the paragraph to get one in ``text``.
        body: (start, end) in ``text`` of the stretch that this window answers for.
        sentences: (index of the segment, start, end) in ``text`` of each segment or piece of one in the body.
        numbers: (index of the quantity, start, end) in ``text`` of each number in the body that may be a metric.
        shown: (start, end) in ``text`` of all numbers, those of the context included.
    """

    paragraph: int
    text: str
    shift: int
    body: tuple[int, int]
    sentences: tuple[tuple[int, int, int], ...]
    numbers: tuple[tuple[int, int, int], ...]
    shown: tuple[tuple[int, int], ...]


@cache
def _section_titles() -> dict[str, str]:
    raw = yaml.safe_load(files("gongkai.models.neural").joinpath("section_titles.yaml").read_text(encoding="utf-8"))
    return dict(raw)


def headings_of(paragraph: ParagraphInput) -> str:
    """Return the section's title and the innermost headings of a paragraph, at most ``HEADINGS`` characters."""
    parts = [p for p in (_section_titles().get(paragraph.section, ""), *paragraph.path) if p]
    joined = "｜".join(parts)
    return joined if len(joined) <= HEADINGS else joined[len(joined) - HEADINGS :]


def cut(index: int, paragraph: ParagraphInput, quantities: Sequence[Quantity]) -> Iterator[Window]:
    """Yield the windows of one paragraph.

    Args:
        index: the paragraph's place in its batch.
        paragraph: the paragraph with its segments.
        quantities: the numbers found in it, in order.
    """
    above = headings_of(paragraph) + "\n"
    for pieces in _stretches(paragraph.segments):
        start, end = pieces[0][1], pieces[-1][2]
        before = _context_start(paragraph, start)
        shift = len(above) - before
        shown = [(k, q.start + shift, q.end + shift) for k, q in enumerate(quantities) if before <= q.start < end]
        stop = max([end + shift, *(b for _, _, b in shown)])  # a number that a hard cut would split is kept whole
        yield Window(
            index,
            above + paragraph.text[before : stop - shift],
            shift,
            (start + shift, stop),
            tuple((k, a + shift, b + shift) for k, a, b in pieces),
            tuple(n for n in shown if n[1] >= start + shift and quantities[n[0]].kind in CANDIDATES),
            tuple((a, b) for _, a, b in shown),
        )


def _stretches(segments: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int, int]]]:
    """Group segments into bodies; one that is longer than a body is cut into pieces."""
    pieces = [(k, at, min(at + BODY, end)) for k, (start, end) in enumerate(segments) for at in range(start, end, BODY)]
    group: list[tuple[int, int, int]] = []
    for piece in pieces:
        if group and piece[2] - group[0][1] > BODY:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _context_start(paragraph: ParagraphInput, start: int) -> int:
    """Return where the context of a body that starts at ``start`` begins: a segment's start where one is near."""
    floor = max(0, start - CONTEXT)
    return min((a for a, _ in paragraph.segments if floor <= a < start), default=floor)
