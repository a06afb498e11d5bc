"""Joining lines that a mail client or a converter broke at a fixed width.

A table flattened to one cell a line also breaks every few characters, so lines are joined only where many long lines
share one width and do not end a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_MIN_COLUMNS = 44  # 22 Chinese characters; cells and headings are shorter
_MAX_COLUMNS = 132  # 66 Chinese characters; nobody breaks lines later than this
_SLACK = 8  # a number or Latin word that does not fit moves to the next line
_MIN_FULL_LINES = 3
_MIN_FULL_SHARE = 0.4
_SENTENCE_END = "。！？；：:!?;”》）"
_TERMINAL = "。！？；!?;"
_OPENING = re.compile(
    r"[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十\d]{1,3}[）)]|第[一二三四五六七八九十]{1,3}[部章条]|"
    r"\d{1,2}[、．.](?!\d)|附件?[:：]|[\d.,%/—-]{1,12}$"  # the last is the value of a table cell
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text file: its repaired text, whether it was indented, whether blank lines stand before it."""

    text: str
    indented: bool
    after_blank: bool


def width(text: str) -> int:
    """Return the display width of ``text`` in columns: Chinese characters and punctuation take two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def wrap_width(lines: Sequence[Line]) -> int | None:
    """Find the width at which the lines of a text were broken.

    Returns:
        The width in columns, or ``None`` when the text is not hard-wrapped.
    """
    widths = [width(line.text) for line in lines]
    long = [w for w in widths if w >= _MIN_COLUMNS]
    counts = Counter(w for w in long if w <= _MAX_COLUMNS)
    if not counts:
        return None
    full = {w: sum(n for v, n in counts.items() if w - _SLACK <= v <= w) for w in counts}
    best = max(full, key=lambda w: (full[w], -w))
    beyond = sum(w > best + 2 for w in long)
    if full[best] < _MIN_FULL_LINES or full[best] < 0.5 * len(long) or beyond > 0.1 * len(long):
        return None
    broken = [line.text for line, w in zip(lines, widths, strict=True) if best - _SLACK <= w <= best + 2]
    # The longest row labels of the statutory tables are of one width too, but most of a wrapped text is full lines.
    if sum(map(len, broken)) < _MIN_FULL_SHARE * sum(len(line.text) for line in lines):
        return None
    unfinished = sum(text[-1] not in _SENTENCE_END for text in broken)
    return best if unfinished >= 0.6 * len(broken) else None


def join_lines(lines: Sequence[Line], columns: int | None) -> list[str]:
    """Return the paragraphs of a run of lines.

    Args:
        lines: the lines, none of them empty.
        columns: the width they were broken at, as :func:`wrap_width` found it for the whole text; ``None`` if they
            were not, and then each line is a paragraph.
    """
    if columns is None:
        return [line.text for line in lines]
    double_spaced = sum(line.after_blank for line in lines) > 0.9 * len(lines)
    # Where only some lines are indented, those open the paragraphs, and a full line goes on even after a full stop.
    indents_mark = 0 < sum(line.indented for line in lines) < 0.7 * len(lines)
    paragraphs: list[list[str]] = []
    full = False
    for line in lines:
        same_block = full and (double_spaced or not line.after_blank) and not _OPENING.match(line.text)
        if same_block and (not line.indented if indents_mark else paragraphs[-1][-1][-1] not in _TERMINAL):
            paragraphs[-1] += _seam(paragraphs[-1][-1], line.text), line.text
        else:
            paragraphs.append([line.text])
        full = width(line.text) >= columns - _SLACK
    return ["".join(pieces) for pieces in paragraphs]


def _seam(before: str, after: str) -> str:
    # A number broken at the width goes on in the next line; two words do not.
    return "" if before[-1].isdigit() and after[0].isdigit() else glue(before[-1], after[0])[1:-1]


def glue(before: str, after: str) -> str:
    """Join two lines of one cell or sentence: with a space between Latin words or numbers, without one otherwise."""
    if before and after and before[-1].isascii() and before[-1].isalnum() and after[0].isascii() and after[0].isalnum():
        return f"{before} {after}"
    return before + after
