"""The sums that hold within the statutory tables, used to tell a right reading from a shifted one.

The form prints them: 第一项加第二项之和，等于第三项加第四项之和; every 总计 is the sum of its parts
(国办公开办函〔2019〕60号, 国办公开办函〔2021〕30号).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gongkai.pipeline.schema import Number
from gongkai.pipeline.tables.reading import Cells, Reading
from gongkai.pipeline.tables.templates import load

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other")
OUTCOMES = ("upheld", "corrected", "other", "pending")
NOT_RESULTS = ("new_received", "carried_over_in", "total", "carried_over_out")

Equation = tuple[list[Number | None], list[Number | None]]


def result_rows(form: str) -> tuple[str, ...]:
    """Return the ids of the rows that add up to 总计 in the applications table of a form."""
    return tuple(row.id for row in load("applications").rows_of(form) if row.id not in NOT_RESULTS)


def row_sum_parts(table: str) -> tuple[str, ...]:
    """Return the columns that add up to ``total`` in every row of a table, empty where there is no such sum."""
    return {"applications": APPLICANTS, "review_litigation": OUTCOMES}.get(table, ())


def held(parts: Sequence[Number | None], whole: Sequence[Number | None]) -> bool:
    """Tell whether two sides add up to the same; blank cells count as 0."""
    return abs(sum(x or 0 for x in parts) - sum(x or 0 for x in whole)) < 1e-6


def row_holds(cells: Cells, parts: Sequence[str]) -> bool | None:
    """Tell whether ``total`` is the sum of ``parts``; ``None`` when a cell is missing."""
    if any(key not in cells for key in (*parts, "total")):
        return None
    return held([cells[p] for p in parts], [cells["total"]])


def equations(table: str, rows: dict[str, Cells], form: str) -> Iterable[Equation]:
    """Yield both sides of every identity whose cells were all read."""
    parts = row_sum_parts(table)
    for cells in rows.values() if parts else ():
        if all(key in cells for key in (*parts, "total")):
            yield [cells[p] for p in parts], [cells["total"]]
    if table != "applications":
        return
    results = [r for r in result_rows(form) if r in rows]
    for column in (*APPLICANTS, "total"):
        if "total" in rows and len(results) == len(result_rows(form)):
            yield from _column([rows[r] for r in results], [rows["total"]], column)
        if all(r in rows for r in NOT_RESULTS):
            received = [rows["new_received"], rows["carried_over_in"]]
            yield from _column(received, [rows["total"], rows["carried_over_out"]], column)


def _column(left: list[Cells], right: list[Cells], column: str) -> Iterable[Equation]:
    if all(column in cells for cells in (*left, *right)):
        yield [cells[column] for cells in left], [cells[column] for cells in right]


def score(table: str, reading: Reading, form: str) -> float:
    """Rank a reading: identities that hold and are not all zero weigh most, then coverage, then the labels."""
    total = 0.0
    for left, right in equations(table, reading.rows, form):
        trivial = not any(left) and not any(right)
        total += 0.25 if trivial else 4.0 if held(left, right) else -4.0
    return total + 0.1 * reading.n_cells + 5.0 * reading.confidence
