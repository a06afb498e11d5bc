"""The unit of work: whatever a file holds, an outcome; one content, one outcome but for name and path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gongkai.pipeline.api import annotate
from gongkai.pipeline.batch.work import Annotator, Outcome, Task, failed, passed_on
from gongkai.pipeline.config import Config, load_config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import to_json

from .conftest import Reports

SAMPLES = Path(__file__).parents[3] / "corpora" / "samples"
BROKEN = {
    "empty.txt": (b"", "read.empty", False),
    "broken.pdf": (b"%PDF-1.4 and nothing more", "read.corrupt", True),
    "broken.docx": (b"PK\x03\x04 and nothing more", "read.corrupt", True),
    "summary.json": (b"{}", "read.unknown_type", False),
    "missing.txt": (None, "input.not_found", False),
}


def test_the_summary_is_that_of_the_python_interface(config: Config, annotator: Annotator, reports: Reports) -> None:
    path = reports(1)[0]
    outcome = annotator(Task(path))
    report = annotate(path, config=config)
    assert outcome.data == to_json(report)
    assert (outcome.status, outcome.sha256, outcome.failure) == ("success", report.source.sha256, None)
    assert outcome.seconds > 0
    assert json.loads(annotator(Task(path, "another")).data)["report"]["id"] == "another"
    assert Annotator(config, None)(Task(path)).data == to_json(report, indent=None)


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_is_wrong_with_a_file_is_an_outcome(tmp_path: Path, annotator: Annotator, name: str) -> None:
    data, code, traced = BROKEN[name]
    if data is not None:
        (tmp_path / name).write_bytes(data)
    outcome = annotator(Task(str(tmp_path / name)))
    assert outcome.failure is not None
    assert (outcome.status, outcome.failure.code, outcome.data) == ("failure", code, b"")
    assert outcome.failure.path == str(tmp_path / name)
    assert (outcome.trace is not None) == traced, "the log is for what the reader did not foresee"


def test_a_defect_is_an_outcome_with_its_traceback(
    annotator: Annotator, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of the test")

    monkeypatch.setattr("gongkai.pipeline.api.assemble", defect)
    outcome = annotator(Task(reports(1)[0]))
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.message) == ("internal", "ZeroDivisionError: of the test")
    assert outcome.trace is not None
    assert "in defect" in outcome.trace


@pytest.mark.parametrize("name", ["zhuxi-2022.txt", "songling-education-2021.pdf"])
@pytest.mark.parametrize("indent", [2, None])
def test_an_outcome_passed_on_is_byte_for_byte_the_files_own(
    tmp_path: Path, config: Config, name: str, indent: int | None
) -> None:
    annotator = Annotator(config, indent)
    first, second = SAMPLES / name, tmp_path / f"copy{Path(name).suffix}"
    second.write_bytes(first.read_bytes())
    task = Task(str(second), "copy")
    passed = passed_on(annotator(Task(str(first), "first")), str(first), task, indent)
    own = annotator(task)
    assert passed is not None
    assert passed.data == own.data
    assert (passed.status, passed.sha256, passed.failed_checks) == (own.status, own.sha256, own.failed_checks)


def test_a_failure_is_passed_on_only_if_the_content_tells_it(annotator: Annotator, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.4 and nothing more")
    first, second = str(tmp_path / "a.pdf"), Task(str(tmp_path / "b.pdf"))
    passed = passed_on(annotator(Task(first)), first, second)
    assert passed is not None
    assert passed.failure == annotator(second).failure

    def after(code: str, message: str) -> Outcome | None:
        return passed_on(failed(first, GongkaiError(code, message)), first, second)

    assert after("worker.died", "The process ended.") is None
    assert after("worker.timeout", "It took too long.") is None
    assert after("read.unknown_type", f"{first} is no report.") is None


def test_a_name_that_is_no_unicode(annotator: Annotator, tmp_path: Path) -> None:
    path = tmp_path / b"\xbb\xb5.txt".decode("utf-8", "surrogateescape")
    path.write_text("松溪县2021年政府信息公开工作年度报告\n一、总体情况\n公开信息12条。\n", encoding="utf-8")
    outcome = annotator(Task(str(path), "x"))
    assert json.loads(outcome.data)["source"]["path"].endswith(r"\xbb\xb5.txt")


@pytest.mark.ml
@pytest.mark.parametrize("engine", ["fast", "accurate"])
def test_the_number_of_threads_changes_no_byte(engine: str) -> None:
    """A run with one process takes all cores for a network, one with several takes one each; both must be alike."""
    task = Task(str(SAMPLES / "songling-education-2021.pdf"))
    one, two = (Annotator(load_config(settings=[f"engine={engine}", f"threads={n}"]))(task) for n in (1, 2))
    assert one.failure is None
    assert one.data == two.data
