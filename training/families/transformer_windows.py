"""Texts as an encoder reads them: tokens in windows, and the units between whose characters spans begin and end.

A window is the context, if there is any, and a stretch of the text, with the encoder's special tokens around them. For
spans, windows of one text overlap, and each answers only for the middle of what it sees (the first and last also for
their ends), so that every token is answered for once, by the window that sees most around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gongkai.models.neural.batches import ALPHABET, fold
from gongkai.training.tasks.dataset import Item

Ints = NDArray[np.int64]
_Units = tuple[Ints, Ints, Ints, Ints]  # spans, tokens, classes and places

# A word of letters or a number is one unit, any other character but white space one by itself.
_UNIT = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u052f]+|[0-9]+|\S")
_CONTEXT_SHARE = 4  # the context takes at most one in so many of a window's tokens
_OVERLAP_SHARE = 4  # and the overlap one in so many of those for the text
_TEXTS = 1000  # that are tokenised at a time, for their tokens with all that is known of them take memory
PLACES = 8  # places of a unit inside its token that are told apart, from either end
_NO_UNITS: _Units = np.zeros((0, 2), np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class Special:
    """What stands around the segments of a window.

    Attributes:
        first, last: tokens that open a window and close a segment, where the encoder has such.
        pad: fills batches up.
        types: whether the encoder tells the segments of a pair apart.
        folds: whether compatibility forms (full-width, circled) are read as plain ones.
    """

    first: int | None
    last: int | None
    pad: int
    types: bool
    folds: bool


@dataclass(frozen=True, slots=True)
class Window:
    """What an encoder reads at once; T tokens, U units.

    Attributes:
        is_first: whether it begins its text.
        ids, types: (T,) tokens and the segment each belongs to.
        body: which of the tokens, from and to, are of the text.
        spans: (U, 2) start and end, in the text, of the units that the window answers for; none for labels.
        tokens: (U,) the token each unit belongs to.
        chars: (U,) class of its first character.
        places: (U, 2) its place in its token, from the start and from the end.
    """

    is_first: bool
    ids: Ints
    types: Ints
    body: tuple[int, int]
    spans: Ints
    tokens: Ints
    chars: Ints
    places: Ints


class Windows:
    """Cuts texts into windows.

    Args:
        tokenizer: of the encoder.
        special: its special tokens.
        max_length: tokens of a window.
        limit: windows of one text; None for as many as it takes, overlapping and with units.
    """

    def __init__(self, tokenizer: Tokenizer, special: Special, max_length: int, limit: int | None) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._special = special
        self._max_length = max_length
        self._limit = limit

    def __call__(self, items: Sequence[Item]) -> list[tuple[Window, ...]]:
        """Return the windows of each text, at least one."""
        found: list[tuple[Window, ...]] = []
        for at in range(0, len(items), _TEXTS):
            some = items[at : at + _TEXTS]
            texts, contexts = [self._encode([getattr(i, name) for i in some]) for name in ("text", "context")]
            found += [
                tuple(self._cut(item, text, np.asarray(context.ids, np.int64)))
                for item, text, context in zip(some, texts, contexts, strict=True)
            ]
        return found

    def _encode(self, texts: list[str]) -> list[Any]:
        shown = [fold(text) for text in texts] if self._special.folds else texts
        found: list[Any] = self._tokenizer.encode_batch(shown, add_special_tokens=False)
        return found

    def _cut(self, item: Item, text: Any, context: Ints) -> Iterator[Window]:
        special = self._special
        opening = [] if special.first is None else [special.first]
        closing = [] if special.last is None else [special.last]
        # What stands right before the text is the end of the context.
        context = context[max(0, len(context) - self._max_length // _CONTEXT_SHARE) :]
        above = np.array([*opening, *context, *closing] if len(context) else opening, np.int64)
        room = self._max_length - len(above) - len(closing)
        ids = np.asarray(text.ids, np.int64)
        units = _units(item.text, text.offsets) if self._limit is None and len(ids) else None
        overlap = room // _OVERLAP_SHARE if self._limit is None else 0
        for start, end, own in _stretches(len(ids), room, overlap, self._limit):
            whole = np.concatenate([above, ids[start:end], np.array(closing, np.int64)])
            types = np.zeros(len(whole), np.int64)
            if special.types and len(context):
                types[len(above) :] = 1
            spans, tokens, chars, places = _within(units, own)
            body = (len(above), len(above) + end - start)
            yield Window(start == 0, whole, types, body, spans, tokens - start + len(above), chars, places)


def _stretches(length: int, room: int, overlap: int, limit: int | None) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Yield start and end of each window's tokens, and of those it answers for."""
    start = begin = count = 0
    while True:
        end = min(start + room, length)
        count += 1
        is_last = end == length or count == limit
        stop = end if is_last else end - overlap + overlap // 2
        yield start, end, (begin, stop)
        if is_last:
            return
        start, begin = end - overlap, stop


def _units(text: str, offsets: Sequence[tuple[int, int]]) -> _Units:
    """Return spans, tokens, classes and places of the units of a text."""
    token_of = np.full(len(text), -1, np.int64)
    for token in range(len(offsets) - 1, -1, -1):  # of a character cut into several tokens the first counts
        token_of[offsets[token][0] : offsets[token][1]] = token
    # What the tokenizer drops belongs to the token before it, so that no character is lost.
    token_of = np.maximum(np.maximum.accumulate(token_of), 0)
    spans = np.array([m.span() for m in _UNIT.finditer(text)], np.int64).reshape(-1, 2)
    tokens = token_of[spans[:, 0]]
    bounds = np.array(offsets, np.int64).reshape(-1, 2)[tokens]
    places = np.stack([spans[:, 0] - bounds[:, 0], bounds[:, 1] - spans[:, 1]], 1).clip(0, PLACES - 1)
    chars = np.fromiter((1 + ord(fold(text[at])) % (ALPHABET - 1) for at in spans[:, 0]), np.int64, len(spans))
    return spans, tokens, chars, places


def _within(units: _Units | None, own: tuple[int, int]) -> _Units:
    """Return the units whose tokens a window answers for."""
    if units is None:
        return _NO_UNITS
    spans, tokens, chars, places = units
    kept = (tokens >= own[0]) & (tokens < own[1])
    return spans[kept], tokens[kept], chars[kept], places[kept]


def read_tokenizer(path: Path) -> Tokenizer:
    """Return the tokenizer of a ``tokenizer.json``."""
    return Tokenizer.from_file(str(path))
