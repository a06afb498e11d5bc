"""Scores of labels, by hand."""

import numpy as np
import pytest

from gongkai.training.evaluation.labels import prf, reliability, score_labels

GOLD = [{"a", "b"}, {"a"}, set(), {"c"}]
FOUND = [{"a"}, {"b"}, {"a"}, {"c"}]


def test_micro_and_macro():
    scores = score_labels(GOLD, FOUND, ["a", "b", "c", "d"])
    assert scores["micro"] == prf(2, 2, 2)
    assert scores["labels"]["a"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    assert scores["labels"]["d"]["support"] == 0
    assert scores["macro_f1"] == pytest.approx((0.5 + 0 + 1) / 3, abs=1e-4)
    assert scores["exact"] == 0.25


def test_confusions_name_what_was_missed_and_what_came_instead():
    assert score_labels(GOLD, FOUND, ["a", "b", "c"])["confusions"] == [["b", "", 1], ["a", "b", 1], ["", "a", 1]]


def test_in_a_lenient_sentence_a_missed_label_counts_half():
    assert score_labels([{"a", "b"}], [{"a"}], ["a", "b"], [True])["micro"]["recall"] == pytest.approx(
        1 / 1.5, abs=1e-4
    )


def test_reliability_of_honest_and_of_overconfident_scores():
    truth = np.array([[True], [False], [True], [False]])
    assert reliability(np.full((4, 1), 0.5), truth)["ece"] == 0
    boasting = reliability(np.full((4, 1), 0.9), truth)
    assert boasting["ece"] == pytest.approx(0.4)
    assert boasting["bins"] == [{"from": 0.9, "to": 1.0, "decisions": 4, "score": 0.9, "share": 0.5}]
