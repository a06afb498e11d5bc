"""Where the words of an annotated indicator, period or scope stand in the text, character by character.

An indicator is written to be understood outside its sentence, so its words come from several places: before the
number, behind it, from the whole it is a part of, from the heading. What a model can learn is which characters around
a number make its indicator; this module finds them.
"""

from __future__ import annotations

from dataclasses import dataclass

_SHORTEST = 2  # a single character alone is found everywhere
_NEAR = 16  # characters within which a single character still counts


@dataclass(frozen=True, slots=True)
class _Place:
    """A match of ``length`` characters: ``at`` in the text, ``of`` in the words."""

    at: int
    of: int
    length: int


def align_words(
    words: str, text: str, mention: tuple[int, int], blocked: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Find the characters of a text that spell given words, longest pieces first, nearest to a mention.

    Args:
        words: an indicator as annotated.
        text: the text, headings included.
        mention: (start, end) of the number that the words belong to.
        blocked: (start, end) of all numbers, whose characters are never part of the words.

    Returns:
        Spans of ``text`` in reading order; characters of ``words`` that stand nowhere are left out.
    """
    free = bytearray(b"\1") * len(text)
    for start, end in blocked:
        free[start:end] = bytes(end - start)
    found: list[tuple[int, int]] = []
    todo = [(0, len(words))]
    while todo:
        start, end = todo.pop()
        place = _longest(words, start, end, text, free, mention)
        if place is None:
            continue
        found.append((place.at, place.at + place.length))
        free[place.at : place.at + place.length] = bytes(place.length)
        todo.append((start, place.of))
        todo.append((place.of + place.length, end))
    return _joined(found)


def _longest(words: str, start: int, end: int, text: str, free: bytearray, mention: tuple[int, int]) -> _Place | None:
    """Return the longest piece of ``words[start:end]`` in the free text, of equals the one nearest to the mention."""
    for length in range(end - start, 0, -1):
        best: tuple[int, _Place] | None = None
        for of in range(start, end - length + 1):
            piece = words[of : of + length]
            at = text.find(piece)
            while at >= 0:
                far = _distance(at, length, mention)
                usable = all(free[at : at + length]) and (length >= _SHORTEST or far <= _NEAR)
                if usable and (best is None or far < best[0]):
                    best = (far, _Place(at, of, length))
                at = text.find(piece, at + 1)
        if best is not None:
            return best[1]
    return None


def _distance(at: int, length: int, mention: tuple[int, int]) -> int:
    # Words stand before their number more often than behind it.
    return mention[0] - (at + length) if at < mention[0] else 2 * (at - mention[1]) + 1


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and out[-1][1] == start:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def nearest(words: str, text: str, at: int) -> tuple[int, int] | None:
    """Return the span of ``words`` in ``text`` that stands nearest before ``at``, else nearest behind it, or None."""
    before = text.rfind(words, 0, at)
    start = before if before >= 0 else text.find(words, at)
    return (start, start + len(words)) if start >= 0 else None
