"""The model card (Mitchell et al. 2019), written by the trainer from what it measured."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus, Split
from gongkai.models.engines import LINEAR
from gongkai.models.linear import LinearTagger
from gongkai.models.neural.analysis import Analyser
from gongkai.models.store import CARD, FACETS, SCORES, ModelFolder
from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.metrics.base import LinkedMetric
from gongkai.pipeline.tagging.base import SegmentLabels
from gongkai.training.config import LinearTraining, NetworkTraining
from gongkai.training.data import shown, train_paragraphs
from gongkai.training.evaluation.labels import score_facets
from gongkai.training.evaluation.metrics import score_metrics
from gongkai.training.targets import by_report, to_input


def write_card(
    model: ModelFolder, settings: NetworkTraining | LinearTraining, corpus: Corpus, seconds: float
) -> dict[str, dict[str, Any]]:
    """Score a finished model on dev and test and write its card and its scores beside it.

    Args:
        model: the finished model.
        settings: how it was trained.
        corpus: the corpus.
        seconds: how long the training took.

    Returns:
        ``{"dev": …, "test": …}`` as :func:`score_model` gives them.
    """
    train = train_paragraphs(corpus, settings)
    splits: dict[Split, list[CorpusParagraph]] = {
        "dev": shown(corpus.paragraphs["dev"], settings),
        "test": shown(corpus.paragraphs["test"], settings),
    }
    scores: dict[str, dict[str, Any]] = {}
    speed = 0.0
    for split, paragraphs in splits.items():
        started = time.perf_counter()
        scores[split] = score_model(model, paragraphs)
        speed = sum(len(p.sentences) for p in paragraphs) / (time.perf_counter() - started)
    text = _text(model, settings, train, scores, speed, seconds)
    (model.folder / CARD).write_text(text, encoding="utf-8")
    told = json.dumps(scores, ensure_ascii=False, indent=1)
    (model.folder / SCORES).write_text(told + "\n", encoding="utf-8")
    return scores


def score_model(model: ModelFolder, paragraphs: Sequence[CorpusParagraph]) -> dict[str, Any]:
    """Return what a model scores: figures of each facet that it labels, and ``metrics`` where it links them.

    Args:
        model: a finished one.
        paragraphs: with their labels and metrics.
    """
    labels, metrics = _predict(model, paragraphs)
    found: dict[str, Any] = score_facets(paragraphs, labels) if labels is not None else {}
    if metrics is not None:
        found["metrics"] = score_metrics(paragraphs, metrics)
    return found


def _predict(
    model: ModelFolder, paragraphs: Sequence[CorpusParagraph]
) -> tuple[list[SegmentLabels] | None, list[list[LinkedMetric]] | None]:
    """Return the labels of all sentences and the metrics of all paragraphs; None for what the model does not answer."""
    reports = [[to_input(p) for p in report] for report in by_report(paragraphs)]
    if model.config["family"] == LINEAR:
        tagger = LinearTagger(model)
        return [x for r in reports for found in tagger.predict(r) for x in found], None
    from gongkai.models.decisions import from_json
    from gongkai.models.engines import open_network
    from gongkai.models.neural.extractor import Cuts, NetworkExtractor
    from gongkai.models.neural.tagger import NetworkTagger

    analyser: Analyser = open_network(model, threads=0)
    extractor = NetworkExtractor(analyser, Cuts(**model.config["cuts"]), model.name)
    metrics = [found for report in reports for found in extractor.extract(report)]
    if not model.labels:
        return None, metrics
    own = NetworkTagger(analyser, from_json(model.labels, model.config["decisions"]), model.name)
    return [x for report in reports for found in own.predict(report) for x in found], metrics


def _text(
    model: ModelFolder,
    settings: NetworkTraining | LinearTraining,
    train: Sequence[CorpusParagraph],
    scores: dict[str, dict[str, Any]],
    speed: float,
    seconds: float,
) -> str:
    sentences = sum(len(p.sentences) for p in train)
    metrics = sum(len(p.metrics) for p in train)
    size = sum(model.path(name).stat().st_size for name in model.config["files"]) / 1e6
    lines = [
        f"# {settings.name} {settings.version}",
        "",
        "Written by `gongkai train`; do not edit.",
        "",
        "**What it is.** "
        + (
            "Logistic regression on hashed n-grams of a segment, its headings and what stands before it."
            if isinstance(settings, LinearTraining)
            else f"A network for {settings.answers}: which numbers are metrics, and which words belong to them."
            f" Backbone: `{settings.backbone.model_dump()}`."
        ),
        "",
        f"**Data.** `corpora/disclosure`: trained on {sentences} sentences with {metrics} metrics of"
        f" {len({p.report for p in train})} invented reports (train); calibration and thresholds from dev; test was"
        " scored once, for this card.",
        "",
        f"**Training.** Seed {settings.seed}; the call that ended it took {seconds / 60:.0f} minutes, those that were "
        "interrupted before it not counted. The configuration stands in `config.json`.",
        "",
        f"**Size and speed.** {size:.1f} MB; {speed:.0f} sentences a second on the machine it was trained on.",
        "",
        "| split | domains micro-F1 | macro | activities micro-F1 | macro | metrics: value | full |",
        "|---|---|---|---|---|---|---|",
    ]
    for split, found in scores.items():
        told = [
            f"{found[f]['micro']['f1']:.3f} | {found[f]['macro_f1']:.3f}" if f in found else "– | –" for f in FACETS
        ]
        figures = [f"{found['metrics'][k]['f1']:.3f}" if "metrics" in found else "–" for k in ("value", "full")]
        lines.append(f"| {split} | {' | '.join([*told, *figures])} |")
    if model.labels:
        lines += ["", "## Labels on test", "", "| label | 中文 | P | R | F1 | sentences |", "|---|---|---|---|---|---|"]
    for facet in FACETS if model.labels else ():
        for label, found in scores["test"][facet]["labels"].items():
            figures = [f"{found[k]:.2f}" for k in ("precision", "recall", "f1")]
            lines.append(f"| {label} | {taxonomy()[facet][label]['zh']} | {' | '.join(figures)} | {found['support']} |")
    lines += [
        "",
        "**Limits.** The corpus was written by language models; its test split tells how models compare, not"
        " how they do on real reports (see `docs/accuracy.md` for one that is real). Simplified Chinese only."
        " Scores are probabilities as far as dev could tell.",
        "",
        "**Licence.** MIT"
        + (", as is the encoder it starts from (multilingual-e5-small)." if model.config.get("reads_tokens") else "."),
    ]
    return "\n".join(lines) + "\n"
