"""Glyphs to lines of text: reading order, gaps between words and columns, doubled characters.

The order in which a PDF draws its characters is not trusted; only where they stand is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from gongkai.pipeline.readers.pdf_page import Glyph

_SAME_LINE = 0.5
"""Share of the larger em within which two characters' centres stand on one line; a superscript is 0.35 off."""

_DOUBLED = 0.2
"""Share of an em within which an equal character is the same one drawn again to look bold."""

PIECE_GAP = 1.0
"""Em of white at which a line is cut into pieces, for the tables without rulings are set no wider."""

WIDE_GAP = 2.0
"""Em of white that ordinary text never has inside a line."""

_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")
_WORD = re.compile(r"[A-Za-z0-9]")
_ADDRESS_TAIL = re.compile(r"(?:://|www\.)[\x21-\x7e]*\Z")


@dataclass(slots=True)
class Piece:
    """A run of characters without a wide gap: one cell of a table without rulings, or a whole line."""

    text: str
    x0: float
    x1: float


@dataclass(slots=True)
class Line:
    """One line of text.

    Attributes:
        pieces: the line cut at gaps of more than one em; mostly one for ordinary text.
        bold_start, bold_end: whether its first and last characters are bold.
        head: width of what a narrower line before this one would have had to take in, in points.
        column: 0 for full-width text, 1 and 2 in a two-column layout.
    """

    pieces: list[Piece]
    x0: float
    x1: float
    cy: float
    size: float
    bold_start: bool
    bold_end: bool
    bold: bool
    head: float
    page: int = 0
    column: int = 0

    @property
    def text(self) -> str:
        """The characters; pieces far apart are kept apart by two spaces, others by one."""
        text = self.pieces[0].text
        for before, after in pairwise(self.pieces):
            text += ("  " if after.x0 - before.x1 > WIDE_GAP * self.size else " ") + after.text
        return text

    @property
    def is_split(self) -> bool:
        """Whether some gap is too wide for ordinary text."""
        return any(b.x0 - a.x1 > WIDE_GAP * self.size for a, b in pairwise(self.pieces))


def build_lines(glyphs: list[Glyph], page: int = 0, column: int = 0) -> list[Line]:
    """Return the lines of upright text that the glyphs form, top to bottom."""
    lines = [line_of(row) for row in rows_of(glyphs)]
    for line in lines:
        line.page, line.column = page, column
    return lines


def rows_of(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Group glyphs that stand on one line, each group left to right, the groups top to bottom."""
    rows: list[list[Glyph]] = []
    centre = size = 0.0
    for glyph in sorted(glyphs, key=lambda g: g.y0 + g.y1):
        cy = glyph.cy
        if rows and abs(cy - centre) <= _SAME_LINE * max(size, glyph.size):
            rows[-1].append(glyph)
            if glyph.size > size:
                centre, size = cy, glyph.size
        else:
            rows.append([glyph])
            centre, size = cy, glyph.size
    for row in rows:
        row.sort(key=lambda g: g.x0)
    return rows


def _without_doubles(row: list[Glyph]) -> list[Glyph]:
    kept: list[Glyph] = []
    for glyph in row:
        # Characters drawn twice may interleave (年年度度): look back over the few that could be the twin.
        twin = next(
            (
                k
                for k in kept[-3:]
                if k.text == glyph.text
                and abs(k.x0 - glyph.x0) < _DOUBLED * glyph.size
                and abs(k.cy - glyph.cy) < _DOUBLED * glyph.size
            ),
            None,
        )
        if twin is None:
            kept.append(glyph)
        else:
            twin.bold = True
    return kept


def line_of(row: list[Glyph]) -> Line:
    """Return the line that glyphs sorted from left to right form."""
    row = _without_doubles(row)
    gaps = [b.x0 - a.x1 for a, b in pairwise(row)]
    spread = _letterspacing(gaps, row[0].size)
    pieces: list[Piece] = []
    text, start = [row[0].text], row[0].x0
    for left, right, gap in zip(row, row[1:], gaps, strict=False):
        em = max(left.size, right.size)
        extra = gap - spread
        if extra > PIECE_GAP * em:
            pieces.append(Piece("".join(text), start, left.x1))
            text, start = [], right.x0
        elif right.space or _is_gap(left.text, right.text, extra / em):
            text.append(" ")
        text.append(right.text)
    pieces.append(Piece("".join(text), start, row[-1].x1))
    sizes = sorted(g.size for g in row)
    return Line(
        pieces=pieces,
        x0=row[0].x0,
        x1=row[-1].x1,
        cy=sorted(g.cy for g in row)[len(row) // 2],
        size=sizes[len(sizes) // 2],
        bold_start=row[0].bold,
        bold_end=row[-1].bold,
        bold=all(g.bold for g in row),
        head=_head_width(row),
    )


def _letterspacing(gaps: list[float], em: float) -> float:
    """Return the white that stands between all characters of a line; more than an em of it parts columns."""
    usual = sorted(gaps)[len(gaps) // 4] if len(gaps) >= 3 else 0.0
    return usual if 0 < usual <= em else 0.0


def _is_gap(left: str, right: str, extra: float) -> bool:
    """Tell whether white of so many em stands for a space: Chinese type is set with a quarter em beside Latin."""
    if _CJK.match(left) or _CJK.match(right):
        return extra > 0.8
    return extra > 0.2


def _head_width(row: list[Glyph]) -> float:
    """Width of the first unbreakable run: one Chinese character with the marks that cling to it, or a word."""
    end = 1
    while end < len(row) and row[end - 1].text in "（《“‘【":
        end += 1
    if _is_word_part(row[end - 1].text):
        while end < len(row) and _is_word_part(row[end].text) and not row[end].space:
            end += 1
    while end < len(row) and row[end].text in "，。；：、！？）》”’】%％":
        end += 1
    return row[end - 1].x1 - row[0].x0


def _is_word_part(char: str) -> bool:
    return char.isascii() and char not in "()[]"


def join(before: str, after: str, wrapped: bool = True) -> str:
    """Join two lines of one paragraph or cell.

    Args:
        before: the earlier text.
        after: the text of the next line.
        wrapped: the earlier line reached its margin, so that a number may run on into the next line.

    Returns:
        The joined text: no space between Chinese characters, one between two Latin words.
    """
    if not before or not after:
        return before + after
    last, first = before[-1], after[0]
    if last == "\u00ad":
        return before[:-1] + after
    if not (_WORD.match(last) and _WORD.match(first)):
        return before + after
    if last.isdigit() and first.isdigit():
        return before + after if wrapped else before + " " + after
    return before + after if _ADDRESS_TAIL.search(before[-200:]) else before + " " + after
