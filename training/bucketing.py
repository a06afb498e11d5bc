"""Batches of like length: padding costs as much as text."""

from __future__ import annotations

import random
from collections.abc import Sequence

from gongkai.models.neural.runtime import batches


def bucketed(
    lengths: Sequence[int], seed: int, epoch: int, *, jitter: int, budget: int | None = None, size: int = 1
) -> list[list[int]]:
    """Return the items of each batch: alike in length, in an order drawn anew for each epoch.

    Args:
        lengths: of the items.
        seed, epoch: from which the order is drawn.
        jitter: by how much lengths are blurred before they are grouped, so that batches differ by epoch.
        budget: of a batch, padding included, in the unit of the lengths; a longer item is a batch of its own.
        size: items of a batch, where no budget is given.
    """
    draw = random.Random(seed * 1000 + epoch)
    blurred = {i: length + draw.random() * jitter for i, length in enumerate(lengths)}
    order = sorted(blurred, key=lambda i: blurred[i])
    if budget is not None:
        found: Sequence[range] = batches([int(blurred[i]) + 1 for i in order], budget)
    else:
        found = [range(at, min(at + size, len(order))) for at in range(0, len(order), size)]
    groups = [[order[i] for i in group] for group in found]
    draw.shuffle(groups)
    return groups
