"""Losses for labels and classes, rare ones among them. All return one figure for each element; who calls averages.

* binary cross-entropy and cross-entropy, the latter with label smoothing (Szegedy et al. 2016, arXiv:1512.00567);
* focal loss (Lin et al. 2017, arXiv:1708.02002);
* class-balanced weights by the effective number of examples (Cui et al. 2019, arXiv:1901.05555), for labels that are
  not exclusive one weight a label as in Huang et al. 2021 (arXiv:2109.04712).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gongkai.training.loop_config import BinaryCrossEntropy, ClassBalanced, CrossEntropy, Focal

# Takes logits and truth, returns the losses.
Criterion = Callable[[Tensor, Tensor], Tensor]


def binary_focal(logits: Tensor, truth: Tensor, gamma: float, alpha: float | None = None) -> Tensor:
    """Return the focal loss of labels that are not exclusive.

    Args:
        logits: of any shape.
        truth: 0 or 1, of the same shape.
        gamma: how much less what is told well already counts.
        alpha: weight of ones; zeros get ``1 - alpha``. None for 1 each.
    """
    plain = nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    # 1 - p of what is true, straight from the logit: 1 - exp(-loss) is rounded to 0 near certainty.
    missed = torch.sigmoid(torch.where(truth > 0, -logits, logits))
    loss = missed**gamma * plain if gamma else plain
    return loss if alpha is None else loss * torch.where(truth > 0, alpha, 1 - alpha)


def class_cross_entropy(
    logits: Tensor, truth: Tensor, smoothing: float = 0.0, gamma: float = 0.0, weights: Tensor | None = None
) -> Tensor:
    """Return the cross-entropy of exclusive classes.

    Args:
        logits: (…, C).
        truth: (…) the classes.
        smoothing: share of the truth that is spread over all classes.
        gamma: of a focal loss; 0 for none.
        weights: (C,) of the classes. A loss is multiplied by its class's and not divided by the sum of a batch's, so
            that a batch cut in two has the gradient of the whole.
    """
    told = logits.log_softmax(-1)
    right = told.gather(-1, truth.unsqueeze(-1)).squeeze(-1)
    loss = -right if smoothing == 0 else -(1 - smoothing) * right - smoothing * told.mean(-1)
    if gamma:
        # clamped, for the slope of a root (gamma < 1) has no bound at 0
        loss = (1 - right.exp()).clamp(min=1e-6) ** gamma * loss
    return loss if weights is None else loss * weights[truth]


def effective_number_weights(counts: Sequence[float], beta: float) -> Tensor:
    """Return the class-balanced weight of each class, their mean 1.

    Args:
        counts: examples of each class in train; a class without any counts as if it had one.
        beta: of the effective number ``(1 - beta ** n) / (1 - beta)``.
    """
    number = torch.tensor([max(1.0, float(n)) for n in counts], dtype=torch.float64)
    weights = (1 - beta) / (1 - beta**number)
    return (weights / weights.mean()).float()


def label_criterion(settings: BinaryCrossEntropy | Focal | ClassBalanced, counts: Sequence[float]) -> Criterion:
    """Return the loss of labels that are not exclusive, one figure for each label of each example.

    Args:
        settings: which loss.
        counts: examples of each label in train.
    """
    if isinstance(settings, Focal):
        return lambda logits, truth: binary_focal(logits, truth, settings.gamma, settings.alpha)
    if isinstance(settings, ClassBalanced):
        weights = effective_number_weights(counts, settings.beta)
        return lambda logits, truth: binary_focal(logits, truth, settings.gamma) * weights.to(logits.device)
    return lambda logits, truth: nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")


def class_criterion(settings: CrossEntropy | Focal | ClassBalanced, counts: Sequence[float]) -> Criterion:
    """Return the loss of exclusive classes, one figure for each example.

    Args:
        settings: which loss.
        counts: examples of each class in train.
    """
    if isinstance(settings, Focal):
        return lambda logits, truth: class_cross_entropy(logits, truth, gamma=settings.gamma)
    if isinstance(settings, ClassBalanced):
        weights = effective_number_weights(counts, settings.beta)
        return lambda logits, truth: class_cross_entropy(
            logits, truth, gamma=settings.gamma, weights=weights.to(logits.device)
        )
    return lambda logits, truth: class_cross_entropy(logits, truth, settings.smoothing)
