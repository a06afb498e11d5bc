"""Batch runs that are killed, interrupted, and whose workers die or stand still: nothing lost, doubled or different."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gongkai.pipeline.batch.manifest import MANIFEST_NAME, Manifest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
]
COMMAND = str(Path(sys.executable).with_name("gongkai"))
REPORTS, COPIES, BROKEN = 40, 4, 3
PATIENCE_S = 120.0  # a start takes a second, on a machine busy with other tests twenty


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of different reports, copies of one, and files that cannot be read."""
    folder = tmp_path_factory.mktemp("corpus")
    for i in range(REPORTS):
        sentences = "".join(f"公开第{n}类信息{n * i + 1}条，办结申请{n + i}件。" for n in range(1, 12))
        title = f"松溪县{2010 + i % 15}年政府信息公开工作年度报告"
        (folder / f"r{i:02}.txt").write_text(f"{title}\n一、总体情况\n{sentences}\n", encoding="utf-8")
    for i in range(COPIES):
        (folder / f"copy{i}.txt").write_bytes((folder / "r07.txt").read_bytes())
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing more")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 and nothing more")
    (folder / "empty.txt").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def expected(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The results of a run that nothing befell."""
    out = tmp_path_factory.mktemp("uninterrupted")
    ran = subprocess.run(command(corpus, out, workers=1), capture_output=True, timeout=PATIENCE_S)
    assert ran.returncode == 1, ran.stderr.decode()
    found = results(out)
    assert len(found) == REPORTS + COPIES + BROKEN
    return found


def command(corpus: Path, out: Path, *more: str, workers: int = 2) -> list[str]:
    return [COMMAND, "annotate", str(corpus), "-o", str(out), "-e", "rules", "-w", str(workers), *more]


def results(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("*.json")}


class Run:
    """A run in a session of its own, as a terminal would start it."""

    def __init__(self, arguments: list[str]):
        self.process = subprocess.Popen(arguments, stderr=subprocess.PIPE, start_new_session=True)

    def members(self) -> dict[int, str]:
        """Return the processes of the session and their command lines, without those that ended."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state, *rest = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(rest[2]) == self.process.pid and state != "Z":
                    found[int(folder.name)] = (folder / "cmdline").read_text()
            except (OSError, ValueError):
                continue
        return found

    def workers(self) -> list[int]:
        return sorted(pid for pid, line in self.members().items() if "pipeline.batch.worker" in line)

    def finish(self) -> tuple[int, str]:
        """Wait for the end; return exit status and what was told."""
        told = self.process.communicate(timeout=PATIENCE_S)[1].decode()
        return self.process.returncode, told

    def no_process_is_left(self) -> bool:
        return until(lambda: not self.members())


def until(holds: Callable[[], object]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def start() -> Iterator[Callable[[list[str]], Run]]:
    """Start runs, and see to it that none outlives its test."""
    started: list[Run] = []

    def begin(arguments: list[str]) -> Run:
        started.append(Run(arguments))
        return started[-1]

    yield begin
    for run in started:
        for pid in run.members():
            os.kill(pid, signal.SIGKILL)
        run.process.communicate()


def whole(out: Path, expected: dict[str, bytes]) -> None:
    """Assert that a folder holds what an uninterrupted run leaves, and its manifest each input once."""
    assert results(out) == expected
    assert {path.name for path in out.iterdir()} <= {*expected, MANIFEST_NAME, "gongkai.log"}, "no half of a file"
    with Manifest(out / MANIFEST_NAME) as manifest:
        entries = list(manifest.entries())
    assert sorted(entry.result_name for entry in entries) == sorted(expected)


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random_moments_and_run_again(
    corpus: Path, expected: dict[str, bytes], tmp_path: Path, start: Callable[[list[str]], Run], kills: int
) -> None:
    chance = random.Random(kills)
    out = tmp_path / "out"
    for kill in range(kills):
        run = start(command(corpus, out))
        enough = len(expected) * (kill + 1) // (kills + 1)
        assert until(lambda enough=enough, run=run: len(results(out)) >= enough or run.process.poll() is not None)
        time.sleep(chance.uniform(0, 0.1))
        run.process.send_signal(signal.SIGKILL)
        assert run.no_process_is_left(), "workers end with the run that started them"
        for name, data in results(out).items():
            assert data == expected[name], "what stands is whole"
    status, told = start(command(corpus, out)).finish()
    assert status == 1, told
    assert f"{BROKEN} 失败 failed" in told
    whole(out, expected)


def test_killed_before_the_first_result(
    corpus: Path, expected: dict[str, bytes], tmp_path: Path, start: Callable[[list[str]], Run]
) -> None:
    out = tmp_path / "out"
    run = start(command(corpus, out))
    assert until(run.workers)
    run.process.send_signal(signal.SIGKILL)
    assert run.no_process_is_left(), "not even workers that were still starting"
    start(command(corpus, out)).finish()
    whole(out, expected)


def test_ctrl_c_ends_the_run_and_its_workers(
    corpus: Path, expected: dict[str, bytes], tmp_path: Path, start: Callable[[list[str]], Run]
) -> None:
    out = tmp_path / "out"
    run = start(command(corpus, out))
    assert until(lambda: len(results(out)) >= 5)
    os.killpg(run.process.pid, signal.SIGINT)  # a terminal sends it to all of them
    status, told = run.finish()
    assert status == 130
    assert "Interrupted after" in told
    assert "The same command goes on from there." in told
    assert "Traceback" not in told
    assert run.no_process_is_left()
    status, told = start(command(corpus, out)).finish()
    assert status == 1
    assert "保留 kept" in told
    whole(out, expected)


def test_ctrl_c_while_the_workers_start(corpus: Path, tmp_path: Path, start: Callable[[list[str]], Run]) -> None:
    run = start(command(corpus, tmp_path / "out"))
    assert until(run.workers)
    os.killpg(run.process.pid, signal.SIGINT)
    status, told = run.finish()
    assert (status, "Traceback" in told) == (130, False), told
    assert run.no_process_is_left()


@pytest.mark.parametrize(
    ("blow", "code", "more"),
    [
        (signal.SIGKILL, "worker.died", []),
        (signal.SIGSEGV, "worker.died", []),
        (signal.SIGSTOP, "worker.timeout", ["--timeout", "6"]),
    ],
)
def test_a_worker_that_dies_or_stands_still_costs_one_report(
    corpus: Path,
    expected: dict[str, bytes],
    tmp_path: Path,
    start: Callable[[list[str]], Run],
    blow: signal.Signals,
    code: str,
    more: list[str],
) -> None:
    out = tmp_path / "out"
    run = start(command(corpus, out, *more))
    assert until(lambda: len(results(out)) >= 5)
    os.kill(run.workers()[0], blow)
    status, told = run.finish()
    assert status == 1
    assert run.no_process_is_left()
    found = results(out)
    befallen = [json.loads(data) for name, data in found.items() if expected.get(name) != data]
    assert [record["code"] for record in befallen] in ([code], []), "or it stood between two reports"
    # Hit between writing a summary and telling of it, the worker leaves it beside the record of its failure.
    failed = {name.removesuffix(".failure.json") for name in found if name.endswith(".failure.json")}
    assert {name.split(".")[0] for name in expected} == {name.split(".")[0] for name in found}
    assert len(failed) == BROKEN + len(befallen)
    assert told.count(f"[{code}]") == len(befallen)
    if befallen:
        assert befallen[0]["path"] in (out / "gongkai.log").read_text()
    status, told = start(command(corpus, out, "--retry-failed")).finish()
    assert status == 1, told
    whole(out, expected)
