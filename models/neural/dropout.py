"""Dropout that draws a byte where torch draws a float: on a CPU torch's takes a sixth of a training step."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Sets a share of the values to zero in training and scales the others up, as :class:`torch.nn.Dropout` does.

    Args:
        share: of the values that are dropped, rounded to 256ths.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.p = share  # the name that torch and transformers know it by
        self.dropped = round(256 * share)

    def forward(self, x: Tensor) -> Tensor:
        """Return the values, some of them dropped while training."""
        if not self.training or self.dropped == 0:
            return x
        words = torch.empty(x.numel() // 8 + 1, dtype=torch.int64, device=x.device).random_(-(2**63), None)
        kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= self.dropped
        return x * kept * (256 / (256 - self.dropped))


def replace_dropout(module: nn.Module) -> None:
    """Put this dropout in the place of every :class:`torch.nn.Dropout` inside a module."""
    for name, child in module.named_children():
        if isinstance(child, nn.Dropout):
            setattr(module, name, Dropout(child.p))
        else:
            replace_dropout(child)
