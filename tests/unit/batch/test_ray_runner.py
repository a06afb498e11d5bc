"""The Ray runner before there is a cluster; the rest is in ``tests/e2e/test_ray.py``."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gongkai.pipeline.batch.ray_runner import RayRunner
from gongkai.pipeline.batch.work import Task
from gongkai.pipeline.cli.main import app
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError


def printed(code: str, folder: Path) -> tuple[int, str]:
    """Return exit status and output of a fresh interpreter."""
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=280)
    return ran.returncode, ran.stdout + ran.stderr


def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("松溪县2021年政府信息公开工作年度报告", encoding="utf-8")
    arguments = ["annotate", "a.txt", "-e", "rules", "-o", "out", "--runner", "ray"]
    code = f"import sys; sys.modules['ray'] = None; from gongkai.pipeline.cli.main import app; app({arguments!r})"
    status, told = printed(code, tmp_path)
    assert status == 2
    assert "ray.unavailable" in told
    assert "pip install 'gongkai[ray]'" in " ".join(told.split())


def test_a_run_with_nothing_to_do_does_not_start_ray(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    code = (
        "import sys\n"
        "from gongkai.pipeline.batch.ray_runner import RayRunner\n"
        "from gongkai.pipeline.config import load_config\n"
        "with RayRunner(load_config(settings=['engine=rules'])) as runner:\n"
        "    print(list(runner.run(iter([]), ordered=False)), runner.workers, 'ray' in sys.modules)"
    )
    assert printed(code, tmp_path) == (0, "[] 0 False\n")


def test_closing_what_was_not_begun(config: Config) -> None:
    pytest.importorskip("ray")
    runner = RayRunner(config)
    runner.close()
    runner.close()


def test_an_address_is_that_of_a_cluster(tmp_path: Path) -> None:
    ran = CliRunner(env={"COLUMNS": "100"}).invoke(app, ["annotate", str(tmp_path), "-o", "out", "--address", "h:1"])
    assert ran.exit_code == 2
    assert "--runner ray" in ran.stderr


def test_a_cluster_that_is_not_there_is_told_at_once(config: Config, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    with socket.socket() as taken:  # bound and not listening, so nothing answers
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with RayRunner(config, address=address) as runner, pytest.raises(GongkaiError) as caught:
            list(runner.run([Task(str(tmp_path / "a.txt"))], ordered=False))
    assert caught.value.code == "ray.failed"
    assert address in caught.value.message
