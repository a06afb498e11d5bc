"""How fast a configuration trains: sentences a second, and on a GPU the share of the card's peak that is used.

``python -m gongkai.training.throughput CONFIG`` makes some steps of the training that CONFIG describes, on its own
data, and prints what they took. The floating-point operations are those of the matrix products (and convolutions) of
forward and backward pass as torch counts them, padding included; the peak is the card's for dense bfloat16
(``gpu_peaks.yaml``).
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Protocol

import torch
import typer
import yaml
from torch.utils.flop_counter import FlopCounterMode

from gongkai.pipeline.cli.terminal import guarded
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.config import NetworkTraining, load_training
from gongkai.training.families.transformer_config import TransformerTraining
from gongkai.training.loop import Batch, Loop

_WARMING = 3  # steps that are not timed: memory is taken, kernels are chosen, a compiled network is compiled


@dataclass(frozen=True, slots=True)
class Throughput:
    """What was measured.

    Attributes:
        device: the card's name, or ``cpu``.
        steps, items, seconds: timed steps, the sentences (or texts) in them, and their time.
        flops: floating-point operations of these steps.
        peak: of the card in TFLOP/s; None for a CPU or a card that is not in the table.
    """

    device: str
    steps: int
    items: int
    seconds: float
    flops: float
    peak: float | None

    @property
    def per_second(self) -> float:
        """Sentences (or texts) a second, forward and back."""
        return self.items / self.seconds

    @property
    def tflops(self) -> float:
        """Trillions of floating-point operations a second."""
        return self.flops / self.seconds / 1e12

    @property
    def share(self) -> float | None:
        """Share of the peak, from 0 to 1."""
        return None if self.peak is None else self.tflops / self.peak


class Trainer(Protocol):
    """What is measured; the trainers of both families are such."""

    @property
    def loop(self) -> Loop:
        """Makes the steps."""
        ...

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        """Return the items of each batch of an epoch."""
        ...

    def collate(self, indices: Sequence[int]) -> Batch:
        """Return a batch."""
        ...


def measure(settings: NetworkTraining | TransformerTraining, steps: int) -> Throughput:
    """Make steps of a training and time them; nothing of it is kept.

    Args:
        settings: the configuration.
        steps: how many are timed.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Operations are counted one by one, which a compiled network does not let be seen.
        plain = _trainer(settings.model_copy(update={"compile": False}), Path(folder))
        plain.loop.train_mode()
        groups = _steps(plain, settings.accumulate, _WARMING + steps)
        with FlopCounterMode(display=False) as counter:
            for batches in groups[_WARMING:]:
                plain.loop.step(batches)
        trainer = _trainer(settings, Path(folder)) if settings.compile else plain
        trainer.loop.train_mode()
        for batches in groups[:_WARMING]:
            trainer.loop.step(batches)
        _wait(trainer.loop.device)
        started = time.perf_counter()
        for batches in groups[_WARMING:]:
            trainer.loop.step(batches)
        _wait(trainer.loop.device)
        seconds = time.perf_counter() - started
    timed = groups[_WARMING:]
    name = torch.cuda.get_device_name() if trainer.loop.device.type == "cuda" else "cpu"
    items = sum(batch.items for batches in timed for batch in batches)
    return Throughput(name, len(timed), items, seconds, counter.get_total_flops(), peak_of(name))


def peak_of(name: str) -> float | None:
    """Return a card's peak in TFLOP/s by its name, or None where the table has none, as for a part of a card."""
    if re.search(r"\b(MIG|Laptop|Max-Q)\b", name):
        return None
    found = [key for key in _peaks() if re.search(rf"\b{re.escape(key)}\b", name)]
    return _peaks()[max(found, key=len)] if found else None


@cache
def _peaks() -> dict[str, float]:
    raw = yaml.safe_load(files("gongkai.training").joinpath("gpu_peaks.yaml").read_text(encoding="utf-8"))
    return {str(key): float(value) for key, value in raw.items()}


def _trainer(settings: NetworkTraining | TransformerTraining, folder: Path) -> Trainer:
    if isinstance(settings, TransformerTraining):
        from gongkai.training.families.transformer_trainer import TransformerTrainer
        from gongkai.training.tasks.load import load_dataset

        dataset = load_dataset(settings.data, lambda line: None)
        return TransformerTrainer(settings, dataset, folder, settings.seeds[0])
    from gongkai.corpora.store import default_folder, read_corpus
    from gongkai.training.neural import network_trainer

    return network_trainer(settings, read_corpus(default_folder()), folder, lambda line: None)[0]


def _steps(trainer: Trainer, accumulate: int, count: int) -> list[list[Batch]]:
    """Return the batches of the first steps, fewer where an epoch has no more."""
    groups = trainer.batches(0)[: accumulate * count]
    batches = [trainer.collate(indices) for indices in groups]
    found = [batches[at : at + accumulate] for at in range(0, len(batches), accumulate)]
    if len(found) <= _WARMING:
        raise GongkaiError("data.empty", f"An epoch has {len(found)} steps; {_WARMING + 1} are needed to measure one.")
    return found


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


@guarded
def main(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="Of family transformer or network. 训练配置")],
    steps: Annotated[int, typer.Option("--steps", "-n", min=1, help="Steps that are timed. 计时步数")] = 20,
) -> None:
    """Measure how fast a configuration trains. 测量训练速度"""
    settings: Any = load_training(config)
    if not isinstance(settings, NetworkTraining | TransformerTraining):
        raise GongkaiError("config.invalid", f"Family {settings.family} is not trained in steps; use transformer.")
    found = measure(settings, steps)
    typer.echo(f"device 设备              {found.device}, {settings.precision}")
    typer.echo(f"steps 步数               {found.steps} in {found.seconds:.2f} s")
    typer.echo(f"sentences/s 每秒句数     {found.per_second:.1f}")
    typer.echo(f"TFLOP/s                  {found.tflops:.3f}")
    if found.share is not None:
        typer.echo(f"share of peak 峰值占比   {found.share:.1%} of {found.peak:.0f} TFLOP/s (dense bf16)")


if __name__ == "__main__":
    typer.run(main)
