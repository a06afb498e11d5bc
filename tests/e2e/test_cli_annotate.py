"""``gongkai annotate``: results, names, failures, exit statuses. The pipeline itself is a stand-in here."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from gongkai.pipeline import writing
from gongkai.pipeline.batch.manifest import MANIFEST_NAME
from gongkai.pipeline.cli.inputs import expand
from gongkai.pipeline.cli.main import app
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Failure, Report
from gongkai.pipeline.writing import display_path, report_ids, to_json, write_atomically

pytestmark = pytest.mark.usefixtures("fake_api")
Folder = Callable[..., Path]


def names(folder: Path) -> list[str]:
    """Return the names in a folder of results but that of the manifest, which every such folder has."""
    return sorted(path.name for path in folder.iterdir() if path.name != MANIFEST_NAME)


def test_one_report_goes_to_stdout(runner: CliRunner, folder: Folder) -> None:
    folder({"报告.txt": ""})
    result = runner.invoke(app, ["annotate", "报告.txt"])
    assert result.exit_code == 0
    assert result.stderr == ""
    assert Report.model_validate_json(result.stdout_bytes).report.id == "报告"
    assert "主动公开信息".encode() in result.stdout_bytes


def test_mixed_inputs_leave_a_file_each_and_exit_1(runner: CliRunner, folder: Folder) -> None:
    files = {"good.txt": "GOOD", "part.txt": "PARTIAL", "bad.txt": "RAISE read.scanned_pdf", "oops.txt": "DEFECT"}
    root = folder(files)
    result = runner.invoke(app, ["annotate", *files, "missing.txt", "-o", "a/out"])
    assert result.exit_code == 1
    assert names(root / "a/out") == [
        "bad.failure.json", "gongkai.log", "good.json", "missing.failure.json", "oops.failure.json", "part.json",
    ]  # fmt: skip
    failure = Failure.model_validate_json((root / "a/out/bad.failure.json").read_bytes())
    assert (failure.path, failure.code) == ("bad.txt", "read.scanned_pdf")
    assert "ocrmypdf" in failure.advice
    assert "ZeroDivisionError" in (root / "a/out/gongkai.log").read_text()
    assert (root / "a/out/good.json").read_text(encoding="utf-8").count("\n") > 20
    line = next(line for line in result.stderr.splitlines() if "bad.txt" in line)
    assert "[read.scanned_pdf]" in line
    assert "ocrmypdf" in line
    assert result.stdout == ""
    for told in ("1 成功 ok", "1 部分 partial", "3 失败 failed", "a/out", "input.not_found", "gongkai.log"):
        assert told in result.stderr


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        (["GOOD"], 0),
        (["PARTIAL"], 0),
        (["RAISE read.corrupt"], 3),
        (["RAISE limit.pages"], 4),
        (["RAISE input.not_found"], 2),
        (["DEFECT"], 5),
        (["RAISE read.corrupt", "RAISE limit.pages"], 4),
        (["RAISE read.corrupt", "GOOD"], 1),
    ],
)
def test_exit_status(runner: CliRunner, folder: Folder, texts: list[str], status: int) -> None:
    folder({f"r{i}.txt": text for i, text in enumerate(texts)})
    inputs = [f"r{i}.txt" for i in range(len(texts))]
    assert runner.invoke(app, ["annotate", *inputs, "-o", "out", "-q"]).exit_code == status


def test_quiet_tells_failures_only(runner: CliRunner, folder: Folder) -> None:
    folder({"a.txt": "GOOD", "b.txt": "RAISE read.empty"})
    result = runner.invoke(app, ["annotate", "a.txt", "b.txt", "-o", "out", "-q"])
    assert [line.split()[:2] for line in result.stderr.splitlines()] == [["[2/2]", "✗"]]


def test_inputs_folders_globs_lists(folder: Folder) -> None:
    files = [
        "d/b.txt",
        "d/a.PDF",
        "d/.hidden.txt",
        "d/~$lock.docx",
        "d/pic.jpg",
        "d/README.md",
        "d/sub/c.html",
        "e/x[1].txt",
    ]
    root = folder(dict.fromkeys(files, ""))
    (root / "list.txt").write_text("\ufeff# reports\r\n\r\nd\r\ne/x[1].txt\r\n", encoding="utf-8")

    def paths(*arguments: str, recursive: bool = False) -> list[str]:
        return [item.path for item in expand(arguments, recursive=recursive).items if item.error is None]

    assert paths("d") == ["d/a.PDF", "d/b.txt"]
    assert paths("d", recursive=True) == ["d/a.PDF", "d/b.txt", "d/sub/c.html"]
    assert paths("d/*.txt", "./d/b.txt", "-", "-") == ["d/b.txt", "-"]
    assert paths("**/*.html") == ["d/sub/c.html"]
    assert paths("@list.txt") == ["d/a.PDF", "d/b.txt", "e/x[1].txt"]
    os.mkfifo(root / "d/pipe.txt")
    assert expand(["d"]).left_out == {".jpg": 1, "README": 1, "no plain file": 1}
    assert paths("d/pipe.txt") == ["d/pipe.txt"], "named outright, as <(command) does, it is read"
    (root / "empty/sub").mkdir(parents=True)
    errors = {item.path: item.error for item in expand(["empty", "*.nix", "@nix"]).items}
    assert {path: error and error.code for path, error in errors.items()} == dict.fromkeys(
        ["empty", "*.nix", "@nix"], "input.not_found"
    )
    assert "--recursive" in errors["empty"].message  # type: ignore[union-attr]


def test_names_do_not_depend_on_order_and_never_clash() -> None:
    paths = ["a/x.txt", "b/x.pdf", "b/X.txt", "y.txt", "y.failure.txt", "-", "a/*.txt", "长" * 80 + ".txt"]
    ids = report_ids(paths)
    assert report_ids(reversed(paths)) == ids
    assert len({name.casefold() for name in ids.values()}) == len(paths)
    assert (ids["y.txt"], ids["-"]) == ("y", "stdin")
    assert ids["a/x.txt"].startswith("x-")
    assert report_ids(["a/x.txt", "other/x.txt"])["a/x.txt"] == ids["a/x.txt"]
    assert not ids["y.failure.txt"].endswith(".failure")
    assert all(len(name.encode()) <= 200 and "*" not in name for name in ids.values())


def test_clashing_names_end_up_in_the_files(runner: CliRunner, folder: Folder) -> None:
    root = folder({"a/x.txt": "GOOD", "b/x.txt": "GOOD"})
    assert runner.invoke(app, ["annotate", "a", "b", "-o", "out"]).exit_code == 0
    for path in (root / "out").glob("*.json"):
        assert json.loads(path.read_bytes())["report"]["id"] == path.stem


def test_keep_and_overwrite(runner: CliRunner, folder: Folder, fake_api: ModuleType) -> None:
    root = folder({"a.txt": "GOOD", "b.txt": "RAISE read.empty"})
    runner.invoke(app, ["annotate", "./a.txt", "-o", "out"])
    before = (root / "out/a.json").stat().st_mtime_ns
    fake_api.calls.clear()
    result = runner.invoke(app, ["annotate", "a.txt", "b.txt", "-o", "out", "--keep"])
    assert result.exit_code == 1
    assert (root / "out/a.json").stat().st_mtime_ns == before
    assert fake_api.calls == ["b.txt"]
    assert "1 保留 kept" in result.stderr
    (root / "b.txt").write_text("GOOD")
    assert runner.invoke(app, ["annotate", "a.txt", "b.txt", "-o", "out"]).exit_code == 0
    assert names(root / "out") == ["a.json", "b.json"], "the record of the failure is of the past"
    assert Report.model_validate_json((root / "out/a.json").read_bytes())


def sources(folder: Path) -> dict[str, str]:
    return {path.name: json.loads(path.read_bytes())["source"]["path"] for path in folder.glob("*.json")}


def test_a_result_of_another_path_is_neither_overwritten_nor_kept(runner: CliRunner, folder: Folder) -> None:
    root = folder({"a/x.txt": "GOOD", "b/x.txt": "GOOD"})
    runner.invoke(app, ["annotate", "a/x.txt", "-o", "out"])
    for arguments in (["b/x.txt", "--keep"], ["b/x.txt"], ["a/x.txt"], ["a", "b"], ["a", "b", "--keep"]):
        assert runner.invoke(app, ["annotate", *arguments, "-o", "out"]).exit_code == 0
        found = sources(root / "out")
        assert found.pop("x.json") == "a/x.txt"
        assert list(found.values()) == ["b/x.txt"]
    for path in (root / "out").glob("*.json"):
        assert json.loads(path.read_bytes())["report"]["id"] == path.stem


def test_a_file_that_is_no_result_and_the_record_of_another_stay(runner: CliRunner, folder: Folder) -> None:
    root = folder({"out/x.json": "my notes", "a/x.txt": "GOOD", "a/y.txt": "RAISE read.empty", "b/y.txt": "GOOD"})
    assert runner.invoke(app, ["annotate", "a", "-o", "out"]).exit_code == 1
    assert runner.invoke(app, ["annotate", "b", "-o", "out"]).exit_code == 0
    assert (root / "out/x.json").read_text() == "my notes"
    assert Failure.model_validate_json((root / "out/y.failure.json").read_bytes()).path == "a/y.txt"
    assert [name[:2] for name in names(root / "out")] == ["x-", "x.", "y-", "y."]


def test_keep_reads_a_report_whose_bytes_changed(runner: CliRunner, folder: Folder, fake_api: ModuleType) -> None:
    root = folder({"a.txt": "GOOD"})
    for text in ("GOOD", "PARTIAL"):
        (root / "a.txt").write_text(text)
        runner.invoke(app, ["annotate", "a.txt", "-o", "out", "--keep"])
    assert fake_api.calls == ["a.txt", "a.txt"]
    assert json.loads((root / "out/a.json").read_bytes())["status"] == "partial_success"
    seen = " ".join(runner.invoke(app, ["annotate", "-h"]).stdout.split())
    assert "kept if the report's bytes (SHA-256) are those it was made from" in seen


def test_a_summary_of_what_fails_now_stays_and_is_called_stale(runner: CliRunner, folder: Folder) -> None:
    root = folder({"a.txt": "GOOD", "b.txt": "RAISE read.empty"})
    first = runner.invoke(app, ["annotate", "a.txt", "b.txt", "-o", "out"])
    assert "Stale" not in first.stderr
    (root / "a.txt").write_text("RAISE read.empty")
    second = runner.invoke(app, ["annotate", "a.txt", "b.txt", "-o", "out"])
    assert names(root / "out") == ["a.failure.json", "a.json", "b.failure.json"]
    assert "Stale" in second.stderr
    assert "earlier run: a.json" in second.stderr


def test_a_summary_is_refused_as_a_report(runner: CliRunner, folder: Folder, fake_api: ModuleType) -> None:
    folder({"x.JSON": "{}"})
    result = runner.invoke(app, ["annotate", "x.JSON"])
    assert result.exit_code == 3
    assert "read.unknown_type" in result.stderr
    assert "gongkai show" in result.stderr
    assert result.stdout == ""
    assert fake_api.calls == []
    assert runner.invoke(app, ["annotate", "missing.json"]).exit_code == 2


def test_a_wrong_setting_is_told_without_links(runner: CliRunner, folder: Folder) -> None:
    folder({"a.txt": "GOOD"})
    result = runner.invoke(app, ["annotate", "a.txt", "-s", "limits.max_bits=1", "-s", "metrics.min_score=2"])
    assert result.exit_code == 2
    assert "limits.max_bits: Extra inputs are not permitted; metrics.min_score: Input should be" in result.stderr
    assert "pydantic" not in result.stderr


def test_jsonl(runner: CliRunner, folder: Folder) -> None:
    root = folder({"a.txt": "GOOD", "b.txt": "RAISE read.empty", "c.txt": "GOOD"})
    result = runner.invoke(app, ["annotate", "a.txt", "b.txt", "c.txt", "--jsonl"])
    assert result.exit_code == 1
    assert [json.loads(line)["report"]["id"] for line in result.stdout.splitlines()] == ["a", "c"]
    runner.invoke(app, ["annotate", "a.txt", "b.txt", "c.txt", "--jsonl", "-o", "out"])
    assert names(root / "out") == ["b.failure.json", "reports.jsonl"]
    assert len((root / "out/reports.jsonl").read_bytes().splitlines()) == 2


@pytest.mark.parametrize("arguments", [["-o", "out"], ["-o", "out", "--jsonl"]])
def test_interrupt_keeps_what_is_done(runner: CliRunner, folder: Folder, arguments: list[str]) -> None:
    root = folder({"a.txt": "GOOD", "b.txt": "CTRL-C", "c.txt": "GOOD"})
    (root / "out").mkdir()
    (root / "out/reports.jsonl").write_text("a whole one of yesterday")
    result = runner.invoke(app, ["annotate", "a.txt", "b.txt", "c.txt", *arguments])
    assert result.exit_code == 130
    assert "after 1 of 3" in result.stderr
    assert (root / "out/reports.jsonl").read_text() == "a whole one of yesterday"
    done = "reports.partial.jsonl" if "--jsonl" in arguments else "a.json"
    assert names(root / "out") == sorted([done, "reports.jsonl"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a.txt", "b.txt"], "-o FOLDER"),
        (["a.txt", "--keep"], "-o"),
        (["a.txt", "--set", "limits.max_bits=1"], "config.invalid"),
        (["a.txt", "--set", "nonsense"], "key=value"),
        (["a.txt", "--config", "nix.yaml"], "nix.yaml"),
        (["a.txt", "--frobnicate"], "frobnicate"),
        (["@empty.txt"], "no report"),
        (["a.txt", "-o", "file"], "output.unwritable"),
        (["a.txt", "-o", "file/below"], "output.unwritable"),
    ],
)
def test_wrong_calls_exit_2_and_say_why(runner: CliRunner, folder: Folder, arguments: list[str], told: str) -> None:
    folder({"a.txt": "GOOD", "b.txt": "GOOD", "empty.txt": "# nothing\n", "file": "in the way"})
    result = runner.invoke(app, ["annotate", *arguments])
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_a_failing_disk_ends_the_run_and_leaves_no_half_file(
    runner: CliRunner, folder: Folder, monkeypatch: pytest.MonkeyPatch, fake_api: ModuleType
) -> None:
    root = folder({"a.txt": "GOOD", "b.txt": "GOOD"})
    (root / "out").mkdir()
    (root / "out/a.json").write_text("old")

    def full(self: Path, other: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = runner.invoke(app, ["annotate", "a.txt", "b.txt", "-o", "out"])
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert fake_api.calls == ["a.txt"]
    assert names(root / "out") == ["a.json"]
    assert (root / "out/a.json").read_text() == "old"


def test_killed_between_write_and_rename_the_old_file_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "r.json"
    write_atomically(target, b"old")
    assert target.stat().st_mode & 0o777 == 0o666 & ~writing._umask()

    def killed(self: Path, other: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["r.json"]


def test_unwritable_is_an_error_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(GongkaiError, match=r"output\.unwritable"):
        write_atomically(tmp_path / "no" / "such" / "folder.json", b"")


def test_names_and_texts_that_are_no_unicode(runner: CliRunner, folder: Folder) -> None:
    root = folder({})
    path = os.fsdecode("坏".encode("gb18030") + b".txt")
    (root / path).write_text("RAISE read.empty")
    result = runner.invoke(app, ["annotate", path, "-o", "out"])
    assert result.exit_code == 3
    record = json.loads(next((root / "out").glob("*.json")).read_bytes())
    assert record["path"] == display_path(path) == r"\xbb\xb5.txt"
    (root / path).write_text("GOOD")
    assert runner.invoke(app, ["annotate", path, "-o", "out"]).exit_code == 0
    written = Report.model_validate_json(next((root / "out").glob("*.json")).read_bytes())
    assert "\udcbb" not in written.source.path
    failure = Failure.model_construct(path="甲\udcbb", code="internal", message="", advice="")
    assert Failure.model_validate_json(to_json(failure)).path.startswith("甲\ufffd")
