"""The documentation is run: Python examples execute, commands exit as told, the JSON shown is what comes out."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gongkai

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def blocks(language):
    return [
        pytest.param(match[2], id=f"{page.name}-{i}")
        for page in PAGES
        for i, match in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")))
        if match[1] == language
    ]


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples(code, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    exec(compile(code, "example", "exec"), {})  # documentation is trusted


COMMANDS = [
    line.split("#")[0].strip()
    for block in blocks("sh")
    for line in block.values[0].replace("\\\n", " ").splitlines()
    if line.startswith("gongkai ") and "../shared" not in line
]


@pytest.mark.e2e
@pytest.mark.parametrize("command", COMMANDS)
def test_commands(command, tmp_path):
    words = [str(tmp_path / w) if w.startswith("demo-output") else w for w in command.split()]
    (tmp_path / "demo-output").mkdir()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == (1 if "zhuxi" in command and "check" in command else 0), done.stderr.decode()


def shown_in(shown, actual):
    """Tell whether everything shown stands in the actual JSON; of lists any matching item will do."""
    if isinstance(shown, dict):
        return isinstance(actual, dict) and all(k in actual and shown_in(v, actual[k]) for k, v in shown.items())
    if isinstance(shown, list):
        return isinstance(actual, list) and all(any(shown_in(s, a) for a in actual) for s in shown)
    return shown == actual


def test_readme_shows_the_real_summary():
    shown = json.loads(blocks("json")[0].values[0])
    actual = json.loads(gongkai.annotate(ROOT / "corpora" / "samples" / "zhuxi-2022.txt").model_dump_json())
    for part, value in shown.items():
        assert shown_in(value, actual[part]), part


def test_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
