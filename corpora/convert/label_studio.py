"""Label Studio JSON: a task per sentence with labels on the text and two sets of choices."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal, get_args
from xml.sax.saxutils import quoteattr

from gongkai.corpora.convert.sentences import (
    ACTIVITY,
    DOMAIN,
    METRIC,
    ConversionError,
    paragraphs_from,
    sentence_examples,
)
from gongkai.corpora.records import CorpusParagraph, EntityType
from gongkai.pipeline.config import taxonomy

_CHOICES = {"domains": DOMAIN, "activities": ACTIVITY}


def labelling_interface() -> str:
    """Return the XML of the labelling interface that the tasks are made for, Chinese names beside the labels."""
    lines = ["<View>", '  <Labels name="spans" toName="text">']
    lines += [f"    <Label value={quoteattr(label)}/>" for label in (METRIC, *get_args(EntityType))]
    lines += ["  </Labels>", '  <Text name="text" value="$text"/>']
    for facet in _CHOICES:
        lines.append(f'  <Choices name="{facet}" toName="text" choice="multiple" showInline="true">')
        for label, entry in taxonomy()[facet].items():
            lines.append(f"    <Choice value={quoteattr(label)} hint={quoteattr(entry['zh'])}/>")
        lines.append("  </Choices>")
    return "\n".join([*lines, "</View>\n"])


def to_label_studio(
    paragraphs: Iterable[CorpusParagraph], kind: Literal["annotations", "predictions"] = "annotations"
) -> str:
    """Return a JSON list of tasks for import.

    Args:
        paragraphs: what to hold.
        kind: whether labels come as finished annotations or as predictions to correct.

    Raises:
        ConversionError: a sentence holds characters beyond U+FFFF, which Label Studio counts as two.
    """
    tasks = []
    for example in sentence_examples(paragraphs):
        text = example["text"]
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
        tasks.append({"data": {"text": text, "gongkai": example["data"]}, kind: [{"result": results}]})
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


def _result(number: int, name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"r{number}", "from_name": name, "to_name": "text", "type": kind, "value": value}


def from_label_studio(tasks: str) -> list[CorpusParagraph]:
    """Read an export of Label Studio (JSON); the last annotation of a task counts, else its prediction.

    Raises:
        ConversionError: tasks are missing, or a metric was added there, where its value has no place.
    """
    found = json.loads(tasks)
    if not isinstance(found, list) or not all(isinstance(task, dict) for task in found):
        raise ConversionError("a Label Studio export is a JSON list of tasks")
    return paragraphs_from(map(_example, found))


def _example(task: dict[str, Any]) -> dict[str, Any]:
    layers = task.get("annotations") or task.get("predictions") or [{"result": []}]
    spans, categories = [], []
    for result in layers[-1]["result"]:
        value = result["value"]
        if result["type"] == "labels":
            spans.append((value["start"], value["end"], value["labels"][0]))
        elif result["type"] == "choices":
            categories += [_CHOICES[result["from_name"]] + choice for choice in value["choices"]]
    return {"text": task["data"]["text"], "spans": spans, "categories": categories, "data": task["data"]["gongkai"]}
