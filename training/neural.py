"""Trains a network whole: windows, epochs, ONNX graph, calibration on dev, thresholds."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus
from gongkai.models.engines import NETWORK
from gongkai.models.neural.analysis import Analyser
from gongkai.models.neural.batches import Encoder
from gongkai.models.neural.extractor import Cuts, NetworkExtractor
from gongkai.models.neural.network import ReportNetwork
from gongkai.models.neural.runtime import Network, batches
from gongkai.models.store import FACETS, ModelFolder, open_folder, save_config, scheme_labels
from gongkai.training.calibration import calibrate
from gongkai.training.config import Convolution, NetworkTraining
from gongkai.training.data import shown, train_paragraphs
from gongkai.training.devices import moved
from gongkai.training.encoders import TOKENIZER, encoder_for
from gongkai.training.evaluation.metrics import score_metrics
from gongkai.training.export import GRAPH, difference, export
from gongkai.training.families.base import Progress
from gongkai.training.network import NetworkTrainer, build, tensors
from gongkai.training.run import Tell, truth
from gongkai.training.targets import Example, by_report, examples, to_input

_DEV_CHARACTERS = 4000  # of a batch when dev is scored between epochs
_METRIC_CUTS = np.arange(0.2, 0.81, 0.05)
_WORD_CUTS = np.arange(0.2, 0.81, 0.1)


def train_network(
    settings: NetworkTraining, corpus: Corpus, folder: Path, tell: Tell, progress: Progress
) -> ModelFolder:
    """Train a network; arguments as for :func:`gongkai.training.run.train`, and no card is written.

    Args:
        progress: is told losses and figures on dev after every epoch.
    """
    labels = scheme_labels()
    trainer, encoder = network_trainer(settings, corpus, folder, tell)
    network, tokenizer = trainer.network, encoder.tokenizer
    dev = shown(corpus.paragraphs["dev"], settings)
    if trainer.epoch:
        tell(f"going on after epoch {trainer.epoch}")
    dev_examples = list(examples(dev, labels, encoder))

    def after_epoch(epoch: int, figures: dict[str, float]) -> None:
        tell(f"epoch {epoch}/{settings.epochs}  " + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
        heads = {head: f"{head}_loss" for head in trainer.weights}
        progress({"step": epoch, **{heads.get(name, name): value for name, value in figures.items()}})

    trainer.run(after_epoch, lambda: dev_scores(network, dev_examples, labels))
    network.cpu()  # the graph is made, and compared, where it will run
    asked = labels if settings.answers == "labels and metrics" else []
    graph = export(network, dev_examples[:4], folder, int8=settings.int8, labels=bool(asked))
    gap = difference(network, graph, dev_examples)
    tell(f"graph against torch, probabilities: {gap}")
    analyser = Analyser(Network(graph, tokenizer is not None), encoder, len(asked))
    identity = {
        "name": settings.name,
        "version": settings.version,
        "family": NETWORK,
        "labels": asked,
        "reads_tokens": tokenizer is not None,
        "cuts": choose_cuts(analyser, dev),
        "graph_against_torch": gap,
        "training": settings.model_dump(mode="json"),
    }
    if asked:
        logits = np.concatenate([a.labels for a in analyser([to_input(p) for p in dev])])
        identity["decisions"] = calibrate(logits, truth(dev, labels), labels).to_json()
    save_config(folder, identity, [GRAPH] + ([TOKENIZER] if tokenizer is not None else []))
    return open_folder(folder, NETWORK)


def network_trainer(
    settings: NetworkTraining, corpus: Corpus, folder: Path, tell: Tell
) -> tuple[NetworkTrainer, Encoder]:
    """Return what trains a network, at its first epoch or where its checkpoint left it, and what makes its inputs.

    Args:
        settings: the configuration.
        corpus: its train split is learnt.
        folder: gets the tokenizer, and keeps the checkpoints.
        tell: is told how much there is to learn.
    """
    encoder_folder = (
        None if isinstance(settings.backbone, Convolution) else encoder_for(settings.backbone.encoder, folder)
    )
    tokenizer = None
    if encoder_folder is not None:
        shutil.copyfile(encoder_folder / TOKENIZER, folder / TOKENIZER)
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    encoder = Encoder(tokenizer)
    train = list(examples(train_paragraphs(corpus, settings), scheme_labels(), encoder))
    tell(f"{len(train)} windows of {sum(len(e.labels) for e in train)} sentences")
    return NetworkTrainer(build(settings, encoder_folder, train), settings, train, folder), encoder


def dev_scores(network: ReportNetwork, dev: Sequence[Example], labels: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return micro-F1 of each facet and of both on dev at a threshold of one half: how a training is coming on."""
    network.eval()
    device = network.heads.bias.device
    ordered = sorted(dev, key=lambda e: len(e.inputs.chars))
    rows = []
    for group in batches([len(e.inputs.chars) for e in ordered], _DEV_CHARACTERS):
        items = [ordered[i] for i in group]
        with torch.no_grad():
            logits, *_ = network(moved(tensors(items, network.backbone.reads_tokens), device))
        rows += [row[: len(e.labels)].numpy() for row, e in zip(logits.cpu(), items, strict=True)]
    told = np.concatenate(rows) > 0
    held = np.concatenate([e.labels for e in ordered]) > 0
    columns = {f"dev_{facet}_micro_f1": [k for k, (own, _) in enumerate(labels) if own == facet] for facet in FACETS}
    columns["dev_micro_f1"] = list(range(len(labels)))
    return {
        name: 2 * float((told[:, own] & held[:, own]).sum()) / max(1, told[:, own].sum() + held[:, own].sum())
        for name, own in columns.items()
    }


def choose_cuts(analyser: Analyser, dev: Sequence[CorpusParagraph]) -> dict[str, float]:
    """Return the thresholds of numbers, periods and scopes that do best on dev, one after the other."""
    cuts = {"metric": 0.5, "period": 0.5, "scope": 0.5}
    reports = [tuple(to_input(p) for p in report) for report in by_report(dev)]
    known = {report: analyser(report) for report in reports}  # the network runs once, not once for every cut

    def score(name: str, cut: float) -> float:
        extractor = NetworkExtractor(lambda report: known[tuple(report)], Cuts(**{**cuts, name: cut}), "")
        found = [metrics for report in reports for metrics in extractor.extract(report)]
        scores: dict[str, Any] = score_metrics(dev, found)
        return scores["value"]["f1"] if name == "metric" else scores[name]

    for name, grid in (("metric", _METRIC_CUTS), ("period", _WORD_CUTS), ("scope", _WORD_CUTS)):
        cuts[name] = round(float(max(grid, key=lambda cut: (score(name, cut), -abs(cut - 0.5)))), 2)
    return cuts
