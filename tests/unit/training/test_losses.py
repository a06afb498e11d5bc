"""Losses against values worked out by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

from gongkai.training.loop_config import BinaryCrossEntropy, ClassBalanced, CrossEntropy, Focal  # noqa: E402
from gongkai.training.losses import (  # noqa: E402
    binary_focal,
    class_criterion,
    class_cross_entropy,
    effective_number_weights,
    label_criterion,
)

pytestmark = pytest.mark.ml

# Logits whose probabilities are plain fractions: sigmoid(ln 3) = 3/4, sigmoid(-ln 4) = 1/5.
LOGITS = torch.tensor([math.log(3), math.log(3), -math.log(4)])
TRUTH = torch.tensor([1.0, 0.0, 1.0])


def test_binary_cross_entropy():
    loss = label_criterion(BinaryCrossEntropy(), [1, 1, 1])(LOGITS, TRUTH)
    assert loss.tolist() == pytest.approx([-math.log(3 / 4), -math.log(1 / 4), -math.log(1 / 5)], rel=1e-5)


def test_focal_by_hand():
    loss = binary_focal(LOGITS, TRUTH, gamma=2.0)
    # (1 - p)^2 of what is true: 1/4, 3/4, 4/5
    assert loss.tolist() == pytest.approx(
        [-math.log(3 / 4) / 16, -math.log(1 / 4) * 9 / 16, -math.log(1 / 5) * 16 / 25], rel=1e-5
    )
    weighed = binary_focal(LOGITS, TRUTH, gamma=2.0, alpha=0.25)
    assert (weighed / loss).tolist() == pytest.approx([0.25, 0.75, 0.25])


def test_focal_without_gamma_is_cross_entropy():
    plain = label_criterion(BinaryCrossEntropy(), [1] * 3)(LOGITS, TRUTH)
    assert torch.equal(binary_focal(LOGITS, TRUTH, gamma=0.0), plain)


def test_focal_stays_finite_where_it_is_certain():
    logits = torch.tensor([80.0, -80.0, 80.0], requires_grad=True)
    loss = binary_focal(logits, torch.tensor([1.0, 0.0, 0.0]), gamma=0.5)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(logits.grad).all()
    assert float(loss[2].detach()) == pytest.approx(80, rel=1e-3)


def test_effective_numbers_by_hand():
    # beta 0.9: (1 - 0.9^1) / 0.1 = 1, (1 - 0.9^2) / 0.1 = 1.9; the weights are the inverses, their mean 1
    first, second = effective_number_weights([1, 2], 0.9).tolist()
    assert first / second == pytest.approx(1.9)
    assert (first + second) / 2 == pytest.approx(1.0)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.floats(0, 0.9999))
def test_the_rarer_counts_no_less(counts, beta):
    weights = effective_number_weights(counts, beta).tolist()
    assert sum(weights) / len(weights) == pytest.approx(1.0, rel=1e-4)
    assert all(math.isfinite(w) and w > 0 for w in weights)
    order = sorted(range(len(counts)), key=lambda k: counts[k])
    assert all(weights[a] >= weights[b] - 1e-4 for a, b in pairwise(order))


def test_balanced_labels_are_plain_ones_by_their_weights():
    loss = label_criterion(ClassBalanced(beta=0.9), [1, 2, 0])(LOGITS, TRUTH)
    plain = label_criterion(BinaryCrossEntropy(), [1, 2, 0])(LOGITS, TRUTH)
    assert (loss / plain).tolist() == pytest.approx(effective_number_weights([1, 2, 0], 0.9).tolist(), rel=1e-5)


# softmax of these is 1/6, 2/6, 3/6
CLASSES = torch.tensor([[0.0, math.log(2), math.log(3)]])


def test_cross_entropy_and_smoothing_by_hand():
    truth = torch.tensor([2])
    assert float(class_cross_entropy(CLASSES, truth)) == pytest.approx(math.log(2), rel=1e-5)
    mean = (math.log(6) + math.log(3) + math.log(2)) / 3
    smoothed = class_criterion(CrossEntropy(smoothing=0.3), [1, 1, 1])(CLASSES, truth)
    assert float(smoothed) == pytest.approx(0.7 * math.log(2) + 0.3 * mean, rel=1e-5)
    own = torch.nn.functional.cross_entropy(CLASSES, truth, label_smoothing=0.3)
    assert float(smoothed) == pytest.approx(float(own), rel=1e-5)


def test_focal_classes_by_hand():
    loss = class_criterion(Focal(gamma=2.0), [1, 1, 1])(CLASSES, torch.tensor([0]))
    assert float(loss) == pytest.approx((5 / 6) ** 2 * math.log(6), rel=1e-5)


def test_balanced_classes_by_hand():
    criterion = class_criterion(ClassBalanced(beta=0.9, gamma=1.0), [1, 2, 2])
    weights = effective_number_weights([1, 2, 2], 0.9).tolist()
    assert float(criterion(CLASSES, torch.tensor([0]))) == pytest.approx(weights[0] * 5 / 6 * math.log(6), rel=1e-5)
    # a figure for each example, not divided by the weights of a batch: half a batch has half the sum
    both = criterion(CLASSES.repeat(2, 1), torch.tensor([0, 1]))
    assert both.tolist() == pytest.approx(
        [weights[0] * 5 / 6 * math.log(6), weights[1] * 4 / 6 * math.log(3)], rel=1e-5
    )


def test_a_focal_root_has_a_finite_slope():
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    class_cross_entropy(logits, torch.tensor([0]), gamma=0.5).sum().backward()
    assert torch.isfinite(logits.grad).all()
