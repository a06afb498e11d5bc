"""How much a label of a paragraph would teach: uncertainty, margin, and an order that spreads over the texts.

Uncertainty sampling follows Lewis and Gale (1994), for several labels at once as in Settles (2009); the spread is the
seeding of k-means++ (Arthur and Vassilvitskii 2007), with what is labelled already as the first centres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer

Strategy = Literal["uncertainty", "margin", "diversity", "random"]
Pooling = Literal["mean", "max"]
Floats = NDArray[np.floating]

_FEATURES = 2**18
_BLOCK = 2000


def entropy(probabilities: Floats) -> Floats:
    """Return the entropy of each yes-or-no decision in bits: 1 at probability 0.5, 0 where a model is sure."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), 1e-12, 1 - 1e-12)
    return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))


def closeness(probabilities: Floats, thresholds: Floats) -> Floats:
    """Return how close each probability is to its label's threshold.

    Args:
        probabilities: (…, L).
        thresholds: (L,) from which a label is kept.

    Returns:
        1 at the threshold, 0 at the certain ends; linear on either side.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    t = np.clip(thresholds, 1e-6, 1 - 1e-6)
    return 1 - np.where(p < t, (t - p) / t, (p - t) / (1 - t))


def pooled(doubts: Floats, how: Pooling) -> float:
    """Return one figure for a paragraph.

    The mean over its sentences, for each costs an annotator the same; over the labels of a sentence the mean (how
    unsure the whole set is) or the max (the most doubtful label).

    Args:
        doubts: (S, L).
        how: over labels.
    """
    over_labels = doubts.mean(axis=1) if how == "mean" else doubts.max(axis=1)
    return float(over_labels.mean())


def vectors(texts: Sequence[str]) -> csr_matrix:
    """Return (N, F) hashed character n-grams, of length one."""
    hasher = HashingVectorizer(
        n_features=_FEATURES, analyzer="char", ngram_range=(1, 3), alternate_sign=False, norm="l2", dtype=np.float32
    )
    return hasher.transform(texts)


def spread(texts: Sequence[str], labelled: Sequence[str], seed: int) -> Iterator[int]:
    """Yield indices of texts, each drawn by its squared distance to all drawn before and to all labelled.

    Args:
        texts: to choose from.
        labelled: the first centres; where there are none, the first text is drawn evenly.
        seed: of the draw.
    """
    rows = vectors(texts)
    random = np.random.default_rng(seed)
    distance = np.full(len(texts), 2.0)
    if labelled:
        centres = vectors(labelled)
        for start in range(0, centres.shape[0], _BLOCK):
            nearest = (rows @ centres[start : start + _BLOCK].T).max(axis=1).toarray().ravel()
            distance = np.minimum(distance, np.maximum(0, 2 - 2 * nearest))
    left = np.ones(len(texts), dtype=bool)
    while left.any():
        weights = np.where(left, distance, 0)
        # What is left lies on a centre already: even odds, for an order of all is asked.
        weights = weights if weights.sum() > 1e-9 else left.astype(float)
        drawn = int(random.choice(len(texts), p=weights / weights.sum()))
        left[drawn] = False
        yield drawn
        closeness_to_drawn = (rows @ rows[drawn].T).toarray().ravel()
        distance = np.minimum(distance, np.maximum(0, 2 - 2 * closeness_to_drawn))
