"""The change of the proactive disclosure table under the form of 2019: 上一年项目数量 + 本年增/减 = 处理决定数量.

Source: the headers of the table (国办公开办函〔2019〕60号). The form does not say that the third number is a number of
items, and many offices put the number of cases they decided there, for which no such sum holds. The rule therefore
applies where the row visibly counts items (see :func:`counts_items`), and is not applicable elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.pipeline.checks.base import CheckInput, rule
from gongkai.pipeline.checks.sums import Operand, compare, operand, plain, table_absent
from gongkai.pipeline.schema import Check, Number, TableOut
from gongkai.pipeline.tables.templates import load

TABLE = "proactive_disclosure"
RULE = "proactive.change"
ROWS = ("licensing", "other_services", "punishment", "compulsion", "fees")
_NEAR = 0.1


@rule(RULE)
def change(given: CheckInput) -> Iterable[Check]:
    """Check for every row with a change that last year's items and the change make this year's.

    Args:
        given: the report; only its tables are looked at.

    Returns:
        One check per row (``where``): ``expected`` is 上一年项目数量 + 本年增/减, ``actual`` is 处理决定数量. Under the
        form of 2021, which has no such columns, one check that is not applicable.
    """
    table = given.tables.get(TABLE)
    if table is None:
        return [table_absent(RULE, TABLE)]
    if (table.form or given.form) != "2019":
        message = "2021年格式的表格没有“上一年项目数量”和“本年增/减”两列，不作核对"
        return [Check(rule=RULE, status="not_applicable", where=TABLE, message=message)]
    return [_row(table, row) for row in ROWS if row in table.rows]


def _row(table: TableOut, row: str) -> Check:
    columns, name = load(TABLE).column_names(), load(TABLE).row_names()[row]
    parts = [operand(table, row, column, column, columns[column]) for column in ("previous", "change")]
    this_year = operand(table, row, "decisions", "decisions", columns["decisions"])
    check = compare(RULE, row, name, parts, [this_year])
    if row == "fees":
        check.message = f"{name}：表中没有“处理决定数量”一格，不作核对"
    elif check.status == "failed" and not counts_items(table, row, parts, this_year):
        check.status = "not_applicable"
        decided = plain(this_year.value or 0)
        check.message = f"{name}：处理决定数量 {decided} 看来是件数而不是项目数，不与上一年项目数量和增减数核对"
    return check


def counts_items(table: TableOut, row: str, parts: list[Operand], this_year: Operand) -> bool:
    """Tell whether a row whose sum does not hold visibly counts items, so that the sum should hold.

    It does when the third number is within a tenth (or 2) of the sum, or is what forgetting the change or turning its
    sign gives; or when the sum holds, not trivially, in another row of the table and the numbers are of one size
    (within a factor of two). A third number of 0 is no items to decide on, and says nothing.
    """
    previous, change_ = (part.value or 0 for part in parts)
    decided = this_year.value or 0
    items = previous + change_
    if decided <= 0 or items <= 0:
        return False
    if abs(decided - items) <= max(2, _NEAR * items) or decided in (previous, previous - change_):
        return True
    return items <= 2 * decided <= 4 * items and any(_holds(table, other) for other in ROWS if other != row)


def _holds(table: TableOut, row: str) -> bool:
    cells: dict[str, Number | None] = table.rows.get(row, {})
    if not cells.get("decisions"):
        return False
    return (cells.get("previous") or 0) + (cells.get("change") or 0) == cells["decisions"]
