"""Sentence-like segments: text up to 。！？； outside quotes and brackets."""

from __future__ import annotations

import re

_PAIRS = {
    "“": "”",
    "‘": "’",
    "《": "》",
    "〈": "〉",
    "（": "）",
    "(": ")",
    "【": "】",
    "[": "]",
    "「": "」",
    "『": "』",
    "〔": "〕",
}
_CLOSERS = {closer: opener for opener, closer in _PAIRS.items()}
_POINTS = re.compile(r"[。！？；!?;“”‘’《》〈〉（）()【】\[\]「」『』〔〕]")
_ENDERS = frozenset("。！？；!?;")
_WORD = re.compile(r"\w")


def split_segments(text: str) -> list[tuple[int, int]]:
    """Split a paragraph into segments.

    A bracket or quote shields the enders inside it only if it is closed within the paragraph, so that one forgotten
    ” does not swallow the rest. Segments cover all characters but white space at their edges; pieces without a word
    character are joined to the segment before them.

    Args:
        text: the paragraph.

    Returns:
        (start, end) offsets in code points, end exclusive, in order, not overlapping.
    """
    points = [(m.start(), m.group()) for m in _POINTS.finditer(text)]
    shields = _shields(points)
    cuts, shielded_until = [], -1
    for at, char in points:
        if at < shielded_until:
            continue
        if char in _PAIRS:
            shielded_until = shields.get(at, -1)
        elif char in _ENDERS:
            cuts.append(at + 1)
    spans: list[tuple[int, int]] = []
    start = 0
    for cut in [*cuts, len(text)]:
        if cut <= start:
            continue
        piece = text[start:cut]
        if spans and not _WORD.search(piece):
            spans[-1] = (spans[-1][0], start + len(piece.rstrip()))
        elif piece.strip():
            spans.append((start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
        start = cut
    return spans


def _shields(points: list[tuple[int, str]]) -> dict[int, int]:
    """Return the closing offset of every opener that is closed."""
    shields: dict[int, int] = {}
    open_at: dict[str, list[int]] = {opener: [] for opener in _PAIRS}
    for at, char in points:
        if char in _PAIRS:
            open_at[char].append(at)
        elif char in _CLOSERS and open_at[_CLOSERS[char]]:
            shields[open_at[_CLOSERS[char]].pop()] = at
    return shields
