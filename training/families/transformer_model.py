"""A trained transformer: texts through it in batches, and its folder: safetensors, JSON and a tokenizer, no pickle."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from scipy.special import expit, softmax

from gongkai.models.neural.runtime import batches
from gongkai.pipeline.writing import write_atomically
from gongkai.training.calibration import best_thresholds, platt
from gongkai.training.checkpoint import plain_tensors, save_weights
from gongkai.training.devices import attention_for, autocast, choose_device, moved
from gongkai.training.encoders import TOKENIZER, empty_encoder, encoder_config
from gongkai.training.families.base import Prediction
from gongkai.training.families.transformer_network import (
    LabelHead,
    Pooling,
    SpanHead,
    TransformerNetwork,
    collate,
)
from gongkai.training.families.transformer_tags import Layer, spans_of, tag_count
from gongkai.training.families.transformer_windows import Special, Window, Windows, read_tokenizer
from gongkai.training.tasks.dataset import Item, Task

WEIGHTS, MODEL = "model.safetensors", "transformer.json"

_TEXTS = 1000  # that are read at a time, so that memory is bounded
_BUDGET = 8192  # tokens of a batch, padding included

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a network is made from beside its weights.

    Attributes:
        task: what it says of a text.
        labels: in the order of its outputs.
        layers: of tags, for spans; see :mod:`gongkai.training.families.transformer_tags`.
        pooling, width, dropout: of the head.
        max_length, max_windows: of what it reads.
        special: tokens around it.
    """

    task: Task
    labels: tuple[str, ...]
    layers: tuple[Layer, ...]
    pooling: Pooling
    width: int
    dropout: float
    max_length: int
    max_windows: int
    special: Special

    def network(self, encoder: Any) -> TransformerNetwork:
        """Return a network on an encoder, its head not yet trained."""
        hidden = encoder.config.hidden_size
        if self.task == "spans":
            tags = sum(map(tag_count, self.layers))
            return TransformerNetwork(encoder, SpanHead(hidden, self.width, tags, self.dropout))
        return TransformerNetwork(encoder, LabelHead(hidden, len(self.labels), self.pooling, self.dropout))

    def windows(self, tokenizer: Path) -> Windows:
        """Return what cuts texts for the network."""
        limit = None if self.task == "spans" else self.max_windows
        return Windows(read_tokenizer(tokenizer), self.special, self.max_length, limit)


@dataclass(frozen=True, slots=True)
class Decisions:
    """From logits to labels, for ``multi_label``.

    Attributes:
        slope, intercept: of Platt's scaling.
        thresholds: (L,) probability from which a label is kept.
    """

    slope: float
    intercept: float
    thresholds: tuple[float, ...]


class TransformerModel:
    """A network with what it takes to ask it. Implements :class:`gongkai.training.families.base.Predictor`.

    Args:
        network: the network.
        shape: what it was made from.
        windows: cuts texts for it.
        decisions: on the labels; None before they are made, and for the other tasks.
    """

    def __init__(
        self, network: TransformerNetwork, shape: Shape, windows: Windows, decisions: Decisions | None = None
    ) -> None:
        self.network = network
        self.shape = shape
        self.decisions = decisions
        self._windows = windows

    def predict(self, items: Sequence[Item]) -> list[Prediction]:
        """Return a prediction for each text, in order."""
        return [self.prediction(logits, units) for logits, units in self.logits(items)]

    def logits(self, items: Sequence[Item], half: torch.dtype | None = None) -> Iterator[tuple[Floats, Any]]:
        """Yield what the network says of each text: logits (L,), or (U, K) with the units' (U, 2) ends for spans.

        Args:
            items: the texts.
            half: type to compute in; None for float32, whose answers hardly depend on what else is in the batch.
        """
        self.network.eval()
        for at in range(0, len(items), _TEXTS):
            found = self._windows(items[at : at + _TEXTS])
            if self.shape.task == "spans":
                yield from self._units(found, half)
            else:
                answers = self._run(found, half)
                yield from ((answers[k], None) for k in range(len(found)))

    def prediction(self, logits: Floats, units: NDArray[np.int64] | None) -> Prediction:
        """Return what logits mean."""
        if units is not None:
            return Prediction(spans=spans_of(logits, units, self.shape.layers))
        labels = self.shape.labels
        if self.shape.task == "multi_class":
            shares = softmax(logits.astype(np.float64))
            return Prediction(dict(zip(labels, map(float, shares), strict=True)), (labels[int(shares.argmax())],))
        assert self.decisions is not None
        told = expit(self.decisions.slope * logits.astype(np.float64) + self.decisions.intercept)
        kept = np.flatnonzero(told >= np.array(self.decisions.thresholds))
        return Prediction(
            dict(zip(labels, map(float, told), strict=True)),
            tuple(labels[k] for k in sorted(kept, key=lambda k: -told[k])),
        )

    def save(self, folder: Path, tokenizer: Path, origin: dict[str, Any]) -> None:
        """Write the model; ``transformer.json`` comes last, so that where it stands the rest stands too.

        Args:
            folder: gets the files.
            tokenizer: the encoder's ``tokenizer.json``.
            origin: what the model was trained from, see :func:`origin_of`.
        """
        save_weights(folder / WEIGHTS, plain_tensors(self.network.state_dict().items()))
        write_atomically(folder / TOKENIZER, tokenizer.read_bytes())
        told = {
            **asdict(self.shape),
            "decisions": asdict(self.decisions) if self.decisions else None,
            "origin": origin,
            "encoder": encoder_config(self.network.encoder),
        }
        write_atomically(folder / MODEL, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())

    def _units(
        self, found: Sequence[tuple[Window, ...]], half: torch.dtype | None
    ) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
        windows = [window for group in found for window in group]
        answers = self._run([(window,) for window in windows], half)
        at = 0
        for group in found:
            rows = [answers[at + k][: len(window.tokens)] for k, window in enumerate(group)]
            at += len(group)
            yield np.concatenate(rows), np.concatenate([window.spans for window in group])

    def _run(self, groups: Sequence[Sequence[Window]], half: torch.dtype | None) -> dict[int, Floats]:
        """Return what the network says of each group of windows."""
        device = self.network.mean.device
        special = self.shape.special
        lengths = [tokens_of(group) for group in groups]
        order = sorted(range(len(groups)), key=lambda k: lengths[k])
        answers: dict[int, Floats] = {}
        for group in batches([lengths[k] for k in order], _BUDGET):
            chosen = [order[k] for k in group]
            inputs = moved(collate([groups[k] for k in chosen], special.pad, special.types), device)
            with torch.inference_mode(), autocast(device, half):
                logits = self.network(inputs).float().cpu().numpy()
            answers |= dict(zip(chosen, logits, strict=True))
        return answers


def tokens_of(group: Sequence[Window]) -> int:
    """Return how many tokens a group of windows takes in a batch."""
    return len(group) * max(len(window.ids) for window in group)


def decide(logits: Floats, truth: NDArray[np.bool_]) -> Decisions:
    """Choose scaling and thresholds on dev.

    Args:
        logits, truth: (N, L).
    """
    slope, intercept = platt(logits, truth)
    cuts = best_thresholds(expit(slope * logits.astype(np.float64) + intercept), truth)
    return Decisions(slope, intercept, tuple(round(float(cut), 4) for cut in cuts))


def origin_of(folder: Path) -> dict[str, Any] | None:
    """Return what the model in a folder was trained from, or None where there is none."""
    try:
        told: dict[str, Any] = json.loads((folder / MODEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told.get("origin")


def open_model(folder: Path) -> TransformerModel:
    """Return the model in a folder, on a GPU where there is one."""
    told = json.loads((folder / MODEL).read_text(encoding="utf-8"))
    decisions, encoder = told.pop("decisions"), told.pop("encoder")
    told.pop("origin")
    shape = replace(
        Shape(**told),
        labels=tuple(told["labels"]),
        layers=tuple(map(tuple, told["layers"])),
        special=Special(**told["special"]),
    )
    device = choose_device("auto")
    network = shape.network(empty_encoder(encoder, attention_for(device)))
    network.load_state_dict(load_file(folder / WEIGHTS))
    made = Decisions(**decisions) if decisions else None
    return TransformerModel(network.to(device).eval(), shape, shape.windows(folder / TOKENIZER), made)
