"""The sums of the applications table (section three).

Source: the note printed in the table itself, 第一项加第二项之和，等于第三项加第四项之和, and 总计 as the sum of
its parts (国办公开办函〔2019〕60号, 国办公开办函〔2021〕30号).
"""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.pipeline.checks.base import CheckInput, rule
from gongkai.pipeline.checks.sums import Operand, compare, operand, table_absent
from gongkai.pipeline.schema import Check, TableOut
from gongkai.pipeline.tables.identities import APPLICANTS, result_rows
from gongkai.pipeline.tables.templates import load

TABLE = "applications"
_SHORT = {"new_received": "新收", "carried_over_in": "上年结转", "carried_over_out": "结转下年度"}


@rule("applications.balance")
def balance(given: CheckInput) -> Iterable[Check]:
    """Check for every column that 本年新收 + 上年结转 = 总计 + 结转下年度.

    Args:
        given: the report; only its tables are looked at.

    Returns:
        One check per column (``where``): ``expected`` came in, ``actual`` was dealt with or carried over.
    """
    table = given.tables.get(TABLE)
    if table is None:
        return [table_absent("applications.balance", TABLE)]
    return [
        compare(
            "applications.balance",
            column,
            name,
            _column(table, ("new_received", "carried_over_in"), column),
            _column(table, ("total", "carried_over_out"), column),
        )
        for column, name in load(TABLE).column_names().items()
    ]


@rule("applications.results_sum")
def results_sum(given: CheckInput) -> Iterable[Check]:
    """Check for every column that 总计 is the sum of all result rows.

    A result row of the form that was not found makes the check not applicable: its number is unknown, not 0.

    Args:
        given: the report; only its tables are looked at.

    Returns:
        One check per column (``where``): ``expected`` is the sum of the rows, ``actual`` the cell 总计.
    """
    table = given.tables.get(TABLE)
    if table is None:
        return [table_absent("applications.results_sum", TABLE)]
    own = result_rows(table.form or given.form)
    rows = [row for row in result_rows("2021") if row in own or row in table.rows]
    return [
        compare(
            "applications.results_sum",
            column,
            name,
            _column(table, rows, column),
            _column(table, ("total",), column),
            "各项办理结果之和",
        )
        for column, name in load(TABLE).column_names().items()
    ]


@rule("applications.applicants_sum")
def applicants_sum(given: CheckInput) -> Iterable[Check]:
    """Check for every row that its 总计 is the sum of the six kinds of applicants.

    Args:
        given: the report; only its tables are looked at.

    Returns:
        One check per row (``where``): ``expected`` is the sum of the six, ``actual`` the cell 总计.
    """
    table = given.tables.get(TABLE)
    if table is None:
        return [table_absent("applications.applicants_sum", TABLE)]
    columns, rows = load(TABLE).column_names(), load(TABLE).row_names()
    return [
        compare(
            "applications.applicants_sum",
            row,
            rows[row],
            [operand(table, row, column, column, columns[column]) for column in APPLICANTS],
            [operand(table, row, "total", "total", columns["total"])],
        )
        for row in rows
        if row in table.rows
    ]


def _column(table: TableOut, rows: Iterable[str], column: str) -> list[Operand]:
    names = load(TABLE).row_names() | _SHORT
    return [operand(table, row, column, row, names[row]) for row in rows]
