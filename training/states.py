"""What a backbone that does not learn says of the windows of a training: computed once, not in every epoch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gongkai.models.neural.batches import Encoded, collate
from gongkai.models.neural.network import ReportNetwork
from gongkai.models.neural.runtime import batches
from gongkai.training.devices import autocast, moved

_CHARACTERS = 4000  # of a batch, padding included


@torch.no_grad()
def backbone_states(
    network: ReportNetwork, windows: Sequence[Encoded], device: torch.device, dtype: torch.dtype | None
) -> list[Tensor]:
    """Run the backbone over windows.

    Args:
        network: its backbone is run without dropout.
        windows: what it sees.
        device: where the network is.
        dtype: in which matrices are multiplied; None for float32.

    Returns:
        Of each window its (C, width) character vectors on the CPU, in 16 bits: half a gigabyte for the corpus.
    """
    network.eval()
    lengths = [len(window.chars) for window in windows]
    order = sorted(range(len(windows)), key=lambda i: lengths[i])
    found: dict[int, Tensor] = {}
    for group in batches([lengths[i] for i in order], _CHARACTERS):
        items = [order[i] for i in group]
        arrays = collate([windows[i] for i in items], network.backbone.reads_tokens)
        inputs = moved({name: torch.from_numpy(array) for name, array in arrays.items()}, device)
        with autocast(device, dtype):
            states = network.backbone(inputs).to(torch.bfloat16).cpu()
        found.update((i, states[row, : lengths[i]].clone()) for row, i in enumerate(items))
    return [found[i] for i in range(len(windows))]


def padded(states: Sequence[Tensor], length: int) -> Tensor:
    """Return (B, length, width): the character vectors of a batch of windows, filled up with zeros."""
    stacked = nn.utils.rnn.pad_sequence(list(states), batch_first=True).float()
    return nn.functional.pad(stacked, (0, 0, 0, length - stacked.shape[1]))
