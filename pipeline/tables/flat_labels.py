"""Finding row and column labels among the tokens of a flattened table, wrapped labels joined again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gongkai.pipeline.tables.align import Anchor
from gongkai.pipeline.tables.labels import LabelIndex, normalise
from gongkai.pipeline.tables.tokens import Token

_MAX_PIECES = 6
_SURE = 0.85


def value_run(tokens: Sequence[Token], start: int) -> int:
    """Return the index after the values and gaps that stand at ``start``."""
    while start < len(tokens) and tokens[start].kind != "label":
        start += 1
    return start


def row_anchors(tokens: Sequence[Token], index: LabelIndex, width: int) -> Iterator[Anchor]:
    """Yield every place where a row's label may stand, whole, in pieces, or wrapped around its numbers.

    A label directly followed by a full row of numbers is more likely to be the row than a header of the same name.

    Args:
        tokens: the table.
        index: the row labels.
        width: how many numbers a full row has; 0 when rows differ.
    """
    for start, token in enumerate(tokens):
        if token.kind != "label":
            continue
        for end, bare in _joined(tokens, start, index):
            after = value_run(tokens, end) - end
            bonus = 0.3 if after and (after == width or not width) else 0.1 if after else 0.0
            for row, score in index.match(bare):
                yield Anchor(start, end, row, score + bonus, score)
        yield from _wrapped_around(tokens, start, index)


def _joined(tokens: Sequence[Token], start: int, index: LabelIndex) -> Iterator[tuple[int, str]]:
    yield start + 1, tokens[start].bare
    text = tokens[start].text
    if tokens[start].bare and not index.begins(tokens[start].bare):
        return
    for end in range(start + 1, min(start + _MAX_PIECES, len(tokens))):
        if tokens[end].kind != "label":
            return
        text += tokens[end].text
        yield end + 1, normalise(text)


def _wrapped_around(tokens: Sequence[Token], start: int, index: LabelIndex) -> Iterator[Anchor]:
    rest = value_run(tokens, start + 1)
    if rest == start + 1 or rest >= len(tokens) or not tokens[start].bare:
        return
    text = tokens[start].text
    for piece in tokens[rest : rest + 2]:
        if piece.kind != "label":
            return
        text += piece.text
        for row in index.exact(normalise(text)):
            yield Anchor(start, start + 1, row, 1.3, 1.0)


def label_sequence(tokens: Sequence[Token], index: LabelIndex) -> list[tuple[int, int]]:
    """Return ``(token index, entry)`` of the labels that surely belong to ``index``, in reading order."""
    out: list[tuple[int, int]] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind != "label":
            at += 1
            continue
        found = [(end, key) for end, bare in _joined(tokens, at, index) for key, s in index.match(bare) if s >= _SURE]
        if found:
            end, key = max(found)
            out.append((at, key))
            at = end
        else:
            at += 1
    return out
