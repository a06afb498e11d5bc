"""A small corpus and small configurations, so that trainings take seconds."""

from __future__ import annotations

import pytest

from gongkai.corpora.store import Corpus, default_folder, read_corpus
from gongkai.training.config import NetworkTraining


@pytest.fixture(scope="session")
def small_corpus() -> Corpus:
    whole = read_corpus(default_folder())
    paragraphs = {
        "train": whole.paragraphs["train"][:60],
        "dev": whole.paragraphs["dev"][:20],
        "test": whole.paragraphs["test"][:20],
    }
    kept = {p.report for found in paragraphs.values() for p in found}
    return Corpus([r for r in whole.reports if r.id in kept], paragraphs)


@pytest.fixture
def small_network() -> NetworkTraining:
    return NetworkTraining.model_validate(
        {
            "family": "network",
            "name": "small",
            "version": "1",
            "seed": 1,
            "backbone": {"kind": "convolution", "width": 16, "dilations": (1, 2)},
            "epochs": 2,
            "batch_characters": 2000,
            "learning_rate": 0.01,
            "weight_decay": 0.01,
            "warmup": 0.1,
            "dropout": 0.1,
            "loss": {"labels": 1, "tags": 1, "numbers": 1, "links": 0.03},
            "precision": "fp32",
            "int8": False,
        }
    )
