"""Training by command: data, trainer, export, calibration, scores and card, all into one folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus
from gongkai.models.engines import LINEAR
from gongkai.models.linear import WEIGHTS, Features, load_weights, save_weights
from gongkai.models.store import ModelFolder, open_folder, save_config, scheme_labels
from gongkai.training.calibration import calibrate
from gongkai.training.card import write_card
from gongkai.training.config import LinearTraining, NetworkTraining
from gongkai.training.data import shown, train_paragraphs
from gongkai.training.linear import fit
from gongkai.training.targets import to_input

Tell = Callable[[str], None]


def train(settings: NetworkTraining | LinearTraining, corpus: Corpus, folder: Path, tell: Tell) -> ModelFolder:
    """Train a model and write it with its card.

    Args:
        settings: the configuration.
        corpus: train and dev are read; test only to score the finished model for its card.
        folder: made if missing; a training that was interrupted there goes on.
        tell: is told a line of progress now and then.

    Returns:
        The finished model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    if isinstance(settings, LinearTraining):
        model = train_linear(settings, corpus, folder, tell)
    else:
        from gongkai.training.neural import train_network

        model = train_network(settings, corpus, folder, tell)
    write_card(model, settings, corpus, time.monotonic() - started)
    return model


def train_linear(settings: LinearTraining, corpus: Corpus, folder: Path, tell: Tell) -> ModelFolder:
    """Train the linear tagger; arguments as for :func:`train`, and no card is written."""
    labels = scheme_labels()
    paragraphs = train_paragraphs(corpus, settings)
    tell(f"{sum(len(p.sentences) for p in paragraphs)} sentences")

    def after_label(done: int) -> None:
        if done % 10 == 0 or done == len(labels):
            tell(f"{done}/{len(labels)} labels")

    weights, bias = fit(paragraphs, labels, settings, after_label)
    save_weights(str(folder / WEIGHTS), weights, bias)
    identity = {
        "name": settings.name,
        "version": settings.version,
        "family": LINEAR,
        "labels": labels,
        "training": settings.model_dump(mode="json"),
    }
    save_config(folder, identity, [WEIGHTS])
    # Thresholds belong to the weights as they will be read, rounded to 8 bits.
    packed, bias = load_weights(open_folder(folder, LINEAR))
    dev = shown(corpus.paragraphs["dev"], settings)
    decisions = calibrate(Features()(map(to_input, dev)) @ packed + bias, truth(dev, labels), labels)
    save_config(folder, {**identity, "decisions": decisions.to_json()}, [WEIGHTS])
    return open_folder(folder, LINEAR)


def truth(paragraphs: Sequence[CorpusParagraph], labels: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
    """Return (N, L): whether each sentence has each label."""
    rows = [[label in getattr(s, facet) for facet, label in labels] for p in paragraphs for s in p.sentences]
    return np.array(rows, dtype=bool)
