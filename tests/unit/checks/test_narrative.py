"""What the narrative says against the tables and against itself; wordings in tests/data/narrative_checks.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.checks import narrative
from gongkai.pipeline.checks.base import CheckInput
from gongkai.pipeline.schema import ParagraphOut, Segment, TableOut
from gongkai.pipeline.segments import split_segments

DATA = yaml.safe_load((Path(__file__).parents[2] / "data" / "narrative_checks.yaml").read_text(encoding="utf-8"))
TABLES = {name: TableOut(**table) for name, table in DATA["tables"].items()}


def _given(text, heading=None, tables=TABLES, year=2022):
    segments = [Segment(id=f"p1.{i}", start=a, end=b) for i, (a, b) in enumerate(split_segments(text), 1)]
    paragraph = ParagraphOut(id="p1", section="s1", path=[heading] if heading else [], text=text, segments=segments)
    return CheckInput(form="2021", tables=tables, paragraphs=[paragraph], year=year)


def _told(checks):
    """Drop the one check that says there was nothing to compare."""
    return [check for check in checks if check.paragraph is not None]


@pytest.mark.parametrize("case", DATA["cases"], ids=[c["text"][:40] for c in DATA["cases"]])
def test_counts_against_the_tables(case):
    checks = _told(narrative.table(_given(case["text"], case.get("heading"))))
    assert [check.status for check in checks] == case["expect"]
    for check, row in zip(checks, case.get("cells", []), strict=False):
        assert check.where.split(".")[1] == row
    for check in checks:
        assert check.rule == "narrative.table"
        assert check.evidence.startswith("p1：")
        assert check.operands
        assert (check.expected == check.actual) == (check.status == "passed")


@pytest.mark.parametrize("case", DATA["parts"], ids=[c["text"][:40] for c in DATA["parts"]])
def test_parts_against_their_whole(case):
    checks = _told(narrative.parts(_given(case["text"])))
    assert [check.status for check in checks] == case["expect"]
    for check in checks:
        assert check.rule == "narrative.parts"
        assert check.operands["总数"] == check.expected


def test_there_are_enough_wordings():
    assert len(DATA["cases"]) + len(DATA["parts"]) >= 60


def test_a_failure_says_by_how_much():
    [check] = _told(narrative.table(_given("全年共收到政府信息公开申请15件。")))
    assert (check.expected, check.actual) == (12, 15)
    assert "表中为12" in check.message
    assert "相差3" in check.message


def test_parts_used_are_named():
    [check] = _told(narrative.parts(_given("发布信息100条，其中网站60条，微信40条，重点领域30条。")))
    assert check.operands == {"总数": 100, "1:网站": 60, "2:微信": 40}


def test_without_tables_nothing_is_claimed():
    [check] = narrative.table(_given("全年共收到政府信息公开申请15件。", tables={}))
    assert check.status == "not_applicable"


def test_without_narrative_nothing_is_claimed():
    empty = CheckInput(form="2021", tables=TABLES)
    assert [check.status for check in narrative.table(empty)] == ["not_applicable"]
    assert [check.status for check in narrative.parts(empty)] == ["not_applicable"]


def test_blank_cells_count_as_nothing_and_are_told():
    tables = {"applications": TableOut(rows={"new_received": {"total": None}})}
    [check] = _told(narrative.table(_given("全年未收到政府信息公开申请。", tables=tables)))
    assert check.status == "passed"
    assert check.assumed_blank == 1


@given(st.text(alphabet="收到政府信息公开申请其中分别予以公开复议诉讼结转上年下度件条12 3，。；、（）()", max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_narrative_is_survived(text):
    for check in [*narrative.table(_given(text)), *narrative.parts(_given(text))]:
        assert check.message
