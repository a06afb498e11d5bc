"""Checks that a corpus holds together: offsets, labels, sentences, ids, and no leak between splits."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.corpora.duplicates import near_duplicates
from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import SPLITS, Corpus
from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.segments import split_segments
from gongkai.pipeline.structure.headings import is_standalone_heading

_MOST_DOMAINS = 5
_LONGEST_INDICATOR = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: a stable ``code``, ``where`` it stands and what it is."""

    code: str
    where: str
    message: str


def validate(corpus: Corpus) -> list[Problem]:
    """Return everything that does not hold; an empty list is a valid corpus."""
    problems = [p for paragraph in corpus.all_paragraphs() for p in _paragraph(paragraph)]
    return [*problems, *_reports(corpus), *_leaks(corpus)]


def _paragraph(paragraph: CorpusParagraph) -> Iterator[Problem]:
    labels = taxonomy()
    text = paragraph.text
    written = [(s.start, s.end) for s in paragraph.sentences]
    if [text[a:b].strip() for a, b in written] != [text[a:b] for a, b in split_segments(text)]:
        yield Problem("sentence.split", paragraph.id, "the sentences are not what 。！？； outside quotes give")
    for sentence in paragraph.sentences:
        for facet, found in (("domains", sentence.domains), ("activities", sentence.activities)):
            for label in found:
                if label not in labels[facet]:
                    yield Problem("label.unknown", paragraph.id, f"{label} is not in {facet}")
            if len(set(found)) < len(found):
                yield Problem("label.repeated", paragraph.id, f"{found}")
        if len(sentence.domains) > _MOST_DOMAINS:
            yield Problem("label.too_many", paragraph.id, f"more than {_MOST_DOMAINS} domains: {sentence.domains}")
    for item in paragraph.mentions:
        if text[item.start : item.end] != item.text:
            yield Problem("offset.surface", paragraph.id, f"{text[item.start : item.end]!r} is not {item.text!r}")
        if not any(a <= item.start and item.end <= b for a, b in written):
            yield Problem("offset.sentence", paragraph.id, f"{item.text!r} lies in no single sentence")
    metrics = sorted((m.start, m.end) for m in paragraph.metrics)
    if any(b > c for (_, b), (c, _) in itertools.pairwise(metrics)):
        yield Problem("metric.overlap", paragraph.id, "two metrics overlap")
    for metric in paragraph.metrics:
        if len(metric.indicator) > _LONGEST_INDICATOR:
            yield Problem("metric.indicator", paragraph.id, f"longer than {_LONGEST_INDICATOR}: {metric.indicator}")
        if metric.words and not 0 <= metric.words[0] < metric.words[1] <= len(text):
            yield Problem("metric.words", paragraph.id, f"span {metric.words} lies outside the paragraph")


def _reports(corpus: Corpus) -> Iterator[Problem]:
    ids = Counter(r.id for r in corpus.reports)
    for name, count in ids.items():
        if count > 1:
            yield Problem("report.repeated", name, f"{count} reports have this id")
    told = {p.report for p in corpus.all_paragraphs()}
    for name in sorted(told ^ set(ids)):
        yield Problem("report.unmatched", name, "a report without paragraphs, or paragraphs without a report")
    splits: dict[str, set[str]] = {}
    for report in corpus.reports:
        splits.setdefault(report.authority, set()).add(report.split)
    for authority, found in splits.items():
        if len(found) > 1:
            yield Problem("leak.authority", authority, f"stands in {', '.join(sorted(found))}")


def _leaks(corpus: Corpus) -> Iterator[Problem]:
    """Yield near-copies across splits."""
    texts, owners = [], []
    for split in SPLITS:
        for paragraph in corpus.paragraphs[split]:
            for sentence in paragraph.sentences:
                text = paragraph.text[sentence.start : sentence.end]
                # Stock formulas, marked as such, and headings worded as the official form has them may stand in
                # every report; counting them would hide real leaks.
                if not sentence.template and not is_standalone_heading(text.rstrip("。"), set_off=False):
                    texts.append(text)
                    owners.append((split, paragraph.id))
    for i, j, overlap in near_duplicates(texts):
        if owners[i][0] != owners[j][0]:
            where = f"{owners[i][1]} ({owners[i][0]}) and {owners[j][1]} ({owners[j][0]})"
            yield Problem("leak.sentence", where, f"{overlap:.2f}: {texts[i]} | {texts[j]}")
