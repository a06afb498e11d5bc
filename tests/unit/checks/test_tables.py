"""The rules on the sums of the statutory tables."""

import pytest

from gongkai.pipeline.checks.applications import applicants_sum, balance, results_sum
from gongkai.pipeline.checks.base import RULES, CheckInput
from gongkai.pipeline.checks.proactive import change
from gongkai.pipeline.checks.review_litigation import review_litigation_sum
from gongkai.pipeline.schema import TableOut
from gongkai.pipeline.tables.templates import load

COLUMNS = list(load("applications").column_names())


def applications(form="2021", **changes):
    """All zeros but for 自然人: five received, three carried over, eight dealt with."""
    rows = {row.id: dict.fromkeys(COLUMNS, 0) for row in load("applications").rows_of(form)}
    for row, count in (("new_received", 5), ("carried_over_in", 3), ("granted", 8), ("total", 8)):
        rows[row] |= {"natural_person": count, "total": count}
    for place, value in changes.items():
        row, _, column = place.partition("__")
        rows[row][column] = value
    return CheckInput(form, {"applications": TableOut(rows=rows, form=form)})


def by_place(checks):
    return {check.where: check for check in checks}


def failed(checks):
    return [check.where for check in checks if check.status == "failed"]


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_a_consistent_table_passes(form):
    given = applications(form)
    for rule in (balance, results_sum, applicants_sum):
        assert {check.status for check in rule(given)} == {"passed"}
    assert [c.where for c in balance(given)] == COLUMNS
    assert len(applicants_sum(given)) == {"2019": 23, "2021": 25}[form]


def test_balance_says_what_does_not_add_up():
    given = applications(total__natural_person=5, total__total=5, granted__natural_person=5, granted__total=5)
    checks = by_place(balance(given))
    assert failed(checks.values()) == ["natural_person", "total"]
    check = checks["natural_person"]
    assert (check.expected, check.actual) == (8, 5)
    assert check.message == "自然人：新收 5 + 上年结转 3 = 8，而总计 5 + 结转下年度 0 = 5，相差 3"
    assert check.operands == {"new_received": 5, "carried_over_in": 3, "total": 5, "carried_over_out": 0}
    assert "新收 5" in check.evidence
    assert failed(results_sum(given)) == failed(applicants_sum(given)) == []


def test_results_sum():
    checks = by_place(results_sum(applications(refused_petition__business=2)))
    assert failed(checks.values()) == ["business"]
    assert (checks["business"].expected, checks["business"].actual) == (2, 0)
    assert "信访举报投诉类申请 2" in checks["business"].message


def test_applicants_sum():
    checks = by_place(applicants_sum(applications(granted__other=1)))
    assert failed(checks.values()) == ["granted"]
    assert (checks["granted"].expected, checks["granted"].actual) == (9, 8)


def test_blank_cells_count_as_zero_and_are_counted():
    given = applications(carried_over_out__business=None, total__business=None)
    check = by_place(balance(given))["business"]
    assert (check.status, check.assumed_blank) == ("passed", 2)
    assert "结转下年度 空白" in check.evidence


def test_missing_cells_are_never_zero():
    given = applications()
    del given.tables["applications"].rows["carried_over_in"]
    del given.tables["applications"].rows["granted"]["total"]
    assert {c.status for c in balance(given)} == {"not_applicable"}
    assert by_place(results_sum(given))["total"].status == "not_applicable"
    assert by_place(results_sum(given))["natural_person"].status == "passed"
    check = by_place(applicants_sum(given))["granted"]
    assert (check.status, check.expected, check.actual) == ("not_applicable", None, None)
    assert "总计" in check.message


def test_rows_that_only_the_2021_form_has_are_not_asked_of_2019():
    assert {c.status for c in results_sum(applications("2019"))} == {"passed"}
    given = applications("2021")
    del given.tables["applications"].rows["other_unpaid"]
    assert {c.status for c in results_sum(given)} == {"not_applicable"}


@pytest.mark.parametrize("rule", ["applications.balance", "applications.results_sum", "applications.applicants_sum",
                                  "review_litigation.sum", "proactive.change"])  # fmt: skip
def test_an_absent_table_gives_one_check(rule):
    [check] = RULES[rule](CheckInput("2021", {}))
    assert (check.rule, check.status) == (rule, "not_applicable")


def test_review_litigation():
    row = {"upheld": 2, "corrected": None, "other": 0, "pending": 1, "total": 3}
    rows = {"review": row, "litigation_direct": row | {"total": 4}, "litigation_after_review": {"total": 1}}
    checks = by_place(review_litigation_sum(CheckInput("2021", {"review_litigation": TableOut(rows=rows)})))
    assert [checks[r].status for r in rows] == ["passed", "failed", "not_applicable"]
    assert checks["review"].assumed_blank == 1
    assert (checks["litigation_direct"].expected, checks["litigation_direct"].actual) == (3, 4)


def changes(form="2019", **rows):
    cells = {row: dict(zip(("previous", "change", "decisions"), values, strict=False)) for row, values in rows.items()}
    return by_place(change(CheckInput(form, {"proactive_disclosure": TableOut(rows=cells, form=form)})))


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ((210, 0, 210), "passed"),
        ((100, -3, 97), "passed"),
        ((0, 0, 0), "passed"),
        ((None, None, None), "passed"),
        ((100, 5, 100), "failed"),  # the change was forgotten
        ((100, 5, 95), "failed"),  # its sign was turned
        ((100, 5, 104), "failed"),  # a slip
        ((16, 3, 780), "not_applicable"),  # cases, not items
        ((0, 0, 25), "not_applicable"),
        ((40, 0, 0), "not_applicable"),
        ((40, 2), "not_applicable"),
    ],
)
def test_change(values, status):
    assert changes(licensing=values)["licensing"].status == status


def test_change_where_another_row_counts_items():
    assert changes(licensing=(100, 0, 160))["licensing"].status == "not_applicable"
    assert changes(licensing=(100, 0, 160), punishment=(50, 2, 52))["licensing"].status == "failed"
    assert changes(licensing=(100, 0, 900), punishment=(50, 2, 52))["licensing"].status == "not_applicable"


def test_fees_have_no_third_cell():
    check = changes(fees=(13, 11))["fees"]
    assert (check.status, check.actual) == ("not_applicable", None)
    assert "没有“处理决定数量”" in check.message


def test_the_2021_form_has_no_change():
    [check] = changes("2021", licensing=(None, None, 5)).values()
    assert check.status == "not_applicable"
