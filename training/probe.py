"""The fast tagger as a probe of a corpus: what a plain model cannot learn from it shows what the corpus lacks."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from gongkai.corpora.store import Corpus, Split
from gongkai.models.linear import LinearTagger
from gongkai.pipeline.api import annotate, load
from gongkai.pipeline.config import load_config
from gongkai.pipeline.schema import Report
from gongkai.training.config import fast_tagger_training
from gongkai.training.evaluation.labels import score_facets
from gongkai.training.run import train_linear
from gongkai.training.targets import by_report, to_input


def train_probe(corpus: Corpus) -> LinearTagger:
    """Train the fast tagger as configured on train, with thresholds from dev; nothing is kept."""
    settings = fast_tagger_training()
    with tempfile.TemporaryDirectory() as folder:
        return LinearTagger(train_linear(settings, corpus, Path(folder), lambda _: None))


def annotate_with(probe: LinearTagger, path: Path) -> Report:
    """Annotate a report with the probe in place of a shipped tagger; metrics and entities are the rules'.

    Raises:
        GongkaiError: as :func:`gongkai.pipeline.api.annotate`.
    """
    config = load_config(settings=["engine=rules"])
    nlp = load(config)
    component: Any = nlp.get_pipe("gongkai_tagger")
    component.tagger = probe
    return annotate(path, config=config, nlp=nlp)


def score_probe(probe: LinearTagger, corpus: Corpus) -> dict[str, Any]:
    """Score a trained probe.

    Returns:
        ``{"dev"|"test": {facet: {"micro_f1", "macro_f1"}}}``.
    """
    result: dict[str, Any] = {}
    splits: tuple[Split, ...] = ("dev", "test")
    for split in splits:
        paragraphs = corpus.paragraphs[split]
        found = [x for report in by_report(paragraphs) for p in probe.predict([to_input(q) for q in report]) for x in p]
        result[split] = {
            facet: {"micro_f1": scores["micro"]["f1"], "macro_f1": scores["macro_f1"]}
            for facet, scores in score_facets(paragraphs, found).items()
        }
    return result
