"""doccano JSONL, project "Intent Detection and Slot Filling": entities and categories, code-point offsets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from gongkai.corpora.convert.sentences import paragraphs_from, sentence_examples
from gongkai.corpora.records import CorpusParagraph, json_lines


def to_doccano(paragraphs: Iterable[CorpusParagraph]) -> str:
    """Return one line per sentence: ``text``, ``entities`` [[start, end, label]], ``cats``; the rest is metadata.

    Raises:
        ConversionError: a span reaches over the end of its sentence.
    """
    lines = []
    for example in sentence_examples(paragraphs):
        line = {
            "text": example["text"],
            "entities": [list(span) for span in example["spans"]],
            "cats": example["categories"],
            "gongkai": example["data"],
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


def _example(line: dict[str, Any]) -> dict[str, Any]:
    spans = [
        (e["start_offset"], e["end_offset"], e["label"]) if isinstance(e, dict) else tuple(e) for e in line["entities"]
    ]
    return {"text": line["text"], "spans": spans, "categories": line["cats"], "data": line["gongkai"]}
