"""The batch benchmark in small: that every part still runs and finds nothing lost; no time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gongkai.corpora.synthetic.corrupt import CORRUPTIONS

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="looks into /proc"),
]


def test_every_part_runs_and_nothing_is_lost(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    parts = ("throughput", "memory", "resume", "corrupt", "core", "steps", "kills")
    only = [word for part in parts for word in ("--only", part)]
    command = [sys.executable, str(ROOT / "tests/bench/batch.py"), "--quick", "--json", str(figures), *only]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=1100)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert {row["part"] for row in told["rows"]} == set(parts)
    assert told["broken"] == []
    found = told["figures"]
    assert found["throughput"]["1"]["steady"] > 0
    assert found["throughput"]["2"]["steady"] > 0
    assert found["memory"]["processes"] == 3
    assert found["memory"]["peak"] > 0
    assert found["resume"]["nothing_written"]
    assert found["corrupt"]["kinds"].keys() == CORRUPTIONS.keys()
    assert set(found["corrupt"]["kinds"]["scanned"]) == {"read.scanned_pdf"}
    assert set(found["corrupt"]["kinds"]["empty"]) == {"read.empty"}
    steps = found["steps"]["seconds"]
    untimed = [step for step, seconds in steps.items() if seconds <= 0]
    assert untimed == [], "a step that takes no time at all is not timed any more"
    assert found["kills"]["kills"] >= 0
    assert sum(found["kills"][key] for key in ("lost", "doubled", "different", "not_in_manifest")) == 0
