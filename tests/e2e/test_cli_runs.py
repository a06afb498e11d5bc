"""``gongkai train`` with a search and tracking, and ``gongkai runs`` over what it leaves."""

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from gongkai.pipeline.cli.main import app
from gongkai.training.runs.record import RECORD, Recorder, Run

DOCS = Path(__file__).parents[2] / "docs" / "tracking.md"
PHRASES = {"教育": "学校教师招生", "医疗": "医院医生就诊", "交通": "公交道路停车"}


def call(*words):
    return CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"}).invoke(app, [str(word) for word in words])


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder with a small data set and a configuration for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for split, number in (("train", 30), ("dev", 12), ("test", 12)):
        rows = [
            (label, f"{split}第{i}条：{words[i % 4 :]}{words}")
            for i in range(number)
            for label, words in PHRASES.items()
        ]
        text = "".join(json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n" for label, text in rows)
        (tmp_path / f"{split}.jsonl").write_text(text, encoding="utf-8")
    files = {split: f"{split}.jsonl" for split in ("train", "dev", "test")}
    config = {
        "family": "sklearn",
        "name": "news",
        "version": "1.0",
        "data": {"task": "multi_class", "form": "jsonl", **files},
    }

    def write(name, **more):
        (tmp_path / name).write_text(yaml.safe_dump({**config, **more}, allow_unicode=True))
        return name

    write("news.yaml")
    return write


def leave(folder, f1, **more):
    known = {"name": "m", "version": "1", "family": "crf", "seed": 1, "settings": {}, "data_sha256": "d" * 64}
    with Recorder(Path(folder), Run(**{**known, **more})) as recorder:
        for step in (1, 2):
            recorder.progress({"step": step, "dev_micro_f1": f1 * step / 2})
        recorder.score({"dev": {"micro": {"f1": f1}}})


def test_trainings_are_compared_the_best_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for seed, f1 in ((1, 0.8), (2, 0.9)):
        leave(f"good/seed-{seed}", f1, seed=seed, settings={"rate": 0.1})
    leave("bad", 0.3, settings={"rate": 0.2}, name="[red]x\x1b[2J")
    done = call("runs", "bad", "good", "--settings")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    rows = [line for line in lines if "crf" in line]
    assert re.search(r"good +crf +m 1 +1 2 +dddddddd +0\.850 ± 0\.071 +\d:\d\d:\d\d +0\.1", rows[0])
    assert re.search(r"bad +crf +\[red\]x\S\[2J 1 +1 +dddddddd +0\.300 ", rows[1])
    assert "\x1b" not in done.output
    assert "文件夹" in done.output
    assert "Folder" in done.output


def test_json_and_csv_can_be_read_by_programs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    leave("a", 0.8)
    (run,) = json.loads(call("runs", "a", "--json").stdout)["runs"]
    assert run["figures"]["dev.micro_f1"]["mean"] == 0.8
    (row,) = csv.DictReader(io.StringIO(call("runs", "a", "--csv", "-m", "dev.micro_f1").stdout))
    assert (row["folder"], row["family"], row["dev.micro_f1"]) == ("a", "crf", "0.8")
    assert call("runs", "a", "--csv", "--json").exit_code == 2


def test_a_broken_folder_is_told_and_is_not_fatal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    leave("a", 0.8)
    Path("b").mkdir()
    Path("b", RECORD).write_text("{")
    done = call("runs", "a", "b", "missing")
    assert done.exit_code == 1
    assert "0.800" in done.stdout
    assert done.stderr.count("[run.unreadable]") == 2
    alone = call("runs", "missing")
    assert alone.exit_code == 3
    assert "missing" in alone.stderr


def test_an_unknown_figure_is_a_wrong_call_that_names_those_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    leave("a", 0.8)
    done = call("runs", "a", "--metric", "dev.f1")
    assert done.exit_code == 2
    assert "dev.micro_f1" in done.stderr


def test_a_plot_shows_passes_or_shares_and_refuses_unknown_forms(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    leave("a", 0.8)
    leave("b", 0.6, name="other")
    assert call("runs", "a", "b", "--plot", "passes.svg").exit_code == 0
    assert b"<svg" in Path("passes.svg").read_bytes()
    leave("c", 0.4, settings={"train_share": 0.1})
    assert call("runs", "a", "c", "--plot", "shares.png").exit_code == 0
    assert Path("shares.png").read_bytes().startswith(b"\x89PNG")
    done = call("runs", "a", "--plot", "a.doc")
    assert done.exit_code == 2
    assert not Path("a.doc").exists()


def test_help_teaches():
    done = call("runs", "--help")
    assert done.exit_code == 0
    assert "gongkai runs share-* --plot" in done.output
    assert "退出码" in done.output


def commands(page):
    """Yield the commands of the blocks marked ``bash`` and the configurations marked ``yaml``, in order."""
    for kind, text in re.findall(r"^```(bash|yaml)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        if kind == "yaml":
            yield "yaml", text
        else:
            for line in text.replace("\\\n", " ").splitlines():
                if line.startswith("gongkai "):
                    yield "command", line.partition("#")[0].strip()


@pytest.mark.slow
def test_the_page_on_tracking_works_from_top_to_bottom(here):
    seen = []
    for kind, text in commands(DOCS):
        if kind == "yaml":
            first, _, rest = text.partition("\n")
            name = first.removeprefix("# ").partition(":")[0]
            more = yaml.safe_load(rest)
            here(name, **more)
            continue
        words = shlex.split(text)[1:]
        if any("*" in word for word in words):  # a shell would
            words = [hit for word in words for hit in (sorted(map(str, Path().glob(word))) if "*" in word else [word])]
        done = call(*words)
        assert done.exit_code == 0, (text, done.output)
        seen.append(words)
    assert Path("tuned/best.yaml").exists()
    assert Path("curve.svg").exists()
    assert Path("models/mlruns/mlflow.db").exists()
    assert len(seen) >= 8
