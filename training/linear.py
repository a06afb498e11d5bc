"""Trains the linear tagger: one logistic regression a label on hashed n-grams."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from gongkai.corpora.records import CorpusParagraph
from gongkai.models.linear import FEATURES, Features
from gongkai.training.config import LinearTraining
from gongkai.training.targets import to_input

# Score of a label that every sentence of the training has, and less this of one that none has.
_ALWAYS = 10.0


def fit(
    paragraphs: Sequence[CorpusParagraph],
    labels: Sequence[tuple[str, str]],
    settings: LinearTraining,
    after_label: Callable[[int], None],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Train the tagger.

    Args:
        paragraphs: of the train split.
        labels: (facet, label) in the order of the outputs.
        settings: the configuration.
        after_label: is told how many labels are done.

    Returns:
        Weights (``FEATURES``, L) and bias (L,).
    """
    rows = Features()(map(to_input, paragraphs))
    sentences = [s for p in paragraphs for s in p.sentences]
    weights = np.zeros((FEATURES, len(labels)), np.float32)
    bias = np.zeros(len(labels), np.float32)
    for k, (facet, label) in enumerate(labels):
        target = np.array([label in getattr(s, facet) for s in sentences])
        if target.all() or not target.any():
            bias[k] = _ALWAYS if target.all() else -_ALWAYS
        else:
            model = LogisticRegression(
                C=settings.regularisation,
                solver="liblinear",
                dual=True,  # same weights, three times as fast: there are more features than sentences
                max_iter=1000,
                class_weight={False: 1.0, True: settings.positive_weight},
                random_state=settings.seed,
            ).fit(rows, target)
            weights[:, k], bias[k] = model.coef_[0], model.intercept_[0]
        after_label(k + 1)
    return weights, bias
