"""What labelling tools hand back: whose annotation it is, of what, and whether the prediction was changed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from gongkai.corpora.convert import doccano, label_studio
from gongkai.corpora.convert.sentences import Guess
from gongkai.corpora.markup import parse
from gongkai.corpora.records import CorpusParagraph

SOURCE = Path(__file__).with_name("sample.txt")


@pytest.fixture(scope="module")
def paragraphs() -> list[CorpusParagraph]:
    return parse(SOURCE.read_text(encoding="utf-8"), "sample", "train")[1][1:2]


@pytest.fixture(scope="module")
def guesses(paragraphs: list[CorpusParagraph]) -> list[Guess]:
    found = []
    for sentence in paragraphs[0].sentences:
        scores = {f"domain:{d}": 0.8 - i / 10 for i, d in enumerate(sentence.domains)}
        scores |= {f"activity:{a}": 0.9 for a in sentence.activities}
        for kind, items in (("METRIC", paragraphs[0].metrics), (None, paragraphs[0].entities)):
            for item in items:
                key = f"{item.start - sentence.start}-{item.end - sentence.start}-{kind or item.type}"  # type: ignore[union-attr]
                scores[key] = 0.7
        found.append(Guess("model-1", 0.6, scores, {"batch": 1}))
    return found


@pytest.fixture
def exported(paragraphs: list[CorpusParagraph], guesses: list[Guess]) -> list[dict[str, Any]]:
    """Return what Label Studio 1.23 exports of these tasks: two annotations of the first, the second skipped."""
    tasks = json.loads(label_studio.to_label_studio(paragraphs, "predictions", guesses))[:2]
    for number, task in enumerate(tasks, 1):
        prediction = {"id": number, "model_version": "model-1", **task["predictions"][0]}
        annotation = {
            "id": 10 * number,
            "unique_id": f"u{number}",
            "completed_by": 7,
            "result": copy.deepcopy(prediction["result"]),
            "was_cancelled": number == 2,
            "created_at": "2026-11-30T06:46:42.660587Z",
            "updated_at": "2026-11-30T06:47:00.000000Z",
            "prediction": prediction,
        }
        task |= {"annotations": [annotation], "predictions": [number], "drafts": []}
    second = copy.deepcopy(tasks[0]["annotations"][0])
    second |= {"id": 11, "unique_id": "u3", "completed_by": {"id": 8, "email": "bo@example.org"}, "prediction": {}}
    tasks[0]["annotations"].append(second)
    return tasks


def test_predictions_carry_model_and_scores(paragraphs: list[CorpusParagraph], guesses: list[Guess]) -> None:
    task = json.loads(label_studio.to_label_studio(paragraphs, "predictions", guesses))[0]
    prediction = task["predictions"][0]
    assert (prediction["model_version"], prediction["score"]) == ("model-1", 0.6)
    scores = {r["from_name"]: r["score"] for r in prediction["result"] if r["type"] == "choices"}
    # A set of choices is as sure as its least probable one.
    assert scores["domains"] == pytest.approx(0.8 - (len(paragraphs[0].sentences[0].domains) - 1) / 10)
    assert all(r["score"] == 0.7 for r in prediction["result"] if r["type"] == "labels")
    assert task["data"]["gongkai"]["batch"] == 1
    assert task["data"]["context"].endswith(paragraphs[0].text)


def test_doccano_lines_carry_model_scores_and_what_was_predicted(
    paragraphs: list[CorpusParagraph], guesses: list[Guess]
) -> None:
    line = json.loads(doccano.to_doccano(paragraphs, guesses).splitlines()[0])
    assert line["gongkai"]["model"] == "model-1"
    assert line["gongkai"]["scores"] == dict(guesses[0].scores)
    assert line["gongkai"]["predicted"] == [sorted(line["entities"]), sorted(line["cats"])]


def test_label_studio_annotations(exported: list[dict[str, Any]]) -> None:
    found = list(label_studio.annotations_of(json.dumps(exported)))
    assert [(a.key, a.annotator) for a in found] == [("u1", "7"), ("u3", "bo@example.org")]
    assert (found[0].model, found[0].changed, found[0].updated) == ("model-1", False, "2026-11-30T06:47:00.000000Z")
    assert (found[1].model, found[1].changed) == (None, None)


def test_a_change_to_the_prediction_is_seen(exported: list[dict[str, Any]]) -> None:
    exported[0]["annotations"][0]["result"].pop()
    assert next(label_studio.annotations_of(json.dumps(exported))).changed is True


def test_a_region_drawn_in_another_order_is_no_change(exported: list[dict[str, Any]]) -> None:
    exported[0]["annotations"][0]["result"].reverse()
    assert next(label_studio.annotations_of(json.dumps(exported))).changed is False


def test_a_skipped_task_is_not_read_as_a_sentence_without_labels(exported: list[dict[str, Any]]) -> None:
    exported[0]["annotations"][0] |= {"was_cancelled": True, "result": []}
    del exported[0]["annotations"][1]
    assert not list(label_studio.annotations_of(json.dumps(exported)))
    # An export names predictions by number; there is nothing to fall back on, and nothing to stumble over.
    assert label_studio.from_label_studio(json.dumps(exported[:1]))[0].sentences[0].domains == []


def test_doccano_annotations(paragraphs: list[CorpusParagraph], guesses: list[Guess]) -> None:
    lines = [json.loads(line) for line in doccano.to_doccano(paragraphs, guesses).splitlines()]
    lines[0] |= {"id": 5, "Comments": []}
    lines[1]["cats"] = []
    found = list(doccano.annotations_of("\n".join(map(json.dumps, lines)), "anna"))
    assert (found[0].key, found[0].annotator, found[0].model, found[0].changed) == ("5", "anna", "model-1", False)
    assert found[1].changed is True
    assert found[1].key.startswith("sample/p2/")


def test_doccano_label_types_name_every_label_once() -> None:
    types = {kind: [x["text"] for x in json.loads(text)] for kind, text in doccano.label_types().items()}
    assert types["span"][0] == "METRIC"
    assert {"domain:poverty_relief", "activity:fees"} <= set(types["category"])
    assert all(len(set(names)) == len(names) for names in types.values())
