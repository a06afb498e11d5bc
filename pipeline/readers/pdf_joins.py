"""Tables that cross pages: the part on the next page is appended to the first one.

A wrong merge moves numbers into the wrong row, a missed one leaves two rows that a later step can still read; so
rows are only merged where both the label and the missing numbers say that the page break cut one row in two.
"""

from __future__ import annotations

import re
from dataclasses import replace

from gongkai.pipeline.document import GridBlock, GridCell

_SAME_LINE = 4.0
"""Points by which the grid lines of the two parts may differ."""

_COMMON_LINES = 0.8
_ORDINAL = re.compile(
    r"[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.．、](?!\d)|第[一二三四五六七八九十]{1,3}条"
)
_DIGIT = re.compile(r"[0-9０-９]")
_VALUE = re.compile(r"[-+]?[0-9０-９][0-9０-９,，.．]*(?:万?元|件|项|%|％)?|[-—－/／]{1,3}|无")


def common_columns(first: list[float], second: list[float]) -> tuple[list[int], list[int]] | None:
    """Map the grid lines of two parts of a table to common ones.

    Args:
        first: x of the first part's grid lines, left to right, in points.
        second: the same of the part on the next page.

    Returns:
        The index of each grid line among the common ones, for either part; ``None`` when the parts do not belong
        to one table: the outer edges differ, or the part with fewer lines has some that the other lacks.
    """
    shift = first[0] - second[0]
    if abs(shift) > 4 * _SAME_LINE or abs(first[-1] - second[-1] - shift) > _SAME_LINE:
        return None
    moved = [x + shift for x in second]
    few, many = sorted((first, moved), key=len)
    shared = sum(any(abs(x - y) <= _SAME_LINE for y in many) for x in few)
    if shared < 3 or shared < _COMMON_LINES * len(few):
        return None
    union: list[float] = []
    for x in sorted(first + moved):
        if not union or x - union[-1] > _SAME_LINE:
            union.append(x)
    return _indexes(first, union), _indexes(moved, union)


def _indexes(xs: list[float], union: list[float]) -> list[int]:
    return [min(range(len(union)), key=lambda i: abs(union[i] - x)) for x in xs]


def append_part(table: GridBlock, part: GridBlock, columns: tuple[list[int], list[int]]) -> tuple[GridBlock, int]:
    """Append the continuation of a table.

    Args:
        table: the table so far.
        part: its continuation on the next page.
        columns: what :func:`common_columns` returned for the two.

    Returns:
        One table with the header rows that the continuation repeats left out, and how many those were.
    """
    upper = _mapped(table.cells, columns[0])
    lower = _mapped(part.cells, columns[1])
    header = _repeated_header(upper, lower)
    lower = [replace(c, row=c.row - header) for c in lower if c.row >= header]
    if not lower:
        return GridBlock(upper, table.page), header
    n_rows = max(c.row + c.rowspan for c in upper)
    if _is_cut_row(upper, lower, n_rows):
        cells = _merge_rows(upper, lower, n_rows)
    else:
        cells = _merge_groups(upper, lower, n_rows)
    return GridBlock(cells, table.page), header


def _mapped(cells: list[GridCell], index: list[int]) -> list[GridCell]:
    return [
        replace(c, column=index[c.column], colspan=index[c.column + c.colspan] - index[c.column])
        for c in cells
        if index[c.column + c.colspan] > index[c.column]
    ]


def _repeated_header(upper: list[GridCell], lower: list[GridCell]) -> int:
    """Return how many leading rows of ``lower`` say word for word what ``upper`` opens with."""
    n_rows = min(max(c.row + c.rowspan for c in cells) for cells in (upper, lower))
    same = 0
    for row in range(n_rows):
        above = [(c.column, c.colspan, c.rowspan, c.text) for c in upper if c.row == row]
        below = [(c.column, c.colspan, c.rowspan, c.text) for c in lower if c.row == row]
        if sorted(above) != sorted(below) or any(_VALUE.fullmatch(c[3]) for c in above):
            break
        same = row + 1
    if not any(c.text for c in lower if c.row < same):
        return 0
    return same if all(c.row + c.rowspan <= same for c in lower if c.row < same) else 0


def _is_cut_row(upper: list[GridCell], lower: list[GridCell], n_rows: int) -> bool:
    """Tell whether the last row above and the first below are one row that the page break cut."""
    last = {c.column: c for c in upper if c.row + c.rowspan == n_rows}
    first = {c.column: c for c in lower if c.row == 0}
    if len(last) < 3 or {k: c.colspan for k, c in last.items()} != {k: c.colspan for k, c in first.items()}:
        return False
    above = [k for k, c in last.items() if _VALUE.fullmatch(c.text)]
    below = [k for k, c in first.items() if _VALUE.fullmatch(c.text)]
    if not above and not below:
        return not any(_VALUE.fullmatch(c.text) for c in upper) and _is_cut_header(last, first)
    if above and below:
        return False
    values, blank = (above, first) if above else (below, last)
    labels = [k for k in last if k < min(values)]
    if not labels or any(c.text for k, c in blank.items() if k >= min(values)):
        return False
    groups = sorted(labels)[:-1]
    return _goes_on(last[max(labels)].text, first[max(labels)].text) and not any(
        _ORDINAL.match(first[k].text) for k in groups
    )


def _is_cut_header(last: dict[int, GridCell], first: dict[int, GridCell]) -> bool:
    """Tell whether two rows of one shape are the halves of a header: captions above, their rest below."""
    rests = [c for c in first.values() if c.text]
    return (
        all(c.text for c in last.values())
        and len(rests) >= max(3, len(first) / 2)
        and not any(_ORDINAL.match(c.text) for c in rests)
    )


def _goes_on(above: str, below: str) -> bool:
    """Tell whether a label that opens with its number goes on in one that has none."""
    return bool(below and _ORDINAL.match(above)) and not _ORDINAL.match(below) and not _DIGIT.search(below)


def _merge_rows(upper: list[GridCell], lower: list[GridCell], n_rows: int) -> list[GridCell]:
    """Join the first row below into the last above; cells that span rows on either side become one."""
    bottom = {c.column: c for c in upper if c.row + c.rowspan == n_rows}
    cells = {id(c): c for c in upper}
    rest = []
    for cell in lower:
        above = bottom.get(cell.column)
        if cell.row == 0 and above is not None and above.colspan == cell.colspan:
            rowspan = above.rowspan + cell.rowspan - 1
            cells[id(above)] = replace(above, text=above.text + cell.text, rowspan=rowspan)
        else:
            rest.append(replace(cell, row=cell.row + n_rows - 1))
    return list(cells.values()) + rest


def _merge_groups(upper: list[GridCell], lower: list[GridCell], n_rows: int) -> list[GridCell]:
    """Append the rows below; a group label that the page break cut is joined again."""
    bottom = {c.column: c for c in upper if c.row + c.rowspan == n_rows}
    cells = {id(c): c for c in upper}
    rest = []
    for cell in lower:
        above = bottom.get(cell.column)
        if cell.row == 0 and above is not None and _is_cut_group(above, cell):
            joined = replace(above, text=above.text + cell.text, rowspan=above.rowspan + cell.rowspan)
            cells[id(above)] = joined
        else:
            rest.append(replace(cell, row=cell.row + n_rows))
    return list(cells.values()) + rest


def _is_cut_group(above: GridCell, below: GridCell) -> bool:
    if above.colspan != below.colspan or max(above.rowspan, below.rowspan) < 2:
        return False
    if _VALUE.fullmatch(above.text) or _VALUE.fullmatch(below.text):
        return False
    if not above.text or not below.text:
        return True
    return _goes_on(above.text, below.text)
