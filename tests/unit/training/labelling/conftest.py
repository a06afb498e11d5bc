"""Candidates and annotations made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gongkai.corpora.convert.sentences import sentence_examples
from gongkai.corpora.records import CorpusParagraph, MetricMention, Sentence
from gongkai.models.store import scheme_labels
from gongkai.training.labelling.candidates import Candidate
from gongkai.training.labelling.record import Said

ORIGIN = {
    "report": "r-2023",
    "file": "r.txt",
    "sha256": "00",
    "authority": "甲县人民政府",
    "region": "甲县",
    "year": 2023,
    "format": "2021",
    "models": {"tagger": "m-1"},
    "config_sha256": "00",
}


def paragraph(sentences: Sequence[str], name: str = "p1", labels: Sequence[str] = ()) -> CorpusParagraph:
    at, found = 0, []
    for text in sentences:
        found.append(Sentence(start=at, end=at + len(text), domains=list(labels), activities=[]))
        at += len(text)
    return CorpusParagraph(
        report=ORIGIN["report"],
        paragraph=name,
        section="overview",
        path=["（一）"],
        text="".join(sentences),
        sentences=found,
    )


@pytest.fixture
def make_paragraph() -> Callable[..., CorpusParagraph]:
    return paragraph


@pytest.fixture
def make_candidate() -> Callable[..., Candidate]:
    """Make a candidate of sentences, each with the same probability of its first label and 0 of all others."""

    def make(
        sentences: Sequence[str], probability: float | Sequence[float] = 0.5, name: str = "p1", **origin: Any
    ) -> Candidate:
        rows = np.zeros((len(sentences), len(scheme_labels())), dtype=np.float32)
        rows[:, 0] = probability
        return Candidate(paragraph(sentences, name), rows, ({},) * len(sentences), "m-1", {**ORIGIN, **origin})

    return make


@pytest.fixture
def annotate() -> Callable[..., list[Said]]:
    """Make one annotator's word on the sentences of a paragraph: the categories of each."""

    def make(
        found: CorpusParagraph,
        categories: Sequence[Sequence[str]],
        annotator: str = "anna",
        updated: str | None = "2026-01-01T00:00:00+00:00",
        spans: Sequence[Sequence[tuple[int, int, str]]] | None = None,
        origin: dict[str, Any] = ORIGIN,
    ) -> list[Said]:
        said = []
        for k, example in enumerate(sentence_examples([found])):
            data = {**example["data"], "origin": {**origin, "report": found.report}, "sentences": len(found.sentences)}
            said.append(
                Said(
                    tool="label-studio",
                    key=f"{annotator}-{found.id}-{k}",
                    annotator=annotator,
                    updated=updated,
                    imported="2026-06-01T00:00:00+00:00",
                    file="export.json",
                    model="m-1",
                    changed=False,
                    text=example["text"],
                    spans=list(example["spans"] if spans is None else spans[k]),
                    categories=list(categories[k]),
                    data=data,
                )
            )
        return said

    return make


@pytest.fixture
def metric_paragraph() -> CorpusParagraph:
    found = paragraph(["全年公开扶贫信息200余条。", "培训3期。"])
    metric = MetricMention(
        start=8, end=13, text="200余条", indicator="扶贫信息公开数", value=200, unit="条", comparator="gt"
    )
    return found.model_copy(update={"metrics": [metric]})
