"""``gongkai show``, ``check``, ``schema``, ``labels``: what a reader sees, whatever a report holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from rich.cells import cell_len
from rich.text import Text
from typer.testing import CliRunner

from gongkai.pipeline.cli.main import app
from gongkai.pipeline.cli.terminal import clean
from gongkai.pipeline.cli.textflow import breaks, flow
from gongkai.pipeline.cli.view_text import number
from gongkai.pipeline.schema import Failure, Report, TableOut
from gongkai.pipeline.tables.templates import TABLES, load
from gongkai.pipeline.writing import to_json

Build = Callable[..., Report]


@pytest.fixture
def show(runner: CliRunner, tmp_path: Path, report: Report) -> Callable[..., str]:
    """Show a report with options; the output must fit the width."""

    def run(*options: str, of: Report | None = None, width: int = 100) -> str:
        path = tmp_path / "summary.json"
        path.write_bytes(to_json(of or report))
        result = runner.invoke(app, ["show", str(path), "--width", str(width), *options])
        assert result.exit_code == 0, result.output
        assert max(cell_len(line) for line in result.stdout.splitlines()) <= width
        return result.stdout

    return run


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_everything_is_shown_within_the_width(show: Callable[..., str], width: int) -> None:
    seen = "".join(show(width=width).split())
    parts = "柳溪市人民政府 一、总体情况 （一）主动公开 文化旅游体育 culture_tourism_sports =1,204条 >800条"
    for part in (
        *parts.split(),
        "不低于95%",
        "上年结转",
        "应为expected6",
        "新收5件",
        "table.cell_unreadable",
        "1未通过",
    ):
        assert part in seen


def test_filters(show: Callable[..., str]) -> None:
    metrics = show("--metrics-only")
    assert "网站公开信息数" in metrics
    assert "总体情况" not in metrics
    tables = show("--tables")
    assert "上年结转" in tables
    assert "应为" not in tables
    checks = show("--checks")
    assert "应为" in checks
    assert "× 1" in checks
    assert "上年结转   " not in checks
    section = show("--section", "Applications")
    assert section == show("--section", "收到和处理")
    assert "上年结转" in section
    assert "图书馆" not in section
    assert "图书馆" in show("--section", "s1"), "subsections belong to their section"
    assert "图书馆" in show("--section", "（一）")
    assert show("--section", "s3", "--metrics-only").strip() == "0 指标 metrics"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_number_of_a_table_is_cut(show: Callable[..., str], report: Report, width: int) -> None:
    report.tables = {}
    for name in TABLES:
        template = load(name)
        rows = {row.id: dict.fromkeys(row.columns_of("2021"), 34_567) for row in template.rows}
        report.tables[name] = TableOut(rows=rows, form="2021")
    seen = show("--tables", of=report, width=width)
    assert "…" not in seen
    assert seen.count("34,567") == sum(len(row) for table in report.tables.values() for row in table.rows.values())
    for name in ("自然人", "要求提供公开出版物", "复议后起诉", "行政事业性收费", "信函申请数"):
        assert name in seen


@pytest.mark.parametrize("width", [40, 60, 70, 100, 120])
def test_metrics_are_whole_at_any_width(show: Callable[..., str], width: int) -> None:
    seen = show("--metrics-only", width=width)
    assert "…" not in seen
    for part in ("= 1,204 条", "> 800 条"):
        assert part in seen
    for part in ("主动公开信息数", "2023年", "网站公开信息数"):
        assert part in "".join(seen.split())


def test_unknown_section_names_the_known_ones(runner: CliRunner, tmp_path: Path, report: Report) -> None:
    (tmp_path / "s.json").write_bytes(to_json(report))
    result = runner.invoke(app, ["show", str(tmp_path / "s.json"), "--section", "九"])
    assert result.exit_code == 2
    assert "一、总体情况" in result.stderr


HOSTILE = (
    "公开[red]信息[/red]\x1b]0;pwned\x07\x1b[2J\x9b31m三条\u202egnp.\u2066。[link=file:///etc/passwd]下载[/link]\r覆盖"
)


def test_no_markup_and_no_escapes_from_the_text(
    show: Callable[..., str], build_report: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    hostile = build_report("[bold]x\x1b[1m", HOSTILE)
    for part in (hostile.report, hostile.sections[0], hostile.summary):
        for field in type(part).model_fields:
            if isinstance(getattr(part, field), str) and field not in ("id", "kind", "format"):
                setattr(part, field, HOSTILE)
    hostile.checks[0].message = hostile.checks[0].evidence = hostile.checks[0].where = HOSTILE
    hostile.checks[0].rule = hostile.diagnostics[0].code = hostile.diagnostics[0].message = HOSTILE
    hostile.tables["applications"].rows[HOSTILE] = {HOSTILE: 1}
    hostile.tables["applications"].extra_rows = [{HOSTILE: HOSTILE}]
    hostile.metrics = []
    hostile.paragraphs[0].segments[0].domains[0].label = HOSTILE
    seen = show(of=hostile)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", seen)
    assert "[red]信息[/red]" in seen
    assert "[link=file:///etc/passwd]" in seen


def test_no_escape_at_all_without_colour_and_only_styles_with_it(
    runner: CliRunner, tmp_path: Path, build_report: Build
) -> None:
    (tmp_path / "s.json").write_bytes(to_json(build_report(text=HOSTILE)))
    path = str(tmp_path / "s.json")
    colour = {"NO_COLOR": None, "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    coloured = runner.invoke(app, ["show", path], env=colour).stdout
    assert "\x1b[" in coloured
    assert set(re.findall(r"\x1b.[0-9;]*.", coloured)) == set(re.findall(r"\x1b\[[0-9;]*m", coloured))
    for env, option in (({**colour, "NO_COLOR": "1"}, []), (colour, ["--no-colour"])):
        assert "\x1b" not in runner.invoke(app, ["show", path, *option], env=env).stdout


def test_clean_keeps_offsets() -> None:
    assert len(clean(HOSTILE + "\ud800\x7f\t")) == len(HOSTILE) + 3
    assert clean("100%，“一网通办”\U00020000") == "100%，“一网通办”\U00020000"


@pytest.mark.parametrize("width", [5, 8, 13, 40])
def test_lines_of_chinese(width: int) -> None:
    text = (
        "全年公开信息12,345.6条（其中：网站800条），占98.5%。《关于公开的通知》 已经印发，见www.example.test 网站。" * 3
    )
    lines = flow(Text(text), width)
    assert "".join(line.plain for line in lines).replace(" ", "") == text.replace(" ", "")
    assert all(line.cell_len <= width for line in lines)
    if width >= 13:
        assert not any(line.plain[0] in "，。）》" for line in lines)
        assert not any(line.plain[-1] in "（《" for line in lines)
        assert any("12,345.6" in line.plain for line in lines)
    assert breaks("", width) == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1204, "1,204"), (1204.0, "1,204"), (0.6667, "0.6667"), (-3, "-3"), (348319300, "348,319,300"), (1e-7, "1e-07"),
     (None, "–")],
)  # fmt: skip
def test_numbers(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_a_heading_that_is_also_a_paragraph_is_shown_once(show: Callable[..., str], report: Report) -> None:
    body = report.paragraphs[0].model_copy(update={"section": "s1"})
    heading = body.model_copy(update={"id": "p0", "text": "（一）主动公开", "segments": [], "path": []})
    report.paragraphs = [heading, body]
    assert show(of=report).count("（一）主动公开") == 1
    seen = show("--section", "s2", of=report)
    assert seen.count("（一）主动公开") == 1
    assert "图书馆" in seen
    assert "2 指标" in show("--section", "s2", "--metrics-only", of=report)


def test_text_outside_segments_and_sections_is_shown(show: Callable[..., str], report: Report) -> None:
    report.paragraphs[0].segments = report.paragraphs[0].segments[1:]
    stray = report.paragraphs[0].model_copy(
        update={"id": "p9", "section": "nowhere", "text": "游离段落", "segments": []}
    )
    report.paragraphs.append(stray)
    report.tables["review_litigation"] = report.tables["applications"]
    seen = show(of=report)
    for part in ("市图书馆", "游离段落", "行政复议、行政诉讼情况"):
        assert part in seen


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (b"{}", 3, "not a summary"),
        (b"\xff\xfe", 3, "read.corrupt"),
        (b'{"a": ' * 5000, 3, "read.corrupt"),
        (to_json(Failure(path="x.pdf", code="limit.pages", message="900 pages.", advice="")), 4, "900 pages"),
        (to_json(Failure(path="x.pdf", code="no.such", message="", advice="")), 3, "read.corrupt"),
    ],
)
def test_json_that_is_no_summary(runner: CliRunner, tmp_path: Path, content: bytes, status: int, told: str) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(content)
    for command in ("show", "check"):
        result = runner.invoke(app, [command, str(path)])
        assert result.exit_code == status
        assert told in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_show_reads_reports_and_reports_failures(
    runner: CliRunner, folder: Callable[..., Path], fake_api: object
) -> None:
    folder({"a.txt": "", "b.txt": "RAISE read.encrypted_pdf", "c.txt": "DEFECT"})
    assert "柳溪市人民政府" in runner.invoke(app, ["show", "a.txt"]).stdout
    bad = runner.invoke(app, ["show", "b.txt"])
    assert (bad.exit_code, "qpdf" in bad.stderr) == (3, True)
    assert runner.invoke(app, ["show", "c.txt"]).exit_code == 5
    assert runner.invoke(app, ["show", "nix.json"]).exit_code == 2
    piped = runner.invoke(app, ["show", "-"], input="自标准输入读得。")
    assert "自标准输入读得。" in piped.stdout


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        (["GOOD"], 0),
        ([""], 1),
        (["NO TABLE"], 6),
        (["RAISE read.corrupt"], 3),
        (["GOOD", "NO TABLE", ""], 1),
        (["", "NO TABLE", "RAISE limit.bytes", "RAISE read.corrupt"], 4),
    ],
)
def test_check_exit_status(
    runner: CliRunner, folder: Callable[..., Path], fake_api: object, texts: list[str], status: int
) -> None:
    folder({f"r{i}.txt": text for i, text in enumerate(texts)})
    result = runner.invoke(app, ["check", *(f"r{i}.txt" for i in range(len(texts)))])
    assert result.exit_code == status


def test_check_names_what_fails(runner: CliRunner, folder: Callable[..., Path], fake_api: object) -> None:
    folder({"a.txt": "", "b.txt": "RAISE read.empty"})
    seen = runner.invoke(app, ["check", "a.txt"]).stdout
    for part in ("a.txt", "柳溪市人民政府", "grid", "applications.balance", "自然人", "应为 expected 6", "新收5件"):
        assert part in seen
    assert "business" not in seen
    assert "business" in runner.invoke(app, ["check", "a.txt", "--all"]).stdout
    result = runner.invoke(app, ["check", "a.txt", "b.txt", "--json"])
    first, second = json.loads(result.stdout_bytes)
    assert (first["status"], first["counts"]) == ("failed", {"passed": 1, "failed": 1, "not_applicable": 1})
    assert [check["where"] for check in first["checks"]] == ["natural_person"]
    assert first["tables"]["applications"] == {"strategy": "grid", "form": "2021", "rows": 4}
    assert Failure.model_validate(second).code == "read.empty"


def test_check_says_each_number_once_and_quotes_the_narrative(
    runner: CliRunner, tmp_path: Path, report: Report
) -> None:
    cells = report.checks[0]
    cells.message, cells.evidence, cells.assumed_blank = "新收 51 而总计 50，相差 1", "新收 51；总计 50", 2
    told = cells.model_copy(update={"rule": "narrative.table", "paragraph": "p1", "evidence": "p1：收到申请51件。"})
    report.checks = [cells, told]
    path = tmp_path / "s.json"
    path.write_bytes(to_json(report))
    seen = runner.invoke(app, ["check", str(path)]).stdout
    assert "新收 51；" not in seen
    assert "上年结转 1" not in seen, "the operands are in the message"
    assert seen.count("“p1：收到申请51件。”") == 1
    assert seen.count("2个空格按0计") == 2


def test_check_help_speaks_of_the_narrative(runner: CliRunner) -> None:
    seen = " ".join(runner.invoke(app, ["check", "-h"]).stdout.split())
    assert "the counts the narrative tells of them" in seen
    assert "nothing but the tables" not in seen


def test_schema_describes_the_files(runner: CliRunner, report: Report) -> None:
    schema = json.loads(runner.invoke(app, ["schema"]).stdout_bytes)
    assert schema["$id"] == "urn:gongkai:summary:1.0"
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    validator(schema).validate(json.loads(to_json(report)))
    assert not validator(schema).is_valid({"report": {}})
    failure = json.loads(runner.invoke(app, ["schema", "--failure"]).stdout_bytes)
    record = json.loads(to_json(Failure(path="x", code="internal", message="m", advice="a")))
    validator(failure).validate(record)
    assert not validator(failure).is_valid(json.loads(to_json(report)))


def test_labels_version_and_help(runner: CliRunner) -> None:
    labels = runner.invoke(app, ["labels"]).stdout
    assert "行政权力运行" in labels
    assert "standardization" in labels
    assert re.fullmatch(r"gongkai \d+\.\d+.*\n", runner.invoke(app, ["--version"]).stdout)
    for command in ("annotate", "show", "check", "schema", "labels"):
        seen = runner.invoke(app, [command, "--help"], env={"COLUMNS": "80"}).stdout
        assert seen.count(f"gongkai {command}") > 1, "usage, and an example"
        assert max(map(cell_len, seen.splitlines())) <= 80
    assert runner.invoke(app, ["nonsense"]).exit_code == 2
