"""The models that read reports leave the same record, and can be searched for, as those of any other family."""

import json

import pytest

from gongkai.models.store import CONFIG
from gongkai.training.config import LinearTraining, checked_training
from gongkai.training.run import corpus_sha256, train
from gongkai.training.runs.record import read_run

pytestmark = pytest.mark.ml


@pytest.fixture(autouse=True)
def no_plots(monkeypatch):
    monkeypatch.setattr("gongkai.training.runs.session.plot", lambda runs, folder, tell: None)


def linear(**more) -> LinearTraining:
    known = {"family": "linear", "name": "small", "version": "1", "seed": 1, "regularisation": 1, "positive_weight": 2}
    settings = checked_training({**known, **more}, "test")
    assert isinstance(settings, LinearTraining)
    return settings


def test_a_linear_tagger_leaves_its_record(small_corpus, tmp_path):
    train(linear(), small_corpus, tmp_path / "m", print)
    run = read_run(tmp_path / "m")
    assert (run.status, run.family, run.seed) == ("finished", "linear", 1)
    assert run.data_sha256 == corpus_sha256(small_corpus)
    scores = json.loads((tmp_path / "m" / "scores.json").read_text())
    for split in ("dev", "test"):
        assert run.figures[f"{split}.domains.micro_f1"] == scores[split]["domains"]["micro"]["f1"]
        assert run.labels[split].keys() == {
            f"{facet}.{label}" for facet in ("domains", "activities") for label in scores[split][facet]["labels"]
        }
    assert run.libraries["scikit-learn"]


def test_a_search_judges_report_models_on_dev_and_leaves_test_alone(small_corpus, tmp_path):
    search = {"metric": "dev.domains.micro_f1", "parameters": {"regularisation": {"choices": [0.001, 10]}}}
    settings = linear(search={**search, "sampler": "grid"}, tracking={"experiment": "kept"})
    train(settings, small_corpus, tmp_path / "m", print)
    trials = [read_run(tmp_path / "m" / "trials" / name) for name in ("000", "001")]
    assert not any(name.startswith("test") for run in trials for name in run.figures)
    best = max(trials, key=lambda run: run.figures["dev.domains.micro_f1"])
    final = read_run(tmp_path / "m")
    assert final.settings["regularisation"] == best.settings["regularisation"]
    assert final.settings["tracking"]["experiment"] == "kept"
    assert "test.domains.micro_f1" in final.figures
    # The model does not know that it was searched for or logged.
    config = json.loads((tmp_path / "m" / CONFIG).read_text())
    assert (config["training"]["search"], config["training"]["tracking"]["experiment"]) == (None, None)


@pytest.mark.slow
def test_a_network_tells_losses_and_figures_on_dev_by_pass(small_corpus, small_network, tmp_path):
    pytest.importorskip("torch")
    train(small_network, small_corpus, tmp_path / "m", print)
    run = read_run(tmp_path / "m")
    assert [entry["step"] for entry in run.history] == [1, 2]
    for entry in run.history:
        assert {"labels_loss", "numbers_loss", "links_loss", "dev_micro_f1", "dev_domains_micro_f1"} <= entry.keys()
    assert run.history[1]["labels_loss"] < run.history[0]["labels_loss"]
    assert run.libraries["torch"]
