"""The statutory tables and the checks on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from gongkai.pipeline import names
from gongkai.pipeline.cli.terminal import clean, safe
from gongkai.pipeline.cli.textflow import beside, hanging, pack
from gongkai.pipeline.cli.view_text import FAILED, FAINT, number
from gongkai.pipeline.schema import Check, Number, TableOut


def table_title(name: str, table: TableOut) -> Text:
    """Return the table's names, how it was read and by which form."""
    how = " · ".join(part for part in (names.zh("forms", table.form or "unknown"), table.strategy) if part)
    return Text.assemble(
        safe(names.zh("tables", name), "bold"),
        f" {clean(names.en('tables', name))}  ",
        safe(f"{len(table.rows)} 行 rows · {how}", FAINT),
    )


def statutory_table(name: str, table: TableOut, checks: Sequence[Check], width: int) -> Table | Group:
    """Return a table with its cells; rows and columns a failed check speaks of are red.

    Args:
        checks: all checks of the report.
        width: cells of a line; narrow terminals get narrow columns, then a list.
    """
    suspects = {
        part
        for check in checks
        if check.status == "failed" and names.table_of(check.rule) == name
        for part in (check.where or "").split(".")
    }
    present = dict.fromkeys(column for row in table.rows.values() for column in row)
    columns = sorted(present, key=names.column_order(name))
    titles = {column: _stacked(clean(names.column_zh(name, column)), width) for column in columns}
    if name == "proactive_disclosure" or _least_width(table, titles) > width:
        return Group(*_listed(name, table, suspects, width))
    out = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bold", pad_edge=False, padding=(0, 0, 0, 1))
    grouped = name == "applications"
    if grouped:
        out.add_column("", no_wrap=True, style=FAINT)
    out.add_column("", overflow="fold")
    for column in columns:
        style = FAILED if column in suspects else "bold"
        out.add_column(Text(titles[column], style), justify="right", no_wrap=True)
    group = ""
    for row, cells in table.rows.items():
        before, group = group, _group(row)
        lead = [Text(group if group != before else "")] if grouped else []
        out.add_row(*lead, _row_title(name, row, suspects), *(_cell(cells.get(column)) for column in columns))
    return out


def _row_title(table: str, row: str, suspects: set[str]) -> Text:
    return safe(names.row_zh(table, row), FAILED if row in suspects else "bold" if row == "total" else "")


def _least_width(table: TableOut, titles: dict[str, str]) -> int:
    """Return the cells a grid needs at least: numbers are never cut, row titles may be folded to eight characters."""
    widths = [
        max([*map(cell_len, title.splitlines()), *(_cell(row.get(column)).cell_len for row in table.rows.values())])
        for column, title in titles.items()
    ]
    return 28 + sum(widths) + 2 * len(widths)


def _listed(name: str, table: TableOut, suspects: set[str], width: int) -> Iterator[Text]:
    """Yield a line a row, each cell named; in wide tables zeros only where there is nothing else."""
    indent = min(max((cell_len(names.row_zh(name, row)) for row in table.rows), default=0) + 3, width // 2)
    for row, cells in table.rows.items():
        telling = {column: value for column, value in cells.items() if value or len(cells) <= 4} or cells
        units = []
        for column, value in telling.items():
            title = safe(names.column_zh(name, column), FAILED if column in suspects else FAINT)
            unit = " 元" if column == "amount" and value is not None else ""
            units.append(Text.assemble(title, " ", _cell(value), unit))
        yield beside(_row_title(name, row, suspects), pack(units, 3, 0, width - indent), indent)


def _group(row: str) -> str:
    first = row.split("_")[0]
    name = names.zh("groups", first)
    return "" if name == first else name


def _stacked(title: str, width: int) -> str:
    # Six characters over a count of two digits waste a narrow terminal; three lines of two do not.
    if width >= 110 or len(title) < 4 or not title.isprintable():
        return title
    return "\n".join(title[i : i + 2] for i in range(0, len(title), 2))


def _cell(value: Number | None) -> Text:
    if value is None:
        return Text("·", FAINT)
    return Text(number(value), FAINT if value == 0 else "bold")


def check_lines(check: Check, width: int, indent: int = 0) -> Iterator[Text]:
    """Yield a check: rule and place, expected against found, message, the sentence it speaks of.

    Args:
        width: cells of a whole line.
        indent: cells of the margin.
    """
    mark, style = {"passed": ("✓", "green"), "failed": ("✗", FAILED)}.get(check.status, ("–", FAINT))
    head = Text.assemble(
        safe(names.zh("rules", check.rule), style if check.status == "failed" else ""), " ", safe(check.rule, FAINT)
    )
    if check.where:
        head.append_text(safe(f"  {names.place(check.where, check.rule)} ", "bold"))
        head.append_text(safe(check.where, FAINT))
    yield hanging(head, Text(" " * indent).append(mark, style), indent + 2, width)
    if check.status == "failed":
        for line in _evidence(check):
            yield hanging(line, Text(), indent + 4, width)


def _evidence(check: Check) -> Iterator[Text]:
    if check.expected is not None or check.actual is not None:
        expected, actual = number(check.expected), number(check.actual)
        yield Text.assemble("应为 expected ", (expected, "bold green"), "   实为 found ", (actual, FAILED))
    blank = f"（{check.assumed_blank}个空格按0计 blank taken as 0）" if check.assumed_blank else ""
    yield safe(check.message + blank, "red")
    if check.evidence and check.paragraph:  # the evidence of a table repeats the numbers of the message
        yield safe(f"“{check.evidence}”", "italic")


def check_counts(checks: Sequence[Check]) -> Text:
    """Return how many checks failed, passed and had nothing to compare."""
    count = {status: sum(c.status == status for c in checks) for status in ("failed", "passed", "not_applicable")}
    line = Text()
    if count["failed"]:
        line.append(f"✗ {count['failed']} 未通过 failed   ", FAILED)
    line.append(f"✓ {count['passed']} 通过 passed", "green" if count["passed"] else FAINT)
    if count["not_applicable"]:
        line.append(f"   – {count['not_applicable']} 不适用 n/a", FAINT)
    return line
