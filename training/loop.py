"""The one training loop: steps, schedule, precision, early stopping, checkpoints to go on from as if never interrupted.

What is learnt is an :class:`Objective`; the loop knows of batches, losses and dev figures, and of no model in
particular. Everything drawn at random in an epoch follows from the seed and the epoch's number, so a training that
goes on after epoch 3 draws what it would have drawn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.checkpoint import Checkpoint
from gongkai.training.devices import autocast, choose_device, half_precision, moved
from gongkai.training.loop_config import LoopSettings

SPEED = "sentences_per_second"  # the name of the speed among an epoch's figures
_BETAS = (0.9, 0.98)


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes through the network at once.

    Attributes:
        inputs: of the network.
        targets: what it should say of them.
        size: how many things the losses are a mean of; batches that make one step together count by it.
        items: sentences (or texts), for the speed.
    """

    inputs: dict[str, Tensor]
    targets: dict[str, Tensor]
    size: float
    items: int


class Objective(Protocol):
    """What a training is after."""

    @property
    def weights(self) -> Mapping[str, float]:
        """How much each loss counts."""
        ...

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        """Return the items of each batch of an epoch, in an order drawn from the seed and the epoch."""
        ...

    def collate(self, indices: Sequence[int]) -> Batch:
        """Return a batch, on the CPU."""
        ...

    def losses(self, outputs: Any, batch: Batch) -> dict[str, Tensor]:
        """Return the losses of a batch by name, each a mean."""
        ...


@dataclass(frozen=True, slots=True)
class Epoch:
    """What is known after an epoch.

    Attributes:
        number: epochs done.
        losses: mean of each loss over the epoch's batches.
        figures: what dev says.
        items_per_second: sentences (or texts) through the network, forward and back.
    """

    number: int
    losses: dict[str, float]
    figures: dict[str, float]
    items_per_second: float


class Loop:
    """Trains a network epoch by epoch.

    Args:
        model: the network; it is moved to the device.
        settings: the configuration, also what a checkpoint is compared with.
        objective: what is learnt.
        folder: where checkpoints are kept; training goes on from the one that stands there.
        seed: of everything drawn at random.
        groups: of parameters, each with its ``lr``; those alone are learnt.
        frozen: parts of the network that stay as at run time, without dropout.
        origin: what must agree beside the settings for a checkpoint to be gone on with.

    Attributes:
        device: where the network is.
        epoch: epochs done.
    """

    def __init__(
        self,
        model: nn.Module,
        settings: LoopSettings,
        objective: Objective,
        folder: Path,
        *,
        seed: int,
        groups: Sequence[dict[str, Any]],
        frozen: Sequence[nn.Module] = (),
        origin: Mapping[str, Any] | None = None,
    ) -> None:
        self.device = choose_device(settings.device)
        self.epoch = 0
        self._model = model.to(self.device)
        self._settings = settings
        self._objective = objective
        self._seed = seed
        self._frozen = frozen
        # Compiled for the steps only: dev figures and what is exported come from the network as it is.
        self._forward: Any = torch.compile(model, dynamic=True) if settings.compile else model
        self._half = half_precision(self.device, settings.precision)
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=self._half == torch.float16)
        self._optimizer = torch.optim.AdamW(
            [dict(group) for group in groups], weight_decay=settings.weight_decay, betas=_BETAS, fused=True
        )
        self._rates = [group["lr"] for group in self._optimizer.param_groups]
        # The number of batches varies a little from epoch to epoch; the schedule counts on that of the first.
        self._steps = -(-len(objective.batches(0)) // settings.accumulate)
        self._step = 0
        self._best: tuple[float, int] | None = None  # the watched figure and its epoch
        self._checkpoint = Checkpoint(folder, settings, origin or {})
        state = self._checkpoint.load(model, self._optimizer)
        if state is not None:
            self._resume(state)
        else:
            self._checkpoint.forget_best()

    def run(
        self,
        evaluate: Callable[[], Mapping[str, float]] | None = None,
        after_epoch: Callable[[Epoch], None] | None = None,
    ) -> None:
        """Train to the last epoch, or to where it is no longer getting better; the best weights are the model's then.

        Args:
            evaluate: returns figures on dev; the model stands in ``eval`` when it is called.
            after_epoch: is told about each epoch once its checkpoint is written.

        Raises:
            GongkaiError: ``config.invalid`` where the figure to be watched is not among those on dev.
        """
        while self.epoch < self._settings.epochs and not self._is_over():
            done = self._pass()
            self.epoch += 1
            self._model.eval()
            done = replace(done, figures=dict(evaluate()) if evaluate is not None else {})
            self._watch(done.figures)
            self._checkpoint.save(self._model, self._optimizer, self._state())
            if after_epoch is not None:
                after_epoch(done)
        self._model.eval()
        if self._best is not None:
            self._checkpoint.load_best(self._model)

    def step(self, batches: Sequence[Batch]) -> dict[str, Tensor]:
        """Make one step of the optimizer.

        Args:
            batches: whose gradients make it together.

        Returns:
            The losses by name, on the device.
        """
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * self._rate(self._step)
        whole = sum(batch.size for batch in batches)
        sums: dict[str, Tensor] = {}
        for batch in batches:
            share = batch.size / whole if whole else 1 / len(batches)
            for name, value in self._backward(batch, share).items():
                sums[name] = sums[name] + share * value if name in sums else share * value
        self._scaler.unscale_(self._optimizer)
        nn.utils.clip_grad_norm_(self._model.parameters(), self._settings.clip)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad()
        self._step += 1
        return sums

    def train_mode(self) -> None:
        """Switch dropout on, save in what is frozen."""
        self._model.train()
        for part in self._frozen:
            part.eval()  # what does not learn is not disturbed either

    def _backward(self, batch: Batch, share: float) -> dict[str, Tensor]:
        there = replace(batch, inputs=moved(batch.inputs, self.device), targets=moved(batch.targets, self.device))
        with autocast(self.device, self._half):
            outputs = self._forward(there.inputs)
        losses = self._objective.losses(outputs, there)
        loss = sum(self._objective.weights[name] * value for name, value in losses.items())
        assert isinstance(loss, Tensor)
        self._scaler.scale(loss * share).backward()
        return {name: value.detach() for name, value in losses.items()}

    def _pass(self) -> Epoch:
        torch.manual_seed(self._seed * 1000 + self.epoch)
        self.train_mode()
        started = time.perf_counter()
        # Sums stay on the device: to read one is to wait for the GPU.
        sums: dict[str, Tensor] = {}
        steps = items = 0
        for batches in self._collated():
            for name, value in self.step(batches).items():
                sums[name] = sums[name] + value.double() if name in sums else value.double()
            steps += 1
            items += sum(batch.items for batch in batches)
        losses = {name: round(float(value) / max(1, steps), 4) for name, value in sums.items()}
        return Epoch(self.epoch + 1, losses, {}, round(items / (time.perf_counter() - started), 1))

    def _collated(self) -> Iterator[list[Batch]]:
        """Yield the batches of each step of an epoch."""
        batches, together = self._objective.batches(self.epoch), self._settings.accumulate
        for at in range(0, len(batches), together):
            yield [self._objective.collate(indices) for indices in batches[at : at + together]]

    def _rate(self, step: int) -> float:
        total = self._steps * self._settings.epochs
        rising = max(1, round(self._settings.warmup * total))
        return min((step + 1) / rising, max(0.0, (total - step) / max(1, total - rising)))

    def _watch(self, figures: Mapping[str, float]) -> None:
        """Keep the weights where the watched figure is better than ever."""
        stopping = self._settings.early_stopping
        if stopping is None:
            return
        if stopping.metric not in figures:
            raise GongkaiError(
                "config.invalid",
                f"early_stopping.metric: there is no {stopping.metric}; dev has {', '.join(figures) or 'no figures'}.",
            )
        value = figures[stopping.metric] * (-1 if stopping.metric.endswith("loss") else 1)
        if value > (self._best[0] if self._best is not None else -math.inf):
            self._best = value, self.epoch
            self._checkpoint.save_best(self._model)

    def _is_over(self) -> bool:
        stopping = self._settings.early_stopping
        return stopping is not None and self._best is not None and self.epoch - self._best[1] >= stopping.patience

    def _state(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "schedule": self._step, "best": self._best, "scaler": self._scaler.state_dict()}

    def _resume(self, state: dict[str, Any]) -> None:
        self.epoch = state["epoch"]
        self._step = state["schedule"]
        best = state.get("best")
        self._best = (best[0], best[1]) if best is not None else None
        if state.get("scaler") and self._scaler.is_enabled():
            self._scaler.load_state_dict(state["scaler"])
