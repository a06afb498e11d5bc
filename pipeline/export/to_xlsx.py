"""An Excel workbook: a sheet that says what is what, then the tables with Chinese and English headers."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from gongkai.pipeline.export.definitions import tables
from gongkai.pipeline.export.rows import Rows
from gongkai.pipeline.export.sheets import EXCEL_ROWS, Styles, TableSheets

GUIDE = "说明"


class XlsxWriter:
    """Writes the tables as sheets of a workbook; rows go to temporary files beside it as they come.

    Args:
        place: the file, not yet there.
        max_rows: rows of a sheet; what is more goes to further sheets.
    """

    def __init__(self, place: Path, max_rows: int = EXCEL_ROWS):
        import xlsxwriter

        self._book = xlsxwriter.Workbook(str(place), {"constant_memory": True, "tmpdir": str(place.parent)})
        self._styles = Styles(self._book)
        self._guide = self._book.add_worksheet(GUIDE)
        self._sheets = {
            name: TableSheets(self._book, self._styles, table, max_rows) for name, table in tables().items()
        }

    def __enter__(self) -> XlsxWriter:
        return self

    def write(self, rows: Rows) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`."""
        for name, own in rows.items():
            for row in own:
                self._sheets[name].add(row)

    def finish(self) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`.

        Raises:
            OSError: also when the workbook would be larger than the 4 GB that Excel opens.
        """
        from xlsxwriter.exceptions import XlsxFileError

        for sheets in self._sheets.values():
            sheets.finish()
        _Guide(self._guide, self._styles, list(self._sheets.values())).write()
        try:
            self._book.close()
        except XlsxFileError as error:
            raise OSError(f"Excel workbook: {error}") from error

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for sheet in self._book.worksheets():
                sheet.row_data_fh.close()


class _Guide:
    """The first sheet: the tables with links to their sheets, how to read them, and every column."""

    def __init__(self, sheet: Any, styles: Styles, sheets: list[TableSheets]):
        self._sheet = sheet
        self._styles = styles
        self._sheets = sheets
        self._at = 0

    def write(self) -> None:
        """Write the sheet."""
        for i, width in enumerate((22, 20, 24, 44, 70, 60)):
            self._sheet.set_column(i, i, width)
        self._line(
            ["政府信息公开工作年度报告：数据表 Data of annual reports on information disclosure"], self._styles.title
        )
        self._line([])
        for note in self._notes():
            self._line([note])
        self._line([])
        self._line(["工作表 Sheets"], self._styles.heading)
        self._line(["工作表 Sheet", "表 Table", "行数 Rows", "内容", "Contents"], self._styles.zh)
        for sheets in self._sheets:
            self._table(sheets)
        self._line([])
        self._line(["字段 Columns"], self._styles.heading)
        self._line(["表 Table", "中文列名", "列 Column", "说明", "Meaning", "取值 Values"], self._styles.zh)
        for sheets in self._sheets:
            for column in sheets.table.columns:
                values = "；".join(f"{value} {zh}" for value, zh in column.values.items())
                self._line([sheets.table.zh, column.zh, column.name, column.note or column.zh, column.en, values])

    def _notes(self) -> list[str]:
        notes = [
            "由 gongkai export 生成。每张表一个工作表：第一行为中文列名，第二行为英文列名，可用第二行的按钮筛选。",
            "红色行为未通过的核对或错误，黄色行为警告；空单元格表示没有数据。金额以元计。",
            "Made by gongkai export. One sheet a table: Chinese names first, then English ones with the filter.",
            "Red rows are failed checks or errors, yellow ones warnings; an empty cell is no data. Money is in 元.",
        ]
        split = [sheets for sheets in self._sheets if len(sheets.names) > 1]
        if split:
            names = "、".join(sheets.table.zh for sheets in split)
            notes.append(f"超出Excel单表行数上限的表续在编号的工作表中 Continued on further, numbered sheets: {names}")
        cut = sum(sheets.cut for sheets in self._sheets)
        if cut:
            notes.append(
                f"{cut}个单元格的文字超出Excel上限（32,767字），已截断并标黄，全文见其他格式的导出"
                f" {cut} cell(s) cut at Excel's limit, marked yellow; other forms of the export have them whole."
            )
        return notes

    def _table(self, sheets: TableSheets) -> None:
        for i, name in enumerate(sheets.names):
            self._sheet.write_url(self._at, 0, f"internal:'{name}'!A1", self._styles.link, name)
            if i == 0:
                self._sheet.write_string(self._at, 1, sheets.table.name)
                self._sheet.write_number(self._at, 2, sheets.rows, self._styles.number("#,##0"))
                self._sheet.write_string(self._at, 3, sheets.table.note)
                self._sheet.write_string(self._at, 4, sheets.table.en)
            self._at += 1

    def _line(self, cells: list[str], style: Any = None) -> None:
        for i, cell in enumerate(cells):
            self._sheet.write_string(self._at, i, cell, style)
        self._at += 1
