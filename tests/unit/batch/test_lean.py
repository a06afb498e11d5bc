"""A process that runs models starts without torch, and could still have it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gongkai.pipeline.batch.pool import Pool
from gongkai.pipeline.batch.work import Task
from gongkai.pipeline.config import load_config

from .conftest import Reports


def printed(code: str) -> str:
    """Return what a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.mark.parametrize("engine", ["rules", "fast", "accurate"])
def test_models_load_without_torch_and_torch_can_be_had_later(engine: str) -> None:
    pytest.importorskip("torch")
    code = (
        "import sys\n"
        "from gongkai.pipeline.batch.lean import import_spacy\n"
        "import_spacy()\n"
        "from gongkai.pipeline.batch.work import Annotator\n"
        "from gongkai.pipeline.config import load_config\n"
        f"Annotator(load_config(settings=['engine={engine}'])).load()\n"
        "print('torch' in sys.modules)\n"
        "import torch\n"
        "print(torch.ones(1).item())\n"
    )
    assert printed(code).split() == ["False", "1.0"]


def test_nothing_is_taken_from_who_has_it() -> None:
    code = (
        "import sys, types\n"
        "torch = sys.modules['torch'] = types.ModuleType('torch')\n"
        "from gongkai.pipeline.batch.lean import import_spacy\n"
        "import_spacy()\n"
        "print(sys.modules['torch'] is torch, 'spacy' in sys.modules)\n"
    )
    assert printed(code).split() == ["True", "False"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_workers_do_without(reports: Reports) -> None:
    with Pool(load_config(settings=["engine=rules"]), 1) as pool:
        next(pool.run([Task(path) for path in reports(2)], ordered=False))
        (worker,) = pool.processes
        with open(f"/proc/{worker}/maps", encoding="utf-8") as maps:  # noqa: PTH123
            libraries = maps.read()
    assert "spacy" in libraries
    assert "libtorch" not in libraries
