"""A plain model as a probe of the corpus: TF-IDF of character n-grams and logistic regression, one per label.

It is no product. A corpus that cannot carry it is not yet good; what it gets wrong shows what the corpus lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus, Split
from gongkai.pipeline.api import annotate, load
from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.schema import Report
from gongkai.pipeline.tagging.base import ParagraphInput, Scored, SegmentLabels

_FACETS = ("domains", "activities")
_CONTEXT_WEIGHT = 0.5
_THRESHOLDS = np.arange(0.05, 0.75, 0.05)


def to_input(paragraph: CorpusParagraph) -> ParagraphInput:
    """Return a corpus paragraph as taggers see it."""
    segments = tuple((s.start, s.end) for s in paragraph.sentences)
    return ParagraphInput(paragraph.text, segments, tuple(paragraph.path), paragraph.section)


def labels_of(paragraphs: Iterable[CorpusParagraph], facet: str) -> list[set[str]]:
    """Return the labels of every sentence, in reading order."""
    return [set(getattr(s, facet)) for p in paragraphs for s in p.sentences]


def micro_f1(gold: Sequence[set[str]], found: Sequence[set[str]]) -> float:
    """Return micro-averaged F1 over all sentences and labels."""
    both = sum(len(g & f) for g, f in zip(gold, found, strict=True))
    total = sum(len(g) + len(f) for g, f in zip(gold, found, strict=True))
    return 2 * both / total if total else 1.0


def macro_f1(gold: Sequence[set[str]], found: Sequence[set[str]], labels: Iterable[str]) -> float:
    """Return the mean of the F1 of each label that the gold has."""
    scores = []
    for label in labels:
        ours = [label in g for g in gold]
        theirs = [label in f for f in found]
        if any(ours):
            both = sum(a and b for a, b in zip(ours, theirs, strict=True))
            scores.append(2 * both / (sum(ours) + sum(theirs)))
    return sum(scores) / len(scores) if scores else 0.0


@dataclass(slots=True)
class Probe:
    """The trained probe; implements :class:`~gongkai.pipeline.tagging.base.Tagger`.

    Attributes:
        thresholds: per facet, the score from which a label counts, chosen on dev.
    """

    name: str = "tfidf-probe"
    words: TfidfVectorizer = field(default_factory=lambda: _vectorizer(4))
    context: TfidfVectorizer = field(default_factory=lambda: _vectorizer(3))
    models: dict[str, dict[str, LogisticRegression]] = field(default_factory=dict)
    thresholds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_FACETS, 0.4))

    def fit(self, train: Sequence[CorpusParagraph], dev: Sequence[CorpusParagraph]) -> Probe:
        """Train on one split and choose the thresholds on another."""
        texts, contexts = _texts(map(to_input, train))
        features = csr_matrix(
            hstack([self.words.fit_transform(texts), _CONTEXT_WEIGHT * self.context.fit_transform(contexts)])
        )
        for facet in _FACETS:
            gold = labels_of(train, facet)
            self.models[facet] = {}
            for label in taxonomy()[facet]:
                target = np.array([label in found for found in gold])
                if target.any() and not target.all():
                    model = LogisticRegression(C=20.0, class_weight={0: 1, 1: 3}, max_iter=300)
                    self.models[facet][label] = model.fit(features, target)
        scores = self.scores([to_input(p) for p in dev])
        for facet in _FACETS:
            self.thresholds[facet] = _best_threshold(labels_of(dev, facet), [s[facet] for s in scores])
        return self

    def scores(self, paragraphs: Sequence[ParagraphInput]) -> list[dict[str, dict[str, float]]]:
        """Return for every segment the score of every label of both facets."""
        texts, contexts = _texts(paragraphs)
        if not texts:
            return []
        features = csr_matrix(hstack([self.words.transform(texts), _CONTEXT_WEIGHT * self.context.transform(contexts)]))
        found: dict[str, dict[str, Any]] = {
            facet: {label: model.predict_proba(features)[:, 1] for label, model in models.items()}
            for facet, models in self.models.items()
        }
        return [
            {facet: {label: float(v[i]) for label, v in columns.items()} for facet, columns in found.items()}
            for i in range(len(texts))
        ]

    def predict(self, paragraphs: Sequence[ParagraphInput]) -> list[list[SegmentLabels]]:
        """Label the segments of a report (see :class:`~gongkai.pipeline.tagging.base.Tagger`)."""
        scores = iter(self.scores(paragraphs))
        return [[self._keep(next(scores)) for _ in p.segments] for p in paragraphs]

    def _keep(self, scores: dict[str, dict[str, float]]) -> SegmentLabels:
        kept = {
            facet: sorted(
                (Scored(k, v) for k, v in scores[facet].items() if v >= self.thresholds[facet]), key=lambda x: -x.score
            )
            for facet in _FACETS
        }
        return SegmentLabels(kept["domains"], kept["activities"])


def _best_threshold(gold: Sequence[set[str]], scores: Sequence[dict[str, float]]) -> float:
    """Return the score from which labels should count, by micro-F1; of equals the one nearest to one half."""

    def f1(threshold: float) -> float:
        return micro_f1(gold, [{label for label, v in row.items() if v >= threshold} for row in scores])

    return float(max(_THRESHOLDS, key=lambda t: (f1(t), -abs(t - 0.5))))


def _vectorizer(longest: int) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char", ngram_range=(1, longest), sublinear_tf=True, min_df=2, dtype=np.float32)


def _texts(paragraphs: Iterable[ParagraphInput]) -> tuple[list[str], list[str]]:
    """Return the segments and, for each, what stands around it: section, headings, first and previous segment."""
    texts, contexts = [], []
    for paragraph in paragraphs:
        pieces = [paragraph.text[a:b] for a, b in paragraph.segments]
        for i, piece in enumerate(pieces):
            before = pieces[i - 1] if i else ""
            texts.append(piece)
            contexts.append(" ".join([paragraph.section, *paragraph.path, pieces[0] if i > 1 else "", before]))
    return texts, contexts


def train_probe(corpus: Corpus) -> Probe:
    """Train the probe on train, with thresholds from dev."""
    return Probe().fit(corpus.paragraphs["train"], corpus.paragraphs["dev"])


def annotate_with(probe: Probe, path: Path) -> Report:
    """Annotate a report with the probe in place of the shipped tagger.

    Raises:
        GongkaiError: as :func:`gongkai.pipeline.api.annotate`.
    """
    nlp = load()
    component: Any = nlp.get_pipe("gongkai_tagger")
    component.tagger = probe
    return annotate(path, nlp=nlp)


def score_probe(probe: Probe, corpus: Corpus) -> dict[str, Any]:
    """Score a trained probe.

    Returns:
        ``{"dev"|"test": {facet: {"micro_f1", "macro_f1"}}, "thresholds": {facet: score}}``.
    """
    result: dict[str, Any] = {}
    splits: tuple[Split, ...] = ("dev", "test")
    for split in splits:
        paragraphs = corpus.paragraphs[split]
        labels = [x for found in probe.predict([to_input(p) for p in paragraphs]) for x in found]
        result[split] = {}
        for facet in _FACETS:
            gold = labels_of(paragraphs, facet)
            found = [{x.label for x in getattr(item, facet)} for item in labels]
            result[split][facet] = {
                "micro_f1": round(micro_f1(gold, found), 4),
                "macro_f1": round(macro_f1(gold, found, taxonomy()[facet]), 4),
            }
    return {**result, "thresholds": {facet: round(t, 2) for facet, t in probe.thresholds.items()}}
