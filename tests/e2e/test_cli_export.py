"""``gongkai export``: from the sample reports to tables, as a user would."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from gongkai.pipeline.cli.main import app

SAMPLES = Path(__file__).parents[2] / "corpora" / "samples"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("annotated") / "out"
    bad = folder.parent / "empty.txt"
    bad.touch()
    done = CliRunner().invoke(app, ["annotate", str(SAMPLES), str(bad), "-e", "rules", "-o", str(folder), "-q"])
    assert done.exit_code == 1, done.output
    return folder


@pytest.fixture
def out(annotated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(annotated, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def run(runner: CliRunner, out: Path) -> Run:
    return lambda *words: runner.invoke(app, ["export", *words])


def summaries(out: Path) -> dict[str, dict]:
    return {
        path.stem: json.loads(path.read_bytes()) for path in out.glob("*.json") if ".failure" not in path.name
    }  # fmt: skip


def test_samples_to_duckdb(run: Run, out: Path) -> None:
    done = run("out", "--to", "duckdb", "-o", "t.duckdb")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert "8 报告 reports" in done.stderr
    assert "1 失败记录 failures" in done.stderr
    assert "t.duckdb" in done.stderr
    told = summaries(out)
    with duckdb.connect("t.duckdb", read_only=True) as connection:
        rows = connection.execute("SELECT report_id, authority, year FROM reports ORDER BY 1").fetchall()
        assert rows == sorted((i, d["report"]["authority"], d["report"]["year"]) for i, d in told.items())
        failed = connection.execute("SELECT authority, rule, failed FROM failed_checks_by_authority").fetchall()
        assert failed == [("竹溪镇人民政府", "applications.balance", 2)]
        flow = connection.execute("SELECT new_received, carried_over_in, results_total FROM application_flows "
                                  "WHERE report_id = 'zhuxi-2022'").fetchall()  # fmt: skip
        cells = told["zhuxi-2022"]["tables"]["applications"]["rows"]
        assert flow == [tuple(cells[row]["total"] for row in ("new_received", "carried_over_in", "total"))]
        assert connection.execute("SELECT code FROM failures").fetchall() == [("read.empty",)]


def test_samples_to_excel_and_csv(run: Run, out: Path) -> None:
    assert run("out", "--to", "xlsx", "-o", "t.xlsx", "-q").output == ""
    sheet = openpyxl.load_workbook("t.xlsx")["核对结果"]
    assert [c.value for c in sheet[1]][:4] == ["报告编号", "核对序号", "规则", "规则名称"]
    assert run("out", "--to", "csv", "-o", "tables").exit_code == 0
    data = Path("tables/metrics.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfreport_id,")
    with Path("tables/metrics.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == sum(len(d["metrics"]) for d in summaries(out).values())


def test_damage_costs_a_line_and_a_status(run: Run, out: Path) -> None:
    (out / "beipu-market-2019.json").write_bytes((out / "beipu-market-2019.json").read_bytes()[:-9])
    done = run("out", "--to", "jsonl", "-o", "tables")
    assert done.exit_code == 1
    assert len([line for line in done.stderr.splitlines() if "beipu-market-2019.json" in line]) == 1
    assert "[read.corrupt]" in done.stderr
    assert "7 报告 reports" in done.stderr
    assert "1 损坏 damaged" in done.stderr
    lines = Path("tables/reports.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 7
    quiet = run("out", "--to", "jsonl", "-o", "tables", "-q")
    assert quiet.exit_code == 1
    assert len(quiet.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ("out --to parquet", 2, "-o TARGET"),
        ("out --to pdf -o t", 2, "parquet, csv, xlsx, duckdb, jsonl"),
        ("out --to xlsx -o t.xls", 2, ".xlsx"),
        ("out --to jsonl -o out/tables", 2, "outside OUT"),
        ("nix --to csv -o t", 2, "input.not_found"),
        ("out/zhuxi-2022.json --to csv -o t", 2, "input.not_a_file"),
        ("out --to csv -o out", 2, "output.unwritable"),
        ("out --to csv -o out/zhuxi-2022.json", 2, "output.unwritable"),
        ("out --to csv -o out/zhuxi-2022.json/t", 2, "output.unwritable"),
    ],
)
def test_wrong_calls_change_nothing(run: Run, out: Path, words: str, status: int, told: str) -> None:
    before = sorted(out.parent.rglob("*"))
    done = run(*words.split())
    assert done.exit_code == status
    assert told in done.stderr
    assert sorted(out.parent.rglob("*")) == before


def test_the_dictionary_goes_to_stdout(runner: CliRunner) -> None:
    done = runner.invoke(app, ["export", "--dictionary"])
    assert done.exit_code == 0
    page = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
    assert done.stdout_bytes == page.read_bytes()
