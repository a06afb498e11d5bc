"""An engine scored on a split of a corpus: labels, calibration, metrics, entities, and each group of reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from gongkai.corpora.records import CorpusParagraph, CorpusReport
from gongkai.corpora.store import Corpus, Split
from gongkai.models.engines import make_extractor, make_tagger
from gongkai.models.store import FACETS
from gongkai.pipeline.config import Config, taxonomy
from gongkai.pipeline.metrics.base import EntitySpan, LinkedMetric
from gongkai.pipeline.metrics.entities import RuleEntityFinder
from gongkai.pipeline.tagging.base import ParagraphInput, SegmentLabels
from gongkai.training.evaluation.labels import labels_of, prf, reliability, score_facets
from gongkai.training.evaluation.metrics import score_metrics
from gongkai.training.targets import by_report, to_input


class Predictions:
    """What an engine says of a split.

    Args:
        paragraphs: the split.
        config: names the engine or the model.
    """

    def __init__(self, paragraphs: Sequence[CorpusParagraph], config: Config) -> None:
        engine = (config.engine, config.model, config.threads)
        # Every label's score is wanted for calibration, so all that are not kept come as candidates.
        tagger = make_tagger(*engine, min_score=config.tagging.min_score, candidates=0.0)
        extractor, finder = make_extractor(*engine), RuleEntityFinder()
        self.models = {"tagger": tagger.name, "metrics": extractor.name, "entities": finder.name}
        self.paragraphs = paragraphs
        self.labels: list[SegmentLabels] = []
        self.metrics: list[list[LinkedMetric]] = []
        self.entities: list[list[EntitySpan]] = []
        for report in by_report(paragraphs):
            inputs: list[ParagraphInput] = [to_input(p) for p in report]
            self.labels.extend(x for found in tagger.predict(inputs) for x in found)
            self.metrics.extend(extractor.extract(inputs))
            self.entities.extend(finder.find(inputs))


def evaluate_split(corpus: Corpus, split: Split, config: Config) -> dict[str, Any]:
    """Score an engine on a split.

    Returns:
        ``split, engine, models, sentences``; ``domains`` and ``activities`` with ``calibration``; ``metrics``;
        ``entities``; ``groups`` by form, era and level, each with the main figures.
    """
    predictions = Predictions(corpus.paragraphs[split], config)
    result = {
        "split": split,
        "engine": config.engine or config.model,
        "models": predictions.models,
        "sentences": len(predictions.labels),
        **_scores(predictions, range(len(predictions.paragraphs))),
        "entities": _entities(predictions),
        "groups": _groups(predictions, corpus.reports),
    }
    for facet in FACETS:
        result[facet]["calibration"] = _calibration(predictions, facet)
    return result


def _scores(predictions: Predictions, chosen: Sequence[int]) -> dict[str, Any]:
    """Score the paragraphs with the given indices."""
    paragraphs = [predictions.paragraphs[i] for i in chosen]
    starts = np.cumsum([0, *(len(p.sentences) for p in predictions.paragraphs)])
    labels = [predictions.labels[k] for i in chosen for k in range(starts[i], starts[i + 1])]
    result = score_facets(paragraphs, labels)
    result["metrics"] = score_metrics(paragraphs, [predictions.metrics[i] for i in chosen])
    return result


def _calibration(predictions: Predictions, facet: str) -> dict[str, Any]:
    names = list(taxonomy()[facet])
    scores = np.zeros((len(predictions.labels), len(names)))
    candidates = {"domains": "domain_candidates", "activities": "activity_candidates"}[facet]
    for row, item in zip(scores, predictions.labels, strict=True):
        for scored in (*getattr(item, facet), *getattr(item, candidates)):
            row[names.index(scored.label)] = scored.score
    gold = labels_of(predictions.paragraphs, facet)
    return reliability(scores, np.array([[name in labels for name in names] for labels in gold]))


def _entities(predictions: Predictions) -> dict[str, dict[str, float]]:
    """Score exact spans with their types."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for paragraph, found in zip(predictions.paragraphs, predictions.entities, strict=True):
        gold = {(e.start, e.end, e.type) for e in paragraph.entities}
        ours = {(e.start, e.end, e.type) for e in found}
        for span in gold | ours:
            place = (0 if span in gold else 1) if span in ours else 2
            counts[span[2]][place] += 1
            counts["all"][place] += 1
    return {kind: prf(*counts[kind]) for kind in sorted(counts, key=lambda k: (k != "all", k))}


def _groups(predictions: Predictions, reports: Sequence[CorpusReport]) -> dict[str, dict[str, dict[str, float]]]:
    known = {report.id: report for report in reports}
    groups: dict[str, dict[str, list[int]]] = {"form": {}, "era": {}, "level": {}}
    for i, paragraph in enumerate(predictions.paragraphs):
        report = known[paragraph.report]
        for kind, value in (("form", report.form), ("era", report.era), ("level", report.level)):
            groups[kind].setdefault(value, []).append(i)
    return {
        kind: {value: _main_figures(_scores(predictions, chosen)) for value, chosen in sorted(members.items())}
        for kind, members in groups.items()
    }


def _main_figures(scores: dict[str, Any]) -> dict[str, float]:
    return {
        "labels": scores["domains"]["micro"]["support"] + scores["activities"]["micro"]["support"],
        "domains": scores["domains"]["micro"]["f1"],
        "activities": scores["activities"]["micro"]["f1"],
        "value": scores["metrics"]["value"]["f1"],
        "full": scores["metrics"]["full"]["f1"],
    }
