"""``gongkai train`` and ``gongkai predict`` on data sets of one's own, as a user runs them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "configs" / "training" / "examples"

pytestmark = [pytest.mark.e2e, pytest.mark.ml]


def gongkai(*words, cwd=ROOT):
    command = [str(Path(sys.executable).with_name("gongkai")), *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def test_the_commands_of_the_documentation_one_after_the_other(tmp_path):
    page = (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8")
    shown = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)]
    commands = re.findall(r"^gongkai (.*)$", page, re.M)
    assert len(commands) == 4
    for command in commands:
        words = [str(tmp_path / w) if w.startswith("demo-output") else w for w in command.split()]
        done = gongkai(*words)
        assert done.returncode == 0, done.stderr
    for settings in shown:
        name = settings["name"]
        whole = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"))
        assert {key: whole[key] for key in settings} == settings
        scores = json.loads((tmp_path / "demo-output" / name / "scores.json").read_text(encoding="utf-8"))["test"]
        found = (tmp_path / "demo-output" / f"{name}.jsonl").read_text(encoding="utf-8")
        lines = [json.loads(line) for line in found.split("\n") if line]
        said = "labels" if name == "letters" else "spans"
        right = sum(line[said] == line["gold"] for line in lines)
        assert len(lines) == scores["items"]
        assert right / len(lines) == scores["accuracy" if name == "letters" else "exact_texts"] > 0.3


def test_spans_with_inclusive_ends_on_standard_output(tmp_path):
    done = gongkai("train", CONFIGS / "notices.yaml", "-o", tmp_path / "notices")
    assert done.returncode == 0, done.stderr
    (tmp_path / "new.txt").write_text("3月8日，县图书馆在人民广场办理借书证。\n", encoding="utf-8")
    done = gongkai("predict", tmp_path / "notices", tmp_path / "new.txt")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"start": 0, "end": 4, "label": "date", "text": "3月8日"} in found["spans"]
    assert all(found["text"][s["start"] : s["end"]] == s["text"] for s in found["spans"])


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        ("family: sklearn\nname: n\nversion: 1\ndata: {task: multi_class, form: jsonl, train: none.jsonl}\n", 3,
         "[data.unreadable]"),
        ("family: sklearn\nname: n\nversion: 1\ndata: {task: multi_class, form: jsonl, train: t}\nspeed: 1\n", 2,
         "[config.invalid]"),
        ("family: nothing\n", 2, "[config.invalid]"),
    ],
)  # fmt: skip
def test_what_is_wrong_ends_with_its_status_and_code(content, status, said, tmp_path):
    (tmp_path / "c.yaml").write_text(content, encoding="utf-8")
    done = gongkai("train", "c.yaml", "-o", "m", cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
    assert said in done.stderr


def test_a_model_that_was_changed_is_refused_and_nothing_is_written(tmp_path):
    settings = yaml.safe_load((CONFIGS / "letters.yaml").read_text(encoding="utf-8"))
    settings["data"] = {"task": "multi_class", "form": "csv", "train": "t.csv"}
    (tmp_path / "t.csv").write_text("text,label\n甲队赢球,a\n乙校上课,b\n丙队赢球,a\n丁校上课,b\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert gongkai("train", "c.yaml", "-o", "m", cwd=tmp_path).returncode == 0
    weights = tmp_path / "m" / "weights.npz"
    weights.write_bytes(weights.read_bytes() + b"x")
    done = gongkai("predict", "m", "t.csv", "-o", "p.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "[model.incompatible]" in done.stderr
    assert not (tmp_path / "p.jsonl").exists()
    assert gongkai("predict", "m", "none.csv", cwd=tmp_path).returncode == 2
    assert gongkai("predict", "m", "t.csv", "--form", "xml", cwd=tmp_path).returncode == 2


def test_the_help_teaches(tmp_path):
    for command in ("train", "predict"):
        done = gongkai(command, "--help")
        assert done.returncode == 0
        assert "Exit status" in done.stdout
        assert "Examples" in done.stdout
