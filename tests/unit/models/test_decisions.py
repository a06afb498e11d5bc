"""Labels kept, candidates, calibration and thresholds."""

import numpy as np
import pytest

from gongkai.models.decisions import Decisions, from_json
from gongkai.training.calibration import calibrate

LABELS = [("domains", "education"), ("domains", "healthcare"), ("activities", "platforms")]


@pytest.fixture
def decisions() -> Decisions:
    return Decisions(tuple(LABELS), np.ones(3), np.zeros(3), np.array([0.5, 0.3, 0.6]))


def test_each_label_has_its_threshold(decisions):
    found = decisions.keep(np.array([0.4, 0.4, 0.7]), 0.0, None)
    assert [x.label for x in found.domains] == ["healthcare"]
    assert [x.label for x in found.activities] == ["platforms"]
    assert found.domain_candidates == []


def test_min_score_raises_every_threshold(decisions):
    assert decisions.keep(np.array([0.4, 0.4, 0.7]), 0.65, None).domains == []


def test_candidates_are_what_was_not_kept(decisions):
    found = decisions.keep(np.array([0.45, 0.9, 0.1]), 0.0, 0.2)
    assert [x.label for x in found.domains] == ["healthcare"]
    assert [(x.label, x.score) for x in found.domain_candidates] == [("education", 0.45)]
    assert found.activity_candidates == []


def test_best_first(decisions):
    found = decisions.keep(np.array([0.6, 0.9, 0.1]), 0.0, None)
    assert [x.label for x in found.domains] == ["healthcare", "education"]


def test_kept_in_a_model_and_read_back(decisions):
    again = from_json(LABELS, decisions.to_json())
    logits = np.array([[0.3, -2.0, 1.0]])
    assert np.allclose(again.probabilities(logits), decisions.probabilities(logits), atol=1e-4)


def test_calibration_turns_overconfident_scores_into_probabilities():
    draw = np.random.default_rng(1)
    honest = draw.uniform(0.02, 0.98, (4000, 3))
    truth = draw.random((4000, 3)) < honest
    overconfident = 3 * np.log(honest / (1 - honest)) + 1
    found = calibrate(overconfident, truth, LABELS)
    assert np.abs(found.probabilities(overconfident) - honest).mean() < 0.03


def test_a_threshold_stays_near_that_of_its_facet():
    draw = np.random.default_rng(2)
    truth = draw.random((500, 3)) < 0.3
    logits = np.where(truth, 2.0, -2.0) + draw.normal(0, 1, (500, 3))
    truth[:, 1] = False  # a label that dev has not: its own best cut would be anything
    thresholds = calibrate(logits, truth, LABELS).thresholds
    assert abs(thresholds[0] - thresholds[1]) <= 0.25
