"""Scores of doubt against figures worked out by hand; the spread against what spreading means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.training.labelling.strategies import closeness, entropy, pooled, spread

PROBABILITIES = st.floats(0, 1)


def test_entropy_of_known_probabilities() -> None:
    # H(1/4) = 1/4 log2 4 + 3/4 log2 (4/3) = 2 - 3/4 log2 3
    assert entropy(np.array([0.5, 0.25, 0.0, 1.0])) == pytest.approx([1, 2 - 0.75 * np.log2(3), 0, 0], abs=1e-9)


@settings(deadline=None)
@given(PROBABILITIES)
def test_entropy_is_even_and_bounded(p: float) -> None:
    here, there = entropy(np.array([p, 1 - p]))
    assert here == pytest.approx(there, abs=1e-6)
    assert -1e-9 <= here <= 1 + 1e-9


def test_closeness_to_a_threshold_that_is_not_a_half() -> None:
    found = closeness(np.array([0.2, 0.1, 0.6, 0.0, 1.0]), np.full(5, 0.2))
    assert found == pytest.approx([1, 0.5, 0.5, 0, 0], abs=1e-5)


@settings(deadline=None)
@given(PROBABILITIES, st.floats(0.01, 0.99))
def test_closeness_is_greatest_at_the_threshold(p: float, threshold: float) -> None:
    found = closeness(np.array([p, threshold]), np.full(2, threshold))
    assert 0 <= found[0] <= found[1] + 1e-9


def test_pooling_over_labels_then_mean_over_sentences() -> None:
    doubts = np.array([[1.0, 0.0], [0.5, 0.5]])
    assert pooled(doubts, "mean") == pytest.approx(0.5)
    assert pooled(doubts, "max") == pytest.approx(0.75)


GROUPS = [
    f"{topic}{i}"
    for topic in ("公开扶贫资金分配结果", "组织医院开放日活动", "推进网站集约化建设")
    for i in "甲乙丙丁戊己"
]


def test_spread_takes_one_of_each_group_first() -> None:
    covered = 0
    for seed in range(20):
        order = list(spread(GROUPS, [], seed))
        assert sorted(order) == list(range(len(GROUPS)))
        covered += {k // 6 for k in order[:3]} == {0, 1, 2}
    assert covered >= 13  # even draws would cover all three groups in 5 of 20


def test_spread_begins_far_from_what_is_labelled() -> None:
    for seed in range(10):
        order = list(spread(GROUPS, GROUPS[:6] + GROUPS[12:], seed))
        assert order[0] // 6 == 1


def test_spread_is_the_same_for_a_seed_and_ends_with_equals() -> None:
    same = ["公开信息。"] * 4
    assert sorted(spread(same, same, 0)) == [0, 1, 2, 3]
    assert list(spread(GROUPS, [], 3)) == list(spread(GROUPS, [], 3))
    assert list(spread(GROUPS, [], 3)) != list(spread(GROUPS, [], 4))
