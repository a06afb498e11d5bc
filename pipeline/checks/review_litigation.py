"""The sums of the table of reviews and lawsuits (section four): 总计 is the sum of the four outcomes.

Source: the headers of the table (国办公开办函〔2019〕60号, 国办公开办函〔2021〕30号).
"""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.pipeline.checks.base import CheckInput, rule
from gongkai.pipeline.checks.sums import compare, operand, table_absent
from gongkai.pipeline.schema import Check
from gongkai.pipeline.tables.identities import OUTCOMES
from gongkai.pipeline.tables.templates import load

TABLE = "review_litigation"


@rule("review_litigation.sum")
def review_litigation_sum(given: CheckInput) -> Iterable[Check]:
    """Check for reviews and both kinds of lawsuits that 总计 is the sum of the four outcomes.

    Args:
        given: the report; only its tables are looked at.

    Returns:
        One check per row (``where``): ``expected`` is the sum of the outcomes, ``actual`` the cell 总计.
    """
    table = given.tables.get(TABLE)
    if table is None:
        return [table_absent("review_litigation.sum", TABLE)]
    columns = load(TABLE).column_names()
    return [
        compare(
            "review_litigation.sum",
            row,
            name,
            [operand(table, row, column, column, columns[column]) for column in OUTCOMES],
            [operand(table, row, "total", "total", columns["total"])],
        )
        for row, name in load(TABLE).row_names().items()
    ]
