"""Scores a summary against gold annotation of a real report.

The gold is two files: sentences (JSONL of id and text) and their annotation (JSON): labels by sentence id, metrics
with the key words their indicator must hold, table cells. Sentences are found in the summary by their characters,
white space and the forms of quotes and dashes left out of account, so gold and summary may cut text differently.
"""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.models.store import FACETS
from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.schema import Metric, Report
from gongkai.training.evaluation.labels import prf, score_labels

_SAME = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "〝": '"', "〞": '"', "‘": "'", "’": "'",
        "—": "-", "–": "-", "－": "-", "〔": "[", "〕": "]",
    }
)  # fmt: skip
_UNITS = {"个百分点": "百分点", "人民币": "元", "℅": "%", "百分之": "%"}
_LONGEST_INDICATOR = 40
_SHORT = {"domains": "d", "activities": "a"}


def squeeze(text: str) -> str:
    """Return text without white space, compatibility forms resolved, quotes and dashes alike."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(_SAME)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A segment or metric in the coordinates of the squeezed narrative."""

    start: int
    end: int
    what: Any


class _Stream:
    """The narrative of a summary as one squeezed string with the places of segments and metrics in it."""

    def __init__(self, report: Report) -> None:
        pieces: list[str] = []
        self.segments: list[_Stretch] = []
        self.metrics: list[_Stretch] = []
        at = 0
        places: dict[str, list[int]] = {}
        for paragraph in report.paragraphs:
            starts = []  # for each character of the paragraph, where its squeezed form begins in the stream
            for char in paragraph.text:
                starts.append(at)
                squeezed = squeeze(char)
                pieces.append(squeezed)
                at += len(squeezed)
            places[paragraph.id] = [*starts, at]
            for segment in paragraph.segments:
                self.segments.append(
                    _Stretch(places[paragraph.id][segment.start], places[paragraph.id][segment.end], segment)
                )
        self.text = "".join(pieces)
        for metric in report.metrics:
            own = places[metric.paragraph]
            self.metrics.append(_Stretch(own[metric.start], own[metric.end], metric))

    def labels(self, start: int, end: int, facet: str) -> set[str]:
        """Return the labels of the segments that share at least half of the shorter one with a stretch."""
        found: set[str] = set()
        first = bisect_left(self.segments, start, key=lambda s: s.end)
        for segment in self.segments[first:]:
            if segment.start >= end:
                break
            shared = min(end, segment.end) - max(start, segment.start)
            if shared > 0 and shared >= 0.5 * min(end - start, segment.end - segment.start):
                found |= {label.label for label in getattr(segment.what, facet)}
        return found


def score_gold(report: Report, annotation: Path, sentences: Path) -> dict[str, Any]:
    """Score a summary.

    Args:
        report: the summary.
        annotation: the gold's JSON.
        sentences: the gold's sentences, JSONL.

    Returns:
        ``sentences`` and how many were ``located``; ``domains`` and ``activities`` as
        :func:`~gongkai.training.evaluation.labels.score_labels`; ``metrics`` with ``value`` and ``full`` and the shares
        ``comparator`` and ``indicator``; ``tables`` with ``cells`` and how many are ``right``.
    """
    gold = json.loads(annotation.read_text(encoding="utf-8"))
    lines = [json.loads(line) for line in sentences.read_text(encoding="utf-8").split("\n") if line.strip()]
    stream = _Stream(report)
    places = _locate(stream.text, lines)
    scored = [s["id"] for s in lines if not gold["sentences"].get(s["id"], {}).get("skip")]
    result: dict[str, Any] = {"sentences": len(scored), "located": sum(i in places for i in scored)}
    for facet in FACETS:
        marks = [gold["sentences"][i] for i in scored]
        found = [
            (stream.labels(*places[i], facet) if i in places else set()) - set(mark.get(f"{_SHORT[facet]}_opt", []))
            for i, mark in zip(scored, marks, strict=True)
        ]
        lenient = [facet == "domains" and bool(mark.get("list")) for mark in marks]
        wanted = [set(mark[_SHORT[facet]]) for mark in marks]
        result[facet] = score_labels(wanted, found, list(taxonomy()[facet]), lenient)
    result["metrics"] = _metrics(gold.get("metrics", []), stream, places, scored)
    if gold.get("tables"):
        result["tables"] = _tables(gold["tables"], report)
    return result


def _locate(text: str, lines: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return where the sentences stand, searched in reading order first."""
    places, cursor = {}, 0
    for line in lines:
        needle = squeeze(line["text"])
        at = text.find(needle, cursor)
        at = at if at >= 0 else text.find(needle)
        if at >= 0:
            places[line["id"]] = (at, at + len(needle))
            cursor = at + len(needle)
    return places


def _metrics(
    gold: Sequence[dict[str, Any]], stream: _Stream, places: dict[str, tuple[int, int]], scored: Sequence[str]
) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    used: set[int] = set()
    excused: set[int] = set()
    taken: dict[str, int] = {}
    for item in gold:
        span = _mention(item, stream.text, places.get(item["s"]), taken)
        over = [
            k
            for k, m in enumerate(stream.metrics)
            if span and k not in used and min(m.end, span[1]) > max(m.start, span[0])
        ]
        if item.get("optional"):
            excused.update(over)
            continue
        hit = next((k for k in over if _same(stream.metrics[k].what, item)), None)
        if hit is None:
            counts["missed"] += 1
            continue
        used.add(hit)
        metric: Metric = stream.metrics[hit].what
        comparator, indicator = metric.comparator == item["comparator"], _holds_keys(metric, item)
        counts.update(value=1, comparator=comparator, indicator=indicator, full=comparator and indicator)
    inside = [places[i] for i in scored if i in places]
    spurious = sum(
        k not in used and k not in excused and any(min(m.end, b) > max(m.start, a) for a, b in inside)
        for k, m in enumerate(stream.metrics)
    )
    wrong = counts["value"] - counts["full"]
    found = max(1, counts["value"])
    return {
        "value": prf(counts["value"], spurious, counts["missed"]),
        "full": prf(counts["full"], spurious + wrong, counts["missed"] + wrong),
        "comparator": round(counts["comparator"] / found, 4),
        "indicator": round(counts["indicator"] / found, 4),
    }


def _mention(
    item: dict[str, Any], text: str, place: tuple[int, int] | None, taken: dict[str, int]
) -> tuple[int, int] | None:
    """Return where a metric's mention stands in its sentence; equal mentions are taken one after the other."""
    if place is None:
        return None
    mention = squeeze(item["mention"])
    at = text.find(mention, max(place[0], taken.get(item["s"], 0)), place[1])
    at = at if at >= 0 else text.find(mention, *place)
    if at < 0:
        return None
    taken[item["s"]] = at + len(mention)
    return at, at + len(mention)


def _same(metric: Metric, item: dict[str, Any]) -> bool:
    ours, theirs = (squeeze(unit or "") for unit in (metric.unit, item["unit"]))
    near = abs(float(metric.value) - float(item["value"])) <= 1e-4 * max(1.0, abs(float(item["value"])))
    return near and _UNITS.get(ours, ours) == _UNITS.get(theirs, theirs)


def _holds_keys(metric: Metric, item: dict[str, Any]) -> bool:
    indicator = squeeze(metric.indicator or "")
    return len(indicator) <= _LONGEST_INDICATOR and any(
        all(squeeze(key) in indicator for key in keys) for keys in item["keys"]
    )


def _tables(gold: dict[str, Any], report: Report) -> dict[str, Any]:
    cells = right = 0
    for name, rows in gold.items():
        ours = report.tables[name].rows if name in report.tables else {}
        for row, columns in rows.items():
            for column, value in columns.items():
                cells += 1
                right += row in ours and float(ours[row].get(column) or 0) == float(value or 0)
    return {"cells": cells, "right": right, "share": round(right / cells, 4) if cells else 0.0}
