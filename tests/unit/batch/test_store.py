"""The folder of results: which stand in the next run and which do not, links, halves of files, the log."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gongkai.pipeline.batch.manifest import MANIFEST_NAME, Entry, Manifest
from gongkai.pipeline.batch.results import LOG_NAME
from gongkai.pipeline.batch.store import Standing, Store
from gongkai.pipeline.batch.work import Annotator, Task, failed
from gongkai.pipeline.config import Config, load_config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import to_json

from .conftest import Reports

Open = Callable[..., Store]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def path(reports: Reports) -> str:
    return reports(1)[0]


@pytest.fixture
def first_run(out: Path, path: str, config: Config, annotator: Annotator) -> None:
    store = Store(out, config)
    task = store.task(path, "r00")
    assert store.standing(task) is None
    assert store.write(task, annotator(task)) is None
    store.close(complete=True)


def standing(out: Path, path: str, config: Config, **kwargs: object) -> Standing | None:
    store = Store(out, config, **kwargs)  # type: ignore[arg-type]
    try:
        return store.standing(store.task(path, "r00"))
    finally:
        store.close(complete=True)


def entry(out: Path, path: str) -> Entry:
    with Manifest(out / MANIFEST_NAME) as manifest:
        found = manifest.get(path)
    assert found is not None
    return found


@pytest.mark.usefixtures("first_run")
def test_a_result_stands_until_something_changes(out: Path, path: str, config: Config) -> None:
    assert standing(out, path, config) == Standing()
    assert standing(out, path, config, rerun="keep") == Standing()
    assert standing(out, path, config, rerun="overwrite") is None
    os.utime(path)
    assert standing(out, path, config) == Standing(), "the same bytes with another time"
    other = load_config(settings=["engine=rules", "segments.merge=true"])
    assert standing(out, path, other) is None
    assert standing(out, path, other, rerun="keep") == Standing()
    Path(path).write_text("松溪县2021年政府信息公开工作年度报告\n公开信息1条。", encoding="utf-8")
    assert standing(out, path, config) is None
    assert standing(out, path, config, rerun="keep") is None


@pytest.mark.usefixtures("first_run")
def test_a_result_that_is_not_as_it_was_written_does_not_stand(out: Path, path: str, config: Config) -> None:
    result = out / "r00.json"
    data = result.read_bytes()
    os.utime(result, (1, 1))
    assert standing(out, path, config) == Standing(), "copied to another disk"
    assert entry(out, path).result_stamp.split(":")[1] == "1000000000", "the next run need not hash it again"
    result.write_bytes(data.replace(b"1", b"2"))
    assert standing(out, path, config) is None
    result.write_bytes(data)
    assert standing(out, path, config) == Standing()
    result.unlink()
    assert standing(out, path, config) is None
    assert standing(out, path, config, rerun="keep") is None


@pytest.mark.usefixtures("first_run")
def test_other_code_or_models_are_another_result(
    out: Path, path: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gongkai.pipeline.batch.store.engine_sha256", lambda config: "another")
    assert standing(out, path, config) is None


@pytest.mark.usefixtures("first_run")
def test_the_stamp_of_a_file_just_written_is_made_good_later(out: Path, path: str, config: Config) -> None:
    assert entry(out, path).content_stamp == "", "it was written a moment before the run"
    os.utime(path, (time.time() - 60,) * 2)
    assert standing(out, path, config) == Standing()
    assert entry(out, path).content_stamp != ""


def test_a_failure_stands_too_unless_it_is_to_be_tried_again(out: Path, path: str, config: Config) -> None:
    store = Store(out, config)
    task = store.task(path, "r00")
    error = GongkaiError("read.corrupt", "It is damaged.")
    store.write(task, failed(path, error, "Traceback of the parser"))
    store.close(complete=True)
    stands = standing(out, path, config)
    assert stands is not None
    assert stands.failure is not None
    assert to_json(stands.failure) == (out / "r00.failure.json").read_bytes()
    assert "Traceback of the parser" in (out / LOG_NAME).read_text()
    assert standing(out, path, config, retry_failed=True) is None
    assert standing(out, path, config, rerun="keep") is None


def test_a_summary_ends_a_failure_and_a_failure_leaves_a_summary(
    out: Path, path: str, config: Config, annotator: Annotator
) -> None:
    store = Store(out, config, rerun="overwrite")
    task = store.task(path, "r00")
    error = GongkaiError("read.corrupt", "It is damaged.")
    assert store.write(task, failed(path, error)) is None
    assert store.write(task, annotator(task)) is None
    assert sorted(p.name for p in out.glob("*.json")) == ["r00.json"]
    assert store.write(task, failed(path, error)) == "r00.json"
    assert sorted(p.name for p in out.glob("*.json")) == ["r00.failure.json", "r00.json"]
    store.close(complete=True)


def test_one_content_is_annotated_once(out: Path, path: str, config: Config, annotator: Annotator) -> None:
    copy, word = Path(path).with_name("copy.txt"), Path(path).with_name("copy.md")
    for other in (copy, word):
        other.write_bytes(Path(path).read_bytes())
    store = Store(out, config)
    task, twin = store.task(path, "r00"), store.task(str(copy), "copy")
    assert store.twin(task) == store.twin(twin)
    assert store.twin(task) != store.twin(store.task(str(word), "copy-md")), "the suffix decides how it is read"
    assert store.linked(twin) is None
    store.write(task, annotator(task))
    assert store.linked(task) is None, "nothing is linked to itself"
    linked = store.linked(twin)
    assert linked is not None
    outcome, source = linked
    assert source == path
    assert outcome.data == annotator(twin).data
    store.write(twin, outcome, source)
    store.close(complete=True)
    assert entry(out, str(copy)).linked_to == path
    again = Store(out, config, rerun="overwrite")
    assert again.linked(again.task(str(copy), "copy")) is None, "overwrite takes nothing of earlier runs"
    again.close(complete=True)


def test_a_file_changed_between_hashing_and_reading(out: Path, path: str, config: Config, annotator: Annotator) -> None:
    os.utime(path, (1, 1))
    store = Store(out, config)
    task = store.task(path, "r00")
    Path(path).write_text("松溪县2022年政府信息公开工作年度报告\n公开信息1条。", encoding="utf-8")
    outcome = annotator(task)
    store.write(task, outcome)
    store.close(complete=True)
    found = entry(out, path)
    assert (found.content_sha256, found.content_stamp) == (outcome.sha256, ""), "told by what was read, hashed anew"
    assert json.loads((out / "r00.json").read_bytes())["source"]["sha256"] == found.content_sha256
    assert standing(out, path, config) == Standing()


def test_halves_of_files_of_a_killed_run_go_and_others_stay(out: Path, config: Config) -> None:
    out.mkdir()
    halves = [out / ".gongkai-run-abc.tmp", out / ".gongkai-run-def.tmp"]
    others = [out / ".gongkai-of-another-command.tmp", out / "notes.tmp"]
    for left in (halves[0], *others):
        left.write_bytes(b"half")
    store = Store(out, config)
    assert not halves[0].exists()
    halves[1].write_bytes(b"of a worker that this run has ended")
    store.close(complete=True)
    assert not halves[1].exists()
    assert all(left.exists() for left in others)


def test_a_result_that_a_power_failure_cut_short_is_made_again(
    out: Path, path: str, config: Config, first_run: None
) -> None:
    (out / "r00.json").write_bytes(b"")  # what a file that was never synced may come back as
    assert standing(out, path, config) is None


def test_a_result_under_anothers_name_is_never_lost(out: Path, path: str, config: Config, annotator: Annotator) -> None:
    out.mkdir()
    (out / "r00.json").write_text("my notes")
    store = Store(out, config)
    task = store.task(path, "r00")
    store.write(task, annotator(task))
    assert task.report_id != "r00"
    assert store.task(path, "r00").report_id == task.report_id
    store.close(complete=True)
    assert (out / "r00.json").read_text() == "my notes"
    assert standing(out, path, config) == Standing()


def test_what_has_no_hash_is_done_in_every_run(out: Path, tmp_path: Path, config: Config) -> None:
    missing = str(tmp_path / "missing.txt")
    store = Store(out, config)
    task = Task(missing, "missing", store.task(missing, "missing").content)
    assert store.twin(task) is None
    store.write(task, failed(missing, GongkaiError("input.not_found", "It is not there.")))
    assert store.standing(store.task(missing, "missing")) is None
    store.close(complete=True)
