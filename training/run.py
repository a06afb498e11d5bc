"""Training by command: data, trainer, export, calibration, scores and card, all into one folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import SPLITS, Corpus
from gongkai.models.engines import LINEAR
from gongkai.models.linear import WEIGHTS, Features, load_weights, save_weights
from gongkai.models.store import ModelFolder, open_folder, save_config, scheme_labels
from gongkai.training.calibration import calibrate
from gongkai.training.card import score_model, write_card
from gongkai.training.config import LinearTraining, NetworkTraining
from gongkai.training.data import shown, train_paragraphs
from gongkai.training.families.base import Progress
from gongkai.training.linear import fit
from gongkai.training.runs.config import Tracking
from gongkai.training.runs.record import Recorder, Run, Watcher
from gongkai.training.runs.session import Session
from gongkai.training.targets import to_input

Tell = Callable[[str], None]


def train(settings: NetworkTraining | LinearTraining, corpus: Corpus, folder: Path, tell: Tell) -> ModelFolder:
    """Train a model and write it with its card and its record; first search for settings where that is configured.

    Args:
        settings: the configuration.
        corpus: train and dev are read; test only to score the finished model for its card.
        folder: made if missing; a training that was interrupted there goes on.
        tell: is told a line of progress now and then.

    Returns:
        The finished model.
    """
    data_sha256 = corpus_sha256(corpus)
    if settings.search is not None:
        settings = _searched(settings, corpus, folder, data_sha256, tell)
    run = _run(settings, data_sha256)
    session = Session(
        settings.tracking,
        folder,
        name=settings.name,
        version=settings.version,
        settings=run.settings,
        data_sha256=data_sha256,
        seeds=1,
        tell=tell,
    )
    started = time.monotonic()
    with session, Recorder(folder, run, session.watchers()) as recorder:
        model = _train(settings, corpus, folder, tell, recorder.progress)
        recorder.score(write_card(model, settings, corpus, time.monotonic() - started))
    return model


def _searched(
    settings: NetworkTraining | LinearTraining, corpus: Corpus, folder: Path, data_sha256: str, tell: Tell
) -> NetworkTraining | LinearTraining:
    """Return the best settings; test is not looked at."""
    from gongkai.training.runs.search import SettingsSearch

    def trial(chosen: NetworkTraining | LinearTraining, own: Path, watchers: Sequence[Watcher]) -> Mapping[str, float]:
        with Recorder(own, _run(chosen, data_sha256), watchers) as recorder:
            model = _train(chosen, corpus, own, tell, recorder.progress)
            recorder.score({"dev": score_model(model, shown(corpus.paragraphs["dev"], chosen))})
        return recorder.run.figures

    return SettingsSearch(settings, folder, data_sha256, trial, tell).run()


def _run(settings: NetworkTraining | LinearTraining, data_sha256: str) -> Run:
    return Run(
        name=settings.name,
        version=settings.version,
        family=settings.family,
        seed=settings.seed,
        settings=settings.model_dump(mode="json"),
        data_sha256=data_sha256,
    )


def _train(
    settings: NetworkTraining | LinearTraining, corpus: Corpus, folder: Path, tell: Tell, progress: Progress
) -> ModelFolder:
    # A model is the same wherever its training is logged; a checkpoint made without MLflow serves with it.
    settings = settings.model_copy(update={"search": None, "tracking": Tracking()})
    if isinstance(settings, LinearTraining):
        return train_linear(settings, corpus, folder, tell)
    from gongkai.training.neural import train_network

    return train_network(settings, corpus, folder, tell, progress)


def corpus_sha256(corpus: Corpus) -> str:
    """Return the hash of a corpus: two with one hash give one training."""
    digest = hashlib.sha256()
    for split in SPLITS:
        digest.update(f"{split}\n".encode())
        for paragraph in corpus.paragraphs.get(split, []):
            digest.update(paragraph.model_dump_json().encode() + b"\n")
    return digest.hexdigest()


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
