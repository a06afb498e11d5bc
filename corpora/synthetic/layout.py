"""Lays each table out as an abstract grid of cells with spans, the common ground of all renderers."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from gongkai.corpora.synthetic.data import material
from gongkai.corpora.synthetic.model import Number, Style, SyntheticReport

CellKind = Literal["title", "header", "group", "label", "number"]
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_HALF_WIDTH = str.maketrans("，（）；：", ",();:")
_WRAP_AT = {"header": 4, "label": 12, "title": 40, "group": 40, "number": 40}


@dataclass(frozen=True, slots=True)
class LayoutCell:
    """One cell; ``lines`` are its text as broken over lines, positions and spans as in the official form."""

    lines: tuple[str, ...]
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1
    kind: CellKind = "number"

    @property
    def text(self) -> str:
        """The cell's text in one line."""
        return "".join(self.lines)


@dataclass(slots=True)
class LayoutTable:
    """A table of ``n_rows`` x ``n_columns`` grid positions; ``cells`` in reading order (row by row)."""

    name: str
    n_columns: int
    style: Style
    cells: list[LayoutCell] = field(default_factory=list)
    n_rows: int = 0

    def add(
        self, text: str, column: int, *, rowspan: int = 1, colspan: int = 1, kind: CellKind, row: int | None = None
    ) -> None:
        """Place a cell in the current last row (or ``row``)."""
        at = self.n_rows - 1 if row is None else row
        shown = text.translate(_HALF_WIDTH) if self.style.ascii_punctuation and kind != "number" else text
        self.cells.append(LayoutCell(_lines(shown, kind, self.style), at, column, rowspan, colspan, kind))

    def finish(self) -> LayoutTable:
        """Put the cells in reading order."""
        self.cells.sort(key=lambda c: (c.row, c.column))
        return self


def lay_out(report: SyntheticReport, name: str) -> LayoutTable:
    """Lay out one table of a report.

    Args:
        report: the report with its cells and style.
        name: ``proactive_disclosure``, ``applications``, ``review_litigation`` or ``appendix``.
    """
    return _LAYOUTS[name](report).finish()


def number_text(value: Number | None, style: Style, key: str, money: Literal["wan", "yuan"] | None = None) -> str:
    """Write a number the way the style asks.

    Args:
        value: the canonical value (money in 元), ``None`` for a blank cell.
        style: how numbers are written.
        key: names the cell, so that which zeros become blank is the same in every format.
        money: unit the column's header sets for money (``wan`` 万元, ``yuan`` none stated), ``None`` for counts.
    """
    if value is None or (value == 0 and Random(key).random() < style.zero_as_blank):
        return style.blank
    if money is None:
        text = _digits(value, style)
    elif style.money == "yuan":
        text = f"{_digits(value, style)}元"
    elif style.money == "header" and money == "wan":
        text = _digits(value / 10_000, style)
    else:
        text = f"{_digits(value / 10_000, style)}万元"
    return text.translate(_FULL_WIDTH) if style.fullwidth_digits else text


def _digits(value: Number, style: Style) -> str:
    number = round(value, 6)
    whole = int(number) if number == int(number) else number
    return f"{whole:,}" if style.thousands_separators else str(whole)


def _lines(text: str, kind: CellKind, style: Style) -> tuple[str, ...]:
    if kind == "group" and style.vertical_labels:
        return tuple(text)
    width = _WRAP_AT[kind]
    if not style.wrapped_labels or len(text) <= width:
        return (text,)
    # Two lines of about equal length, as a word processor's narrow column makes them.
    middle = (len(text) + 1) // 2
    return (text[:middle], text[middle:])


def _cell(report: SyntheticReport, table: str, row: str, column: str) -> str:
    rows = report.tables[table]
    money: Literal["wan", "yuan"] | None = None
    if column == "amount":
        money = "wan" if row == "fees" else "yuan"
    key = f"{report.id}.{table}.{row}.{column}"
    return number_text(rows.get(row, {}).get(column), report.style, key, money)


def _proactive(report: SyntheticReport) -> LayoutTable:
    table = LayoutTable("proactive_disclosure", 4, report.style)
    for block in material("labels")["proactive_disclosure"][report.form]:
        table.n_rows += 1
        table.add(block["title"], 0, colspan=4, kind="title")
        table.n_rows += 1
        _proactive_row(table, block["header"], "header")
        for row, label in block["rows"].items():
            table.n_rows += 1
            cells = [_cell(report, table.name, row, column) for column in block["columns"]]
            _proactive_row(table, [label, *cells], "number")
        if report.style.extra_row and "punishment" in block["rows"]:
            table.n_rows += 1
            label = material("labels")["extra_row"]
            _proactive_row(table, [label, *("0" for _ in block["columns"])], "number")
    return table


def _proactive_row(table: LayoutTable, texts: list[str], kind: CellKind) -> None:
    """Fill a row of four columns, the last cell taking up what is left."""
    for index, text in enumerate(texts):
        last = index == len(texts) - 1
        first: CellKind = "header" if kind == "header" else "label"
        table.add(text, index, colspan=4 - index if last else 1, kind=kind if index else first)


def _applications(report: SyntheticReport) -> LayoutTable:
    labels = material("labels")["applications"]
    table = LayoutTable("applications", 10, report.style)
    columns: dict[str, str] = labels["columns"]
    _applications_header(table, labels)
    for row, label in labels["opening"].items():
        _applications_row(report, table, row, label, 0)
    first = table.n_rows
    for group in [*labels["groups"], labels["other"][report.form]]:
        start = table.n_rows
        for row, label in group["rows"].items():
            _applications_row(report, table, row, label, 2 if "title" in group else 1)
        if "title" in group:
            table.add(group["title"], 1, row=start, rowspan=table.n_rows - start, kind="group")
    for row, label in labels["results_total"].items():
        _applications_row(report, table, row, label, 1)
    table.add(labels["results"], 0, row=first, rowspan=table.n_rows - first, kind="group")
    for row, label in labels["closing"].items():
        _applications_row(report, table, row, label, 0)
    assert table.n_columns == 3 + len(columns)
    return table


def _applications_header(table: LayoutTable, labels: dict[str, Any]) -> None:
    columns: dict[str, str] = labels["columns"]
    table.n_rows = 3
    table.add(labels["note"], 0, row=0, rowspan=3, colspan=3, kind="title")
    table.add(labels["applicants"], 3, row=0, colspan=7, kind="header")
    table.add(columns["natural_person"], 3, row=1, rowspan=2, kind="header")
    table.add(labels["organisations"], 4, row=1, colspan=5, kind="header")
    table.add(columns["total"], 9, row=1, rowspan=2, kind="header")
    for index, column in enumerate(("business", "research", "nonprofit", "legal_service", "other")):
        table.add(columns[column], 4 + index, row=2, kind="header")


def _applications_row(report: SyntheticReport, table: LayoutTable, row: str, label: str, column: int) -> None:
    table.n_rows += 1
    table.add(label, column, colspan=3 - column, kind="label")
    for index, name in enumerate(material("labels")["applications"]["columns"]):
        table.add(_cell(report, "applications", row, name), 3 + index, kind="number")


def _review(report: SyntheticReport) -> LayoutTable:
    labels = material("labels")["review_litigation"]
    table = LayoutTable("review_litigation", 15, report.style)
    columns: dict[str, str] = labels["columns"]
    table.n_rows = 4
    table.add(labels["review"], 0, row=0, colspan=5, kind="header")
    table.add(labels["litigation"], 5, row=0, colspan=10, kind="header")
    table.add(labels["litigation_direct"], 5, row=1, colspan=5, kind="header")
    table.add(labels["litigation_after_review"], 10, row=1, colspan=5, kind="header")
    for group, row in enumerate(("review", "litigation_direct", "litigation_after_review")):
        for index, (column, label) in enumerate(columns.items()):
            at = 5 * group + index
            if group == 0:
                table.add(label, at, row=1, rowspan=2, kind="header")
            else:
                table.add(label, at, row=2, kind="header")
            table.add(_cell(report, table.name, row, column), at, row=3, kind="number")
    return table


def _appendix(report: SyntheticReport) -> LayoutTable:
    spec = material("labels")["appendix"]
    table = LayoutTable("appendix", 3, report.style)
    table.n_rows = 1
    for index, text in enumerate(spec["header"]):
        table.add(text, index, kind="header")
    for row in spec["rows"]:
        table.n_rows += 1
        table.add(row["label"], 0, kind="label")
        key = row.get("key", "")
        value = report.appendix.get(key)
        table.add(row.get("unit", ""), 1, kind="label")
        shown = number_text(value, report.style, f"{report.id}.{key}") if key else ""
        table.add(shown, 2, kind="number")
    return table


_LAYOUTS = {
    "proactive_disclosure": _proactive,
    "applications": _applications,
    "review_litigation": _review,
    "appendix": _appendix,
}


def rows_of(table: LayoutTable) -> list[list[LayoutCell]]:
    """Return the cells that begin in each row."""
    rows: list[list[LayoutCell]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row].append(cell)
    return rows
