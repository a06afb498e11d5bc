"""What a corpus holds, in numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gongkai.corpora.duplicates import near_duplicates
from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus
from gongkai.pipeline.config import taxonomy


def statistics(corpus: Corpus) -> dict[str, Any]:
    """Return the figures of a corpus.

    Returns:
        ``reports, sentences, characters, metrics, template_share, near_duplicate_share, domains {label: sentences},
        activities {…}, comparators {…}, units (count), unit_counts, entities {…}, splits {…}, eras {…}, levels {…}``.
        ``near_duplicate_share`` is the share of sentences that nearly repeat an earlier one.
    """
    paragraphs = corpus.all_paragraphs()
    sentences = [(p, s) for p in paragraphs for s in p.sentences]
    metrics = [m for p in paragraphs for m in p.metrics]
    texts = [p.text[s.start : s.end] for p, s in sentences]
    repeated = {j for _, j, _ in near_duplicates(texts)}
    units = Counter(m.unit for m in metrics if m.unit)
    return {
        "reports": len(corpus.reports),
        "sentences": len(sentences),
        "characters": sum(map(len, texts)),
        "metrics": len(metrics),
        "template_share": round(sum(s.template for _, s in sentences) / max(1, len(sentences)), 4),
        "near_duplicate_share": round(len(repeated) / max(1, len(sentences)), 4),
        **label_counts(paragraphs),
        "comparators": dict(Counter(m.comparator for m in metrics).most_common()),
        "units": len(units),
        "unit_counts": dict(units.most_common()),
        "entities": dict(Counter(e.type for p in paragraphs for e in p.entities).most_common()),
        "splits": {
            split: {
                "reports": sum(r.split == split for r in corpus.reports),
                "sentences": sum(len(p.sentences) for p in found),
            }
            for split, found in corpus.paragraphs.items()
        },
        "eras": dict(Counter(r.era for r in corpus.reports)),
        "levels": dict(Counter(r.level for r in corpus.reports).most_common()),
    }


def label_counts(paragraphs: Iterable[CorpusParagraph]) -> dict[str, dict[str, int]]:
    """Count the sentences of each label of both facets, those with none included as 0."""
    return _count((s.domains, s.activities) for p in paragraphs for s in p.sentences)


def gold_counts(path: Path) -> dict[str, dict[str, int]]:
    """Count the labels of a gold file as used for scoring (``{"sentences": {id: {"d": […], "a": […]}}}``)."""
    gold = json.loads(path.read_text(encoding="utf-8"))
    return _count((mark.get("d", []), mark.get("a", [])) for mark in gold["sentences"].values())


def _count(sentences: Iterable[tuple[list[str], list[str]]]) -> dict[str, dict[str, int]]:
    counts = {facet: dict.fromkeys(taxonomy()[facet], 0) for facet in ("domains", "activities")}
    for domains, activities in sentences:
        for facet, labels in (("domains", domains), ("activities", activities)):
            for label in labels:
                counts[facet][label] += 1
    return counts
