"""The label model finds out how far functions can be trusted, though it never sees the truth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.weak.analysis import figures
from gongkai.training.weak.config import LabelModelSettings
from gongkai.training.weak.label_model import fit_label_model
from gongkai.training.weak.votes import ABSTAIN, AGAINST, FOR, Votes

SETTINGS = LabelModelSettings(starts=5)
ACCURACIES = (0.95, 0.85, 0.75, 0.9, 0.6)
COVERAGES = (0.5, 0.6, 0.7, 0.4, 0.8)


def simulated(share: float, sentences: int = 6000) -> tuple[Votes, NDArray[np.bool_]]:
    """Return votes of functions that err independently, and the truth."""
    random = np.random.default_rng(7)
    truth = random.random(sentences) < share
    votes = np.full((sentences, len(ACCURACIES)), ABSTAIN, dtype=np.int8)
    for k, (accuracy, coverage) in enumerate(zip(ACCURACIES, COVERAGES, strict=True)):
        right = random.random(sentences) < accuracy
        said = np.where(right, truth, ~truth)
        votes[:, k] = np.where(random.random(sentences) < coverage, np.where(said, FOR, AGAINST), ABSTAIN)
    return votes, truth


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_accuracies_are_recovered_without_gold(share: float) -> None:
    votes, truth = simulated(share)
    believed = fit_label_model("x", votes, SETTINGS).probabilities(votes)
    lines = figures("x", list("abcde"), votes, believed, (votes, truth))
    for line in lines:
        assert line.estimated_accuracy == pytest.approx(line.dev_accuracy, abs=0.04)


def test_it_beats_counting_votes() -> None:
    votes, truth = simulated(0.2)
    voted = (votes != ABSTAIN).any(axis=1)
    right = {}
    for kind in ("latent_class", "majority"):
        model = fit_label_model("x", votes, LabelModelSettings.model_validate({"kind": kind, "starts": 5}))
        right[kind] = float(((model.probabilities(votes) > 0.5) == truth)[voted].mean())
    assert right["latent_class"] > right["majority"] + 0.02


def test_functions_that_can_only_speak_for_a_rare_label_are_weighed_by_their_silence() -> None:
    random = np.random.default_rng(3)
    truth = random.random(20000) < 0.05
    votes = np.full((20000, 6), ABSTAIN, dtype=np.int8)
    for k, (hit, false) in enumerate([(0.5, 0.001), (0.4, 0.002), (0.4, 0.02), (0.3, 0.001), (0.3, 0.03)]):
        votes[random.random(20000) < np.where(truth, hit, false), k] = FOR
    votes[random.random(20000) < np.where(truth, 0.05, 0.7), 5] = AGAINST
    believed = fit_label_model("x", votes, SETTINGS).probabilities(votes)
    for line in figures("x", list("abcdef"), votes, believed, (votes, truth)):
        assert line.estimated_accuracy == pytest.approx(line.dev_accuracy, abs=0.06)


def test_one_seed_one_result_whatever_the_order_of_the_sentences() -> None:
    votes, _ = simulated(0.3, 2000)
    first = fit_label_model("x", votes, SETTINGS).probabilities(votes)
    again = fit_label_model("x", votes[::-1], SETTINGS).probabilities(votes)
    assert np.array_equal(first, again, equal_nan=True)


def test_sentences_without_votes_have_no_probability_and_new_patterns_do_no_harm() -> None:
    votes, _ = simulated(0.3, 500)
    votes[:, 0] = np.where(votes[:, 0] == AGAINST, ABSTAIN, votes[:, 0])
    for kind in ("latent_class", "majority"):
        model = fit_label_model("x", votes, LabelModelSettings.model_validate({"kind": kind, "starts": 2}))
        new = np.array([[ABSTAIN] * 5, [AGAINST] * 5, [FOR] * 5], dtype=np.int8)
        nothing, against, ahead = model.probabilities(new)
        assert np.isnan(nothing)
        assert against < 0.1
        assert ahead > 0.9
        assert model.probabilities(votes[:0]).shape == (0,)


def test_a_label_that_nothing_speaks_for_is_refused() -> None:
    with pytest.raises(GongkaiError, match="No function votes for x"):
        fit_label_model("x", np.full((9, 3), AGAINST, dtype=np.int8), SETTINGS)
