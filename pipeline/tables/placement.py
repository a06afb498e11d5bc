"""Placing the numbers of a row that has lost its blank cells, by the sums of the table.

Text extraction drops empty cells, so ``3 3`` may be 自然人 3, 总计 3 as well as 商业企业 3, 总计 3. Only what all
placements that satisfy the sums have in common is taken; nothing is filled by order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from gongkai.pipeline.schema import Number
from gongkai.pipeline.tables.reading import Cells

Holds = Callable[[Cells], bool]
_ROUNDS = 4


def consistent(numbers: Sequence[Number | None], columns: Sequence[str], holds: Holds) -> list[Cells]:
    """Return every way to put the numbers, in order, into the columns so that the row's sum holds.

    Args:
        numbers: fewer numbers than columns (blank cells fill up), or one or two more (strays are left out).
        columns: column ids in the order of the table.
        holds: the identity of the row; blanks count as 0.
    """
    n, width = len(numbers), len(columns)
    if n > width + 2:
        return []
    out: list[Cells] = []
    if n <= width:
        for places in combinations(range(width), n):
            cells: Cells = dict.fromkeys(columns)
            cells.update((columns[place], number) for place, number in zip(places, numbers, strict=True))
            if holds(cells):
                out.append(cells)
    else:
        for chosen in combinations(numbers, width):
            cells = dict(zip(columns, chosen, strict=True))
            if holds(cells) and cells not in out:
                out.append(cells)
    return out


def agreed(placements: Sequence[Cells]) -> Cells:
    """Return the cells on which all placements agree; blank and 0 agree as blank, others are left out."""
    out: Cells = {}
    for column in placements[0] if placements else ():
        values = {cells[column] or 0 for cells in placements}
        if len(values) == 1:
            kept = placements[0][column]
            out[column] = kept if all(cells[column] == kept for cells in placements) else None
    return out


def narrow(
    rows: dict[str, list[Cells]], sums: Sequence[tuple[Sequence[str], Sequence[str]]], columns: Sequence[str]
) -> None:
    """Drop placements that no sum over rows allows, in place.

    For every column, what the other rows of a sum can be at least and at most bounds each of them. A sum that the
    report itself breaks would leave a row without placements; it is then not used on that row.

    Args:
        rows: the placements still possible, by row; a row that was read has one.
        sums: pairs of row ids, the first adding up to the same as the second.
        columns: column ids.
    """
    usable = [pair for pair in sums if all(row in rows for side in pair for row in side)]
    for _ in range(_ROUNDS):
        before = sum(map(len, rows.values()))
        for left, right in usable:
            for column in columns:
                _narrow_column(rows, left, right, column)
        if sum(map(len, rows.values())) == before:
            return


def _narrow_column(rows: dict[str, list[Cells]], left: Sequence[str], right: Sequence[str], column: str) -> None:
    if any(column not in cells for row in (*left, *right) for cells in rows[row]):
        return
    range_of = {row: _range(rows[row], column) for row in (*left, *right)}
    for side, opposite in ((left, right), (right, left)):
        least, most = (sum(range_of[row][end] for row in opposite) for end in (0, 1))
        own_least, own_most = (sum(range_of[row][end] for row in side) for end in (0, 1))
        for row in side:
            low, high = range_of[row]
            lower, upper = least - (own_most - high), most - (own_least - low)
            kept = [cells for cells in rows[row] if lower <= (cells[column] or 0) <= upper]
            rows[row] = kept or rows[row]


def _range(placements: Sequence[Cells], column: str) -> tuple[Number, Number]:
    values = [cells[column] or 0 for cells in placements]
    return min(values), max(values)
