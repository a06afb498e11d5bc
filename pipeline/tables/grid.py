"""Reading tables of labelled rows whose geometry is known (HTML, DOCX, ruled PDF)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gongkai.pipeline.document import Diagnostic, GridBlock, GridCell
from gongkai.pipeline.tables.align import Anchor, in_any_order, in_order
from gongkai.pipeline.tables.cells import Context, read_cell
from gongkai.pipeline.tables.labels import normalise
from gongkai.pipeline.tables.reading import Reading
from gongkai.pipeline.tables.templates import Row
from gongkai.pipeline.tables.values import CellValue, money_unit, parse_cell

_SURE = 0.85


@dataclass(slots=True)
class GridRow:
    """One row of a grid: the cell at each grid column, and each cell once with its parsed content."""

    piece: int
    line: list[GridCell | None]
    cells: list[tuple[GridCell, CellValue]]

    def after(self, label: GridCell) -> list[tuple[GridCell, CellValue]]:
        """Return the cells to the right of a label."""
        return [(cell, value) for cell, value in self.cells if cell.column >= label.column + label.colspan]


ColumnMap = dict[int, tuple[str, str]]  # grid column -> (column id, header text)


def rows_of(grids: Sequence[GridBlock]) -> list[GridRow]:
    """Return the rows of several grids as one sequence."""
    rows: list[GridRow] = []
    for piece, grid in enumerate(grids):
        parsed = {id(cell): parse_cell(cell.text) for cell in grid.cells}
        for line in grid.matrix():
            distinct = {id(cell): cell for cell in line if cell is not None}
            rows.append(GridRow(piece, line, [(cell, parsed[key]) for key, cell in distinct.items()]))
    return rows


def read_grid(context: Context, rows: list[GridRow], strategy: str) -> Reading:
    """Read a grid by its row labels.

    Args:
        context: the table.
        rows: the rows of all its grids.
        strategy: ``grid.label`` takes each cell from the column under its header; ``grid.tail`` takes the cells after
            the row's label in the form's order, for grids whose merged cells were lost.
    """
    reading = Reading(strategy)
    anchors = _anchors(context, rows)
    maps = list(_column_maps(context, rows, anchors))
    columns_seen: set[str] = set()
    for at, (row, columns) in enumerate(zip(rows, maps, strict=True)):
        found = anchors.get(at)
        if found is None:
            _keep_extra(context, reading, row, columns)
            continue
        anchor, label = found
        entry = context.template.rows[anchor.row]
        reading.rows[entry.id] = {}
        if strategy == "grid.label":
            _by_header(context, reading, entry, row, columns)
        else:
            _by_tail(context, reading, entry, row.after(label), columns)
        columns_seen.update(reading.rows[entry.id])
        if reading.rows[entry.id]:
            reading.similarity[entry.id] = anchor.similarity
        else:
            del reading.rows[entry.id]
    _report_missing_columns(context, reading, columns_seen)
    return reading


def _anchors(context: Context, rows: list[GridRow]) -> dict[int, tuple[Anchor, GridCell]]:
    """Return, by row of the grid, the row of the form it is and the cell that says so."""
    template = context.template
    width = {"applications": 7}.get(template.name, 0)
    labels: dict[tuple[int, int], GridCell] = {}
    candidates: list[Anchor] = []
    for at, row in enumerate(rows):
        for cell, value in row.cells:
            if value.kind != "unreadable":
                continue
            numbers = sum(v.kind == "number" for _, v in row.after(cell))
            bonus = 0.3 if numbers and (numbers == width or not width) else 0.1 if numbers else 0.0
            for key, score in template.row_index.match(normalise(cell.text)):
                candidates.append(Anchor(at, at + 1, key, score + bonus, score))
                labels[at, key] = cell  # the rightmost: left of it stand the labels of groups
    ordered = template.name != "proactive_disclosure"
    chain = in_order(candidates, len(template.rows)) if ordered else in_any_order(candidates)
    return {a.start: (a, labels[a.start, a.row]) for a in chain if rows[a.start].after(labels[a.start, a.row])}


def _column_maps(
    context: Context, rows: list[GridRow], anchors: dict[int, tuple[Anchor, GridCell]]
) -> Iterator[ColumnMap]:
    """Yield for every row the columns that the headers above it name; a repeated header replaces the former."""
    current: ColumnMap = {}
    collecting = False
    for at, row in enumerate(rows):
        found: ColumnMap = {}
        if at not in anchors:
            for cell, value in row.cells:
                if value.kind == "unreadable":
                    for key, score in context.template.column_index.match(normalise(cell.text)):
                        if score >= _SURE:
                            span = range(cell.column, cell.column + cell.colspan)
                            found |= dict.fromkeys(span, (context.template.columns[key].id, cell.text))
        if found:
            current = current | found if collecting else found
            collecting = True
        elif at in anchors:
            collecting = False
        yield current


def _by_header(context: Context, reading: Reading, entry: Row, row: GridRow, columns: ColumnMap) -> None:
    allowed = {column for ids in entry.columns.values() for column in ids}
    values = {id(cell): value for cell, value in row.cells}
    for column, header in {spec: None for spec in columns.values() if spec[0] in allowed}:
        places = [c for c, spec in columns.items() if spec[0] == column and c < len(row.line)]
        cells = [cell for c in places if (cell := row.line[c]) is not None]
        if not cells:
            continue
        cell = next((cell for cell in cells if values[id(cell)].kind != "blank"), cells[0])
        value = values[id(cell)]
        covered = {columns[c][0] for c in range(cell.column, cell.column + cell.colspan) if c in columns}
        if len(covered & allowed) > 1 and value.number:
            value = CellValue("unreadable", cell.text)  # one number merged over several columns
        read_cell(context, reading, entry, column, value, money_unit(header) or _unit_cell(context, row))


def _unit_cell(context: Context, row: GridRow) -> str | None:
    """The appendix has a column of units."""
    if context.template.name != "statistics_appendix":
        return None
    return next((unit for cell, _ in row.cells if (unit := cell.text.strip()) in ("万元", "元")), None)


def _by_tail(
    context: Context, reading: Reading, entry: Row, cells: list[tuple[GridCell, CellValue]], columns: ColumnMap
) -> None:
    ids = entry.columns_of(context.form)
    values = [value for _, value in cells]
    if context.template.name == "statistics_appendix":
        values = [v for v in values if v.text.strip() not in context.template.units][-1:]
    while len(values) > len(ids) and values[-1].kind == "blank":
        values.pop()
    if len(values) != len(ids):
        return
    headers = dict(columns.values())
    for column, value in zip(ids, values, strict=True):
        read_cell(context, reading, entry, column, value, money_unit(headers.get(column, "")))


def _keep_extra(context: Context, reading: Reading, row: GridRow, columns: ColumnMap) -> None:
    """Keep a row that offices have added to the form, as written."""
    label = next((c.text.strip() for c, v in reversed(row.cells) if v.kind == "unreadable"), "")
    numbers = [(c, v) for c, v in row.cells if v.kind == "number"]
    expected = 5 if context.template.name == "applications" else 1
    if len(numbers) < expected or len(normalise(label)) < 2 or not reading.rows:
        return
    if normalise(label) in context.template.vocabulary and context.template.name != "applications":
        return
    cells = {columns.get(c.column, (f"column_{c.column}", ""))[0]: c.text.strip() for c, _ in numbers}
    reading.extra_rows.append({"label": label} | cells)


def _report_missing_columns(context: Context, reading: Reading, seen: set[str]) -> None:
    if context.template.name != "applications" or not reading.rows:
        return
    missing = [column.zh for column in context.template.columns if column.id not in seen]
    if missing:
        message = f"表中没有找到这些列：{'、'.join(missing)}"
        reading.diagnostics.append(Diagnostic("warning", "table.column_missing", message, context.template.name))


def lines_of(grid: GridBlock) -> list[str]:
    """Return a grid as lines of cells ended by bars, each merged cell once, for the strategies on flat text."""
    lines: list[list[str]] = [[] for _ in range(grid.n_rows)]
    for cell in sorted(grid.cells, key=lambda c: (c.row, c.column)):
        lines[cell.row].append(" ".join(cell.text.replace("|", " ").split()))
    return ["|".join(line) + "|" for line in lines if line]
