"""Putting one parsed cell into a reading: money in 元, blanks as null, what cannot be read as a diagnostic."""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.pipeline.document import Diagnostic, Form
from gongkai.pipeline.tables.reading import Reading
from gongkai.pipeline.tables.templates import Row, Template
from gongkai.pipeline.tables.values import CellValue, to_yuan


@dataclass(frozen=True, slots=True)
class Context:
    """What a strategy needs to know of the table it reads: its template and the form it follows."""

    template: Template
    form: Form


def read_cell(
    context: Context, reading: Reading, row: Row, column: str, cell: CellValue, header_unit: str | None
) -> None:
    """Add one cell to ``reading.rows[row.id]``.

    Args:
        context: the table.
        reading: receives the value, or a diagnostic when the cell cannot be read (it is then missing, not 0).
        row: the row of the form.
        column: canonical column id.
        cell: the parsed content.
        header_unit: unit of money that the column's header states, if any.
    """
    where = f"{context.template.name}.{row.id}.{column}"
    if cell.kind == "unreadable":
        message = f"“{row.zh}”一行的单元格“{cell.text[:40]}”不是数字"
        reading.diagnostics.append(Diagnostic("warning", "table.cell_unreadable", message, where))
        return
    number = cell.number
    if row.money and row.money.column == column and number is not None and not cell.scaled:
        unit = header_unit or row.money.unit.get(context.form)
        if number and header_unit is None:
            assumed = unit or "元"
            message = f"“{row.zh}”的金额“{cell.text.strip()}”及其表头没有写明单位，按{assumed}计"
            reading.diagnostics.append(Diagnostic("info", "table.unit_assumed", message, where))
        number = to_yuan(cell, unit)
    reading.rows[row.id][column] = number
