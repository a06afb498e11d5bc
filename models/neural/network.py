"""The networks (torch): a backbone that gives every character a vector, and heads that read labels and metrics off it.

Heads, all on the same vectors:

* labels: one attention over the characters of a sentence for each label (label-wise attention, Mullenbach et al.
  2018, arXiv:1802.05695), so that a label told by two characters is not averaged away;
* tags: BIO tags of metrics, indicator words, periods, scopes and entities, one softmax a layer;
* numbers: whether a number the grammar found is a metric, a marginal case or none;
* links: for a number and a character, whether the character belongs to the number's indicator, period or scope: the
  window is read once more for each number that may be a metric, by convolutions over what the characters are, what the
  number is and how far each character stands from it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gongkai.models.neural.batches import ALPHABET, NUMBER_MARKS, PLACES
from gongkai.models.neural.dropout import Dropout
from gongkai.models.neural.scheme import LINKS, NUMBER_CLASSES, TAG_LAYERS

_OFFSETS = 8  # places of a character inside its token that are told apart
_REACH = 64  # distances to a number beyond which all are alike
_LINK_DILATIONS = (1, 2, 4)
_METRIC = NUMBER_CLASSES.index("metric")
# At run time a number less probable to be a metric than this is not linked: no threshold for metrics lies as low.
LINKED_FROM = 0.15


class TransformerBackbone(nn.Module):
    """A pretrained encoder of tokens; a character's vector is its token's plus what the character itself is.

    Args:
        encoder: a Hugging Face encoder.
        width: of the character vectors.
    """

    reads_tokens = True
    mean: Tensor
    spread: Tensor

    def __init__(self, encoder: Any, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        hidden: int = encoder.config.hidden_size
        self.register_buffer("mean", torch.zeros(hidden))
        self.register_buffer("spread", torch.ones(hidden))
        self.project = nn.Linear(hidden, width)
        self.characters = nn.Embedding(ALPHABET, width, padding_idx=0)
        self.offsets = nn.Embedding(_OFFSETS, width)
        self.places = nn.Embedding(PLACES, width)
        self.marks = nn.Embedding(NUMBER_MARKS, width)
        for embedding in (self.characters, self.offsets, self.places, self.marks):
            nn.init.normal_(embedding.weight, std=0.02)

    @torch.no_grad()
    def standardise(self, batch: dict[str, Tensor]) -> None:
        """Set mean and spread of the encoder's outputs from a batch.

        Encoders trained to compare sentences put all of them into a narrow cone: what they share drowns what tells
        them apart until it is taken off.
        """
        states = self.encoder(input_ids=batch["tokens"], attention_mask=batch["token_mask"]).last_hidden_state
        told = states[batch["token_mask"].bool()].float()
        self.mean.copy_(told.mean(0))
        self.spread.copy_(told.std(0).clamp(min=1e-3))

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Return (B, C, width) character vectors."""
        states = self.encoder(input_ids=batch["tokens"], attention_mask=batch["token_mask"]).last_hidden_state
        projected = self.project((states - self.mean) / self.spread)
        token_of = batch["token_of"]
        found = _vectors_at(projected, token_of)
        own = self.characters(batch["chars"]) + self.places(batch["places"]) + self.marks(batch["marks"])
        return nn.functional.gelu(found + own + self.offsets(_places_in_token(token_of)))


def _places_in_token(token_of: Tensor) -> Tensor:
    """Return how many of the characters before each one belong to its token, at most ``_OFFSETS - 1``."""
    place = torch.zeros_like(token_of)
    for back in range(1, _OFFSETS):
        same = token_of[:, back:] == token_of[:, :-back]
        place = place + nn.functional.pad(same.long(), (back, 0))
    return place


class ConvolutionalBackbone(nn.Module):
    """Dilated depthwise-separable convolutions over characters (Kalchbrenner et al. 2016, arXiv:1610.10099).

    Args:
        width: of the character vectors.
        dilations: of the layers; with kernels of 5 a character sees ``4 * sum(dilations)`` neighbours.
        dropout: share of the character embeddings dropped in training.
    """

    reads_tokens = False

    def __init__(self, width: int, dilations: tuple[int, ...], dropout: float) -> None:
        super().__init__()
        self.characters = nn.Embedding(ALPHABET, width, padding_idx=0)
        self.places = nn.Embedding(PLACES, width)
        self.marks = nn.Embedding(NUMBER_MARKS, width)
        self.dropout = Dropout(dropout)
        self.layers = nn.ModuleList(_SeparableLayer(width, dilation, dropout) for dilation in dilations)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Return (B, C, width) character vectors."""
        there = (batch["chars"] > 0).unsqueeze(-1).float()
        x = self.characters(batch["chars"]) + self.places(batch["places"]) + self.marks(batch["marks"])
        x = self.dropout(x)
        for layer in self.layers:
            x = layer(x, there)
        return x


class _SeparableLayer(nn.Module):
    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.depth = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation, groups=width)
        self.inner = nn.Linear(width, 2 * width)
        self.outer = nn.Linear(2 * width, width)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        # What the convolution sees beyond the end must be zero, padded or not, or a batch would change its windows.
        y = self.depth((self.norm(x) * there).transpose(1, 2)).transpose(1, 2)
        return x + self.dropout(self.outer(nn.functional.relu(self.inner(y))))


class Heads(nn.Module):
    """All heads on character vectors.

    Args:
        width: of the character vectors.
        labels: number of labels of both facets.
        dropout: share of the character vectors dropped in training.
        link_width: of the vectors inside the link head.
    """

    def __init__(self, width: int, labels: int, dropout: float, link_width: int) -> None:
        super().__init__()
        self.dropout = Dropout(dropout)
        self.attend = nn.Linear(width, labels)
        self.vote = nn.Linear(width, labels)
        self.bias = nn.Parameter(torch.full((labels,), -2.0))
        self.tags = nn.Linear(width, sum(TAG_LAYERS.values()))
        self.number_hidden = nn.Linear(2 * width, width)
        self.number_class = nn.Linear(width, len(NUMBER_CLASSES))
        self.links = LinkHead(width, dropout, link_width)

    def forward(self, states: Tensor, batch: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """Return what each head says.

        Returns:
            Label logits (B, S, L), tag logits (B, C, K), number logits (B, M, 3), link logits (P, 3, C), and the
            (window, number) of each of the P numbers that were linked (P, 2). The first pair is always the first
            number there is room for, so that P is never 0, and may be padding.
        """
        states = self.dropout(states)
        return (self._labels(states, batch), self.tags(states), *self._numbers(states, batch))

    def _labels(self, states: Tensor, batch: dict[str, Tensor]) -> Tensor:
        inside = _inside(batch["sentences"], states.shape[1])  # (B, S, C)
        weight = self.attend(states).transpose(1, 2).unsqueeze(1)  # (B, 1, L, C)
        weight = weight.masked_fill(~inside.unsqueeze(2), -1e4).softmax(-1)  # (B, S, L, C)
        return (weight * self.vote(states).transpose(1, 2).unsqueeze(1)).sum(-1) + self.bias

    def _numbers(self, states: Tensor, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        spans = batch["numbers"]
        inside = _inside(spans, states.shape[1]).to(states.dtype)  # (B, M, C)
        mean = inside @ states / inside.sum(-1, keepdim=True).clamp(min=1)
        before = _vectors_at(states, (spans[..., 0] - 1).clamp(min=0))
        number = torch.cat([mean, before], -1)  # (B, M, 2W)
        classes = self.number_class(nn.functional.gelu(self.number_hidden(number)))
        wanted = spans[..., 1] > spans[..., 0]
        if not self.training:
            wanted = wanted & (classes.softmax(-1)[..., _METRIC] >= LINKED_FROM)
        pairs = torch.cat([torch.zeros_like(spans[0, :1]), wanted.nonzero()])  # (P, 2)
        return classes, self.links(states, number, spans[..., 0], batch["chars"] > 0, pairs), pairs


class LinkHead(nn.Module):
    """Reads a window once for each of its numbers and tells which characters belong to it.

    Args:
        width: of the character vectors.
        dropout: share of the hidden vectors dropped in training.
        link_width: of the vectors inside the head.
    """

    def __init__(self, width: int, dropout: float, link_width: int) -> None:
        super().__init__()
        self.character = nn.Linear(width, link_width)
        self.number = nn.Linear(2 * width, link_width)
        self.distance = nn.Embedding(2 * _REACH + 1, link_width)
        self.layers = nn.ModuleList(
            nn.Conv1d(link_width, link_width, 5, padding=2 * dilation, dilation=dilation)
            for dilation in _LINK_DILATIONS
        )
        self.dropout = Dropout(dropout)
        self.out = nn.Linear(link_width, len(LINKS))
        nn.init.normal_(self.distance.weight, std=0.1)

    def forward(self, states: Tensor, number: Tensor, starts: Tensor, there: Tensor, pairs: Tensor) -> Tensor:
        """Return (P, 3, C) logits.

        Args:
            states: (B, C, width) character vectors.
            number: (B, M, 2 * width) vectors of the numbers.
            starts: (B, M) where they begin.
            there: (B, C) whether a character is none of the padding.
            pairs: (P, 2) window and number to link.
        """
        window, which = pairs[:, 0], pairs[:, 1]
        at = torch.arange(states.shape[1], device=states.device)
        away = (at - starts[window, which].unsqueeze(-1)).clamp(-_REACH, _REACH) + _REACH  # (P, C)
        # index_select, for the gradient of plain indexing adds up in no fixed order
        read = self.character(states).index_select(0, window)
        told = self.number(number).flatten(0, 1).index_select(0, window * number.shape[1] + which)
        x = read + told.unsqueeze(1) + self.distance(away)
        mask = there[window].to(x.dtype).unsqueeze(1)
        x = nn.functional.gelu(x).transpose(1, 2) * mask
        for layer in self.layers:
            x = (x + nn.functional.gelu(layer(self.dropout(x)))) * mask
        return self.out(x.transpose(1, 2)).transpose(1, 2)


def _vectors_at(vectors: Tensor, places: Tensor) -> Tensor:
    """Return (B, N, W): of (B, C, W) vectors those at (B, N) places."""
    batch, length, width = vectors.shape
    rows = places + torch.arange(batch, device=places.device).unsqueeze(-1) * length
    # index_select, for its gradient adds up in a fixed order, and gather copies number by number at run time
    return vectors.flatten(0, 1).index_select(0, rows.flatten()).view(batch, places.shape[1], width)


def _inside(spans: Tensor, length: int) -> Tensor:
    """Return (B, N, C): whether a character stands in a span."""
    at = torch.arange(length, device=spans.device).view(1, 1, -1)
    return (at >= spans[..., :1]) & (at < spans[..., 1:])


class ReportNetwork(nn.Module):
    """A backbone and its heads."""

    def __init__(self, backbone: TransformerBackbone | ConvolutionalBackbone, heads: Heads) -> None:
        super().__init__()
        self.backbone = backbone
        self.heads = heads

    def forward(self, batch: dict[str, Tensor]) -> Any:
        """Return what :class:`Heads` returns.

        Args:
            batch: the inputs; with ``states`` among them the backbone's vectors of the characters (B, C, width) are
                taken as given.
        """
        states = batch["states"] if "states" in batch else self.backbone(batch)
        return self.heads(states, batch)
