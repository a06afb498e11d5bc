"""Statutory tables as grids: the right cells are red, groups span their rows."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from gongkai.corpora.synthetic.corrupt import change_cell, checked_cells
from gongkai.corpora.synthetic.generate import generate
from gongkai.pipeline.checks.base import CheckInput
from gongkai.pipeline.checks.run import run_checks
from gongkai.pipeline.report.article import article
from gongkai.pipeline.report.grids import Grid, grid, table_of
from gongkai.pipeline.schema import Check, Report, TableOut


def _red(found: Grid, table: TableOut) -> set[tuple[str, str]]:
    columns = [head.en for head in found.columns]
    return {
        (row_id, columns[at].replace(" ", "_"))
        for row_id, row in zip(table.rows, found.rows, strict=True)
        for at, cell in enumerate(row.cells)
        if cell.faults
    }


@pytest.mark.parametrize("seed", range(6))
def test_a_cell_made_wrong_is_red_and_nothing_is_red_before(seed: int) -> None:
    original = generate(seed, form="2021")
    table, row, column = checked_cells(original)[seed * 7 % len(checked_cells(original))]
    for report, wrong in ((original, False), (change_cell(original, table, row, column, 3), True)):
        tables = {name: TableOut(rows=rows, form="2021") for name, rows in report.tables.items()}
        checks = run_checks(CheckInput("2021", tables))
        failed = [check for check in checks if check.status == "failed" and table_of(check) == table]
        red = _red(grid(table, tables[table], failed), tables[table])
        assert ((row, column) in red) is wrong
        assert bool(red) is wrong


def test_a_balance_marks_its_column_and_only_the_rows_it_compares(build: Callable[..., Report]) -> None:
    report = build()
    table = report.tables["applications"]
    found = grid("applications", table, report.checks[:1])
    assert _red(found, table) == {
        (row, "natural_person") for row in ("new_received", "carried_over_in", "total", "carried_over_out")
    }
    assert [head.zh for head in found.columns if head.bad] == ["自然人"]


def test_a_check_of_the_narrative_marks_the_one_cell_it_speaks_of(build: Callable[..., Report]) -> None:
    table = build().tables["applications"]
    check = Check(rule="narrative.table", status="failed", where="applications.granted.total", message="不一致")
    assert table_of(check) == "applications"
    assert _red(grid("applications", table, [check]), table) == {("granted", "total")}


def test_groups_span_exactly_their_rows(build: Callable[..., Report]) -> None:
    found = grid("applications", build().tables["applications"], [])
    groups = [(row.group.zh, row.span) for row in found.rows if row.group]
    assert groups == [("不予公开", 2)]
    assert found.rows[3].head.en == "state secret"  # "denied" stands in the title of the group
    assert [row.grouped for row in found.rows] == [False, False, False, True, True, False, False]


def test_blank_zero_and_missing_cells_differ(build: Callable[..., Report]) -> None:
    found = grid("applications", build().tables["applications"], [])
    kinds = {cell.kind for row in found.rows for cell in row.cells}
    assert kinds == {"number", "zero", "blank", "absent"}
    assert all(cell.text == "" for row in found.rows for cell in row.cells if cell.kind == "absent")


def test_every_failed_check_is_shown_once(build: Callable[..., Report]) -> None:
    report = build()
    stray = Check(rule="review_litigation.sum", status="failed", where="review", message="没有这张表")
    report.checks.append(stray)
    page = article(report, "r")
    shown = [
        check
        for part in page.parts
        for check in (*(c for p in part.passages for c in p.failed), *(c for g in part.grids for c in g.failed))
    ]
    assert [check.rule for check in shown] == ["narrative.parts", "applications.balance"]
    assert page.failed == (stray,)


def test_sections_keep_their_order_and_rings_of_parents_end(build: Callable[..., Report]) -> None:
    report = build()
    titles = [part.section.title for part in article(report, "r").parts if part.section]
    assert titles == ["一、总体情况", "三、申请情况"]
    for below, above in pairwise([*report.sections, report.sections[0]]):
        below.parent = above.id
    parts = article(report, "r").parts
    assert sum(len(part.passages) for part in parts) == len(report.paragraphs)
