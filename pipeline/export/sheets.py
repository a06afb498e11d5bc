"""The sheets of one table in a workbook: headers, cells, and further sheets where Excel's rows are used up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gongkai.pipeline.export.definitions import Colour, Column, Table
from gongkai.pipeline.export.values import Cell, Row, Type

EXCEL_ROWS = 1_048_576
HEADER_ROWS = 2
CUT_MARK = "…〔截断 cut〕"
_CELL_UNITS = 32_767  # of UTF-16, Excel's limit for the text of a cell
_FIRST_YEAR = 1900  # Excel has no earlier dates
# XlsxWriter takes a text of this shape for ready-made XML and would write it unescaped.
_RAW = re.compile(r"<r>.*</r>", re.DOTALL)
_FORMATS: dict[Type, str] = {"integer": "#,##0", "number": "#,##0.######", "date": "yyyy-mm-dd"}


class Styles:
    """The cell formats of a workbook."""

    def __init__(self, book: Any):
        top = {"valign": "top"}
        self.text = book.add_format(top)
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.heading = book.add_format({"bold": True, "font_size": 12, "font_color": "#1F4E79"})
        self.link = book.add_format({"font_color": "#0563C1", "underline": 1, **top})
        self.wrapped = book.add_format({"text_wrap": True, **top})
        self.cut = book.add_format({"bg_color": "#FFEB9C", **top})
        self.zh = book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1})
        self.en = book.add_format({"italic": True, "bg_color": "#DDEBF7", "font_color": "#404040", "border": 1})
        self.colours: dict[Colour, Any] = {
            "bad": book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"}),
            "warn": book.add_format({"bg_color": "#FFEB9C", "font_color": "#7F6000"}),
        }
        self._book = book
        self._numbers: dict[str, Any] = {}

    def number(self, number_format: str) -> Any:
        """Return the cell format of a number format."""
        if number_format not in self._numbers:
            self._numbers[number_format] = self._book.add_format({"num_format": number_format, "valign": "top"})
        return self._numbers[number_format]


@dataclass(slots=True)
class TableSheets:
    """Writes a table.

    Attributes:
        names: its sheets so far.
        rows: its rows so far.
        cut: cells whose text was too long for Excel.
    """

    book: Any
    styles: Styles
    table: Table
    max_rows: int
    names: list[str] = field(default_factory=list)
    rows: int = 0
    cut: int = 0
    _sheet: Any = None
    _at: int = 0

    def __post_init__(self) -> None:
        self._begin()

    def add(self, row: Row) -> None:
        """Append a row; begin a further sheet if this one is full."""
        if self._at >= self.max_rows:
            self.finish()
            self._begin()
        for i, (column, cell) in enumerate(zip(self.table.columns, row, strict=True)):
            if cell is not None:
                self._cell(i, column, cell)
        self._at += 1
        self.rows += 1

    def finish(self) -> None:
        """Add to the sheet what depends on its number of rows: the filter and the colours."""
        last_row, last_column = max(self._at - 1, HEADER_ROWS), len(self.table.columns) - 1
        self._sheet.autofilter(HEADER_ROWS - 1, 0, last_row, last_column)
        for highlight in self.table.highlights:
            letter = _letter(self.table.names.index(highlight.column))
            rule = {
                "type": "formula",
                "criteria": f'=${letter}{HEADER_ROWS + 1}="{highlight.value}"',
                "format": self.styles.colours[highlight.colour],
            }
            self._sheet.conditional_format(HEADER_ROWS, 0, last_row, last_column, rule)

    def _begin(self) -> None:
        number = len(self.names) + 1
        name = self.table.zh if number == 1 else f"{self.table.zh}（{number}）"
        self._sheet = self.book.add_worksheet(name)
        self.names.append(name)
        for i, column in enumerate(self.table.columns):
            self._sheet.set_column(i, i, column.width)
            self._sheet.write_string(0, i, column.zh, self.styles.zh)
        for i, column in enumerate(self.table.columns):
            self._sheet.write_string(1, i, column.name, self.styles.en)
        self._sheet.freeze_panes(HEADER_ROWS, 1)
        self._at = HEADER_ROWS

    def _cell(self, i: int, column: Column, cell: Cell) -> None:
        if isinstance(cell, bool):
            self._sheet.write_boolean(self._at, i, cell, self.styles.text)
        elif isinstance(cell, int | float):
            wanted = column.number_format or _FORMATS[column.type]
            if isinstance(cell, float) and column.number_format is None and cell.is_integer():
                wanted = _FORMATS["integer"]  # the other would show a decimal point with nothing behind it
            self._sheet.write_number(self._at, i, cell, self.styles.number(wanted))
        elif isinstance(cell, date) and cell.year >= _FIRST_YEAR:
            self._sheet.write_datetime(self._at, i, cell, self.styles.number(_FORMATS["date"]))
        else:
            self._text(i, cell.isoformat() if isinstance(cell, date) else str(cell))

    def _text(self, i: int, text: str) -> None:
        # Never write(): it would make formulas and links of the words of a report.
        shown = cut(text)
        if shown != text:
            self.cut += 1
            self._sheet.write_string(self._at, i, shown, self.styles.cut)
        elif _RAW.fullmatch(text):
            self._sheet.write_rich_string(self._at, i, text[:1], text[1:2], text[2:], self.styles.text)
        else:
            self._sheet.write_string(self._at, i, text, self.styles.text)


def cut(text: str) -> str:
    """Return the text as far as it fits into a cell of Excel, marked where it was cut."""
    if len(text) <= _CELL_UNITS // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _CELL_UNITS:
        return text
    return units[: 2 * (_CELL_UNITS - len(CUT_MARK))].decode("utf-16-le", "ignore") + CUT_MARK


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
