"""``gongkai cross`` on what ``gongkai annotate`` wrote, by the command line as a user has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gongkai.pipeline.api import annotate
from gongkai.pipeline.cli.main import app
from gongkai.pipeline.config import load_config
from gongkai.pipeline.cross.schema import CrossReport
from gongkai.pipeline.writing import to_json

pytestmark = pytest.mark.e2e

SAMPLE = (Path(__file__).parents[2] / "corpora" / "samples" / "zhuxi-2022.txt").read_text(encoding="utf-8")
# The township's report as that of a listed district, and the same report a year later, its name written shorter.
REPORT_2022 = SAMPLE.replace("竹溪镇", "萍乡市安源区")
REPORT_2023 = SAMPLE.replace("竹溪镇", "安源区").replace("2023", "2024").replace("2022", "2023")
NEW_WORDS = """
  全区推行阳光票据，村务监督小组逐笔核验，遇到涂改便退回重开。
  菜市场检测台把农药残留结果写上黑板，摊主签字确认后存档。
  林区巡护队用对讲机播报火险等级，提醒游客熄灭烟蒂。
  校车线路调整前征求家长看法，司机名单张榜告知。
  档案馆整理历史图纸，扫描后放入查询终端供居民翻阅。
  新闻发布厅邀请记者走进水利工地，讲解防汛物资储备。
  窗口人员轮岗培训结束后参加笔试，成绩贴在公告墙上。
  图解稿件请退休教师试读，读不懂的段落推倒重写。
  办事大厅增设夜间服务，工人下班后也能递交材料。
  社区公示栏改用防雨材料，纸张不再受潮卷曲。
"""


@pytest.fixture
def annotated(tmp_path: Path) -> Callable[..., Path]:
    """Annotate reports given by name, by the rules, into a folder as ``gongkai annotate -o`` leaves it."""

    def make(*, jsonl: bool = False, **reports: str) -> Path:
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        lines = b""
        for name, text in reports.items():
            source = tmp_path / f"{name}.txt"
            source.write_text(text, encoding="utf-8")
            summary = annotate(source, config=load_config(settings=["engine=rules"]))
            if jsonl:
                lines += to_json(summary, indent=None)
            else:
                (out / f"{name}.json").write_bytes(to_json(summary))
        if jsonl:
            (out / "reports.jsonl").write_bytes(lines)
        return out

    return make


@pytest.fixture
def cross(runner: CliRunner) -> Callable[..., Result]:
    return lambda *arguments: runner.invoke(app, ["cross", *map(str, arguments)])


def read(out: Path) -> dict[str, Any]:
    text = (out / "cross.json").read_text(encoding="utf-8")
    CrossReport.model_validate_json(text)
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def rewritten(report: str) -> str:
    """Return the report of 2023 with its own narrative, and the two carried-over cells made to agree."""
    start, end = report.index("  一、总体情况"), report.index("  二、主动公开政府信息情况")
    return report[:start] + "  一、总体情况\n" + NEW_WORDS + "\n" + report[end:]


def test_a_copied_report_with_a_wrong_carry_over_fails(
    annotated: Callable[..., Path], cross: Callable[..., Result]
) -> None:
    out = annotated(first=REPORT_2022, second=REPORT_2023)
    summaries = {path.name: path.read_bytes() for path in out.glob("*.json")}
    result = cross(out)
    assert result.exit_code == 1, result.output
    (pair,) = read(out)["pairs"]
    assert pair["authority"] == {"code": "360302", "division": "江西省萍乡市安源区", "body": "人民政府"}
    assert (pair["previous"]["file"], pair["current"]["file"]) == ("first.json", "second.json")
    failed = [(check["rule"], check["where"]) for check in pair["checks"] if check["status"] == "failed"]
    assert failed == [
        ("cross_year.carry_over", "natural_person"),
        ("cross_year.carry_over", "total"),
        ("duplicate.text", None),
    ]
    operands = pair["checks"][-1]["operands"]
    kinds = {kind: operands[kind] for kind in ("sentences", "verbatim", "new_date", "edited", "new_figures")}
    assert kinds == {"sentences": 11, "verbatim": 9, "new_date": 1, "edited": 1, "new_figures": 0}
    assert [copy["kind"] for copy in pair["copies"][:3]] == ["verbatim", "new_date", "verbatim"]
    assert pair["copies"][0]["text"].startswith("全年公开信息276条")
    for told in ("360302", "2022 → 2023", "结转下年度 0", "全年公开信息276条", "cross.json"):
        assert told in result.output
    assert {name: (out / name).read_bytes() for name in summaries} == summaries


def test_two_years_that_agree_pass(annotated: Callable[..., Path], cross: Callable[..., Result]) -> None:
    out = annotated(first=REPORT_2022, second=rewritten(REPORT_2023))
    summary = json.loads((out / "second.json").read_text(encoding="utf-8"))
    summary["tables"]["applications"]["rows"]["carried_over_in"] |= {"natural_person": 0, "total": 0}
    (out / "second.json").write_text(json.dumps(summary), encoding="utf-8")
    result = cross(out)
    assert result.exit_code == 0, result.output
    (pair,) = read(out)["pairs"]
    assert {check["status"] for check in pair["checks"]} == {"passed"}


def test_the_limit_on_copied_text_is_the_users(annotated: Callable[..., Path], cross: Callable[..., Result]) -> None:
    out = annotated(first=REPORT_2022, second=REPORT_2023)
    cross(out, "--max-copied", "1")
    check = read(out)["pairs"][0]["checks"][-1]
    assert (check["rule"], check["status"], check["operands"]["max_share"]) == ("duplicate.text", "passed", 1)
    assert check["actual"] > 0.5
    assert cross(out, "--max-copied", "1.5").exit_code == 2


def test_results_are_the_same_from_files_and_lines_and_again(
    annotated: Callable[..., Path], cross: Callable[..., Result]
) -> None:
    out = annotated(first=REPORT_2022, second=REPORT_2023)
    cross(out)
    once = (out / "cross.json").read_bytes()
    cross(out)  # its own earlier result is no summary
    assert (out / "cross.json").read_bytes() == once
    for path in out.glob("*.json"):
        path.unlink()
    annotated(jsonl=True, first=REPORT_2022, second=REPORT_2023)
    assert cross(out).exit_code == 1
    lines = (out / "cross.json").read_text(encoding="utf-8")
    assert lines.replace("reports.jsonl:1", "first.json").replace("reports.jsonl:2", "second.json").encode() == once


def test_nothing_to_compare(annotated: Callable[..., Path], cross: Callable[..., Result]) -> None:
    out = annotated(first=REPORT_2022, township=SAMPLE)
    result = cross(out)
    assert result.exit_code == 6
    assert "竹溪镇" in result.output
    whole = read(out)
    assert whole["pairs"] == []
    assert {one["report"]["id"]: one["reason"] for one in whole["unpaired"]} == {
        "first": "no_previous_year",
        "township": "no_division",
    }


def test_a_broken_summary_is_told_and_the_others_are_compared(
    annotated: Callable[..., Path], cross: Callable[..., Result]
) -> None:
    out = annotated(first=REPORT_2022, second=REPORT_2023)
    (out / "broken.json").write_text('{"schema_version": "1.0", "report": {"id"', encoding="utf-8")
    result = cross(out, "--quiet")
    assert result.exit_code == 3
    assert "broken.json" in result.stderr
    assert result.stdout == ""
    whole = read(out)
    assert len(whole["pairs"]) == 1
    assert [bad["code"] for bad in whole["unreadable"]] == ["read.corrupt"]


def test_the_summary_of_a_report_called_cross_is_not_lost(
    annotated: Callable[..., Path], cross: Callable[..., Result]
) -> None:
    out = annotated(cross=REPORT_2022)
    before = (out / "cross.json").read_bytes()
    result = cross(out)
    assert result.exit_code == 2
    assert "output.unwritable" in result.stderr
    assert (out / "cross.json").read_bytes() == before


def test_an_empty_or_missing_folder_is_a_wrong_call(tmp_path: Path, cross: Callable[..., Result]) -> None:
    assert cross(tmp_path / "missing").exit_code == 2
    assert cross(tmp_path).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_control_characters_of_a_summary_do_not_reach_the_terminal(
    annotated: Callable[..., Path], cross: Callable[..., Result]
) -> None:
    out = annotated(first=REPORT_2022, second=REPORT_2023)
    summary = json.loads((out / "second.json").read_text(encoding="utf-8"))
    summary["report"]["authority"] = "安源区\x1b[31m[bold]人民政府"
    (out / "second.json").write_text(json.dumps(summary), encoding="utf-8")
    shown = cross(out).output
    assert "\x1b" not in shown


def test_help_gives_checks_examples_and_exit_statuses(cross: Callable[..., Result]) -> None:
    shown = cross("--help").output
    for part in ("cross_year.carry_over", "duplicate.text", "Examples", "Exit status", "--max-copied"):
        assert part in shown
