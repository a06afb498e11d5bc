"""Reading the table of reviews and lawsuits: fifteen numbers below headers of three levels, in many shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from gongkai.pipeline.document import Diagnostic
from gongkai.pipeline.schema import Number
from gongkai.pipeline.tables.cells import Context, read_cell
from gongkai.pipeline.tables.flat_labels import label_sequence, value_run
from gongkai.pipeline.tables.grid import GridRow
from gongkai.pipeline.tables.identities import OUTCOMES, row_holds
from gongkai.pipeline.tables.labels import LabelIndex, normalise
from gongkai.pipeline.tables.placement import agreed, consistent
from gongkai.pipeline.tables.reading import Cells, Reading
from gongkai.pipeline.tables.tokens import Token
from gongkai.pipeline.tables.values import CellValue

_SURE = 0.8
_WIDTH = 5
_ALL = 15


def read_grid(context: Context, rows: list[GridRow]) -> Reading:
    """Read the table by what stands above and to the left of every cell.

    This covers the official shape, its two halves one below the other, and transposed variants alike.
    """
    reading = Reading("grid.label")
    template = context.template
    above: dict[tuple[int, int], list[str]] = {}  # (piece, grid column) -> headers passed so far, nearest last
    for row in rows:
        left = [cell.text for cell, value in row.cells if value.kind == "unreadable"]
        values = {id(cell): value for cell, value in row.cells}
        for column, cell in enumerate(row.line):
            if cell is None:
                continue
            headers = above.setdefault((row.piece, column), [])
            value = values[id(cell)]
            if value.kind == "unreadable":
                headers.append(cell.text)
                continue
            key = _nearest(template.row_index, headers, left)
            outcome = _nearest(template.column_index, headers, left)
            if key is None or outcome is None:
                continue
            entry, name = template.rows[key], template.columns[outcome].id
            cells = reading.rows.setdefault(entry.id, {})
            if cells.get(name) is None:
                read_cell(context, reading, entry, name, value, None)
            reading.similarity[entry.id] = 1.0
    return reading


def _nearest(index: LabelIndex, headers: Sequence[str], left: Sequence[str]) -> int | None:
    for text in (*reversed(left), *reversed(headers)):
        best = max(index.match(normalise(text)), key=lambda m: m[1], default=(0, 0.0))
        if best[1] >= _SURE:
            return best[0]
    return None


def read_grid_tail(context: Context, rows: list[GridRow]) -> Reading:
    """Read the one row of fifteen numbers in the form's order, for grids whose merged headers were lost."""
    reading = Reading("grid.tail")
    full = [row for row in rows if len([v for _, v in row.cells if v.kind != "unreadable"]) == _ALL]
    if len(full) == 1:
        values = [v for _, v in full[0].cells if v.kind != "unreadable"]
        _fill(context, reading, list(range(3)), [column.id for column in context.template.columns], values)
    return reading


def read_flat(context: Context, tokens: list[Token]) -> Reading:
    """Read the flattened table: every run of numbers belongs to the row labels that stand before it.

    Five numbers for each label are needed. Otherwise fifteen numbers in all are taken in the form's order, and
    one or two strays (page numbers) are left out where the sums tell which.
    """
    reading = Reading("flat.label")
    labels = label_sequence(tokens, context.template.row_index)
    if not labels:
        return reading
    runs = list(_runs(tokens))
    begin = 0
    outcomes = [column.id for column in context.template.columns]
    for start, values in runs:
        keys = list(dict.fromkeys(key for at, key in labels if begin <= at < start))
        if keys and len(values) == _WIDTH * len(keys):
            outcomes = _outcomes(context, tokens[begin:start]) or outcomes
            _fill(context, reading, keys, outcomes, values)
        begin = start
    if len(reading.rows) == len(context.template.rows):
        return reading
    return _read_whole(context, [value for _, values in runs for value in values], len(labels))


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[int, list[CellValue]]]:
    at = 0
    while at < len(tokens):
        end = value_run(tokens, at)
        if end > at:
            solid = [t.cell for t in tokens[at:end] if t.kind == "value" and t.cell]
            gapped = [t.cell for t in tokens[at:end] if t.cell]
            values = solid if len(solid) % _WIDTH == 0 else gapped
            if values:
                yield at, values
        at = end + 1


def _outcomes(context: Context, tokens: Sequence[Token]) -> list[str]:
    names = [context.template.columns[key].id for _, key in label_sequence(tokens, context.template.column_index)]
    last = names[-_WIDTH:]
    return last if len(set(last)) == _WIDTH else []


def _fill(
    context: Context, reading: Reading, keys: Sequence[int], outcomes: Sequence[str], values: Sequence[CellValue]
) -> None:
    supply = iter(values)
    for key in keys:
        entry = context.template.rows[key]
        reading.rows[entry.id] = {}
        reading.similarity[entry.id] = 1.0
        for outcome in outcomes:
            read_cell(context, reading, entry, outcome, next(supply), None)


def _read_whole(context: Context, values: list[CellValue], n_labels: int) -> Reading:
    reading = Reading("flat.order")
    columns = [column.id for column in context.template.columns]
    every = list(range(len(context.template.rows)))
    if len(values) < _ALL and not any(value.number for value in values):
        blank = [CellValue("blank", "")] * _ALL
        _fill(context, reading, every, columns, values if len(values) == _ALL else blank)
    elif len(values) == _ALL:
        _fill(context, reading, every, columns, values)
    elif _ALL < len(values) <= _ALL + 2 and (chosen := _without_strays(values)):
        _fill(context, reading, every, columns, chosen)
    else:
        message = f"复议诉讼表应有{_ALL}个数字，读到{len(values)}个，未能确定位置的单元格没有填写"
        diagnostic = Diagnostic("warning", "table.row_ambiguous", message, context.template.name)
        reading.diagnostics.append(diagnostic)
        _fill_agreed(context, reading, [value.number for value in values], columns)
    if n_labels < len(every):
        reading.similarity = {key: n_labels / len(every) for key in reading.similarity}
    return reading


def _fill_agreed(context: Context, reading: Reading, numbers: list[Number | None], columns: list[str]) -> None:
    """Fill the cells on which all placements of too few numbers agree, the three rows in the form's order."""
    n = len(numbers)
    if n >= _ALL:
        return
    found: list[list[Cells]] = [[], [], []]
    for first in range(min(n, _WIDTH) + 1):
        for second in range(max(0, n - first - _WIDTH), min(n - first, _WIDTH) + 1):
            shares = (numbers[:first], numbers[first : first + second], numbers[first + second :])
            placements = [consistent(share, columns, lambda c: row_holds(c, OUTCOMES) is True) for share in shares]
            if all(placements):
                for row, more in zip(found, placements, strict=True):
                    row.extend(more)
    for row, entry in zip(found, context.template.rows, strict=True):
        if cells := agreed(row):
            reading.rows[entry.id] = cells
            reading.similarity[entry.id] = 1.0


def _without_strays(values: list[CellValue]) -> list[CellValue] | None:
    sound = [list(chosen) for chosen in combinations(values, _ALL) if _sums_hold(chosen)]
    readings = {tuple(value.number or 0 for value in chosen) for chosen in sound}
    return sound[0] if len(readings) == 1 else None


def _sums_hold(values: Sequence[CellValue]) -> bool:
    for start in range(0, _ALL, _WIDTH):
        numbers = [value.number for value in values[start : start + _WIDTH]]
        cells: Cells = dict(zip((*OUTCOMES, "total"), numbers, strict=True))
        if not row_holds(cells, OUTCOMES):
            return False
    return True
