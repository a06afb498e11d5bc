"""How far annotators, or two exports, agree on the sentences that both have annotated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from gongkai.corpora.agreement import agreement, disagreements
from gongkai.corpora.convert.sentences import ACTIVITY, DOMAIN, METRIC, ConversionError
from gongkai.corpora.records import CorpusParagraph, EntityMention, MetricMention, Sentence
from gongkai.pipeline.tagging.base import ParagraphInput
from gongkai.training.labelling.figures import Figures
from gongkai.training.labelling.record import Said

Side = Mapping[str, Said]
Difference = tuple[str, str, tuple[set[str], set[str]], tuple[set[str], set[str]]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides on the sentences they share.

    Attributes:
        first, second: their names.
        figures: see :func:`gongkai.corpora.agreement.agreement`.
        differences: (place, sentence, labels of the first, labels of the second) wherever labels differ.
    """

    first: str
    second: str
    figures: dict[str, Any]
    differences: list[Difference]


def newest(said: Iterable[Said]) -> dict[str, Said]:
    """Return the last word on each sentence, by place."""
    return {one.place: one for one in sorted(said, key=lambda s: s.when)}


def by_annotator(said: Iterable[Said]) -> dict[str, dict[str, Said]]:
    """Return the last word of each annotator on each sentence."""
    groups: dict[str, list[Said]] = {}
    for one in said:
        groups.setdefault(one.annotator, []).append(one)
    return {name: newest(groups[name]) for name in sorted(groups)}


def pairs(sides: Mapping[str, Side]) -> list[Pair]:
    """Compare every two sides that share sentences.

    Args:
        sides: by name, each with its annotation of sentences by place.
    """
    found = []
    for first, second in combinations(sides, 2):
        shared = [place for place in sides[first] if place in sides[second]]
        if shared:
            ours, theirs = ([_alone(sides[side][place]) for place in shared] for side in (first, second))
            found.append(Pair(first, second, agreement(ours, theirs), disagreements(ours, theirs)))
    return found


def _alone(said: Said) -> CorpusParagraph:
    """Return a sentence as a paragraph of its own."""
    text, data = said.text, said.data
    labels = {
        facet: [c.removeprefix(prefix) for c in said.categories if c.startswith(prefix)]
        for facet, prefix in (("domains", DOMAIN), ("activities", ACTIVITY))
    }
    spans = [{"start": start, "end": end, "text": text[start:end]} for start, end, _ in said.spans]
    inputs = ParagraphInput(text, ((0, len(text)),), tuple(data["path"]), data["section"])
    known = {key: {**details, "words": None} for key, details in data["metrics"].items()}
    metrics, entities = [], []
    for span, (start, end, label) in zip(spans, said.spans, strict=True):
        if label == METRIC:
            details = known.get(f"{start}-{end}") or _details(inputs, start, end)
            metrics.append(MetricMention.model_validate({**span, **details}))
        else:
            entities.append(EntityMention.model_validate({**span, "type": label}))
    return CorpusParagraph(
        report=data["report"],
        paragraph=f"{data['paragraph']}.{said.sentence + 1}",
        section=data["section"],
        path=data["path"],
        text=text,
        sentences=[Sentence(start=0, end=len(text), **labels)],
        metrics=metrics,
        entities=entities,
    )


def _details(inputs: ParagraphInput, start: int, end: int) -> dict[str, Any]:
    try:
        return Figures(inputs).details(start, end)
    except ConversionError:
        # No figure to read: the span counts, and no value can agree with it but that of the same odd span.
        return {"indicator": inputs.text[start:end], "value": 0, "unit": None}
