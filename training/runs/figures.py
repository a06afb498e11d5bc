"""Mean and spread of the figures of several trainings that differ only in their seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over several seeds.

    Attributes:
        mean: of the values.
        sd: standard deviation of the sample (n - 1); None for one value.
        values: by seed, in the order of the runs.
    """

    mean: float
    sd: float | None
    values: tuple[float, ...]

    def to_json(self) -> dict[str, float | None]:
        """Return mean and standard deviation as ``scores.json`` has them."""
        return {"mean": round(self.mean, 4), "sd": None if self.sd is None else round(self.sd, 4)}

    def __str__(self) -> str:
        return f"{self.mean:.3f}" if self.sd is None else f"{self.mean:.3f} ± {self.sd:.3f}"


def spread(values: Sequence[float]) -> Spread:
    """Return mean and spread of at least one value."""
    # A loss that ran away is no number; its mean is none either, and the standard library refuses to square it.
    sd = stdev(values) if len(values) > 1 and all(map(math.isfinite, values)) else None
    return Spread(fmean(values), sd, tuple(values))


def spreads(runs: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """Return the figures that every run has, with their spread.

    Args:
        runs: figures of each seed.
    """
    shared = [name for name in runs[0] if all(name in run for run in runs)] if runs else []
    return {name: spread([run[name] for run in runs]) for name in shared}
