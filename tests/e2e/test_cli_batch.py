"""``gongkai annotate`` on many reports: what a second run does, duplicates, several workers, what is told meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from gongkai.pipeline.batch.manifest import MANIFEST_NAME, Manifest
from gongkai.pipeline.cli import progress
from gongkai.pipeline.cli.main import app
from gongkai.pipeline.export.results import Results
from gongkai.pipeline.outputs import OutputSet

Folder = Callable[..., Path]
COMMAND = str(Path(sys.executable).with_name("gongkai"))


def results(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.json*")}


def text(number: int) -> str:
    return f"松溪县{2010 + number}年政府信息公开工作年度报告\n一、总体情况\n全年公开政府信息{number + 1}条。\n"


def test_a_second_run_does_nothing_and_a_third_what_changed(
    runner: CliRunner, folder: Folder, fake_api: ModuleType
) -> None:
    root = folder({f"in/{name}.txt": name for name in "abc"})
    command = ["annotate", "in", "-o", "out"]
    assert runner.invoke(app, command).exit_code == 0
    first = results(root / "out")
    written = {path.name: path.stat().st_mtime_ns for path in (root / "out").glob("*.json")}
    fake_api.calls.clear()
    second = runner.invoke(app, command)
    assert (second.exit_code, fake_api.calls) == (0, [])
    assert "0 成功 ok" in second.stderr
    assert "3 保留 kept" in second.stderr
    assert {path.name: path.stat().st_mtime_ns for path in (root / "out").glob("*.json")} == written
    (root / "in/b.txt").write_text("another")
    (root / "in/d.txt").write_text("new")
    third = runner.invoke(app, command)
    assert fake_api.calls == ["in/b.txt", "in/d.txt"]
    assert "2 成功 ok" in third.stderr
    assert "2 保留 kept" in third.stderr
    changed = {name for name, data in results(root / "out").items() if first.get(name) != data}
    assert changed == {"b.json", "d.json"}


def test_other_settings_do_all_anew_and_execution_does_not(
    runner: CliRunner, folder: Folder, fake_api: ModuleType
) -> None:
    folder({f"in/{name}.txt": name for name in "abc"})
    for arguments, calls in (([], 3), (["-w", "1", "-s", "threads=1"], 0), (["--timeout", "9"], 0),
                             (["-s", "summary.headline=1"], 3), (["-s", "summary.headline=1"], 0), ([], 3),
                             (["--overwrite"], 3), (["--keep", "-s", "summary.headline=2"], 0)):  # fmt: skip
        fake_api.calls.clear()
        assert runner.invoke(app, ["annotate", "in", "-o", "out", *arguments]).exit_code == 0
        assert len(fake_api.calls) == calls, arguments


def test_what_failed_stays_failed_until_asked_to_retry(runner: CliRunner, folder: Folder, fake_api: ModuleType) -> None:
    root = folder({"in/a.txt": "GOOD", "in/b.txt": "RAISE read.corrupt", "in/c.txt": "DEFECT"})
    command = ["annotate", "in", "-o", "out"]
    first = runner.invoke(app, command)
    assert first.exit_code == 1
    fake_api.calls.clear()
    again = runner.invoke(app, command)
    assert (again.exit_code, fake_api.calls) == (1, []), "the exit status tells what the folder holds"
    assert "1 保留 kept" in again.stderr
    assert "2 失败 failed" in again.stderr
    assert "2 in an earlier run; again: --retry-failed" in again.stderr
    assert "read.corrupt × 1" in again.stderr
    assert "gongkai.log" not in again.stderr, "nothing was logged by this run"
    retried = runner.invoke(app, [*command, "--retry-failed"])
    assert (retried.exit_code, fake_api.calls) == (1, ["in/b.txt", "in/c.txt"])
    (root / "in/b.txt").write_text("GOOD too")
    assert runner.invoke(app, command).exit_code == 1
    assert sorted(results(root / "out")) == ["a.json", "b.json", "c.failure.json"]


def test_one_content_is_annotated_once_and_each_file_has_its_summary(
    runner: CliRunner, folder: Folder, fake_api: ModuleType
) -> None:
    bad = "RAISE read.corrupt"
    root = folder({"in/a.txt": "same", "in/b.txt": "other", "in/c.txt": "same", "in/d.md": "same", "in/e.txt": "same",
                   "in/x.txt": bad, "in/y.txt": bad})  # fmt: skip
    result = runner.invoke(app, ["annotate", "in", "-o", "out"])
    assert result.exit_code == 1
    assert fake_api.calls == ["in/a.txt", "in/b.txt", "in/d.md", "in/x.txt"], "the suffix may decide how it is read"
    assert "3 made from the result of a file of the same content" in result.stderr
    for name, data in results(root / "out").items():
        record = json.loads(data)
        path = record["path"] if "failure" in name else record["source"]["path"]
        assert Path(path).stem == name.split(".")[0]
        assert "failure" in name or record["report"]["id"] == Path(path).stem
    with Manifest(root / "out" / MANIFEST_NAME) as manifest:
        linked = {entry.path: entry.linked_to for entry in manifest.entries() if entry.linked_to}
    assert linked == {"in/c.txt": "in/a.txt", "in/e.txt": "in/a.txt", "in/y.txt": "in/x.txt"}


@pytest.mark.e2e
def test_two_workers_give_the_bytes_of_one(runner: CliRunner, folder: Folder) -> None:
    root = folder({f"in/r{i:02}.txt": text(i) for i in range(12)} | {"in/copy.txt": text(3), "in/empty.txt": ""})
    (root / "in/broken.pdf").write_bytes(b"%PDF-1.4 and nothing more")
    command = ["annotate", "in", "missing.txt", "-e", "rules"]
    for arguments in (["-o", "one", "-w", "1"], ["-o", "one", "-w", "1", "--jsonl"]):
        assert runner.invoke(app, [*command, *arguments]).exit_code == 1
    ran = subprocess.run([COMMAND, *command, "-o", "two", "-w", "2"], cwd=root, capture_output=True, timeout=120)
    told = ran.stderr.decode()
    assert ran.returncode == 1, told
    lines = subprocess.run([COMMAND, *command, "-o", "two", "-w", "2", "--jsonl"], cwd=root, timeout=120,
                           capture_output=True)  # fmt: skip
    assert lines.returncode == 1
    assert results(root / "two") == results(root / "one")
    assert len(results(root / "two")) == 16 + 1
    assert "13 成功 ok" in told
    assert "3 失败 failed" in told
    assert "2 workers" in told
    assert "gongkai.log" in told
    assert told.count("✗") == 3, "each broken input is told once"
    assert "Traceback" not in told


def test_a_folder_takes_one_run_at_a_time(runner: CliRunner, folder: Folder) -> None:
    root = folder({"a.txt": text(1), "out/notes.txt": ""})
    with Manifest(root / "out" / MANIFEST_NAME):
        result = runner.invoke(app, ["annotate", "a.txt", "-e", "rules", "-o", "out"])
    assert result.exit_code == 2
    assert "output.in_use" in result.stderr


def test_a_model_that_is_missing_ends_the_run_at_once(runner: CliRunner, folder: Folder) -> None:
    root = folder({"a.txt": text(1), "b.txt": text(2)})
    (root / "empty").mkdir()
    arguments = ["a.txt", "b.txt", "--model", "empty", "-o", "out"]
    result = runner.invoke(app, ["annotate", *arguments])
    assert result.exit_code == 2
    assert result.stderr.count("model.unavailable") == 1
    assert results(root / "out") == {}


@pytest.mark.usefixtures("fake_api")
def test_rate_and_time_left_are_told_now_and_then(
    runner: CliRunner, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder({f"in/{i}.txt": f"GOOD {i}" for i in range(100)} | {"in/bad.txt": "RAISE read.empty"})
    monkeypatch.setattr(progress, "_PACE_S", 0.0)
    told = runner.invoke(app, ["annotate", "in", "-o", "out", "-w", "1"]).stderr
    lines = [line for line in told.splitlines() if "ETA" in line]
    assert lines[-1].startswith("[101/101] … ")
    assert "/s · ETA 0.0 s · ok 100 · failed 1" in lines[-1]
    quiet = runner.invoke(app, ["annotate", "in", "-o", "out", "-w", "1", "-q", "--overwrite"]).stderr
    assert [line.split()[1:3] for line in quiet.splitlines()] == [["✗", "failed"]]


@pytest.mark.parametrize("option", ["--keep", "--retry-failed"])
def test_what_needs_a_file_for_each_report_says_so(runner: CliRunner, folder: Folder, option: str) -> None:
    folder({"a.txt": text(1)})
    for rest in ([], ["-o", "out", "--jsonl"]):
        result = runner.invoke(app, ["annotate", "a.txt", option, *rest])
        assert result.exit_code == 2
        assert option in result.stderr


@pytest.mark.usefixtures("fake_api")
def test_a_list_of_files_from_standard_input(runner: CliRunner, folder: Folder) -> None:
    root = folder({"in/a.txt": "GOOD", "in/b.txt": "GOOD", "in/c.txt": "GOOD"})
    result = runner.invoke(app, ["annotate", "@-", "-o", "out"], input="# two of three\nin/a.txt\nin/c.txt\n")
    assert result.exit_code == 0, result.stderr
    assert sorted(results(root / "out")) == ["a.json", "c.json"]


@pytest.mark.usefixtures("fake_api")
def test_a_summary_beside_a_failure_is_stale_for_every_reader(runner: CliRunner, folder: Folder) -> None:
    root = folder({"in/a.txt": "GOOD", "in/b.txt": "GOOD"})
    assert runner.invoke(app, ["annotate", "in", "-o", "out"]).exit_code == 0
    (root / "in/b.txt").write_text("RAISE read.corrupt")
    assert runner.invoke(app, ["annotate", "in", "-o", "out"]).exit_code == 1
    assert sorted(results(root / "out")) == ["a.json", "b.failure.json", "b.json"]
    assert [str(place) for place in OutputSet(root / "out").places()] == ["a.json"]
    assert [(entry.name, entry.kind) for entry in Results(root / "out")] == [
        ("a.json", "report"), ("b.failure.json", "failure"),
    ]  # fmt: skip
    (root / "in/b.txt").write_text("GOOD")
    kept = runner.invoke(app, ["annotate", "in", "-o", "out", "--keep"])
    assert "1 成功 ok" in kept.stderr, "what is stale is not kept"
    assert "1 保留 kept" in kept.stderr
    assert sorted(results(root / "out")) == ["a.json", "b.json"]


def test_a_run_with_nothing_to_do_loads_nothing_heavy(folder: Folder) -> None:
    root = folder({f"in/{i}.txt": text(i) for i in range(3)})
    arguments = ["annotate", "in", "-e", "rules", "-o", "out", "-q"]
    subprocess.run([COMMAND, *arguments], cwd=root, check=True, timeout=120)
    code = (
        f"import sys; from gongkai.pipeline.cli.main import app; app({arguments!r}, standalone_mode=False)\n"
        "print(*({'spacy', 'torch', 'onnxruntime', 'sklearn', 'jieba'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, timeout=120)
    assert (ran.returncode, ran.stdout.strip()) == (0, b""), ran.stderr.decode()
