"""Layouts without rulings: text in two columns, and tables whose columns only white space parts."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise

from gongkai.pipeline.document import GridBlock, GridCell
from gongkai.pipeline.normalise import repair
from gongkai.pipeline.readers.pdf_lines import Line, build_lines, join, rows_of
from gongkai.pipeline.readers.pdf_page import Glyph

_VALUE = re.compile(r"[-+]?[0-9０-９][0-9０-９,，.．]*(?:万?元|件|项|%|％)?|[-—－/／]{1,3}")
_MIN_ROWS = 3
_MIN_COLUMNS = 3
_MIN_COLUMN_LINES = 8
_GUTTER = 1.5
_MIN_COLUMN_WIDTH = 8.0


def columned_lines(glyphs: list[Glyph], page: int) -> list[Line]:
    """Return the lines of a stretch of page in reading order, a two-column stretch one column after the other."""
    rows = rows_of(glyphs)
    gutter = _gutter(rows)
    if gutter is None:
        return build_lines(glyphs, page)
    lines: list[Line] = []
    left: list[Glyph] = []
    right: list[Glyph] = []
    for row in rows:
        if any(g.x0 < gutter < g.x1 for g in row):
            lines += build_lines(left, page, 1) + build_lines(right, page, 2) + build_lines(row, page)
            left, right = [], []
        else:
            left += [g for g in row if g.cx < gutter]
            right += [g for g in row if g.cx >= gutter]
    return lines + build_lines(left, page, 1) + build_lines(right, page, 2)


def _gutter(rows: list[list[Glyph]]) -> float | None:
    """Return the middle of a white strip that parts most lines into two long halves of text, if there is one."""
    votes: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        if len(row) < 2 * _MIN_COLUMN_WIDTH:
            continue
        gap, a, b = max(((b.x0 - a.x1, a, b) for a, b in pairwise(row)), key=lambda t: t[0])
        width = _MIN_COLUMN_WIDTH * a.size
        if gap > _GUTTER * a.size and a.x1 - row[0].x0 > width and row[-1].x1 - b.x0 > width:
            # Half-em steps would split one ragged gutter over several votes.
            votes[round((a.x1 + b.x0) / 2 / (4 * a.size))].append((a.x1 + b.x0) / 2)
    if not votes:
        return None
    best = max(votes.values(), key=len)
    if len(best) < _MIN_COLUMN_LINES or len(best) < 0.4 * len(rows):
        return None
    return sorted(best)[len(best) // 2]


def with_open_tables(lines: list[Line]) -> list[Line | GridBlock]:
    """Replace runs of lines that form a clean table without rulings by a grid.

    Args:
        lines: lines of one page in reading order.

    Returns:
        The same lines, with each run whose values stand in columns as a :class:`GridBlock`. A run whose columns
        or rows cannot be told apart stays as it is, one line of text per line.
    """
    items: list[Line | GridBlock] = []
    position = 0
    for start, end in _runs(lines):
        grid = _grid(lines[start:end])
        if grid is not None:
            items += lines[position:start]
            items.append(grid)
            position = end
    return items + lines[position:]


def _is_value_row(line: Line) -> bool:
    values = sum(_VALUE.fullmatch(p.text) is not None for p in line.pieces)
    return len(line.pieces) >= _MIN_COLUMNS and values >= max(2, len(line.pieces) // 2)


def _runs(lines: list[Line]) -> list[tuple[int, int]]:
    """Return ``(start, end)`` of runs of value rows, with the short lines between and the header lines above."""
    runs: list[tuple[int, int]] = []
    index = 0
    while index < len(lines):
        if not _is_value_row(lines[index]):
            index += 1
            continue
        end, last = index + 1, index
        while end < len(lines) and end - last <= 3 and _belongs(lines[end], lines[index]):
            if _is_value_row(lines[end]):
                last = end
            end += 1
        start = index
        while start > (runs[-1][1] if runs else 0) and len(lines[start - 1].pieces) >= 2:
            start -= 1
        if sum(_is_value_row(line) for line in lines[index : last + 1]) >= _MIN_ROWS:
            runs.append((start, last + 1))
        index = last + 1
    return runs


def _belongs(line: Line, first: Line) -> bool:
    """Tell whether a line can stand inside a table: a row, or a label that stays left of the values."""
    return len(line.pieces) >= 2 or line.x1 <= first.pieces[1].x0


def _grid(lines: list[Line]) -> GridBlock | None:
    rows = [line for line in lines if _is_value_row(line)]
    columns = _columns(rows)
    if len(columns) < _MIN_COLUMNS:
        return None
    placed: list[tuple[float, dict[int, tuple[str, int]]]] = []
    for line in lines:
        row = _placed(line, columns)
        if row is None:
            return None
        placed.append((line.cy, row))
    if sum(len(_placed(line, columns) or ()) >= 0.8 * len(columns) for line in rows) < 0.6 * len(rows):
        return None
    merged = _labels_merged(placed, [_is_value_row(line) for line in lines])
    if merged is None:
        return None
    cells = [
        GridCell(repair(text).strip(), r, c, 1, span)
        for r, row in enumerate(merged)
        for c, (text, span) in sorted(row.items())
    ]
    return GridBlock(cells, lines[0].page)


def _columns(rows: list[Line]) -> list[tuple[float, float]]:
    """Return the x-ranges that the pieces of the value rows fall into."""
    columns: list[tuple[float, float]] = []
    for x0, x1 in sorted((p.x0, p.x1) for line in rows for p in line.pieces):
        if columns and x0 <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def _placed(line: Line, columns: list[tuple[float, float]]) -> dict[int, tuple[str, int]] | None:
    """Return ``column -> (text, columns covered)``, or ``None`` when two pieces claim one column."""
    cells: dict[int, tuple[str, int]] = {}
    taken = -1
    for piece in line.pieces:
        covered = [i for i, (x0, x1) in enumerate(columns) if piece.x0 < x1 and piece.x1 > x0]
        if not covered:
            centre = (piece.x0 + piece.x1) / 2
            covered = [min(range(len(columns)), key=lambda i: abs(sum(columns[i]) / 2 - centre))]
        if covered[0] <= taken:
            return None
        taken = covered[-1]
        cells[covered[0]] = (piece.text, len(covered))
    return cells


def _labels_merged(
    placed: list[tuple[float, dict[int, tuple[str, int]]]], is_row: list[bool]
) -> list[dict[int, tuple[str, int]]] | None:
    """Join the lines of wrapped labels with the row they stand nearest to, where one row is clearly nearest."""
    rows = [i for i, yes in enumerate(is_row) if yes]
    parts: dict[int, list[int]] = defaultdict(list)
    merged: list[int] = []
    for i, (cy, cells) in enumerate(placed):
        if is_row[i] or i < rows[0] or set(cells) != {0}:
            merged.append(i)
            continue
        near = sorted(rows, key=lambda r: abs(placed[r][0] - cy))[:2]
        distances = [abs(placed[r][0] - cy) for r in near]
        if len(near) == 2 and distances[0] > 0.8 * distances[1]:
            return None
        parts[near[0]].append(i)
    out: list[dict[int, tuple[str, int]]] = []
    for i in merged:
        cells = placed[i][1]
        if parts[i]:
            label = ""
            for j in sorted([*parts[i], i]):
                label = join(label, placed[j][1].get(0, ("", 1))[0])
            cells = {**cells, 0: (label, cells.get(0, ("", 1))[1])}
        out.append(cells)
    return out
