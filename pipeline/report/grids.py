"""The statutory tables as grids, with the cells that failed checks speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gongkai.pipeline import names
from gongkai.pipeline.cli.view_text import number
from gongkai.pipeline.report.vocabulary import english
from gongkai.pipeline.schema import Check, TableOut
from gongkai.pipeline.tables.templates import TABLES


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its number as a reader writes it, and what failed checks say of it.

    Attributes:
        kind: ``absent`` where the form or the report has no such cell, else ``blank``, ``zero`` or ``number``.
    """

    text: str
    kind: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """A row or column title, Chinese and English; ``bad`` when a failed check speaks of it."""

    zh: str
    en: str
    bad: bool = False


@dataclass(slots=True)
class GridRow:
    """A row; ``group`` is set in the first row of each group with the number of its rows in ``span``."""

    head: Head
    cells: list[Cell]
    group: Head | None = None
    span: int = 1
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A statutory table with the failed checks that stand beside it."""

    name: str
    title: Head
    form: str
    strategy: str | None
    columns: tuple[Head, ...]
    rows: tuple[GridRow, ...]
    extra: tuple[str, ...]
    failed: tuple[Check, ...] = field(default=())


def table_of(check: Check) -> str | None:
    """Return the statutory table that a check speaks of: that of its rule, else the one its place names."""
    first = (check.where or "").split(".")[0]
    return names.table_of(check.rule) or (first if first in TABLES else None)


def grid(name: str, table: TableOut, failed: Iterable[Check]) -> Grid:
    """Return a table as a grid.

    Args:
        name: id of the table.
        table: its cells.
        failed: the failed checks that speak of this table.
    """
    failed = tuple(failed)
    present = dict.fromkeys(column for cells in table.rows.values() for column in cells)
    columns = sorted(present, key=names.column_order(name))
    faults = _faults(table, columns, failed)
    bad_rows, bad_columns = {row for row, _ in faults}, {column for _, column in faults}
    rows = [
        GridRow(
            Head(names.row_zh(name, row), english(row), row in bad_rows),
            [_cell(cells, column, faults.get((row, column), ())) for column in columns],
        )
        for row, cells in table.rows.items()
    ]
    if name == "applications":
        _group(rows, list(table.rows))
    return Grid(
        name,
        Head(names.zh("tables", name), names.en("tables", name)),
        table.form or "unknown",
        table.strategy,
        tuple(Head(names.column_zh(name, c), english(c), c in bad_columns) for c in columns),
        tuple(rows),
        tuple(" · ".join(f"{k} {v}" if k else v for k, v in extra.items()) for extra in table.extra_rows),
        failed,
    )


def _cell(cells: dict[str, int | float | None], column: str, faults: Sequence[str]) -> Cell:
    if column not in cells:
        return Cell("", "absent", tuple(faults))
    value = cells[column]
    if value is None:
        return Cell("·", "blank", tuple(faults))
    return Cell(number(value), "number" if value else "zero", tuple(faults))


def _faults(table: TableOut, columns: Sequence[str], failed: Sequence[Check]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return what is said of each cell that a failed check compares."""
    found: dict[tuple[str, str], list[str]] = {}
    for check in failed:
        for cell in dict.fromkeys(_compared(check, table, columns)):
            found.setdefault(cell, []).append(check.message)
    return {cell: tuple(messages) for cell, messages in found.items()}


def _compared(check: Check, table: TableOut, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the cells a check compares: a sum names a row and cells of it, or a column; others name one cell."""
    parts = (check.where or "").split(".")
    if len(parts) == 3:
        yield parts[1], parts[2]
        return
    line = parts[-1]
    for operand in check.operands:
        if line in table.rows and operand in columns:
            yield line, operand
        if line in columns and operand in table.rows:
            yield operand, line


def _group(rows: list[GridRow], ids: Sequence[str]) -> None:
    """Set the groups of the applications table's result rows: neighbours of one group share a title."""
    leader: GridRow | None = None
    before = ""
    for row, row_id in zip(rows, ids, strict=True):
        first = row_id.split("_")[0]
        if names.zh("groups", first) == first:
            leader, before = None, ""
            continue
        row.grouped = True
        row.head = replace(row.head, en=english(row_id.removeprefix(f"{first}_")))
        if leader is None or first != before:
            leader, before = row, first
            row.group = Head(names.zh("groups", first), names.en("groups", first))
        else:
            leader.span += 1
