"""Training by command: seeds, shares, what is done again and what not, what a family sees."""

import json
from dataclasses import replace
from statistics import stdev

import pytest

from gongkai.models.store import open_folder
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.config import checked_training
from gongkai.training.families.sklearn import SklearnFamily
from gongkai.training.runs.record import read_run
from gongkai.training.tasks.dataset import Dataset, Item
from gongkai.training.tasks.predict import open_model
from gongkai.training.tasks.run import learnt, model_files, train_task

PLACES = "甲乙丙丁戊己庚辛壬癸"


def records():
    bus = [{"text": f"{a}{b}路公交车晚点", "label": "交通"} for a in PLACES for b in "东西"]
    return bus + [{"text": f"{a}{b}学校的老师", "label": "教育"} for a in PLACES for b in "东西"]


@pytest.fixture
def settings(write):
    def make(**keys):
        train = write("train.jsonl", *records())
        test = write("test.jsonl", {"text": "天路公交车", "label": "交通"}, {"text": "天学校老师", "label": "其他"})
        data = {"task": "multi_class", "form": "jsonl", "train": train, "test": test, **keys.pop("data", {})}
        return checked_training({"family": "sklearn", "name": "n", "version": "1", "data": data, **keys}, "c")

    return make


def silent(_):
    """Say nothing."""


def test_a_model_with_its_scores_and_record(settings, tmp_path):
    scores = train_task(settings(), tmp_path / "m", silent)
    assert scores == json.loads((tmp_path / "m" / "scores.json").read_text(encoding="utf-8"))
    assert scores["dev"]["accuracy"] == 1
    assert scores["test"]["accuracy"] == 0.5
    assert scores["test"]["labels"]["其他"]["recall"] == 0
    model = open_folder(tmp_path / "m", "sklearn")
    assert sorted(model.config["files"]) == ["sklearn.json", "weights.npz"]
    assert model.config["task"] == "multi_class"
    assert model.config["labels"] == ["交通", "教育"]
    assert model.config["training"]["data"]["train"] == "train.jsonl"
    run = read_run(tmp_path / "m")
    assert (run.status, run.seed, run.data_sha256) == ("finished", 1, model.config["data_sha256"])
    assert run.figures["test.accuracy"] == 0.5


def test_several_seeds_give_mean_and_spread(settings, tmp_path):
    chosen = settings(seeds=[1, 2, 3], train_share=0.1, estimator={"kind": "linear_svc"})
    scores = train_task(chosen, tmp_path / "m", silent)
    each = [json.loads((tmp_path / "m" / f"seed-{k}" / "scores.json").read_text())["dev"] for k in (1, 2, 3)]
    values = [one["micro"]["f1"] for one in each]
    assert scores["seeds"] == [1, 2, 3]
    assert scores["dev"]["micro_f1"]["mean"] == pytest.approx(sum(values) / 3, abs=1e-4)
    assert scores["dev"]["micro_f1"]["sd"] == pytest.approx(stdev(values), abs=1e-4)


def test_what_is_finished_is_not_done_again(settings, tmp_path, monkeypatch):
    fitted = []
    fit = SklearnFamily.fit
    monkeypatch.setattr(SklearnFamily, "fit", lambda *args: (fitted.append(args[4]), fit(*args)))
    train_task(settings(seeds=[1]), tmp_path / "m", silent)
    again = train_task(settings(seeds=[1]), tmp_path / "m", silent)
    assert fitted == [1]
    assert again["dev"]["accuracy"] == 1
    (tmp_path / "m" / "weights.npz").write_bytes(b"damaged")
    train_task(settings(seeds=[1]), tmp_path / "m", silent)
    assert fitted == [1, 1]
    train_task(settings(seeds=[1], class_weight="balanced"), tmp_path / "m", silent)
    assert fitted == [1, 1, 1]


def test_a_training_that_fails_leaves_no_finished_model(settings, tmp_path, monkeypatch):
    train_task(settings(), tmp_path / "m", silent)

    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(SklearnFamily, "fit", broken)
    with pytest.raises(MemoryError):
        train_task(settings(class_weight="balanced"), tmp_path / "m", silent)
    assert read_run(tmp_path / "m").status == "failed"
    with pytest.raises(GongkaiError) as caught:
        open_model(tmp_path / "m")
    assert caught.value.code == "model.unavailable"
    assert model_files(tmp_path / "m") == []


def test_no_family_sees_test_nor_labels_of_dev_that_it_cannot_know(settings):
    items = tuple(Item(str(k), str(k), labels=(label,)) for k, label in enumerate("aabb"))
    data = Dataset("multi_class", ("a", "b"), items, (*items[:1], Item("x", "x", labels=("new",))), items[2:], "0")
    seen = learnt(data, settings(), 1)
    assert seen.test == ()
    assert seen.dev == items[:1]
    with pytest.raises(GongkaiError, match="No text of dev"):
        learnt(replace(data, dev=data.dev[1:]), settings(), 1)


def test_a_smaller_share_is_part_of_a_larger_and_copies_stay_together(settings):
    texts = [f"{k % 50}" for k in range(100)]
    items = tuple(Item(str(k), text, labels=("a",)) for k, text in enumerate(texts))
    data = Dataset("multi_class", ("a",), items, items[:1], (), "0")
    shares = [{x.id for x in learnt(data, settings(train_share=share), 1).train} for share in (0.2, 0.5, 1.0)]
    assert [len(share) for share in shares] == [20, 50, 100]
    assert shares[0] < shares[1] < shares[2]
    assert all(str((int(k) + 50) % 100) in shares[0] for k in shares[0])
    assert learnt(data, settings(train_share=0.2), 2).train != learnt(data, settings(train_share=0.2), 1).train


def test_a_share_of_the_corpus_is_of_whole_reports():
    raw = {
        "family": "crf", "name": "n", "version": "1", "train_share": 0.5,
        "data": {"task": "spans", "form": "corpus", "target": "metrics"},
    }  # fmt: skip
    items = tuple(Item(f"report-{k}/p{p}", f"{k}{p}") for k in range(10) for p in range(7))
    data = Dataset("spans", ("METRIC",), items, items[:1], (), "0")
    train = learnt(data, checked_training(raw, "c"), 1).train
    assert len(train) == 35
    assert len({item.id.partition("/")[0] for item in train}) == 5


def test_a_search_ends_in_a_model_with_the_best_settings(settings, tmp_path):
    pytest.importorskip("optuna")
    search = {"parameters": {"estimator.regularisation": {"choices": [0.001, 10.0]}}, "trials": 2, "sampler": "grid"}
    chosen = settings(search=search, estimator={"kind": "logistic"})
    scores = train_task(chosen, tmp_path / "m", silent)
    assert set(scores) == {"dev", "test"}
    assert open_folder(tmp_path / "m", "sklearn").config["training"]["estimator"]["regularisation"] in (0.001, 10.0)
    trials = sorted((tmp_path / "m" / "trials").glob("*/scores.json"))
    assert len(trials) == 2
    assert all("test" not in json.loads(path.read_text()) for path in trials)
    model_names = open_folder(tmp_path / "m", "sklearn").config["files"]
    assert sorted(model_names) == ["sklearn.json", "weights.npz"]
