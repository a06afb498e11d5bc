"""The statutory tables of two consecutive years: what last year's says must be found in this year's.

``cross_year.carry_over`` holds by definition: the row 上年结转政府信息公开申请数量 of one year is the row
结转下年度继续办理 of the year before, under the form of 2019 (国办公开办函〔2019〕60号) and that of 2021 alike.

``cross_year.normative`` is no note of the form, which only asks for the cells: that of 2021 (国办公开办函〔2021〕30号)
has 本年制发件数, 本年废止件数 and 现行有效件数 of 规章 and 行政规范性文件. What was in force, plus what was issued,
less what was abolished, should be in force a year later. Of this

* more in force than that cannot be: it would be in force without ever having been issued;
* fewer than issued less abolished cannot be either: what was issued this year is in force;
* fewer in force otherwise is an error for 规章, which end by being abolished, but may be right for 行政规范性文件: many
  places give them a term after which they lapse, and a lapsed document was not abolished. There the check is not
  applicable and says so.

The form of 2019 has 本年新制作数量, 本年新公开数量 and 对外公开总数量, of which none counts what is in force.
"""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.pipeline.checks.sums import TOLERANCE, Operand, compare, operand, plain, table_absent
from gongkai.pipeline.schema import Check, CheckStatus, Number, Report, TableOut
from gongkai.pipeline.tables.templates import load

CARRY_OVER = "cross_year.carry_over"
NORMATIVE = "cross_year.normative"
_APPLICATIONS = "applications"
_PROACTIVE = "proactive_disclosure"
# Rows of documents, and whether they may lapse without being abolished.
_LAPSING = {"rules": False, "normative_documents": True}


@dataclass(frozen=True, slots=True)
class TableYear:
    """The tables of one report, with the year the messages name and the form of the report."""

    year: int
    form: str
    tables: dict[str, TableOut]

    @classmethod
    def of(cls, report: Report, year: int) -> TableYear:
        """Return what the checks need of a report."""
        return cls(year, report.report.format, report.tables)

    def form_of(self, table: TableOut) -> str:
        """Return the form a table follows."""
        return table.form or self.form


def carry_over(previous: TableYear, current: TableYear) -> list[Check]:
    """Check for every column that last year's 结转下年度 is this year's 上年结转.

    Args:
        previous: the tables of the year before.
        current: the tables of this year.

    Returns:
        One check per column (``where``): ``expected`` is last year's cell, ``actual`` this year's. One that is not
        applicable when a report has no such table.
    """
    before, now = previous.tables.get(_APPLICATIONS), current.tables.get(_APPLICATIONS)
    if before is None or now is None:
        return [_absent(CARRY_OVER, _APPLICATIONS, previous if before is None else current)]
    out, into = f"{previous.year}年结转下年度", f"{current.year}年上年结转"
    return [
        compare(
            CARRY_OVER,
            column,
            name,
            [operand(before, "carried_over_out", column, "previous.carried_over_out", out)],
            [operand(now, "carried_over_in", column, "carried_over_in", into)],
        )
        for column, name in load(_APPLICATIONS).column_names().items()
    ]


def normative(previous: TableYear, current: TableYear) -> list[Check]:
    """Check for 规章 and 行政规范性文件 that last year's in force, plus issued, less abolished, are in force now.

    Args:
        previous: the tables of the year before.
        current: the tables of this year.

    Returns:
        One check per row (``where``): ``expected`` is what should be in force, ``actual`` what the table says. One
        that is not applicable when a report has no such table, or follows another form than that of 2021.
    """
    before, now = previous.tables.get(_PROACTIVE), current.tables.get(_PROACTIVE)
    if before is None or now is None:
        return [_absent(NORMATIVE, _PROACTIVE, previous if before is None else current)]
    for year, table in ((previous, before), (current, now)):
        if year.form_of(table) != "2021":
            message = f"{year.year}年的表格不是2021年格式，没有“现行有效件数”，无法核对"
            return [Check(rule=NORMATIVE, status="not_applicable", where=_PROACTIVE, message=message)]
    return [_row(row, lapsing, previous, before, now) for row, lapsing in _LAPSING.items()]


def _row(row: str, lapsing: bool, previous: TableYear, before: TableOut, now: TableOut) -> Check:
    name = load(_PROACTIVE).row_names()[row]
    was = operand(before, row, "effective", "previous.effective", f"{previous.year}年现行有效")
    issued = operand(now, row, "issued", "issued", "本年制发")
    abolished = operand(now, row, "abolished", "abolished", "本年废止")
    effective = operand(now, row, "effective", "effective", "现行有效")
    cells = (was, issued, abolished, effective)
    operands = {cell.id: cell.value for cell in cells if cell.found}
    missing = [cell.name for cell in cells if not cell.found]
    if missing:
        message = f"{name}：没有读到{'、'.join(missing)}，无法核对"
        return Check(rule=NORMATIVE, status="not_applicable", where=row, message=message, operands=operands)
    expected = (was.value or 0) + (issued.value or 0) - (abolished.value or 0)
    actual = effective.value or 0
    status, verdict = _judge(expected, actual, was.value or 0, lapsing)
    return Check(
        rule=NORMATIVE,
        status=status,
        where=row,
        expected=expected,
        actual=actual,
        message=f"{name}：{_shown(was)} + {_shown(issued)} - {_shown(abolished)} = {plain(expected)}，"
        f"{'与' if status == 'passed' else '而'}{_shown(effective)}{verdict}",
        operands=operands,
        assumed_blank=sum(cell.value is None for cell in cells),
        evidence="；".join(f"{cell.name} {'空白' if cell.value is None else plain(cell.value)}" for cell in cells),
    )


def _judge(expected: Number, actual: Number, was: Number, lapsing: bool) -> tuple[CheckStatus, str]:
    """Return the status and how the message ends."""
    gone = expected - actual
    if abs(gone) <= TOLERANCE:
        return "passed", " 相符"
    if lapsing and 0 < gone <= was:
        return "not_applicable", f"，少 {plain(gone)}；有效期届满而失效的不计入废止，不能断定有误"
    return "failed", f"，相差 {plain(abs(gone))}"


def _shown(cell: Operand) -> str:
    return f"{cell.name} {plain(cell.value or 0)}"


def _absent(rule: str, table: str, year: TableYear) -> Check:
    check = table_absent(rule, table)
    check.message = f"{year.year}年{check.message}"
    return check
