from pathlib import Path

import pytest
import yaml

from gongkai.pipeline.tables.values import money_unit, parse_cell, to_yuan

CASES = yaml.safe_load((Path(__file__).parents[2] / "data" / "table_cells.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"]))
def test_parse_cell(case):
    cell = parse_cell(case["text"])
    assert cell.kind == case.get("kind", "number")
    assert cell.number == case.get("number")
    assert isinstance(cell.number, type(case.get("number")))
    if cell.kind == "number":
        assert cell.unit == case.get("unit")
        assert cell.scaled == case.get("scaled", False)


def test_long_cells_are_unreadable_and_quick():
    assert parse_cell("1 " * 50_000).kind == "unreadable"
    assert parse_cell("9" * 61).kind == "unreadable"
    assert parse_cell("(" * 60).kind == "unreadable"


@pytest.mark.parametrize(
    ("header", "unit"),
    [("本年收费金额（单位：万元）", "万元"), ("采购总金额(元)", "元"), ("收费 万 元", "万元"), ("采购总金额", None)],
)
def test_money_unit(header, unit):
    assert money_unit(header) == unit


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("12.35", "万元", 123500),
        ("12.35元", "万元", 12.35),
        ("0.1万元", "元", 1000),
        ("80", None, 80),
        ("0.07", "万元", 700),
    ],
)
def test_a_unit_in_the_cell_goes_before_the_header(text, unit, yuan):
    assert to_yuan(parse_cell(text), unit) == yuan
