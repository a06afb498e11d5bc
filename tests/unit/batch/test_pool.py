"""The pool: real processes, really killed; every task has its outcome, and only the guilty one has failed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gongkai.pipeline.batch.pool import Pool, cores, worker_count
from gongkai.pipeline.batch.work import Annotator, Outcome, Task
from gongkai.pipeline.config import Config, load_config
from gongkai.pipeline.errors import GongkaiError

from .conftest import Reports, children


def codes(results: list[tuple[Task, Outcome]]) -> dict[str, str | None]:
    return {Path(task.path).stem: outcome.failure and outcome.failure.code for task, outcome in results}


def test_how_many_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongkai.pipeline.batch.pool.cores", lambda: 4)
    assert [worker_count(0, n) for n in (0, 1, 8, 16, 33, 10_000)] == [1, 1, 1, 2, 4, 4], "not worth their start"
    assert [worker_count(3, n) for n in (0, 1, 2, 10_000)] == [1, 1, 2, 3], "as told"
    assert (worker_count(0), worker_count(3)) == (4, 3)
    assert cores() >= 1


def test_the_same_bytes_in_order_from_two_workers(config: Config, annotator: Annotator, reports: Reports) -> None:
    paths = reports(12)
    tasks = [Task(path, f"id{i}") for i, path in enumerate([*paths, paths[0]])]
    with Pool(config, 2) as pool:
        results = list(pool.run(tasks, ordered=True))
        again = list(pool.run(tasks[:3], ordered=False))
    assert [task for task, _ in results] == tasks
    assert [outcome.data for _, outcome in results] == [annotator(task).data for task in tasks]
    assert {task for task, _ in again} == set(tasks[:3])


def test_a_worker_killed_costs_its_report_only(config: Config, reports: Reports, long_report: str) -> None:
    tasks = [Task(path) for path in [*reports(1), long_report, *reports(6)]]
    with Pool(config, 1) as pool:
        results = [next(run := pool.run(tasks, ordered=False))]
        (worker,) = pool.processes
        time.sleep(0.2)  # it is at the long report now
        os.kill(worker, signal.SIGKILL)
        results += run
    assert codes(results) == {"long": "worker.died", **{f"r{i:02}": None for i in range(6)}}
    assert len(results) == len(tasks)
    (failure,) = [outcome for _, outcome in results if outcome.failure]
    assert failure.failure is not None
    assert "SIGKILL (perhaps memory ran out)" in failure.failure.message
    assert failure.trace is not None
    assert str(worker) in failure.trace


DIES = """
import os, signal
from gongkai.pipeline.batch import worker
store = worker.store_result
def store_and_die(folder, report_id, *rest, **more):
    if report_id == "r01" and {before}:
        os.kill(os.getpid(), signal.SIGKILL)
    stored = store(folder, report_id, *rest, **more)
    if report_id == "r01":
        os.kill(os.getpid(), signal.SIGKILL)
    return stored
worker.store_result = store_and_die
worker.main()
"""


@pytest.mark.parametrize("before", [True, False])
def test_a_worker_killed_before_or_after_it_stores_leaves_one_result(
    config: Config,
    annotator: Annotator,
    reports: Reports,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: bool,
) -> None:
    """What it had stored and could not tell of is done; what it had not stored has failed."""
    (tmp_path / "dies.py").write_text(DIES.format(before=before))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr("gongkai.pipeline.batch.pool._MODULE", "dies")
    out = tmp_path / "out"
    out.mkdir()
    (out / "r01.failure.json").write_text("{}")  # of an earlier run
    tasks = [Task(path, Path(path).stem) for path in reports(4)]
    with Pool(config, 1, 2, out) as pool:
        results = list(pool.run(tasks, ordered=True))
    assert [task for task, _ in results] == tasks
    assert codes(results) == {"r00": None, "r01": "worker.died" if before else None, "r02": None, "r03": None}
    if before:
        assert not (out / "r01.json").exists()
        return
    summary = (out / "r01.json").read_bytes()
    stored = results[1][1].stored
    assert stored is not None
    assert (summary, stored.sha256) == (annotator(tasks[1]).data, hashlib.sha256(summary).hexdigest())
    assert not (out / "r01.failure.json").exists()


def test_a_report_that_takes_too_long_costs_itself_only(reports: Reports, long_report: str) -> None:
    config = load_config(settings=["engine=rules", "batch.timeout_s=2"])
    tasks = [Task(path) for path in [long_report, *reports(4)]]
    with Pool(config, 2) as pool:
        results = list(pool.run(tasks, ordered=True))
    assert [task for task, _ in results] == tasks
    assert codes(results) == {"long": "worker.timeout", **{f"r{i:02}": None for i in range(4)}}


def test_a_worker_that_stands_still_is_replaced(reports: Reports) -> None:
    config = load_config(settings=["engine=rules", "batch.timeout_s=1.5"])
    tasks = [Task(path) for path in reports(8)]
    with Pool(config, 1) as pool:
        results = [next(run := pool.run(tasks, ordered=True))]
        (worker,) = pool.processes
        os.kill(worker, signal.SIGSTOP)
        results += run
    assert [task for task, _ in results] == tasks
    assert sorted(filter(None, codes(results).values())) == ["worker.timeout"]


def test_tasks_are_drawn_as_there_is_room(config: Config, reports: Reports) -> None:
    paths = reports(2)
    drawn = 0

    def endless() -> Iterator[Task]:
        nonlocal drawn
        while True:
            drawn += 1
            yield Task(paths[drawn % 2])

    with Pool(config, 2) as pool:
        for done, _ in enumerate(pool.run(endless(), ordered=True), 1):
            assert drawn - done <= 2 * 16
            if done == 60:
                break


def test_no_worker_starts_without_a_task(config: Config, reports: Reports) -> None:
    with Pool(config, 8) as pool:
        assert list(pool.run([], ordered=False)) == []
        assert children() == []
        assert len(list(pool.run([Task(reports(1)[0])], ordered=False))) == 1
        assert len(children()) == 1


def test_a_pipe_is_read_in_this_process_and_in_its_turn(config: Config, reports: Reports, tmp_path: Path) -> None:
    paths = reports(3)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(Path(paths[1]).read_bytes()))
    writer.start()
    with Pool(config, 2) as pool:
        tasks = [Task(path) for path in (paths[0], str(pipe), paths[2])]
        results = list(pool.run(tasks, ordered=True))
    writer.join()
    assert [task for task, _ in results] == tasks
    assert [json.loads(outcome.data)["source"]["path"] for _, outcome in results] == [task.path for task in tasks]


def test_a_model_that_is_not_there_ends_the_run(tmp_path: Path, reports: Reports) -> None:
    config = load_config(settings=[f"model={tmp_path}"])
    with Pool(config, 2) as pool, pytest.raises(GongkaiError) as caught:
        list(pool.run([Task(path) for path in reports(3)], ordered=False))
    assert caught.value.code == "model.unavailable"


def test_workers_that_never_come_to_work_end_the_run(
    config: Config, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # no interpreter starts with this
    with Pool(config, 1) as pool, pytest.raises(GongkaiError, match="3 workers in a row") as caught:
        list(pool.run([Task(path) for path in reports(1)], ordered=False))
    assert caught.value.code == "worker.start"


def test_a_worker_that_has_grown_is_replaced(reports: Reports, long_report: str, tmp_path: Path) -> None:
    """After a report that takes much memory the worker makes room for another; nothing has failed by it."""
    Path(long_report).write_bytes(Path(long_report).read_bytes()[:200_000].rsplit(b"\n", 1)[0])
    config = load_config(settings=["engine=rules", "batch.growth_mb=1"])
    tasks = [Task(path) for path in [*reports(1), long_report, *reports(6)[1:]]]
    with Pool(config, 1) as pool:
        run = pool.run(tasks, ordered=True)
        results = [next(run)]
        before = pool.processes
        results += run
        assert pool.processes != before
    assert [task for task, _ in results] == tasks
    assert set(codes(results).values()) == {None}


def test_a_worker_ends_with_its_run_whatever_it_does(tmp_path: Path, long_report: str) -> None:
    """The run is killed while its worker is at a long report: no orphan goes on to write."""
    code = (
        "import sys, time; from gongkai.pipeline.batch.pool import Pool; from gongkai.pipeline.batch.work import Task\n"
        "from gongkai.pipeline.config import load_config\n"
        "pool = Pool(load_config(settings=['engine=rules']), 1)\n"
        f"run = pool.run([Task({str(tmp_path / 'missing.txt')!r}), Task({long_report!r})], ordered=True)\n"
        "next(run); print(*pool.processes, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        worker = Path("/proc") / run.stdout.readline().decode().strip()
        assert worker.exists()
        run.kill()
        run.wait()
        began = time.monotonic()
        while worker.exists() and time.monotonic() - began < 5:
            time.sleep(0.01)
        assert not worker.exists() or "State:\tZ" in (worker / "status").read_text()


def test_a_worker_is_deaf_to_ctrl_c_from_its_first_instruction(config: Config, reports: Reports) -> None:
    with Pool(config, 1) as pool:
        run = pool.run([Task(path) for path in reports(3)], ordered=True)
        stop = threading.Event()

        def interrupt() -> None:
            while not stop.is_set():
                for worker in pool.processes:
                    os.kill(worker, signal.SIGINT)
                time.sleep(0.001)

        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            assert set(codes(list(run)).values()) == {None}
        finally:
            stop.set()
            thread.join()
