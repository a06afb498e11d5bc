"""Coverage, overlap and conflict against a count by hand, over any votes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gongkai.training.weak.analysis import figures, score
from gongkai.training.weak.votes import ABSTAIN, AGAINST, FOR, Votes

VOTES = arrays(
    np.int8, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=st.sampled_from([ABSTAIN, AGAINST, FOR])
)


@given(VOTES)
def test_figures_are_those_of_a_count_by_hand(votes: Votes) -> None:
    rows = votes.tolist()
    for k, line in enumerate(figures("x", [str(k) for k in range(votes.shape[1])], votes)):
        others = [row[:k] + row[k + 1 :] for row in rows]
        mine = [row[k] for row in rows]
        pairs = list(zip(mine, others, strict=True))
        assert line.votes_for == mine.count(FOR)
        assert line.votes_against == mine.count(AGAINST)
        assert line.coverage == sum(v != ABSTAIN for v in mine) / len(rows)
        assert line.overlap == sum(v != ABSTAIN and any(o != ABSTAIN for o in rest) for v, rest in pairs) / len(rows)
        opposed = sum(v != ABSTAIN and any(o not in (ABSTAIN, v) for o in rest) for v, rest in pairs)
        assert line.conflict == opposed / len(rows)
        assert line.conflict <= line.overlap <= line.coverage
        assert line.estimated_accuracy is line.dev_votes is line.dev_accuracy is None


def test_accuracies() -> None:
    votes = np.array([[FOR], [AGAINST], [ABSTAIN]], dtype=np.int8)
    truth = np.array([True, True, True])
    (line,) = figures("x", ["f"], votes, np.array([0.9, 0.2, np.nan]), (votes, truth))
    assert line.estimated_accuracy == pytest.approx((0.9 + 0.8) / 2)
    assert (line.dev_votes, line.dev_accuracy) == (2, 0.5)
    silent = np.full((3, 1), ABSTAIN, dtype=np.int8)
    (line,) = figures("x", ["f"], silent, np.full(3, np.nan), (silent, truth))
    assert (line.estimated_accuracy, line.dev_votes, line.dev_accuracy) == (None, 0, None)


def test_scores() -> None:
    found = score(np.array([1, 1, 1, 0, 0], bool), np.array([1, 1, 0, 1, 0], bool))
    assert (found.precision, found.recall, found.support) == (2 / 3, 2 / 3, 3)
    assert found.f1 == pytest.approx(2 / 3)
    nothing = score(np.zeros(3, bool), np.zeros(3, bool))
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
