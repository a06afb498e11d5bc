"""Merging annotations into paragraphs: whose word is taken, and where annotators differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gongkai.corpora.convert.sentences import (
    ACTIVITY,
    DOMAIN,
    METRIC,
    ConversionError,
    paragraphs_from,
    sentence_examples,
)
from gongkai.corpora.records import CorpusParagraph
from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.segments import split_segments
from gongkai.pipeline.tagging.base import ParagraphInput
from gongkai.training.labelling.figures import Figures
from gongkai.training.labelling.record import Said, Say

Take = Literal["newest", "existing", "majority"]
CORPUS = "corpus"


@dataclass(frozen=True, slots=True)
class Vote:
    """One voice on a sentence: that of an annotator, or of what stands in the corpus."""

    by: str
    say: Say
    metrics: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A sentence that is seen differently.

    Attributes:
        place, text: the sentence.
        kind: ``annotators`` differ, or an annotation and what ``standing`` in the corpus.
        votes: all of them, the newest first.
        taken: what the corpus now holds.
    """

    place: str
    text: str
    kind: Literal["annotators", "standing"]
    votes: list[Vote]
    taken: Say


class UnfinishedError(Exception):
    """A paragraph of which some sentences have no annotation yet."""


def merge(said: Sequence[Said], standing: CorpusParagraph | None, take: Take) -> tuple[CorpusParagraph, list[Conflict]]:
    """Merge all that was said of a paragraph.

    Args:
        said: of its sentences, by any number of annotators; of several by one the newest counts.
        standing: the paragraph in the corpus, if it is there.
        take: ``newest``, the last word; ``existing``, what stands in the corpus, else the last word; ``majority``,
            each label and span that more than half of the voices give, at a tie the last word decides.

    Raises:
        UnfinishedError: sentences are missing.
        ConversionError: what was said does not fit together or does not fit the corpus.
    """
    by_sentence: dict[int, dict[str, Said]] = {}
    for one in sorted(said, key=lambda s: s.when):
        by_sentence.setdefault(one.sentence, {})[one.annotator] = one
    number = max(s.data.get("sentences", 0) for s in said) or max(by_sentence) + 1
    if sorted(by_sentence) != list(range(number)):
        raise UnfinishedError(f"{len(by_sentence)} of {number} sentences are annotated")
    old: list[dict[str, Any] | None] = [None] * number if standing is None else [*sentence_examples([standing])]
    if len(old) != number:
        raise ConversionError("another text stands in the corpus under this name")
    examples, conflicts = [], []
    for k in range(number):
        # The newest first; of two of one moment the one that came later.
        voices = sorted(by_sentence[k].values(), key=lambda s: s.when)
        voices.reverse()
        before = old[k]
        if before is not None and before["text"] != voices[0].text:
            raise ConversionError("another text stands in the corpus under this name")
        example, found = _sentence(voices, before, take)
        examples.append(example)
        conflicts += found
    return _paragraph(examples, standing), conflicts


def _sentence(voices: Sequence[Said], old: dict[str, Any] | None, take: Take) -> tuple[dict[str, Any], list[Conflict]]:
    votes = [Vote(v.annotator, v.say, v.data["metrics"]) for v in voices]
    existing = None if old is None else _vote(old)
    differ = len({vote.say for vote in votes}) > 1
    # What stands has a voice of its own only where it is nobody's word on record.
    if existing is not None and all(v.say != existing.say for v in votes):
        votes.append(existing)
    taken = _take(votes, existing, take)
    conflicts = []
    against = existing is not None and any(v.say != existing.say for v in votes)
    if differ or against:
        kind: Literal["annotators", "standing"] = "annotators" if differ else "standing"
        conflicts.append(Conflict(voices[0].place, voices[0].text, kind, votes, taken))
    data = dict(voices[0].data if old is None else old["data"])
    data["metrics"] = {}
    # No tool can change what a figure measures, so what the corpus says of it is never older than what comes back.
    for vote in (*reversed(votes), *([] if existing is None else [existing])):
        data["metrics"] |= vote.metrics
    categories, spans = taken
    return {"text": voices[0].text, "categories": _ordered(categories), "spans": sorted(spans), "data": data}, conflicts


def _vote(example: dict[str, Any]) -> Vote:
    say = frozenset(example["categories"]), frozenset(example["spans"])
    return Vote(CORPUS, say, example["data"]["metrics"])


def _take(votes: Sequence[Vote], existing: Vote | None, take: Take) -> Say:
    if take == "existing" and existing is not None:
        return existing.say
    newest = votes[0].say
    if take == "majority":
        return (_most([v.say[0] for v in votes], newest[0]), _most([v.say[1] for v in votes], newest[1]))
    return newest


def _most(sets: Sequence[frozenset[Any]], newest: frozenset[Any]) -> frozenset[Any]:
    counts = Counter(item for found in sets for item in found)
    half = len(sets) / 2
    return frozenset(item for item, n in counts.items() if n > half or (n == half and item in newest))


def _ordered(categories: Iterable[str]) -> list[str]:
    order = [
        prefix + label
        for facet, prefix in (("domains", DOMAIN), ("activities", ACTIVITY))
        for label in taxonomy()[facet]
    ]
    # A label of another scheme comes last; the corpus's own checks refuse it by name.
    return sorted(categories, key=lambda c: (order.index(c) if c in order else len(order), c))


def _paragraph(examples: list[dict[str, Any]], standing: CorpusParagraph | None) -> CorpusParagraph:
    first = examples[0]["data"]
    text = first["lead"] + "".join(e["text"] + e["data"]["gap"] for e in examples)
    segments = [(e["data"]["start"], e["data"]["start"] + len(e["text"])) for e in examples]
    if [text[a:b].strip() for a, b in segments] != [text[a:b] for a, b in split_segments(text)]:
        raise ConversionError("the sentences that came back are not those that were given out")
    inputs = ParagraphInput(text, tuple(segments), tuple(first["path"]), first["section"])
    added = None
    for example in examples:
        for start, end, label in example["spans"]:
            if label == METRIC and f"{start}-{end}" not in example["data"]["metrics"]:
                added = added or Figures(inputs)
                found = added.details(start + example["data"]["start"], end + example["data"]["start"])
                example["data"]["metrics"][f"{start}-{end}"] = found
    merged = paragraphs_from(examples)
    if len(merged) != 1:
        raise ConversionError("the sentences that came back are of several paragraphs")
    return merged[0] if standing is None else merged[0].model_copy(update={"path": standing.path})
