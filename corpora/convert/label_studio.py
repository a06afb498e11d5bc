"""Label Studio JSON: a task per sentence with labels on the text and two sets of choices."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, get_args
from xml.sax.saxutils import quoteattr

from gongkai.corpora.convert.sentences import (
    ACTIVITY,
    DOMAIN,
    METRIC,
    Annotated,
    ConversionError,
    Guess,
    paragraphs_from,
    sentence_examples,
    with_guesses,
)
from gongkai.corpora.records import CorpusParagraph, EntityType
from gongkai.pipeline.config import taxonomy

_CHOICES = {"domains": DOMAIN, "activities": ACTIVITY}


def labelling_interface() -> str:
    """Return the XML of the labelling interface that the tasks are made for, Chinese names beside the labels."""
    # The context stands in a header: it can be read, and nothing can be marked in it.
    lines = ["<View>", '  <Header value="$context" size="5"/>', '  <Labels name="spans" toName="text">']
    lines += [f"    <Label value={quoteattr(label)}/>" for label in (METRIC, *get_args(EntityType))]
    lines += ["  </Labels>", '  <Text name="text" value="$text"/>']
    for facet in _CHOICES:
        lines.append(f'  <Choices name="{facet}" toName="text" choice="multiple" showInline="true">')
        for label, entry in taxonomy()[facet].items():
            lines.append(f"    <Choice value={quoteattr(label)} hint={quoteattr(entry['zh'])}/>")
        lines.append("  </Choices>")
    return "\n".join([*lines, "</View>\n"])


def to_label_studio(
    paragraphs: Sequence[CorpusParagraph],
    kind: Literal["annotations", "predictions"] = "annotations",
    guesses: Sequence[Guess] | None = None,
) -> str:
    """Return a JSON list of tasks for import.

    Args:
        paragraphs: what to hold.
        kind: whether labels come as finished annotations or as predictions to correct.
        guesses: one for each sentence, to give predictions their model and scores.

    Raises:
        ConversionError: a sentence holds characters beyond U+FFFF, which Label Studio counts as two.
    """
    tasks = []
    contexts = {p.id: " › ".join([*p.path, p.text]) for p in paragraphs}
    for example, guess in with_guesses(sentence_examples(paragraphs), guesses):
        text, data = example["text"], example["data"]
        if any(ord(c) > 0xFFFF for c in text):
            raise ConversionError(f"Label Studio counts characters beyond U+FFFF as two: {text!r} cannot be held")
        results: list[dict[str, Any]] = []
        for start, end, label in example["spans"]:
            value: dict[str, Any] = {"start": start, "end": end, "text": text[start:end], "labels": [label]}
            results.append(_result(len(results), "spans", "labels", value))
        for facet, prefix in _CHOICES.items():
            chosen = [c[len(prefix) :] for c in example["categories"] if c.startswith(prefix)]
            if chosen:
                results.append(_result(len(results), facet, "choices", {"choices": chosen}))
        layer: dict[str, Any] = {"result": results}
        if guess is not None:
            layer |= {"model_version": guess.model, "score": guess.score}
            for result in results:
                result["score"] = _score(result, guess)
        context = contexts[f"{data['report']}/{data['paragraph']}"]
        tasks.append({"data": {"text": text, "context": context, "gongkai": data}, kind: [layer]})
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


def _result(number: int, name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"r{number}", "from_name": name, "to_name": "text", "type": kind, "value": value}


def _score(result: dict[str, Any], guess: Guess) -> float:
    """Return the score of a region or of a set of choices, which is that of its least probable choice."""
    value = result["value"]
    if result["type"] == "labels":
        keys = [f"{value['start']}-{value['end']}-{value['labels'][0]}"]
    else:
        keys = [_CHOICES[result["from_name"]] + choice for choice in value["choices"]]
    return min(guess.scores[key] for key in keys)


def from_label_studio(tasks: str) -> list[CorpusParagraph]:
    """Read an export of Label Studio (JSON); the last annotation of a task counts, else its prediction.

    An annotation that was cancelled (a skipped task) is none.

    Raises:
        ConversionError: tasks are missing, or a metric was added there, where its value has no place.
    """
    return paragraphs_from(map(_example, _tasks(tasks)))


def _tasks(tasks: str) -> list[dict[str, Any]]:
    found = json.loads(tasks)
    if not isinstance(found, list) or not all(isinstance(task, dict) for task in found):
        raise ConversionError("a Label Studio export is a JSON list of tasks")
    return found


def _finished(task: dict[str, Any]) -> list[dict[str, Any]]:
    return [a for a in task.get("annotations") or [] if not a.get("was_cancelled")]


def _example(task: dict[str, Any]) -> dict[str, Any]:
    # An export names predictions by number; only what is made for import holds them.
    predictions = [p for p in task.get("predictions") or [] if isinstance(p, dict)]
    layers: list[dict[str, Any]] = _finished(task) or predictions or [{"result": []}]
    return _with(task, layers[-1]["result"])


def _with(task: dict[str, Any], results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    spans, categories = [], []
    for result in results:
        value = result["value"]
        if result["type"] == "labels":
            spans += [(value["start"], value["end"], label) for label in value["labels"]]
        elif result["type"] == "choices":
            categories += [_CHOICES[result["from_name"]] + choice for choice in value["choices"]]
    return {"text": task["data"]["text"], "spans": spans, "categories": categories, "data": task["data"]["gongkai"]}


def annotations_of(tasks: str) -> Iterator[Annotated]:
    """Yield the annotations of an export (JSON), those of skipped tasks left out.

    Raises:
        KeyError, TypeError, ValueError: it is no such export.
    """
    for task in _tasks(tasks):
        for annotation in _finished(task):
            example = _with(task, annotation["result"])
            prediction = annotation.get("prediction") or {}
            changed = None
            if prediction:
                changed = _say(example) != _say(_with(task, prediction["result"]))
            yield Annotated(
                key=str(annotation.get("unique_id") or annotation["id"]),
                annotator=_annotator(annotation.get("completed_by")),
                updated=annotation.get("updated_at") or annotation.get("created_at"),
                model=prediction.get("model_version"),
                changed=changed,
                example=example,
            )


def _say(example: dict[str, Any]) -> tuple[list[Any], list[str]]:
    return sorted(example["spans"]), sorted(example["categories"])


def _annotator(completed_by: Any) -> str:
    """Return the e-mail of a user where the export tells it, else the number."""
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or completed_by["id"])
    return "unknown" if completed_by is None else str(completed_by)
