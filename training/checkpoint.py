"""Checkpoints: weights and optimizer as safetensors, everything else as JSON; nothing is pickled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gongkai.pipeline.writing import write_atomically

WEIGHTS = "checkpoint.safetensors"
STATE = "checkpoint.json"
BEST = "checkpoint-best.safetensors"
_MODEL, _ADAM = "model.", "adam."
_ROUND = "epoch"  # which epoch the weights are of, in their own file: with the JSON's they are of one checkpoint


def plain_tensors(named: Iterable[tuple[str, Tensor]]) -> dict[str, Tensor]:
    """Return tensors as safetensors takes them: contiguous, on the CPU, none sharing its memory with another."""
    seen: set[int] = set()
    out = {}
    for name, tensor in named:
        own = tensor.detach().cpu().contiguous()
        out[name] = own.clone() if own.data_ptr() in seen else own
        seen.add(own.data_ptr())
    return out


def save_weights(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Write tensors whole or not at all."""
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.replace(path)


class Checkpoint:
    """The checkpoint of one training.

    Args:
        folder: where it is kept.
        settings: of the training. A checkpoint of other settings is not gone on with; a key that it lacks, for it was
            written before there was such a key, counts as standing at its default.
        origin: what else must agree, such as the seed and the hash of the data.
    """

    def __init__(self, folder: Path, settings: BaseModel, origin: Mapping[str, Any]) -> None:
        self._folder = folder
        self._settings = settings
        self._origin = dict(origin)

    def save(self, model: nn.Module, optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
        """Write a checkpoint in the place of the one before.

        Args:
            model, optimizer: as they are after an epoch.
            state: what else is needed to go on; ``epoch`` among it.
        """
        named = [(_MODEL + name, value) for name, value in model.state_dict().items()]
        for i, moments in optimizer.state_dict()["state"].items():
            named += [(f"{_ADAM}{i}.{name}", value) for name, value in moments.items()]
        save_weights(self._folder / WEIGHTS, plain_tensors(named), {_ROUND: str(state["epoch"])})
        told = state | {"settings": self._settings.model_dump(mode="json"), "origin": self._origin}
        write_atomically(self._folder / STATE, json.dumps(told, ensure_ascii=False).encode())

    def save_best(self, model: nn.Module) -> None:
        """Keep the weights of the best epoch."""
        save_weights(self._folder / BEST, plain_tensors(model.state_dict().items()))

    def load_best(self, model: nn.Module) -> None:
        """Give a model the weights of the best epoch."""
        model.load_state_dict(load_file(self._folder / BEST))

    def forget_best(self) -> None:
        """Remove the best weights of another training that stood here."""
        (self._folder / BEST).unlink(missing_ok=True)

    def load(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any] | None:
        """Put model and optimizer where the checkpoint left them.

        Returns:
            The rest of its state, or None where there is no checkpoint of this training.
        """
        state = self._state()
        if state is None:
            return None
        found = load_file(self._folder / WEIGHTS)
        model.load_state_dict({n.removeprefix(_MODEL): v for n, v in found.items() if n.startswith(_MODEL)})
        adam = optimizer.state_dict()
        for name, value in found.items():
            if name.startswith(_ADAM):
                _, index, key = name.split(".", 2)
                adam["state"].setdefault(int(index), {})[key] = value
        optimizer.load_state_dict(adam)
        return state

    def _state(self) -> dict[str, Any] | None:
        """Return the state where it is whole and of this training."""
        try:
            state = json.loads((self._folder / STATE).read_text(encoding="utf-8"))
            with safe_open(self._folder / WEIGHTS, "pt") as weights:
                of = (weights.metadata() or {}).get(_ROUND, str(state["epoch"]))
            stored = type(self._settings).model_validate(state["settings"])
        except (OSError, ValueError, KeyError, SafetensorError, ValidationError):
            return None
        same = stored.model_dump(mode="json") == self._settings.model_dump(mode="json")
        whole = of == str(state["epoch"])  # it was not broken off between the two files
        return state if same and whole and state.get("origin", {}) == self._origin else None


def model_weights(folder: Path) -> dict[str, Tensor]:
    """Return the weights a training in a folder ended with: of its best epoch where it kept them, else of the last."""
    if (folder / BEST).exists():
        return load_file(folder / BEST)
    found = load_file(folder / WEIGHTS)
    return {name.removeprefix(_MODEL): value for name, value in found.items() if name.startswith(_MODEL)}
