"""Predictions on files: which form is read, what stands in a line, scores, refusals."""

import json
from pathlib import Path

import pytest

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.config import checked_training
from gongkai.training.tasks.predict import open_model, predict_file
from gongkai.training.tasks.run import train_task


def silent(_):
    """Say nothing."""


@pytest.fixture
def trained(write, tmp_path):
    """Return a model made of records, with the name of its training file and further keys of its data."""

    def make(train, task="multi_class", family="sklearn", **keys):
        data = {"task": task, "train": train, "dev": train, **keys}
        raw = {"family": family, "name": "n", "version": "1", "data": data}
        train_task(checked_training(raw, "c"), tmp_path / "model", silent)
        return open_model(tmp_path / "model")

    return make


def predicted(model, file, form=None):
    lines = []
    scores = predict_file(model, Path(file), form, lines.append, silent)
    return [json.loads(line) for line in lines], scores


def test_codes_are_names_and_scores_are_made_where_there_are_labels(write, trained, tmp_path):
    names = write("class.txt", "体育\n教育\n")
    rows = "".join(f"{k}号球队赢球\t0\n{k}号学校上课\t1\n" for k in range(8))
    model = trained(write("train.txt", rows), form="tsv", header=False, label_names=names)
    (tmp_path / "class.txt").unlink()
    (tmp_path / "train.txt").unlink()
    lines, scores = predicted(model, write("more.txt", "球队\t0\n学校\t1\n球队赢球\t1\n"))
    assert [line["labels"] for line in lines] == [["体育"], ["教育"], ["体育"]]
    assert [line["gold"] for line in lines] == [["体育"], ["教育"], ["教育"]]
    assert set(lines[0]["scores"]) == {"体育", "教育"}
    assert sum(lines[0]["scores"].values()) == pytest.approx(1, abs=1e-3)
    assert scores["accuracy"] == pytest.approx(0.6667)


def test_a_text_a_line_keeps_the_number_of_its_line(write, trained):
    records = [{"text": f"{k}号{x}", "label": x} for k in range(4) for x in ("球队", "学校")]
    model = trained(write("train.jsonl", *records), form="jsonl")
    lines, scores = predicted(model, write("new.txt", "球队\n\n  \n学校\r\n"))
    assert scores is None
    assert [(line["id"], line["text"], line["labels"]) for line in lines] == [
        ("1", "球队", ["球队"]), ("4", "学校", ["学校"]),
    ]  # fmt: skip
    assert "gold" not in lines[0]


def test_an_empty_text_of_a_record_has_its_line_too(write, trained):
    records = [{"text": f"{k}号{x}", "label": x} for k in range(4) for x in ("球队", "学校")]
    model = trained(write("train.jsonl", *records), form="jsonl")
    lines, _ = predicted(model, write("new.jsonl", {"text": ""}, {"text": "学校"}))
    assert [line["labels"] for line in lines] == [[], ["学校"]]


def test_other_forms_by_the_name_of_the_file(write, trained):
    records = [{"sentence": f"{k}号{x}", "label": x} for k in range(4) for x in ("球队", "学校")]
    model = trained(write("train.json", *records), form="jsonl", fields={"text": "sentence"})
    array = write("new.json", json.dumps([{"sentence": "球队"}]))
    with pytest.raises(GongkaiError, match=r"data\.form: json"):
        predicted(model, array)
    assert predicted(model, array, "json")[0][0]["labels"] == ["球队"]
    assert predicted(model, write("new.jsonl", {"sentence": "球队"}))[0][0]["labels"] == ["球队"]
    assert predicted(model, write("new.csv", "text\n球队\n"))[0][0]["labels"] == ["球队"]


def test_spans_are_told_with_exclusive_ends_whatever_the_training_had(write, trained):
    records = [
        {"text": f"在{p}{k}号办理", "label": {"place": {p: [[1, 3]]}}} for p in ("石桥镇", "柳树屯") for k in range(5)
    ]
    train = write("train.json", *records)
    model = trained(train, task="spans", family="crf", form="jsonl", end_inclusive=True)
    lines, scores = predicted(model, train)
    assert lines[0]["spans"] == lines[0]["gold"] == [{"start": 1, "end": 4, "label": "place", "text": "石桥镇"}]
    assert scores["exact_texts"] == 1
    conll, scores = predicted(model, write("test.conll", "在 O\n石 B-place\n桥 I-place\n镇 I-place\n办 O\n"))
    assert conll[0]["gold"] == [{"start": 1, "end": 4, "label": "place", "text": "石桥镇"}]
    assert scores["items"] == 1


def test_a_changed_or_foreign_model_is_refused(write, trained, tmp_path):
    trained(write("t.jsonl", {"text": "甲甲甲", "label": "a"}, {"text": "甲乙甲", "label": "b"}), form="jsonl")
    (tmp_path / "model" / "weights.npz").write_bytes(b"other weights")
    with pytest.raises(GongkaiError, match="missing or was changed") as caught:
        open_model(tmp_path / "model")
    assert caught.value.code == "model.incompatible"
    with pytest.raises(GongkaiError) as caught:
        open_model(tmp_path)
    assert caught.value.code == "model.unavailable"
    from gongkai.models.store import shipped

    with pytest.raises(GongkaiError, match="gongkai annotate"):
        open_model(shipped("fast-tagger"))
