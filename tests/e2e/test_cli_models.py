"""``gongkai train`` and ``gongkai evaluate`` as a user runs them, on a small corpus."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from gongkai.corpora.store import Corpus, default_folder, files_of, read_corpus
from gongkai.pipeline.cli.main import app

pytestmark = pytest.mark.e2e
RUNNER = CliRunner()
LINEAR = """family: linear
name: mine
version: "1"
seed: 1
regularisation: 10
positive_weight: 2
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    whole = read_corpus(default_folder())
    paragraphs = {split: found[:40] for split, found in whole.paragraphs.items()}
    kept = {p.report for found in paragraphs.values() for p in found}
    small = Corpus([r for r in whole.reports if r.id in kept], paragraphs)
    for name, content in files_of(small).items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_train_then_see_the_card(corpus, tmp_path):
    (tmp_path / "mine.yaml").write_text(LINEAR, encoding="utf-8")
    out = tmp_path / "my" / "fast-tagger"
    done = RUNNER.invoke(app, ["train", str(tmp_path / "mine.yaml"), "-o", str(out), "--corpus", str(corpus)])
    assert done.exit_code == 0, done.output
    assert {"weights.npz", "config.json", "scores.json", "README.md"} <= {p.name for p in out.iterdir()}
    assert "# mine 1" in (out / "README.md").read_text(encoding="utf-8")
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    assert config["training"]["regularisation"] == 10
    assert len(config["decisions"]["thresholds"]) == len(config["labels"])
    assert set(json.loads((out / "scores.json").read_text(encoding="utf-8"))) == {"dev", "test"}
    command = ["evaluate", "--corpus", str(corpus), "--split", "dev", "--json", "--model", str(out)]
    scored = json.loads(RUNNER.invoke(app, command).stdout)
    assert scored["engine"] == str(out)
    assert scored["models"]["tagger"].startswith("mine-1+")
    assert scored["models"]["metrics"].startswith("gongkai-fast-metrics-"), (
        "a tagger alone leaves these to the shipped one"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LINEAR + "learning: 3\n", "learning"),
        ("family: magic\n", "magic"),
        ("- 1\n", "cannot be used"),
        ("[", "cannot be used"),
    ],
)
def test_a_wrong_configuration_is_told(text, told, corpus, tmp_path):
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    done = RUNNER.invoke(
        app, ["train", str(tmp_path / "mine.yaml"), "-o", str(tmp_path / "m"), "--corpus", str(corpus)]
    )
    assert done.exit_code == 2
    assert "config.invalid" in done.output
    assert told in done.output


def test_evaluate_on_a_split(corpus, tmp_path):
    done = RUNNER.invoke(
        app,
        [
            "evaluate",
            "--corpus",
            str(corpus),
            "--split",
            "dev",
            "--engine",
            "rules",
            "-o",
            str(tmp_path / "e"),
            "--json",
        ],
    )
    assert done.exit_code == 0, done.output
    scores = json.loads(done.stdout)
    assert scores == json.loads((tmp_path / "e" / "scores.json").read_text(encoding="utf-8"))
    assert 0 < scores["domains"]["micro"]["f1"] < 1
    assert 0 < scores["metrics"]["full"]["f1"] < scores["metrics"]["value"]["f1"]
    assert set(scores["groups"]) == {"form", "era", "level"}
    assert scores["domains"]["calibration"]["bins"]
    page = (tmp_path / "e" / "index.html").read_text(encoding="utf-8")
    assert "http" not in page
    assert "<script" not in page
    assert page.count("<svg") == 2
    for words in ("脱贫攻坚与乡村振兴", "Most frequent confusions", "Linking", "level"):
        assert words in page


def test_evaluate_prints_tables(corpus):
    done = RUNNER.invoke(app, ["evaluate", "--corpus", str(corpus), "--engine", "rules"])
    assert done.exit_code == 0, done.output
    assert "domains, micro-F1" in done.stdout
    assert "proactive_disclosure" in done.stdout


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        (["--split", "training"], 2, "--split"),
        (["--report", "r.txt"], 2, "--gold"),
        (["--engine", "magic"], 2, "config.invalid"),
        (["--model", "/nowhere"], 2, "model.unavailable"),
        (["--model", "nowhere", "--engine", "fast"], 2, "--engine"),
    ],
)
def test_wrong_calls(options, status, told, corpus):
    done = RUNNER.invoke(app, ["evaluate", "--corpus", str(corpus), *options])
    assert done.exit_code == status
    assert told in done.output


def test_gold_that_is_none(tmp_path):
    report = tmp_path / "r.txt"
    report.write_text("甲县2021年政府信息公开工作年度报告\n一、总体情况\n公开信息3条。\n", encoding="utf-8")
    (tmp_path / "g.json").write_text("[]", encoding="utf-8")
    done = RUNNER.invoke(
        app, ["evaluate", "--report", str(report), "--gold", str(tmp_path / "g.json"), "--engine", "rules"]
    )
    assert done.exit_code != 0
    assert "input.not_found" in done.output
    (tmp_path / "g.sentences.jsonl").write_text("", encoding="utf-8")
    done = RUNNER.invoke(
        app, ["evaluate", "--report", str(report), "--gold", str(tmp_path / "g.json"), "--engine", "rules"]
    )
    assert "read.corrupt" in done.output
