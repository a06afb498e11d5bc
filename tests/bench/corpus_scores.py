"""Score the first-version rules on the splits of the corpus: labels per sentence, metrics by value and unit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from gongkai.corpora.records import CorpusParagraph, MetricMention
from gongkai.corpora.store import SPLITS, default_folder, read_corpus
from gongkai.pipeline.metrics.base import LinkedMetric
from gongkai.pipeline.metrics.rules import RuleExtractor
from gongkai.pipeline.tagging.phrases import PhraseTagger
from gongkai.training.probe import labels_of, micro_f1, to_input


def reports(paragraphs: list[CorpusParagraph]) -> Iterator[list[CorpusParagraph]]:
    """Yield the paragraphs of one report after the other."""
    for _, group in groupby(paragraphs, key=lambda p: p.report):
        yield list(group)


def same(gold: MetricMention, found: LinkedMetric) -> bool:
    """Tell whether a metric was found: it overlaps the mention and has its value and unit."""
    quantity = found.quantity
    return (
        quantity.start < gold.end
        and gold.start < quantity.end
        and abs(quantity.value - gold.value) <= 1e-4 * max(1.0, abs(gold.value))
        and (quantity.unit or "") == (gold.unit or "")
    )


def metric_scores(paragraphs: list[CorpusParagraph]) -> tuple[float, float]:
    """Return (F1 of value and unit, share of found metrics whose comparator agrees); optional ones do not count."""
    extractor = RuleExtractor()
    hits = agreeing = spurious = missed = 0
    for report in reports(paragraphs):
        for paragraph, found in zip(report, extractor.extract([to_input(p) for p in report]), strict=True):
            left = list(found)
            for gold in paragraph.metrics:
                hit = next((m for m in left if same(gold, m)), None)
                if hit is not None:
                    left.remove(hit)
                if gold.optional:
                    left = [m for m in left if m.quantity.end <= gold.start or gold.end <= m.quantity.start]
                elif hit is None:
                    missed += 1
                else:
                    hits += 1
                    agreeing += hit.quantity.comparator == gold.comparator
            spurious += len(left)
    return 2 * hits / (2 * hits + spurious + missed), agreeing / hits


def main() -> None:
    corpus = read_corpus(default_folder())
    tagger = PhraseTagger()
    for split in SPLITS:
        paragraphs = corpus.paragraphs[split]
        labels = [x for report in reports(paragraphs) for p in tagger.predict([to_input(p) for p in report]) for x in p]
        scores = [
            micro_f1(labels_of(paragraphs, facet), [{x.label for x in getattr(item, facet)} for item in labels])
            for facet in ("domains", "activities")
        ]
        print(f"| {split} | " + " | ".join(f"{x:.3f}" for x in [*scores, *metric_scores(paragraphs)]) + " |")


if __name__ == "__main__":
    main()
