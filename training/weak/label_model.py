"""From votes to probabilities: which functions agree tells how far each of them can be trusted.

The model is the latent class model (Dawid and Skene 1979; Ratner et al. 2017 for labelling functions): a sentence has
the label or has it not, and each function votes for, votes against or abstains with probabilities that depend on that
alone. Abstaining is an outcome like the others, for most functions can only speak for a label: what they are worth
shows in where they keep silent.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.weak.config import LabelModelSettings
from gongkai.training.weak.votes import ABSTAIN, AGAINST, FOR, Votes
from gongkai.training.weak.words import missing

Floats = NDArray[np.float64]

# Weight of one sentence of each outcome that is added, so that an outcome not met in training has a probability.
_SMOOTHING = 0.01
_TOLERANCE = 1e-9


class LabelModel(Protocol):
    """What weighs votes."""

    def probabilities(self, votes: Votes) -> Floats:
        """Return (N,): how probable it is that each sentence has the label; NaN where no function voted."""
        ...


def fit_label_model(label: str, votes: Votes, settings: LabelModelSettings) -> LabelModel:
    """Learn a label model.

    Args:
        label: for messages.
        votes: (N, F) on unlabelled sentences.
        settings: which model, and how.

    Raises:
        GongkaiError: ``config.invalid`` where no function votes for the label, ``model.unavailable`` where the library
            is not installed.
    """
    if not (votes == FOR).any():
        raise GongkaiError("config.invalid", f"No function votes for {label} on any of {len(votes)} sentences.")
    return Majority() if settings.kind == "majority" else LatentClasses(votes, settings)


class Majority:
    """The share of votes that are for the label."""

    def probabilities(self, votes: Votes) -> Floats:
        """Return the probabilities, see :class:`LabelModel`."""
        ahead, against = (votes == FOR).sum(axis=1), (votes == AGAINST).sum(axis=1)
        return _where_voted(votes, ahead / np.maximum(ahead + against, 1))


class LatentClasses:
    """Two latent classes, estimated by expectation maximisation.

    Args:
        votes: (N, F).
        settings: starts, iterations and seed.
    """

    def __init__(self, votes: Votes, settings: LabelModelSettings) -> None:
        try:
            from stepmix.stepmix import StepMix
        except ModuleNotFoundError as error:
            raise missing(error) from error
        # A few hundred patterns of votes stand for any number of sentences.
        patterns, counts = np.unique(votes, axis=0, return_counts=True)
        every = np.repeat([[ABSTAIN], [AGAINST], [FOR]], votes.shape[1], axis=1)
        rows = np.concatenate([patterns, every])
        weights = np.concatenate([counts.astype(float), np.full(len(every), _SMOOTHING)])
        self._model: Any = StepMix(
            n_components=2,
            measurement="categorical",
            n_init=settings.starts,
            max_iter=settings.iterations,
            abs_tol=_TOLERANCE,
            random_state=settings.seed,
            progress_bar=0,
        )
        self._model.fit(_codes(rows), sample_weight=weights)
        self._class = _class_of_label(patterns, self._model.predict_proba(_codes(patterns)) * counts[:, None])

    def probabilities(self, votes: Votes) -> Floats:
        """Return the probabilities, see :class:`LabelModel`."""
        if not len(votes):
            return np.empty(0)
        patterns, inverse = np.unique(votes, axis=0, return_inverse=True)
        found: Floats = self._model.predict_proba(_codes(patterns))[:, self._class]
        return _where_voted(votes, found[inverse])


def _codes(votes: Votes) -> NDArray[np.int64]:
    return votes.astype(np.int64) - ABSTAIN


def _class_of_label(patterns: Votes, belonging: Floats) -> int:
    """Return which class is the label: the one whose sentences more functions speak for, and fewer against."""
    balance = (patterns == FOR).sum(axis=1) - (patterns == AGAINST).sum(axis=1).astype(float)
    return int(np.argmax(balance @ belonging / belonging.sum(axis=0)))


def _where_voted(votes: Votes, probabilities: Floats) -> Floats:
    return np.where((votes != ABSTAIN).any(axis=1), probabilities, np.nan)
