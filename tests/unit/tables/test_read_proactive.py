from itertools import pairwise

import pytest

from gongkai.pipeline.document import GridBlock
from gongkai.pipeline.tables.read import read_tables

FORM_2021 = """第二十条第（一）项|
信息内容|本年制发件数|本年废止件数|现行有效件数|
规章|0|0|0|
行政规范性文件|５|1|1，025|
第二十条第（五）项|
信息内容|本年处理决定数量|
行政许可|12,345|
第二十条第（六）项|
信息内容|本年处理决定数量|
行政处罚|/|
行政强制|—|
第二十条第（八）项|
信息内容|本年收费金额（单位：万元）|
行政事业性收费|12.35|""".splitlines()
ROWS_2021 = {
    "rules": {"issued": 0, "abolished": 0, "effective": 0},
    "normative_documents": {"issued": 5, "abolished": 1, "effective": 1025},
    "licensing": {"decisions": 12345},
    "punishment": {"decisions": None},
    "compulsion": {"decisions": None},
    "fees": {"amount": 123500},
}
FORM_2019 = """第二十条第（一）项|
信息内容|本年新制作数量|本年新公开数量|对外公开总数量|
规章|0|0|3|
规范性文件|4|4|20|
第二十条第（五）项|
信息内容|上一年项目数量|本年增/减|处理决定数量|
行政许可|100|-3|97|
其他对外管理服务事项|20|增5|25|
第二十条第（六）项|
信息内容|上一年项目数量|本年增/减|处理决定数量|
行政处罚|50|减2|48|
行政强制|8|+1|9|
第二十条第（八）项|
信息内容|上一年项目数量|本年增/减|
行政事业性收费|13|-1|
第二十条第（九）项|
信息内容|采购项目数量|采购总金额|
政府集中采购|3|251000元|""".splitlines()
ROWS_2019 = {
    "rules": {"made": 0, "published": 0, "total": 3},
    "normative_documents": {"made": 4, "published": 4, "total": 20},
    "licensing": {"previous": 100, "change": -3, "decisions": 97},
    "other_services": {"previous": 20, "change": 5, "decisions": 25},
    "punishment": {"previous": 50, "change": -2, "decisions": 48},
    "compulsion": {"previous": 8, "change": 1, "decisions": 9},
    "fees": {"previous": 13, "change": -1},
    "procurement": {"projects": 3, "amount": 251000},
}
FORMS = [("2021", FORM_2021, ROWS_2021), ("2019", FORM_2019, ROWS_2019)]


def grid(lines):
    return GridBlock.from_rows([line.split("|")[:-1] for line in lines])


def several_grids(lines):
    starts = [i for i, line in enumerate(lines) if line.startswith("第二十条")] + [len(lines)]
    return [grid(lines[a:b]) for a, b in pairwise(starts)]


WAYS = {
    "one grid": lambda lines: [grid(lines)],
    "a grid for every article": several_grids,
    "a cell a line": lambda lines: [[cell for line in lines for cell in line.split("|")[:-1]]],
    "a row a line": lambda lines: [[line.replace("|", " ") for line in lines]],
    "cells between bars": lambda lines: [lines],
    "a barred cell a line": lambda lines: [[f"{c} |" for line in lines for c in line.split("|")[:-1]]],
}


@pytest.mark.parametrize(("form", "lines", "rows"), FORMS, ids=["2021", "2019"])
@pytest.mark.parametrize("way", WAYS)
def test_ways_of_writing(make, form, lines, rows, way):
    result = read_tables(make.outline(*WAYS[way](lines)))
    assert result.tables["proactive_disclosure"].rows == rows
    assert (result.form, result.tables["proactive_disclosure"].form) == (form, form)
    assert {d.code for d in result.diagnostics} <= {"table.missing"}


def test_headers_and_labels_wrapped_as_a_pdf_gives_them(make):
    lines = [
        "第二十条第（一）项", "本年新 本年新", "信息内容 对外公开总数量", "制作数量 公开数量", "规章 0 0 3",
        "规范性文件 4 4 20", "第二十条第（五）项", "信息内容 上一年项目数量 本年增/减 处理决定数量",
        "行政许可 100 -3 97", "其他对外管理", "20 +5 25", "服务事项", "- 2 -",
        "第二十条第（六）项", "行政处罚 50 -2 48", "行政强制 8 1 9",
    ]  # fmt: skip
    rows = read_tables(make.outline(lines)).tables["proactive_disclosure"].rows
    assert rows == {row: ROWS_2019[row] for row in rows}
    assert len(rows) == 6


def test_swapped_columns_follow_their_headers(make):
    lines = ["信息内容|现行有效件数|本年制发件数|本年废止件数|", "规章|9|1|0|", "行政规范性文件|20|5|2|"]
    for contents in ([grid(lines)], [lines], [[c for line in lines for c in line.split("|")[:-1]]]):
        rows = read_tables(make.outline(*contents)).tables["proactive_disclosure"].rows
        assert rows["normative_documents"] == {"effective": 20, "issued": 5, "abolished": 2}


@pytest.mark.parametrize(
    ("header", "cell", "yuan", "assumed"),
    [
        ("采购总金额", "34.5万元", 345000, False),
        ("采购总金额（万元）", "34.5", 345000, False),
        ("采购总金额（万元）", "345000元", 345000, False),
        ("采购总金额", "345000", 345000, True),
        ("采购总金额", "0", 0, False),
    ],
)
@pytest.mark.parametrize("as_grid", [True, False])
def test_money(make, header, cell, yuan, assumed, as_grid):
    lines = ["第二十条第（九）项|", f"信息内容|采购项目数量|{header}|", f"政府集中采购|2|{cell}|"]
    result = read_tables(make.outline(grid(lines) if as_grid else lines))
    assert result.tables["proactive_disclosure"].rows["procurement"] == {"projects": 2, "amount": yuan}
    assert any(d.code == "table.unit_assumed" for d in result.diagnostics) is assumed


def test_a_bare_fee_of_the_2021_form_is_in_ten_thousand_yuan(make):
    lines = ["信息内容|本年收费金额|", "行政事业性收费|2|", "信息内容|本年制发件数|", "规章|1|"]
    result = read_tables(make.outline(lines))
    assert result.tables["proactive_disclosure"].rows["fees"] == {"amount": 20000}
    assert any(d.code == "table.unit_assumed" and "万元" in d.message for d in result.diagnostics)


def test_vanished_blank_cells_are_not_filled_by_order(make):
    lines = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "规章", "行政规范性文件", "5", "9"]
    result = read_tables(make.outline(lines))
    rows = result.tables["proactive_disclosure"].rows
    assert rows == {"rules": {"issued": None, "abolished": None, "effective": None}}
    assert any(d.code == "table.row_ambiguous" and d.where.endswith("normative_documents") for d in result.diagnostics)


@pytest.mark.parametrize("as_grid", [True, False])
def test_added_rows_are_kept_as_written(make, as_grid):
    lines = [*FORM_2021[:11], "行政确认|7|", *FORM_2021[11:]]
    result = read_tables(make.outline(grid(lines) if as_grid else [line.replace("|", " ") for line in lines]))
    table = result.tables["proactive_disclosure"]
    assert table.rows == ROWS_2021
    assert table.extra_rows == [{"label": "行政确认", "decisions": "7"}]
    assert any(d.code == "table.extra_row" for d in result.diagnostics)


def test_a_cell_that_is_no_number_is_missing_not_zero(make):
    lines = ["信息内容|本年制发件数|本年废止件数|现行有效件数|", "规章|0|见公报|3|"]
    result = read_tables(make.outline(grid(lines)))
    assert result.tables["proactive_disclosure"].rows["rules"] == {"issued": 0, "effective": 3}
    [diagnostic] = [d for d in result.diagnostics if d.code == "table.cell_unreadable"]
    assert diagnostic.where == "proactive_disclosure.rules.abolished"


def test_missing_rows_are_absent_and_named(make):
    result = read_tables(make.outline(grid(FORM_2021[:7])))
    assert set(result.tables["proactive_disclosure"].rows) == {"rules", "normative_documents", "licensing"}
    [diagnostic] = [d for d in result.diagnostics if d.code == "table.row_missing"]
    assert "行政处罚" in diagnostic.message
    assert "行政许可" not in diagnostic.message
