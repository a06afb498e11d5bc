"""Windows as arrays: what goes into a network, for training and for inference alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gongkai.models.neural.windows import Window
from gongkai.pipeline.metrics.base import Quantity

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Ints = NDArray[np.int64]

# Characters are told apart by their code point modulo this size: all of the common ideographs fit without collision
# (U+4E00 and the 7,000 after it), and a rare one shares its row with another rare one.
ALPHABET = 8192
# What a character is in its window: 0 padding, 1 heading, 2 context, 3 body.
PLACES = 4
# What the number grammar says of a character: 0 no number, else two for each kind: first character, further ones.
KINDS = ("metric", "date", "document_number", "ordinal", "name", "contact", "marginal")
NUMBER_MARKS = 1 + 2 * len(KINDS)
# The fewest characters a batch is padded to: a network looks this far back inside a token.
_SHORTEST = 8


@dataclass(slots=True)
class Encoded:
    """One window as arrays; C characters, T tokens, S sentences, M numbers.

    Attributes:
        chars: (C,) character classes.
        places: (C,) see ``PLACES``.
        marks: (C,) see ``NUMBER_MARKS``.
        sentences: (S, 2) start and end.
        numbers: (M, 2) start and end.
        tokens: (T,) ids of the encoder's tokens, or empty for a network that reads characters.
        token_of: (C,) the token each character belongs to, or empty.
    """

    chars: Ints
    places: Ints
    marks: Ints
    sentences: Ints
    numbers: Ints
    tokens: Ints
    token_of: Ints


class Encoder:
    """Turns windows into arrays.

    Args:
        tokenizer: of the transformer encoder; None for a network that reads characters only.
    """

    def __init__(self, tokenizer: Tokenizer | None) -> None:
        self.tokenizer = tokenizer
        if tokenizer is not None:
            self._first, self._last = _special_ids(tokenizer)

    def __call__(self, window: Window, quantities: Sequence[Quantity]) -> Encoded:
        """Encode a window.

        Args:
            window: the window.
            quantities: the numbers of its whole paragraph.
        """
        text = fold(window.text)
        chars = np.fromiter((1 + ord(c) % (ALPHABET - 1) for c in text), np.int64, len(text))
        places = np.full(len(text), 2, np.int64)
        places[: window.text.index("\n") + 1] = 1
        places[window.body[0] : window.body[1]] = 3
        marks = np.zeros(len(text), np.int64)
        for quantity in quantities:
            start, end = quantity.start + window.shift, quantity.end + window.shift
            if window.text.index("\n") < start and end <= len(text):
                marks[start:end] = 2 + 2 * KINDS.index(quantity.kind)
                marks[start] -= 1
        tokens, token_of = self._tokens(text)
        return Encoded(chars, places, marks, _pairs(window.sentences), _pairs(window.numbers), tokens, token_of)

    def _tokens(self, text: str) -> tuple[Ints, Ints]:
        if self.tokenizer is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        line = text.index("\n")
        ids = [self._first]
        token_of = np.zeros(len(text), np.int64)
        for start, part in ((0, text[:line]), (line + 1, text[line + 1 :])):
            encoding = self.tokenizer.encode(part, add_special_tokens=False)
            for token, (a, b) in zip(encoding.ids, encoding.offsets, strict=True):
                token_of[start + a : start + b] = len(ids)
                ids.append(token)
            ids.append(self._last)
        return np.array(ids, np.int64), token_of


def fold(text: str) -> str:
    """Return the text with compatibility forms (full-width, circled) as plain ones, character by character."""
    if text.isascii():
        return text
    return "".join(_fold_one(c) for c in text)


def _fold_one(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _special_ids(tokenizer: Tokenizer) -> tuple[int, int]:
    """Return the ids of the tokens that open and close a text."""
    for first, last in (("<s>", "</s>"), ("[CLS]", "[SEP]")):
        opening, closing = tokenizer.token_to_id(first), tokenizer.token_to_id(last)
        if opening is not None and closing is not None:
            return opening, closing
    raise ValueError("the tokenizer has neither <s> … </s> nor [CLS] … [SEP]")


def _pairs(spans: Sequence[tuple[int, int, int]]) -> Ints:
    return np.array([(a, b) for _, a, b in spans], np.int64).reshape(-1, 2)


def collate(items: Sequence[Encoded], tokens: bool) -> dict[str, Ints]:
    """Pad windows to one batch.

    Args:
        items: the windows; one batch should hold windows of like length.
        tokens: whether the network reads tokens.

    Returns:
        The inputs of a network by name: ``chars, places, marks`` (B, C), ``sentences`` (B, S, 2), ``numbers``
        (B, M, 2), and with tokens ``tokens, token_mask`` (B, T) and ``token_of`` (B, C).
    """
    batch = {name: _padded([getattr(item, name) for item in items], _SHORTEST) for name in ("chars", "places", "marks")}
    for name in ("sentences", "numbers"):
        batch[name] = _padded([getattr(item, name) for item in items])
    if tokens:
        batch["tokens"] = _padded([item.tokens for item in items])
        batch["token_mask"] = _padded([np.ones_like(item.tokens) for item in items])
        batch["token_of"] = _padded([item.token_of for item in items], _SHORTEST)
    return batch


def _padded(arrays: Sequence[Ints], shortest: int = 1) -> Ints:
    """Stack arrays, filled up with zeros to the longest (at least one long, for networks dislike empty axes)."""
    longest = max(shortest, *(len(a) for a in arrays))
    out = np.zeros((len(arrays), longest, *arrays[0].shape[1:]), np.int64)
    for row, array in zip(out, arrays, strict=True):
        row[: len(array)] = array
    return out
