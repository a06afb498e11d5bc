"""The tables of two years against each other."""

import pytest

from gongkai.pipeline.cross.tables import TableYear, carry_over, normative


@pytest.fixture
def years(summary):
    def make(previous: dict, current: dict) -> tuple[TableYear, TableYear]:
        return TableYear.of(summary(**previous), 2021), TableYear.of(summary(**current), 2022)

    return make


def by_place(checks):
    return {check.where: check for check in checks}


def test_what_was_carried_over_arrives(years):
    checks = carry_over(*years({"carried": (1, 3)}, {"carried": (3, 0)}))
    assert {check.status for check in checks} == {"passed"}
    assert checks[0].where == "natural_person"
    assert len(checks) == 7


def test_what_was_carried_over_is_lost_on_the_way(years):
    checks = by_place(carry_over(*years({"carried": (0, 3)}, {"carried": (5, 0)})))
    assert [where for where, check in checks.items() if check.status == "failed"] == ["natural_person", "total"]
    check = checks["natural_person"]
    assert (check.rule, check.expected, check.actual) == ("cross_year.carry_over", 3, 5)
    assert check.message == "自然人：2021年结转下年度 3，而2022年上年结转 5，相差 2"
    assert check.operands == {"previous.carried_over_out": 3, "carried_over_in": 5}


def test_carry_over_holds_between_the_forms(years):
    checks = carry_over(*years({"carried": (0, 2), "form": "2019"}, {"carried": (2, 0)}))
    assert {check.status for check in checks} == {"passed"}


def test_a_cell_that_was_not_read_is_unknown_and_a_blank_one_is_none(years):
    previous, current = years({"carried": (0, 3)}, {"carried": (3, 0)})
    del previous.tables["applications"].rows["carried_over_out"]["natural_person"]
    current.tables["applications"].rows["carried_over_in"]["business"] = None
    checks = by_place(carry_over(previous, current))
    assert checks["natural_person"].status == "not_applicable"
    assert (checks["business"].status, checks["business"].assumed_blank) == ("passed", 1)


def test_a_report_without_the_table_is_named_by_its_year(years):
    previous, current = years({}, {})
    del previous.tables["applications"]
    (check,) = carry_over(previous, current)
    assert check.status == "not_applicable"
    assert check.message.startswith("2021年")


@pytest.mark.parametrize(
    ("was", "now", "status"),
    [
        (10, (3, 1, 12), "passed"),
        (10, (3, 1, 13), "failed"),  # one in force that was never issued
        (10, (3, 1, 9), "not_applicable"),  # three may have lapsed
        (10, (3, 1, 2), "not_applicable"),  # all of last year's may have lapsed
        (10, (3, 1, 1), "failed"),  # even of this year's two one is gone
        (0, (0, 0, 0), "passed"),
        (2, (0, 5, 0), "failed"),  # more abolished than there were
    ],
)
def test_normative_documents(years, was, now, status):
    previous, current = years({"documents": (0, 0, was)}, {"documents": now})
    check = by_place(normative(previous, current))["normative_documents"]
    assert check.status == status
    assert (check.expected, check.actual) == (was + now[0] - now[1], now[2])


@pytest.mark.parametrize(("effective", "status"), [(12, "passed"), (11, "failed"), (13, "failed")])
def test_rules_do_not_lapse(years, effective, status):
    previous, current = years({"rules": (0, 0, 10)}, {"rules": (3, 1, effective)})
    assert by_place(normative(previous, current))["rules"].status == status


def test_normative_says_what_it_counted(years):
    previous, current = years({"documents": (0, 0, 10)}, {"documents": (3, None, 14)})
    check = by_place(normative(previous, current))["normative_documents"]
    assert check.message == "规范性文件：2021年现行有效 10 + 本年制发 3 - 本年废止 0 = 13，而现行有效 14，相差 1"
    assert check.operands == {"previous.effective": 10, "issued": 3, "abolished": None, "effective": 14}
    assert check.assumed_blank == 1
    assert "本年废止 空白" in check.evidence


def test_a_lapse_is_told_as_what_it_may_be(years):
    previous, current = years({"documents": (0, 0, 10)}, {"documents": (0, 0, 8)})
    assert "有效期届满" in by_place(normative(previous, current))["normative_documents"].message


def test_the_form_of_2019_does_not_count_what_is_in_force(years):
    (check,) = normative(*years({"form": "2019"}, {}))
    assert (check.status, check.where) == ("not_applicable", "proactive_disclosure")
    assert "2021年的表格不是2021年格式" in check.message


def test_normative_with_a_cell_that_was_not_read(years):
    previous, current = years({"documents": (0, 0, 1)}, {"documents": (0, 0, 5)})
    del current.tables["proactive_disclosure"].rows["normative_documents"]["abolished"]
    check = by_place(normative(previous, current))["normative_documents"]
    assert check.status == "not_applicable"
    assert "本年废止" in check.message
