"""``--runner ray`` on a real cluster of two workers: the bytes of a local run, whoever dies meanwhile."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from gongkai.pipeline.batch.manifest import MANIFEST_NAME, Manifest

pytest.importorskip("ray", reason="needs the extra ray")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
]
BIN = Path(sys.executable).parent
SAMPLES = Path(__file__).parents[2] / "corpora" / "samples"
BROKEN = {"broken.pdf": b"%PDF-1.4 and nothing more", "broken.docx": b"PK\x03\x04 and nothing more", "empty.txt": b""}
# A cluster for these tests alone: whoever connects must show a token that is made for them.
ENVIRONMENT = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": uuid4().hex}
PATIENCE_S = 600.0
ACTOR, PROCESS = "ray::MapWorker", "pipeline.batch.worker"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A cluster of this machine's making with two processors, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--num-cpus=2", "--include-dashboard=false"]
    command = [str(BIN / "ray"), "start", "--head", "--block", f"--port={port}", *options]
    head = subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, text=True
    )
    assert head.stdout is not None
    told = []
    for line in head.stdout:
        told.append(line)
        if "Ray runtime started" in line:
            break
    else:
        pytest.fail("".join(told))
    yield f"127.0.0.1:{port}"  # Ray makes of it the address that the head listens at
    head.terminate()
    head.wait(60)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Samples, small reports, a copy of one, files that cannot be read, and a list with one that is missing."""
    root = tmp_path_factory.mktemp("corpus")
    folder = root / "in"
    folder.mkdir()
    for sample in sorted(SAMPLES.glob("*.*"))[:6]:
        if sample.suffix in (".txt", ".html", ".docx", ".pdf"):
            (folder / sample.name).write_bytes(sample.read_bytes())
    for i in range(16):
        title = f"松溪县{2010 + i % 15}年政府信息公开工作年度报告"
        sentences = "".join(f"公开第{n}类信息{n * i + 1}条，办结申请{n + i}件。" for n in range(1, 12))
        (folder / f"r{i:02}.txt").write_text(f"{title}\n一、总体情况\n{sentences}\n", encoding="utf-8")
    (folder / "copy.txt").write_bytes((folder / "r07.txt").read_bytes())
    for name, data in BROKEN.items():
        (folder / name).write_bytes(data)
    names = [*(f"in/{path.name}" for path in sorted(folder.iterdir())), "in/missing.txt"]
    (root / "list.txt").write_text("\n".join(names), encoding="utf-8")
    return root


def command(*more: str, out: Path, inputs: str = "@list.txt") -> list[str]:
    return [str(BIN / "gongkai"), "annotate", inputs, "-e", "rules", "-w", "2", "-o", str(out), *more]


def finished(arguments: list[str], folder: Path) -> tuple[int, str]:
    """Return exit status and what was told."""
    ran = subprocess.run(arguments, cwd=folder, env=ENVIRONMENT, capture_output=True, timeout=PATIENCE_S)
    assert ran.stdout == b""
    return ran.returncode, ran.stderr.decode()


def results(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("*.json*")}


@pytest.fixture(scope="module")
def expected(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The results of a local run, file by file and as lines."""
    out = tmp_path_factory.mktemp("local")
    assert finished(command(out=out), corpus)[0] == 1
    assert finished(command("--jsonl", out=out), corpus)[0] == 1
    return results(out)


def whole(out: Path, expected: dict[str, bytes]) -> None:
    """Assert that a folder holds what a local run leaves, and its manifest each input once."""
    wanted = {name: data for name, data in expected.items() if name.endswith(".json")}
    assert results(out) == wanted
    assert {path.name for path in out.iterdir()} <= {*wanted, MANIFEST_NAME, "gongkai.log"}, "no half, no mark"
    with Manifest(out / MANIFEST_NAME) as manifest:
        assert sorted(entry.result_name for entry in manifest.entries()) == sorted(wanted)


def processes(named: str) -> dict[int, int]:
    """Return the processes so named and their parents, without those that ended."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
            if named in (folder / "cmdline").read_text() and state != "Z":
                found[int(folder.name)] = int(parent)
        except (OSError, ValueError):
            continue
    return found


def until(holds: Callable[[], object]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


def actors_at_work() -> list[int]:
    """Return the actors whose process has started."""
    return [parent for parent in processes(PROCESS).values() if parent in processes(ACTOR)]


def test_the_bytes_of_a_local_run_and_nothing_to_do_afterwards(
    corpus: Path, expected: dict[str, bytes], cluster: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ray = command("--runner", "ray", "--address", cluster, out=out)
    status, told = finished(ray, corpus)
    assert status == 1, told
    whole(out, expected)
    assert "2 workers" in told
    assert [line for line in told.splitlines() if "ray" in line.lower()] == [], "Ray says nothing on the terminal"
    assert told.count("✗") == len(BROKEN) + 1, "each broken input is told once"
    status, told = finished(ray, corpus)
    assert status == 1
    assert "0 成功 ok" in told
    local, told = finished(command(out=out), corpus)
    assert local == 1
    assert "0 成功 ok" in told, "one runner goes on where the other was"
    whole(out, expected)


def test_lines_in_the_order_of_the_inputs(
    corpus: Path, expected: dict[str, bytes], cluster: str, tmp_path: Path
) -> None:
    status, told = finished(command("--jsonl", "--runner", "ray", "--address", cluster, out=tmp_path), corpus)
    assert status == 1, told
    assert (tmp_path / "reports.jsonl").read_bytes() == expected["reports.jsonl"]


def test_an_actor_killed_in_the_middle_costs_nothing(
    corpus: Path, expected: dict[str, bytes], cluster: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with subprocess.Popen(
        command("--runner", "ray", "--address", cluster, out=out), cwd=corpus, env=ENVIRONMENT, stderr=subprocess.PIPE
    ) as run:
        assert until(actors_at_work)
        os.kill(actors_at_work()[0], signal.SIGKILL)
        told = run.communicate(timeout=PATIENCE_S)[1].decode()
    assert run.returncode == 1, told
    assert "worker.died" not in told
    whole(out, expected)


def test_what_kills_its_actor_again_and_again_is_given_up_and_nothing_else(cluster: str, tmp_path: Path) -> None:
    sentence = "全年受理群众来信来访320件次，办结315件，回访率达98.5%，召开协调会12次，印发简报24期。\n"
    title = "松溪县2021年政府信息公开工作年度报告\n一、总体情况\n"
    (tmp_path / "long.txt").write_text(title + sentence * 60_000, encoding="utf-8")
    (tmp_path / "short.txt").write_text(title + sentence, encoding="utf-8")
    out = tmp_path / "out"
    arguments = command("--runner", "ray", "--address", cluster, out=out, inputs="short.txt")
    arguments.insert(3, "long.txt")
    with subprocess.Popen(arguments, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE) as run:
        assert until(lambda: (out / "short.json").exists())
        blows = 0
        while run.poll() is None:
            for actor in actors_at_work():
                time.sleep(1)
                os.kill(actor, signal.SIGKILL)
                blows += 1
            time.sleep(0.1)
        told = run.communicate(timeout=PATIENCE_S)[1].decode()
    assert run.returncode == 1, told
    assert blows >= 3
    assert sorted(results(out)) == ["long.failure.json", "short.json"]
    assert json.loads((out / "long.failure.json").read_bytes())["code"] == "worker.died"
    assert "long.txt" in (out / "gongkai.log").read_text()


def test_ctrl_c_where_ray_was_started_for_the_run(corpus: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = command("--runner", "ray", out=out)
    run = subprocess.Popen(arguments, cwd=corpus, env=ENVIRONMENT, stderr=subprocess.PIPE, start_new_session=True)
    assert until(lambda: results(out) or run.poll() is not None)
    os.killpg(run.pid, signal.SIGINT)  # a terminal sends it to all of them
    told = run.communicate(timeout=PATIENCE_S)[1].decode()
    assert run.returncode in (130, 1), told  # 1: it was done before
    assert "Traceback" not in told
    assert until(lambda: not processes(PROCESS))
    assert finished(command(out=out), corpus)[0] == 1
    whole(out, expected)
