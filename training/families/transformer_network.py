"""The network of the transformer family: a pretrained encoder and one head, for labels of a text or for its spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from gongkai.models.neural.batches import ALPHABET
from gongkai.models.neural.dropout import Dropout
from gongkai.training.families.transformer_windows import PLACES, Window

Pooling = Literal["attention", "mean", "cls"]


class LabelHead(nn.Module):
    """Reads the labels of a text off its tokens.

    Args:
        hidden: width of the encoder's outputs.
        labels: how many.
        pooling: an ``attention`` over the tokens for each label (Mullenbach et al. 2018, arXiv:1802.05695), their
            ``mean``, or the first token (``cls``).
        dropout: share of the inputs dropped in training.
    """

    def __init__(self, hidden: int, labels: int, pooling: Pooling, dropout: float) -> None:
        super().__init__()
        self.pooling = pooling
        self.dropout = Dropout(dropout)
        self.attend = nn.Linear(hidden, labels) if pooling == "attention" else None
        self.vote = nn.Linear(hidden, labels, bias=False)
        self.bias = nn.Parameter(torch.zeros(labels))

    def forward(self, states: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """Return (B, L) logits.

        Args:
            states: (N, T, H) of all windows.
            batch: ``rows`` (B, W), the windows of each text, -1 for none; ``body`` (N, T), which tokens are its own.
        """
        rows = batch["rows"]
        texts, windows = rows.shape
        flat = rows.clamp(min=0).flatten()
        # index_select, for the gradient of plain indexing adds up in no fixed order
        states = states.index_select(0, flat).view(texts, -1, states.shape[-1])  # (B, W * T, H)
        own = batch["body"].index_select(0, flat).view(texts, windows, -1) & (rows >= 0).unsqueeze(-1)
        inside = own.flatten(1).unsqueeze(-1)  # (B, W * T, 1)
        if self.pooling == "cls":
            return self.vote(self.dropout(states[:, 0])) + self.bias
        if self.attend is None:
            mean = (states * inside).sum(1) / inside.sum(1).clamp(min=1)
            return self.vote(self.dropout(mean)) + self.bias
        states = self.dropout(states)
        weight = self.attend(states).masked_fill(~inside, -1e4).softmax(1)
        return (weight * self.vote(states)).sum(1) + self.bias


class SpanHead(nn.Module):
    """Tags the units of windows: what their token says, and which character of it they are.

    Args:
        hidden: width of the encoder's outputs.
        width: of the units' vectors.
        tags: how many, of all layers.
        dropout: share of the units' vectors dropped in training.
    """

    def __init__(self, hidden: int, width: int, tags: int, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(hidden, width)
        self.characters = nn.Embedding(ALPHABET, width)
        self.places = nn.ModuleList(nn.Embedding(PLACES, width) for _ in range(2))
        for embedding in (self.characters, *self.places):
            nn.init.normal_(embedding.weight, std=0.02)
        self.dropout = Dropout(dropout)
        self.tags = nn.Linear(width, tags)

    def forward(self, states: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """Return (N, U, K) logits.

        Args:
            states: (N, T, H) of all windows.
            batch: ``tokens``, ``chars`` (N, U) and ``places`` (N, U, 2) of the units, as windows have them.
        """
        projected = self.project(states)
        told = torch.gather(projected, 1, batch["tokens"].unsqueeze(-1).expand(-1, -1, projected.shape[-1]))
        own = self.characters(batch["chars"])
        for side, embedding in enumerate(self.places):
            own = own + embedding(batch["places"][..., side])
        return self.tags(self.dropout(nn.functional.gelu(told + own)))


class TransformerNetwork(nn.Module):
    """An encoder and a head.

    Args:
        encoder: a Hugging Face encoder.
        head: what is read off its outputs.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, encoder: Any, head: LabelHead | SpanHead) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head
        hidden: int = encoder.config.hidden_size
        self.register_buffer("mean", torch.zeros(hidden))
        self.register_buffer("spread", torch.ones(hidden))

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the head's logits."""
        return self.head((self.encode(batch) - self.mean) / self.spread, batch)

    def encode(self, batch: dict[str, Tensor]) -> Tensor:
        """Return (N, T, H): the encoder's outputs."""
        types = {"token_type_ids": batch["types"]} if "types" in batch else {}
        states: Tensor = self.encoder(input_ids=batch["ids"], attention_mask=batch["mask"], **types).last_hidden_state
        return states

    @torch.no_grad()
    def standardise(self, batch: dict[str, Tensor]) -> None:
        """Set mean and spread of the encoder's outputs from a batch, see :class:`TransformerBackbone`'s."""
        told = self.encode(batch)[batch["mask"].bool()].float()
        self.mean.copy_(told.mean(0))
        self.spread.copy_(told.std(0).clamp(min=1e-3))


def collate(groups: Sequence[Sequence[Window]], pad: int, types: bool) -> dict[str, Tensor]:
    """Return the network's inputs, padded to one batch.

    Args:
        groups: the windows of each text; for spans each window is a group of its own.
        pad: the token that fills up.
        types: whether the encoder tells segments apart.
    """
    windows = [window for group in groups for window in group]
    longest = max(len(window.ids) for window in windows)
    most = max(len(group) for group in groups)
    ids = np.full((len(windows), longest), pad, np.int64)
    mask, segments = np.zeros_like(ids), np.zeros_like(ids)
    body = np.zeros(ids.shape, bool)
    for row, window in enumerate(windows):
        length = len(window.ids)
        ids[row, :length], mask[row, :length], segments[row, :length] = window.ids, 1, window.types
        body[row, window.body[0] : window.body[1]] = True
    rows = np.full((len(groups), most), -1, np.int64)
    at = 0
    for row, group in enumerate(groups):
        rows[row, : len(group)] = np.arange(at, at + len(group))
        at += len(group)
    units = max(1, *(len(window.tokens) for window in windows))
    tokens, chars = np.zeros((len(windows), units), np.int64), np.zeros((len(windows), units), np.int64)
    places = np.zeros((len(windows), units, 2), np.int64)
    for row, window in enumerate(windows):
        count = len(window.tokens)
        tokens[row, :count], chars[row, :count], places[row, :count] = window.tokens, window.chars, window.places
    arrays = {"ids": ids, "mask": mask, "body": body, "rows": rows, "tokens": tokens, "chars": chars, "places": places}
    if types:
        arrays["types"] = segments
    return {name: torch.from_numpy(array) for name, array in arrays.items()}
