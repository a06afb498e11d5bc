"""Paragraphs that might be labelled next, each with what an engine says of its sentences."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from gongkai.corpora.convert.sentences import ACTIVITY, DOMAIN, METRIC, Guess
from gongkai.corpora.duplicates import normalise
from gongkai.corpora.records import CorpusParagraph, EntityMention, EntityType, MetricMention, Sentence
from gongkai.models.store import FACETS
from gongkai.pipeline.schema import Entity, Metric, ParagraphOut, Report, Segment

_PREFIXES = dict(zip(FACETS, (DOMAIN, ACTIVITY), strict=True))
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)")
_TWO_UNITS = re.compile(r"[\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Candidate:
    """A paragraph with the labels, metrics and entities that an engine proposes.

    Attributes:
        paragraph: as it would stand in the corpus, were the engine right.
        probabilities: (S, L) of each sentence and label, in the label scheme's order; 0 where an engine gives none.
        scores: of each sentence's categories and spans, keyed as in :class:`~gongkai.corpora.convert.sentences.Guess`.
        model: the tagger's name and version.
        origin: what the report says of itself and where it came from.
    """

    paragraph: CorpusParagraph
    probabilities: NDArray[np.float32]
    scores: tuple[dict[str, float], ...]
    model: str
    origin: dict[str, Any]

    @cached_property
    def key(self) -> str:
        """A hash of the text without figures and punctuation; two paragraphs with one key are the same to label."""
        text = self.paragraph.text
        return hashlib.sha256((normalise(text) or text).encode()).hexdigest()[:32]

    @property
    def sentences(self) -> list[str]:
        """The texts of the sentences."""
        return sentence_texts(self.paragraph)

    def guesses(self, data: dict[str, Any]) -> list[Guess]:
        """Return the guess on each sentence.

        Args:
            data: travels with each, beside the origin and the names of the models.
        """
        sure = np.maximum(self.probabilities, 1 - self.probabilities).min(axis=1)
        return [
            Guess(self.model, round(float(score), 4), scores, {"origin": self.origin, **data})
            for score, scores in zip(sure, self.scores, strict=True)
        ]


def sentence_texts(paragraph: CorpusParagraph) -> list[str]:
    """Return the texts of a paragraph's sentences."""
    return [paragraph.text[s.start : s.end] for s in paragraph.sentences]


def candidates(report: Report, labels: Sequence[tuple[str, str]]) -> Iterator[Candidate]:
    """Yield the paragraphs of an annotated report.

    What a labelling tool cannot hold is left out: spans over the end of a sentence, and paragraphs with characters
    beyond U+FFFF, whose offsets the tools count each in their own way.

    Args:
        report: the summary, with every label's probability among labels and candidates.
        labels: (facet, label) of the label scheme.
    """
    kinds = {section.id: section.kind for section in report.sections}
    origin = _origin(report)
    columns = {label: k for k, label in enumerate(labels)}
    for paragraph in report.paragraphs:
        if not paragraph.segments or _TWO_UNITS.search(paragraph.text):
            continue
        metrics = [m for m in report.metrics if m.paragraph == paragraph.id and _inside(m, paragraph)]
        entities = [e for e in report.entities if e.paragraph == paragraph.id and _inside(e, paragraph)]
        yield Candidate(
            paragraph=CorpusParagraph(
                report=origin["report"],
                paragraph=paragraph.id,
                section=kinds[paragraph.section],
                path=paragraph.path,
                text=paragraph.text,
                sentences=[_sentence(s) for s in paragraph.segments],
                metrics=[_metric(m) for m in metrics],
                entities=[_entity(e) for e in entities if e.type in get_args(EntityType)],
            ),
            probabilities=np.array([_row(s, columns) for s in paragraph.segments]),
            scores=tuple(_scores(s, metrics, entities) for s in paragraph.segments),
            model=report.pipeline.models["tagger"],
            origin=origin,
        )


def _origin(report: Report) -> dict[str, Any]:
    info, source = report.report, report.source
    year = info.year or next(map(int, _YEAR.findall(info.id)), None)
    # Named by its bytes too: reports of one file name from two places are two reports, one from two places is one.
    name = f"{info.id}-{source.sha256[:8]}"
    return {
        "report": name,
        "file": Path(source.path).name,
        "sha256": source.sha256,
        "authority": info.authority or name,
        "region": info.region or "",
        "year": year,
        "format": info.format,
        "models": report.pipeline.models,
        "config_sha256": report.pipeline.config_sha256,
    }


def _inside(item: Metric | Entity, paragraph: ParagraphOut) -> bool:
    return any(s.start <= item.start and item.end <= s.end for s in paragraph.segments)


def _sentence(segment: Segment) -> Sentence:
    return Sentence(
        start=segment.start,
        end=segment.end,
        domains=[label.label for label in segment.domains],
        activities=[label.label for label in segment.activities],
    )


def _metric(metric: Metric) -> MetricMention:
    kept = metric.model_dump(
        include={"start", "end", "text", "value", "value_max", "unit", "comparator", "period", "scope"}
    )
    return MetricMention(**kept, indicator=metric.indicator or metric.text)


def _entity(entity: Entity) -> EntityMention:
    return EntityMention.model_validate(entity.model_dump(include={"start", "end", "text", "type"}))


def _row(segment: Segment, columns: dict[tuple[str, str], int]) -> NDArray[np.float32]:
    row = np.zeros(len(columns), dtype=np.float32)
    for facet in FACETS:
        for found in (*getattr(segment, facet), *_unsure(segment, facet)):
            row[columns[facet, found.label]] = found.score
    return row


def _unsure(segment: Segment, facet: str) -> list[Any]:
    return segment.domain_candidates if facet == "domains" else segment.activity_candidates


def _scores(segment: Segment, metrics: Sequence[Metric], entities: Sequence[Entity]) -> dict[str, float]:
    scores = {_PREFIXES[facet] + found.label: found.score for facet in FACETS for found in getattr(segment, facet)}
    # Entities are found by rules, which give no probability.
    for start, end, kind, score in [
        *((m.start, m.end, METRIC, m.score) for m in metrics),
        *((e.start, e.end, e.type, 1.0) for e in entities),
    ]:
        if segment.start <= start and end <= segment.end:
            scores[f"{start - segment.start}-{end - segment.start}-{kind}"] = score
    return scores
