"""Random consistent tables are read back exactly, however they are written."""

import copy
import random

import pytest

from gongkai.pipeline.checks.applications import applicants_sum, balance, results_sum
from gongkai.pipeline.checks.base import CheckInput
from gongkai.pipeline.checks.review_litigation import review_litigation_sum
from gongkai.pipeline.tables.locate import locate
from gongkai.pipeline.tables.read import read_tables

FORMS = ("2019", "2021")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("style", ["cells", "rows", "bars"])
def test_applications_as_text(make, form, seed, style):
    table = make.applications(seed, form)
    result = read_tables(make.outline(make.applications_lines(table, form, style)))
    assert result.tables["applications"].rows == table
    assert result.form == form
    assert result.diagnostics == [d for d in result.diagnostics if d.code == "table.missing"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("spans", [True, False])
def test_applications_as_grid(make, form, seed, spans):
    table = make.applications(seed, form)
    result = read_tables(make.outline(make.applications_grid(table, form, spans=spans)))
    assert result.tables["applications"].rows == table
    assert result.tables["applications"].strategy == ("grid.label" if spans else "grid.tail")


@pytest.mark.parametrize("seed", range(6))
def test_swapped_columns_follow_their_headers(make, seed):
    table = make.applications(seed, "2021")
    columns = make.COLUMNS.copy()
    random.Random(seed).shuffle(columns)
    result = read_tables(make.outline(make.applications_grid(table, "2021", columns)))
    assert result.tables["applications"].rows == table


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("as_grid", [True, False])
def test_review(make, seed, as_grid):
    table = make.review(seed)
    written = make.review_grid(table) if as_grid else make.review_lines(table)
    result = read_tables(make.outline(written))
    assert result.tables["review_litigation"].rows == table


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(4))
def test_located_in_a_report_and_read_back(make, form, seed):
    applications, review = make.applications(seed, form), make.review(seed)
    lines = [
        "三、收到和处理政府信息公开申请情况",
        "本年度收到的申请及其办理结果见下表。",
        *make.applications_lines(applications, form),
        "四、政府信息公开行政复议、行政诉讼情况",
        *make.review_lines(review),
        "五、存在的主要问题及改进情况",
        "一是解读形式还不够丰富。",
    ]
    located = locate(make.blocks(lines))
    texts = [b.text for b in located if hasattr(b, "text")]
    assert texts == [lines[0], lines[1], "四、政府信息公开行政复议、行政诉讼情况", lines[-2], lines[-1]]
    flat = [b for b in located if not hasattr(b, "text")]
    result = read_tables(make.outline(*[b.lines for b in flat]))
    assert result.tables["applications"].rows == applications
    assert result.tables["review_litigation"].rows == review


@pytest.mark.parametrize("form", FORMS)
def test_any_corrupted_cell_breaks_a_sum(make, form):
    table = make.applications(3, form)
    for row, cells in table.items():
        for column in cells:
            wrong = copy.deepcopy(table)
            wrong[row][column] += 1
            result = read_tables(make.outline(make.applications_lines(wrong, form)))
            given = CheckInput(result.form, result.tables)
            checks = [c for rule in (balance, results_sum, applicants_sum) for c in rule(given)]
            assert any(c.status == "failed" for c in checks), (row, column)


def test_any_corrupted_review_cell_breaks_a_sum(make):
    table = make.review(5)
    for row, cells in table.items():
        for column in cells:
            wrong = copy.deepcopy(table)
            wrong[row][column] += 1
            result = read_tables(make.outline(make.review_lines(wrong)))
            statuses = {c.where: c.status for c in review_litigation_sum(CheckInput("2021", result.tables))}
            assert statuses[row] == "failed"
