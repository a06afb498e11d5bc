"""The tutorial from its first command to its last, in order, and what it promises of the second model."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.ml]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"


def test_the_tutorial_from_start_to_end(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    commands = [line for block in re.findall(r"^```bash\n(.*?)^```", page, re.M | re.S) for line in block.splitlines()]
    assert len(commands) == 8
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command in commands:
        words = [str(tmp_path / word) if word.startswith("demo-output") else word for word in command.split()]
        done = subprocess.run(
            words, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
    folder = tmp_path / "demo-output" / "tutorial"
    scores = [
        json.loads((folder / "models" / name / "scores.json").read_text(encoding="utf-8"))["dev"]
        for name in ("start", "more")
    ]
    told = [[scores[i][facet]["micro"]["f1"] for facet in ("domains", "activities")] for i in (0, 1)]
    assert told[1][0] > told[0][0] + 0.05
    rows = [re.findall(r"\d\.\d+", line) for line in page.splitlines() if line.startswith("| one ")]
    assert rows == [[f"{score:.3f}" for score in pair] for pair in told]
    ours = json.loads((folder / "ours" / "qingxi-2022.json").read_text(encoding="utf-8"))
    assert ours["pipeline"]["models"]["tagger"].startswith("tutorial-more-1.0")
    assert {path.suffix for path in (folder / "dist").iterdir()} == {".whl", ".gz"}
