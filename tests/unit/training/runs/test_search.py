"""Searches with the real Optuna: judged on dev, resumable, and leaving a configuration that can be trained again."""

import json

import pytest
import yaml

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.config import load_training
from gongkai.training.runs.config import Search
from gongkai.training.runs.record import read_run
from gongkai.training.runs.spaces import changed, grid
from gongkai.training.tasks.run import model_files, train_task


@pytest.fixture(autouse=True)
def no_plots(monkeypatch):
    monkeypatch.setattr("gongkai.training.runs.session.plot", lambda runs, folder, tell: None)


def quiet(line):
    pass


QUALITY = {"parameters": {"quality": {"low": 0, "high": 10}}, "trials": 4, "pruner": "none"}


def test_the_best_settings_are_trained_with_all_seeds_and_can_be_trained_again(toy, tmp_path):
    search = {**QUALITY, "parameters": {"quality": {"low": 0, "high": 9}, "loss.kind": {"choices": ["focal"]}}}
    folder = tmp_path / "out"
    train_task(toy(seeds=[3, 4], search=search), folder, quiet)
    found = json.loads((folder / "search.json").read_text())
    assert len(found["trials"]) == 4
    best = max(found["trials"], key=lambda trial: trial["value"])
    assert found["best"] == {"trial": best["trial"], "value": best["value"], "parameters": best["parameters"]}
    assert best["value"] == best["parameters"]["quality"] / 10
    for seed in (3, 4):
        run = read_run(folder / f"seed-{seed}")
        assert run.settings["quality"] == best["parameters"]["quality"]
        assert run.settings["loss"] == {"kind": "focal"}
        assert "test.micro_f1" in run.figures
    again = load_training(folder / "best.yaml")
    assert again.search is None
    assert again.seeds == (3, 4)
    assert again.quality == best["parameters"]["quality"]
    train_task(again, tmp_path / "again", quiet)


def test_test_is_never_read_in_a_search(toy, tmp_path):
    train_task(toy(search=QUALITY), tmp_path / "out", quiet)
    for trial in (tmp_path / "out" / "trials").iterdir():
        run = read_run(trial)
        assert run.figures["dev.micro_f1"] == run.settings["quality"] / 10
        assert not [name for name in run.figures if name.startswith("test")]
        assert set(json.loads((trial / "scores.json").read_text())) == {"dev"}


def test_a_trial_leaves_no_model_and_the_model_none_of_the_search(toy, tmp_path):
    folder = tmp_path / "out"
    train_task(toy(search=QUALITY), folder, quiet)
    assert not list((folder / "trials").rglob("toy.json"))
    assert load_training(folder / "trials" / "000" / "config.yaml").search is None
    assert model_files(folder) == ["toy.json"]


def test_an_interrupted_search_goes_on_and_finds_what_it_would_have_found(toy, tmp_path):
    train_task(toy(search=QUALITY), tmp_path / "whole", quiet)
    expected = json.loads((tmp_path / "whole" / "search.json").read_text())

    def stop(settings, folder, step):
        if folder.name == "002" and step == 2:
            raise KeyboardInterrupt

    toy.family.stop = staticmethod(stop)
    with pytest.raises(KeyboardInterrupt):
        train_task(toy(search=QUALITY), tmp_path / "out", quiet)
    assert read_run(tmp_path / "out" / "trials" / "002").status == "interrupted"
    toy.family.stop = staticmethod(lambda settings, folder, step: None)
    toy.family.fits.clear()
    train_task(toy(search=QUALITY), tmp_path / "out", quiet)
    assert [fit["folder"].name for fit in toy.family.fits] == ["002", "004", "out"]  # 003 was put in line for 002
    found = json.loads((tmp_path / "out" / "search.json").read_text())
    for trials in (expected["trials"], found["trials"]):
        assert len(trials) == 4
    told = [[trial["parameters"] for trial in trials] for trials in (expected["trials"], found["trials"])]
    assert told[0] == told[1]


def test_more_trials_go_on_with_the_study_and_a_finished_one_is_not_done_again(toy, tmp_path):
    folder = tmp_path / "out"
    train_task(toy(search=QUALITY), folder, quiet)
    toy.family.fits.clear()
    train_task(toy(search=QUALITY), folder, quiet)
    assert toy.family.fits == []
    train_task(toy(search={**QUALITY, "trials": 6}), folder, quiet)
    assert [fit["folder"].name for fit in toy.family.fits][:2] == ["004", "005"]


def test_a_study_of_other_settings_is_refused(toy, tmp_path):
    train_task(toy(search=QUALITY), tmp_path / "out", quiet)
    with pytest.raises(GongkaiError) as error:
        train_task(toy(search=QUALITY, rate=0.5), tmp_path / "out", quiet)
    assert error.value.code == "config.invalid"
    with pytest.raises(GongkaiError):
        train_task(toy(search={**QUALITY, "parameters": {"quality": {"low": 1, "high": 3}}}), tmp_path / "out", quiet)


def test_trainings_that_fall_behind_are_pruned_by_their_passes(toy, tmp_path):
    search = {"parameters": {"quality": {"choices": [0, 9]}}, "trials": 12, "pruner": "median", "sampler": "random"}
    train_task(toy(search=search, epochs=4), tmp_path / "out", quiet)
    trials = json.loads((tmp_path / "out" / "search.json").read_text())["trials"]
    pruned = [trial for trial in trials if trial["status"] == "pruned"]
    assert pruned
    for trial in pruned:
        assert trial["parameters"]["quality"] == 0
        assert trial["value"] is None
        run = read_run(tmp_path / "out" / trial["folder"])
        assert run.status == "pruned"
        assert len(run.history) < 4


def test_values_that_cannot_be_trained_with_cost_their_trial_only(toy, tmp_path):
    def stop(settings, folder, step):
        if settings.quality == 3:
            raise MemoryError("too large")

    toy.family.stop = staticmethod(stop)
    search = {"parameters": {"quality": {"choices": [3, 4, 11]}}, "sampler": "grid"}  # 11 is no valid quality
    train_task(toy(search=search), tmp_path / "out", quiet)
    trials = {
        t["parameters"]["quality"]: t for t in json.loads((tmp_path / "out" / "search.json").read_text())["trials"]
    }
    assert trials[3]["status"] == "failed"
    assert "MemoryError: too large" in trials[3]["error"]
    assert trials[11]["status"] == "failed"
    assert trials[4]["value"] == 0.4


def test_a_search_in_which_nothing_works_ends_early(toy, tmp_path):
    def stop(settings, folder, step):
        raise MemoryError("too large")

    toy.family.stop = staticmethod(stop)
    with pytest.raises(GongkaiError, match="too large") as error:
        train_task(toy(search={**QUALITY, "trials": 50}), tmp_path / "out", quiet)
    assert error.value.code == "search.failed"
    assert len(toy.family.fits) == 3


@pytest.mark.parametrize("key", ["qualitty", "loss.gamma", "rate.x"])
def test_a_key_that_is_no_setting_is_told_before_anything_is_trained(toy, tmp_path, key):
    search = {"parameters": {key: {"low": 1, "high": 2}}}
    with pytest.raises(
        GongkaiError, match=key.partition(".")[2] if key == "loss.gamma" else key.partition(".")[0]
    ) as error:
        train_task(toy(search=search, rate=0.2), tmp_path / "out", quiet)
    assert error.value.code == "config.invalid"
    assert toy.family.fits == []


def test_a_figure_that_is_not_told_ends_the_search_with_those_that_are(toy, tmp_path):
    with pytest.raises(GongkaiError, match=r"dev\.accuracy"):
        train_task(toy(search={**QUALITY, "metric": "dev.accurracy"}), tmp_path / "out", quiet)


def test_the_least_can_be_searched_for(toy, tmp_path):
    search = {"parameters": {"quality": {"choices": [2, 7]}}, "sampler": "grid", "direction": "minimize"}
    train_task(toy(search=search), tmp_path / "out", quiet)
    assert yaml.safe_load((tmp_path / "out" / "best.yaml").read_text())["quality"] == 2


def test_a_grid_has_all_combinations():
    parameters = {
        "a": {"choices": ["x", "y"]},
        "b": {"low": 1, "high": 3, "step": 2},
        "c": {"low": 0.1, "high": 0.3, "step": 0.1},
    }
    found = grid(Search.model_validate({"parameters": parameters}))
    assert len(found) == 12
    assert {tuple(values.values()) for values in found} == {
        (a, b, c) for a in "xy" for b in (1, 3) for c in (0.1, 0.2, 0.3)
    }
    with pytest.raises(GongkaiError, match="step"):
        grid(Search.model_validate({"parameters": {"a": {"low": 0.1, "high": 1}}}))


def test_changed_settings_keep_what_is_not_searched(toy):
    settings = toy(search=QUALITY, rate=0.3, loss={"kind": "focal"})
    new = changed(settings, {"quality": 7})
    assert (new.quality, new.rate, new.loss.kind, new.search) == (7, 0.3, "focal", None)
    assert settings.quality == 5


def test_a_part_that_the_configuration_leaves_out_keeps_its_kind(toy):
    new = changed(toy(), {"body.size": 5})
    assert (new.body.kind, new.body.size, new.body.depth) == ("big", 5, 2)


def test_the_kind_of_a_part_can_be_searched_for(toy):
    small = toy(body={"kind": "big"})
    assert [changed(small, {"body.kind": kind, "body.size": 4}).body.kind for kind in ("small", "big")] == [
        "small",
        "big",
    ]
