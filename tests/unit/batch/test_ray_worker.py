"""What an actor of a Ray cluster does, without Ray: blocks in, rows out, and what its surroundings must be like."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gongkai.pipeline.batch.identity import Content, engine_sha256
from gongkai.pipeline.batch.messages import Start, received_outcome
from gongkai.pipeline.batch.ray_worker import RayWorker, Surroundings, row_of
from gongkai.pipeline.batch.results import mark
from gongkai.pipeline.batch.work import Annotator, Outcome, Task
from gongkai.pipeline.config import Config, load_config

from .conftest import Reports, children

pa = pytest.importorskip("pyarrow")
Told = list[tuple[int, dict[str, Any], bytes]]


class Begun:
    """Counts how often each block is begun."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    def __call__(self, block: int) -> int:
        self.counts[block] += 1
        return self.counts[block]


@contextmanager
def working(
    config: Config,
    begun: Callable[[int], int] | None = None,
    *,
    folder: Path | None = None,
    around: Surroundings | None = None,
    tries: int = 1,
) -> Iterator[Callable[..., Told]]:
    """Give what carries out a block of tasks and returns what is told of each."""
    around = around or Surroundings(bytes(Path.cwd()), engine_sha256(config), None)
    worker = RayWorker(Start(config, 2, folder).message(), around, begun or Begun(), tries)

    def carry_out(tasks: list[Task], first: int = 0) -> Told:
        block = worker(pa.Table.from_pylist([row_of(number, task) for number, task in enumerate(tasks, first)]))
        return [(row["number"], json.loads(row["told"]), row["data"]) for row in block.to_pylist()]

    try:
        yield carry_out
    finally:
        worker.close()


def outcomes(told: Told) -> dict[int, Outcome]:
    return {number: received_outcome(message["outcome"], data) for number, message, data in told}


def test_a_block_has_the_bytes_of_one_process(
    config: Config, annotator: Annotator, reports: Reports, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 and nothing more")
    tasks = [Task(path, f"id{i}") for i, path in enumerate([*reports(3), str(broken), str(tmp_path / "missing.txt")])]
    with working(config) as carry_out:
        found = outcomes(carry_out(tasks))
        assert len(children()) == 1, "one process beside the actor, for all its blocks"
        again = outcomes(carry_out(tasks[:1], 5))
    for number, task in enumerate(tasks):
        own = annotator(task)
        assert (found[number].data, found[number].failure) == (own.data, own.failure)
        assert (found[number].trace is None) == (own.trace is None)
    assert again[5].data == found[0].data


def test_a_block_that_was_begun_before_is_handed_back(config: Config, reports: Reports) -> None:
    begun = Begun()
    begun(0)
    tasks = [Task(path) for path in reports(3)]
    with working(config, begun) as carry_out:
        assert carry_out(tasks) == [(number, {"back": 2}, b"") for number in range(3)]
        assert children() == [], "nothing is started for it"
    with working(config, begun, tries=3) as carry_out:
        assert outcomes(carry_out(tasks)).keys() == {0, 1, 2}


def test_a_file_that_the_run_sees_and_the_worker_does_not(config: Config, reports: Reports, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere.txt")
    tasks = [Task(elsewhere, "a", Content("0" * 64, "")), Task(reports(1)[0], "b"), Task(elsewhere, "c")]
    with working(config) as carry_out:
        told = {number: message for number, message, _ in carry_out(tasks)}
    assert list(told[0]) == ["unseen"]
    assert told[1]["outcome"]["status"] == "success"
    assert told[2]["outcome"]["failure"]["code"] == "input.not_found", "nor does the run see it"


def test_relative_paths_relate_to_the_folder_of_the_run(
    config: Config, reports: Reports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absolute = reports(1)[0]
    relative = Task(str(Path(absolute).relative_to(tmp_path)), "a", Content("0" * 64, ""))
    (tmp_path / "out").mkdir()
    monkeypatch.chdir("/")
    engine = engine_sha256(config)
    with working(config, around=Surroundings(bytes(tmp_path), engine, None)) as carry_out:
        assert outcomes(carry_out([relative]))[0].status == "success"
    monkeypatch.chdir(tmp_path)
    gone = Surroundings(b"/no/such/folder", engine, mark(tmp_path / "out"))
    with working(config, around=gone, folder=Path("out")) as carry_out:
        told = {number: message for number, message, _ in carry_out([relative, Task(absolute, "b")])}
    assert list(told[0]) == ["unseen"], "a file of that name in another folder is another file"
    assert told[1]["outcome"]["stored"] is None


def test_results_are_stored_where_the_folder_is_shared_and_handed_over_where_not(
    config: Config, annotator: Annotator, reports: Reports, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    task = Task(reports(1)[0], "a")
    engine, here = engine_sha256(config), bytes(Path.cwd())
    with working(config, folder=out, around=Surroundings(here, engine, mark(out))) as carry_out:
        ((_, message, data),) = carry_out([task])
    assert (data, (out / "a.json").read_bytes()) == (b"", annotator(task).data)
    assert message["outcome"]["stored"]["sha256"]
    (out / "a.json").unlink()
    with working(config, folder=out, around=Surroundings(here, engine, "of-another-folder")) as carry_out:
        ((_, message, data),) = carry_out([task])
    assert (data, message["outcome"]["stored"]) == (annotator(task).data, None)
    assert not (out / "a.json").exists()


def test_another_installation_is_refused(config: Config, reports: Reports) -> None:
    around = Surroundings(bytes(Path.cwd()), "0" * 64, None)
    with working(config, around=around) as carry_out:
        ((_, message, _),) = carry_out([Task(reports(1)[0])])
    assert message["code"] == "ray.unlike"


def test_a_model_that_is_not_there_is_told(reports: Reports, tmp_path: Path) -> None:
    config = load_config(settings=[f"model={tmp_path}"])
    around = Surroundings(bytes(Path.cwd()), "0" * 64, None)
    with working(config, around=around) as carry_out:
        ((_, message, _),) = carry_out([Task(reports(1)[0])])
    assert message["code"] == "model.unavailable"
