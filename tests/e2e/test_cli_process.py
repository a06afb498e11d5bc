"""The installed command as a process: encodings, pipes, start-up. Few runs, each start costs time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from gongkai.pipeline.readers.formats import SUPPORTED_SUFFIXES
from gongkai.pipeline.schema import Report
from gongkai.pipeline.writing import to_json

pytestmark = pytest.mark.e2e

SAMPLES = Path(__file__).parents[2] / "corpora" / "samples"
COMMAND = str(Path(sys.executable).with_name("gongkai"))


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, env={**os.environ, **env}, timeout=60)


@pytest.fixture
def summary(tmp_path: Path, build_report: Callable[..., Report]) -> str:
    path = tmp_path / "摘要.json"
    path.write_bytes(to_json(build_report(text="全年公开信息1,204条。" * 30)))
    return str(path)


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    took = []
    for _ in range(3):
        start = time.perf_counter()
        result = run("--help")
        took.append(time.perf_counter() - start)
    assert b"annotate" in result.stdout
    code = "import sys, gongkai.pipeline.cli.main; print(*({'spacy', 'pydantic', 'jieba'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    assert loaded.stdout.strip() == b""
    assert min(took) < 1.0  # 0.25 s on a quiet machine


ENVIRONMENTS = [
    ({"PYTHONIOENCODING": "ascii"}, "utf-8"),
    ({"PYTHONIOENCODING": "cp1252"}, "utf-8"),
    ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, "utf-8"),
    ({"PYTHONIOENCODING": "gb18030"}, "gb18030"),
]


@pytest.mark.parametrize(("env", "encoding"), ENVIRONMENTS)
def test_any_locale(summary: str, env: dict[str, str], encoding: str) -> None:
    shown = run("show", summary, **env)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert "柳溪市人民政府" in shown.stdout.decode(encoding)
    checked = run("check", summary, "--json", **env)
    assert checked.returncode == 1
    assert json.loads(checked.stdout.decode("utf-8"))[0]["report"]["authority"] == "柳溪市人民政府"
    wrong = run("show", "没有.json", **env)
    assert wrong.returncode == 2
    assert b"Traceback" not in wrong.stderr


@pytest.mark.parametrize("arguments", [["show"], ["check", "--json"], ["--help"]])
def test_a_closed_pipe_ends_quietly(summary: str, arguments: list[str]) -> None:
    command = [COMMAND, *arguments, *([summary] if arguments[0] != "--help" else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == (1 if arguments == ["--help"] else 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_and_closed_descriptor(summary: str) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run([COMMAND, "show", summary], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == 2
    assert result.stderr.decode().count("\n") == 1
    assert "output.unwritable" in result.stderr.decode()
    closed = subprocess.run(["sh", "-c", f'"{COMMAND}" check "$0" >&-', summary], capture_output=True, timeout=60)
    assert (closed.returncode, closed.stderr) == (1, b"")


def test_usage_errors(tmp_path: Path) -> None:
    result = run("annotate", str(tmp_path), "--nonsense")
    assert result.returncode == 2
    assert "--nonsense" in result.stderr.decode()


def test_the_bundled_samples_from_file_to_screen(tmp_path: Path) -> None:
    out = tmp_path / "out"
    annotated = run("annotate", str(SAMPLES), "-o", str(out))
    told = annotated.stderr.decode()
    assert annotated.returncode == 0, told
    inputs = {path.stem for path in SAMPLES.iterdir() if path.suffix in SUPPORTED_SUFFIXES and path.stem != "README"}
    assert {path.name for path in out.iterdir()} == {"manifest.sqlite", *(f"{name}.json" for name in inputs)}
    for path in out.glob("*.json"):
        report = Report.model_validate_json(path.read_bytes())
        assert report.report.id == path.stem
        assert report.report.title
        assert report.paragraphs
        assert report.tables, path
        seen = run("show", str(path), "--width", "80").stdout.decode()
        assert report.paragraphs[-1].id in seen
        assert max(map(cell_len, seen.splitlines())) <= 80
    assert f"{len(inputs)}/{len(inputs)}" in told
    checked = run("check", str(SAMPLES), "--json")
    for record in json.loads(checked.stdout):
        summary = Report.model_validate_json((out / f"{Path(record['path']).stem}.json").read_bytes())
        assert set(record["tables"]) == set(summary.tables), "check and annotate see the same tables"


def test_ctrl_c_stops_between_reports(tmp_path: Path) -> None:
    for number in range(400):
        (tmp_path / f"r{number}.txt").write_text(
            f"某县{number}年政府信息公开工作年度报告\n一、总体情况\n公开信息{number}条。\n"
        )
    command = [COMMAND, "annotate", str(tmp_path), "-o", str(tmp_path / "out")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read().decode()
    assert b"[  1/400]" in first
    assert process.returncode == 130
    assert "Interrupted after" in rest
    assert "Traceback" not in rest
    assert not list((tmp_path / "out").glob(".*"))
