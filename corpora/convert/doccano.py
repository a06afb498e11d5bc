"""doccano JSONL, project "Intent Detection and Slot Filling": entities and categories, code-point offsets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from gongkai.corpora.convert.sentences import (
    ACTIVITY,
    DOMAIN,
    METRIC,
    Annotated,
    Guess,
    paragraphs_from,
    sentence_examples,
    with_guesses,
)
from gongkai.corpora.records import CorpusParagraph, EntityType, json_lines
from gongkai.pipeline.config import taxonomy


def label_types() -> dict[str, str]:
    """Return what doccano imports as labels (Labels, Actions, Import Labels): JSON by kind, category and span."""
    names = {
        "category": [
            prefix + label
            for facet, prefix in (("domains", DOMAIN), ("activities", ACTIVITY))
            for label in taxonomy()[facet]
        ],
        "span": [METRIC, *get_args(EntityType)],
    }
    return {
        kind: json.dumps([{"text": name} for name in found], ensure_ascii=False, indent=1) + "\n"
        for kind, found in names.items()
    }


def to_doccano(paragraphs: Iterable[CorpusParagraph], guesses: Sequence[Guess] | None = None) -> str:
    """Return one line per sentence: ``text``, ``entities`` [[start, end, label]], ``cats``; the rest is metadata.

    Args:
        paragraphs: what to hold.
        guesses: one for each sentence where the labels are predictions. doccano knows no predictions: they come as
            labels to correct, their scores and model as metadata.

    Raises:
        ConversionError: a span reaches over the end of its sentence.
    """
    lines = []
    for example, guess in with_guesses(sentence_examples(paragraphs), guesses):
        line = {
            "text": example["text"],
            "entities": [list(span) for span in example["spans"]],
            "cats": example["categories"],
            "gongkai": example["data"],
        }
        if guess is not None:
            line["gongkai"] |= {
                "model": guess.model,
                "score": guess.score,
                "scores": guess.scores,
                "predicted": _say(example["spans"], example["categories"]),
            }
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    return "".join(lines)


def from_doccano(jsonl: str) -> list[CorpusParagraph]:
    """Read what :func:`to_doccano` wrote or doccano exported after labelling.

    Args:
        jsonl: the export; entities may be ``[start, end, label]`` or ``{"start_offset", "end_offset", "label"}``.

    Raises:
        ConversionError: sentences are missing, or a metric was added in doccano, which has no place for its value.
    """
    return paragraphs_from(_example(json.loads(line)) for line in json_lines(jsonl))


def annotations_of(jsonl: str, annotator: str) -> Iterator[Annotated]:
    """Yield the annotations of an export.

    Args:
        jsonl: the export: every line is taken for finished, so that only approved documents should be exported.
        annotator: the export names none; doccano names its file by the user (``all`` in a shared project).

    Raises:
        KeyError, TypeError, ValueError: it is no such export.
    """
    for line in map(json.loads, json_lines(jsonl)):
        example = _example(line)
        data = example["data"]
        key = str(line.get("id", f"{data['report']}/{data['paragraph']}/{data['sentence']}"))
        said, predicted = _say(example["spans"], example["categories"]), data.get("predicted")
        changed = None if predicted is None else said != predicted
        yield Annotated(key, annotator, None, data.get("model"), changed, example)


def _say(spans: Iterable[Sequence[Any]], categories: Iterable[str]) -> list[Any]:
    """Return spans and categories in one order, as JSON holds them, to compare."""
    return [sorted(list(span) for span in spans), sorted(categories)]


def _example(line: dict[str, Any]) -> dict[str, Any]:
    spans = [
        (e["start_offset"], e["end_offset"], e["label"]) if isinstance(e, dict) else tuple(e) for e in line["entities"]
    ]
    return {"text": line["text"], "spans": spans, "categories": line["cats"], "data": line["gongkai"]}
