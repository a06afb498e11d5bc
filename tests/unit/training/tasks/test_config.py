"""Configurations: what belongs together, what is refused, where paths lead."""

from pathlib import Path

import pytest
import yaml

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.config import LinearTraining, checked_training, load_training
from gongkai.training.families.registry import FAMILIES, get_family, settings_class
from gongkai.training.tasks.config import TaskTraining

CONFIGS = Path(__file__).parents[4] / "configs" / "training"
DATA = {"task": "multi_class", "form": "jsonl", "train": "t.jsonl"}
SETTINGS = {"family": "sklearn", "name": "n", "version": "1.0", "data": DATA}


# Weak supervision has configurations of another kind, without a family.
TRAININGS = [path for path in sorted(CONFIGS.rglob("*.yaml")) if "\nfamily:" in f"\n{path.read_text(encoding='utf-8')}"]


@pytest.mark.parametrize("path", TRAININGS, ids=lambda p: p.stem)
def test_every_shipped_configuration_is_good(path):
    assert load_training(path).name


@pytest.mark.parametrize("name", ["letters", "notices"])
def test_the_data_of_the_examples_is_there(name):
    data = load_training(CONFIGS / "examples" / f"{name}.yaml").data
    assert all(file is None or Path(file).is_file() for file in (data.train, data.test, data.label_names))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_there_and_checks_its_own_keys(family):
    task = "spans" if family == "crf" else "multi_class"
    raw = {**SETTINGS, "family": family, "data": {**DATA, "task": task}}
    settings = checked_training(raw, "c")
    assert isinstance(settings, settings_class(family))
    with pytest.raises(GongkaiError, match="nonsense: Extra inputs"):
        checked_training({**raw, "nonsense": 1}, "c")
    assert all(callable(getattr(get_family(family), method)) for method in ("fit", "open"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"family": "svm"}, "family: must be one of network, linear, sklearn"),
        ({"family": None}, "family: must be one of"),
        ({"seeds": [1, 1]}, "a seed stands there twice"),
        ({"data": {**DATA, "train": None}}, "form jsonl needs a train file"),
        ({"data": {**DATA, "task": "spans"}}, "family sklearn labels whole texts"),
        ({"data": {"task": "spans", "form": "corpus", "target": "labels"}}, "learnt as task multi_label"),
        ({"data": {"task": "multi_label", "form": "corpus"}}, "form corpus needs target"),
        ({"data": {**DATA, "form": "conll"}}, "form conll holds spans"),
        ({"data": {**DATA, "encoding": "klingon"}}, "there is no encoding klingon"),
        ({"data": {**DATA, "labels": ["a", "a"]}}, "names a label twice"),
        ({"data": {**DATA, "dev_share": 1.0}}, "data.dev_share"),
        ({"features": [{"ngrams": [3, 1]}]}, "must be"),
        ({"estimator": {"kind": "naive_bayes"}, "class_weight": "balanced"}, "naive_bayes has no class_weight"),
    ],
)
def test_what_does_not_go_together_is_refused(change, said):
    with pytest.raises(GongkaiError) as caught:
        checked_training({**SETTINGS, **change}, "config.yaml")
    assert caught.value.code == "config.invalid"
    assert said in caught.value.message
    assert caught.value.message.startswith("config.yaml cannot be used")


def test_paths_are_taken_from_the_configuration_else_from_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "beside.jsonl").touch()
    (tmp_path / "here.jsonl").touch()
    config = tmp_path / "configs" / "c.yaml"
    config.write_text(yaml.safe_dump({**SETTINGS, "data": {**DATA, "train": "beside.jsonl", "dev": "here.jsonl"}}))
    monkeypatch.chdir(tmp_path)
    settings = load_training(config)
    assert isinstance(settings, TaskTraining)
    assert Path(settings.data.train or "") == tmp_path / "configs" / "beside.jsonl"
    assert settings.data.dev == "here.jsonl"
    assert settings.anywhere()["data"]["train"] == "beside.jsonl"


def test_the_families_of_report_models_stay():
    assert isinstance(load_training(CONFIGS / "fast-tagger.yaml"), LinearTraining)


def test_numbers_in_yaml_are_taken_for_the_text_they_are():
    raw = {**SETTINGS, "version": 1.5, "data": {**DATA, "label_names": {102: "a"}, "labels": [2024, 2025]}}
    settings = checked_training(raw, "c")
    assert isinstance(settings, TaskTraining)
    assert (settings.version, settings.data.label_names, settings.data.labels) == (
        "1.5",
        {"102": "a"},
        ("2024", "2025"),
    )
