"""The project's own corpus as a data set: its sentences with their labels, or its paragraphs with their spans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gongkai.corpora.convert.sentences import ACTIVITY, DOMAIN, METRIC
from gongkai.corpora.records import CorpusParagraph, Sentence
from gongkai.corpora.store import SPLITS, default_folder, read_corpus
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.tasks.config import Data
from gongkai.training.tasks.dataset import Item, Span
from gongkai.training.tasks.notes import Notes

INDICATOR, PERIOD, SCOPE = "INDICATOR", "PERIOD", "SCOPE"


def corpus_splits(data: Data, notes: Notes) -> dict[str, list[Item]]:
    """Return the items of each split; an item's id begins with its report's name and ``/``.

    Args:
        data: ``form: corpus``; its ``target`` says what becomes labels or spans:

            * ``domains``, ``activities``: the labels of each sentence in that facet; ``labels``: of both, as
              ``domain:healthcare`` and ``activity:training``;
            * ``metrics``: the number phrases; ``entities``: by type; ``parts``: the number phrases with the words of
              their indicators, and periods and scopes where these words stand in the paragraph once.
        notes: counts what is left out.

    Raises:
        GongkaiError: ``data.unreadable`` where there is no corpus.
    """
    try:
        folder = default_folder() if data.folder is None else Path(data.folder)
        corpus = read_corpus(folder)
    except (OSError, ValueError) as error:
        raise GongkaiError("data.unreadable", f"The corpus cannot be read: {error}. Write data.folder.") from error
    splits: dict[str, list[Item]] = {}
    for split in SPLITS:
        paragraphs = corpus.paragraphs[split]
        if split == "train" and not data.templates:
            paragraphs = [p for p in paragraphs if not any(s.template for s in p.sentences)]
        if data.task == "spans":
            splits[split] = [item for p in paragraphs for item in _with_spans(p, data, notes)]
        else:
            splits[split] = [_sentence(p, k, _labels(s, data)) for p in paragraphs for k, s in enumerate(p.sentences)]
    return splits


def _labels(sentence: Sentence, data: Data) -> tuple[str, ...]:
    if data.target == "labels":
        return (*(DOMAIN + x for x in sentence.domains), *(ACTIVITY + x for x in sentence.activities))
    return tuple(sentence.domains if data.target == "domains" else sentence.activities)


def _sentence(paragraph: CorpusParagraph, k: int, labels: tuple[str, ...] = (), spans: tuple[Span, ...] = ()) -> Item:
    """Return a sentence that sees its headings and the sentence before."""
    here = paragraph.sentences[k]
    before = paragraph.sentences[k - 1] if k else None
    context = [" / ".join(paragraph.path), paragraph.text[before.start : before.end] if before else ""]
    text = paragraph.text[here.start : here.end]
    return Item(f"{paragraph.id}.{k + 1}", text, "\n".join(filter(None, context)), labels, spans)


def _with_spans(paragraph: CorpusParagraph, data: Data, notes: Notes) -> Iterator[Item]:
    spans = sorted(set(_spans(paragraph, data, notes)))
    if data.unit == "paragraph":
        yield Item(paragraph.id, paragraph.text, " / ".join(paragraph.path), spans=tuple(spans))
        return
    held = 0
    for k, s in enumerate(paragraph.sentences):
        inside = [
            Span(x.start - s.start, x.end - s.start, x.label) for x in spans if s.start <= x.start and x.end <= s.end
        ]
        held += len(inside)
        yield _sentence(paragraph, k, spans=tuple(inside))
    notes.add("spans that reach over the end of a sentence, left out", paragraph.id, len(spans) - held)


def _spans(paragraph: CorpusParagraph, data: Data, notes: Notes) -> Iterator[Span]:
    if data.target == "entities":
        yield from (Span(e.start, e.end, e.type) for e in paragraph.entities)
        return
    for metric in paragraph.metrics:
        if metric.optional:
            notes.add("metrics that the corpus marks as marginal, left out", paragraph.id)
            continue
        yield Span(metric.start, metric.end, METRIC)
        if data.target == "metrics":
            continue
        if metric.words is not None:
            yield Span(*metric.words, INDICATOR)
        for label, words in ((PERIOD, metric.period), (SCOPE, metric.scope)):
            if words and paragraph.text.count(words) == 1:
                at = paragraph.text.index(words)
                yield Span(at, at + len(words), label)
            elif words:
                notes.add(
                    "periods and scopes whose words do not stand in the paragraph just once, left out", paragraph.id
                )
