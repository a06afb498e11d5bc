"""What can be said of labelling functions: coverage, overlap, conflict, and accuracy where there is gold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gongkai.training.weak.label_model import Floats
from gongkai.training.weak.votes import ABSTAIN, AGAINST, FOR, Votes


@dataclass(frozen=True, slots=True)
class FunctionFigures:
    """One function of one label.

    Attributes:
        label, function: which.
        votes_for, votes_against: on unlabelled sentences.
        coverage: share of the sentences on which it votes.
        overlap: share on which it and another function vote.
        conflict: share on which it votes and another one votes otherwise.
        estimated_accuracy: share of its votes that the label model believes right; None without votes or model.
        dev_votes: how often it votes on sentences with gold; None where there is none.
        dev_accuracy: share of those votes that are right; None without votes.
    """

    label: str
    function: str
    votes_for: int
    votes_against: int
    coverage: float
    overlap: float
    conflict: float
    estimated_accuracy: float | None = None
    dev_votes: int | None = None
    dev_accuracy: float | None = None


def figures(
    label: str,
    names: Sequence[str],
    votes: Votes,
    probabilities: Floats | None = None,
    dev: tuple[Votes, NDArray[np.bool_]] | None = None,
) -> list[FunctionFigures]:
    """Return the figures of a label's functions.

    Args:
        label: the label.
        names: (F,) of the functions.
        votes: (N, F) on unlabelled sentences.
        probabilities: (N,) by the label model, if there is one.
        dev: votes on sentences with gold, and whether they have the label.
    """
    voted = votes != ABSTAIN
    others = voted.sum(axis=1, keepdims=True) - voted
    opposed = np.where(votes == FOR, (votes == AGAINST).sum(axis=1, keepdims=True), 0)
    opposed += np.where(votes == AGAINST, (votes == FOR).sum(axis=1, keepdims=True), 0)
    total = max(len(votes), 1)
    return [
        FunctionFigures(
            label=label,
            function=name,
            votes_for=int((votes[:, k] == FOR).sum()),
            votes_against=int((votes[:, k] == AGAINST).sum()),
            coverage=int(voted[:, k].sum()) / total,
            overlap=int((voted[:, k] & (others[:, k] > 0)).sum()) / total,
            conflict=int((opposed[:, k] > 0).sum()) / total,
            estimated_accuracy=None if probabilities is None else _estimated(votes[:, k], probabilities),
            dev_votes=None if dev is None else int((dev[0][:, k] != ABSTAIN).sum()),
            dev_accuracy=None if dev is None else _accuracy(dev[0][:, k], dev[1]),
        )
        for k, name in enumerate(names)
    ]


def _estimated(votes: Votes, probabilities: Floats) -> float | None:
    voted = votes != ABSTAIN
    right = np.where(votes == FOR, probabilities, 1 - probabilities)[voted]
    return float(right.mean()) if right.size else None


def _accuracy(votes: Votes, truth: NDArray[np.bool_]) -> float | None:
    voted = votes != ABSTAIN
    right = (votes == FOR)[voted] == truth[voted]
    return float(right.mean()) if right.size else None


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a way of labelling does on sentences with gold.

    Attributes:
        precision, recall, f1: of the label; 0 where undefined.
        support: sentences that have it.
    """

    precision: float
    recall: float
    f1: float
    support: int


def score(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Scores:
    """Compare what was said of each sentence with the truth."""
    right = int((said & truth).sum())
    precision = right / max(int(said.sum()), 1)
    recall = right / max(int(truth.sum()), 1)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Scores(precision, recall, f1, int(truth.sum()))
