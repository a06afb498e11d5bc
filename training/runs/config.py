"""The parts of a training's configuration that say how it is tracked and what is searched for."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator

from gongkai.pipeline.config import Part

# What a search leaves in the folder of a training, besides its study.
TRIALS = "trials"
BEST = "best.yaml"
RESULT = "search.json"

# What the trials of a search must have in common to be compared, and to be a model of this name.
_NOT_SEARCHED = frozenset({"family", "name", "version", "seed", "seeds", "data", "search", "tracking"})


class Tracking(Part):
    """Where a training is logged besides its own folder.

    Attributes:
        mlflow: whether MLflow is told (the extra ``tracking``).
        uri: MLflow's tracking URI; left out, the environment's ``MLFLOW_TRACKING_URI`` or else the file
            ``mlruns/mlflow.db`` beside the folder of the training, with the artefacts in ``mlruns`` too. A password
            does not belong here, for settings are written into every model; MLflow takes it from
            ``MLFLOW_TRACKING_PASSWORD``, or the whole URI from ``MLFLOW_TRACKING_URI``.
        experiment: MLflow's name for what belongs together; left out, the ``name`` of the training.
    """

    mlflow: bool = False
    uri: str | None = None
    experiment: str | None = None

    @field_validator("uri")
    @classmethod
    def _no_password(cls, uri: str | None) -> str | None:
        if uri is not None and urlsplit(uri).password is not None:
            raise ValueError("holds a password, which would be written into the model; give it in the environment")
        return uri


def _number(value: Any) -> Any:
    # YAML 1.1, which PyYAML reads, takes 1e-5 for a text (it wants 1.0e-5), and people write 1e-5.
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


Number = Annotated[int | float, BeforeValidator(_number)]


class Range(Part):
    """A number to be chosen between two bounds, both included.

    Attributes:
        low, high: the bounds; two whole numbers give a whole number.
        log: whether all orders of magnitude are equally likely.
        step: between the values; without it any value (whole numbers: steps of 1).
    """

    low: Number
    high: Number
    log: bool = False
    step: Number | None = None

    @property
    def whole(self) -> bool:
        """Whether the value is a whole number."""
        return isinstance(self.low, int) and isinstance(self.high, int) and isinstance(self.step, int | None)

    @model_validator(mode="after")
    def _makes_sense(self) -> Range:
        if not all(math.isfinite(bound) for bound in (self.low, self.high)) or self.low > self.high:
            raise ValueError(f"low ({self.low}) must not be above high ({self.high})")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log needs a low above 0 and allows no step")
        if self.step is not None and self.step <= 0:
            raise ValueError("step must be above 0")
        return self


class Choices(Part):
    """One of several values."""

    choices: tuple[str | int | float | bool | None, ...] = Field(min_length=1)


class Search(Part):
    """A search for settings with Optuna (the extra ``tuning``).

    Attributes:
        parameters: dotted key of a setting → the range or the choices for it.
        trials: trainings to be finished or pruned, those of an interrupted search included.
        metric: what is compared, a figure on dev (``dev.…``); test is never read in a search.
        direction: whether more or less of it is better.
        sampler: how the next settings are proposed: ``tpe`` learns from the trials before, ``random`` does not,
            ``grid`` goes through all combinations (every range needs a ``step`` or whole bounds).
        pruner: which trainings are given up by their figures after some passes: ``median`` those below the median of
            the others at the same pass, ``hyperband`` by ever larger budgets; ``none`` ends none early.
        storage: where the study is kept, a file in the folder of the training; a search goes on from it.
        seed: of the sampler.
    """

    parameters: dict[str, Range | Choices] = Field(min_length=1)
    trials: int = Field(gt=0, default=20)
    metric: str = "dev.micro_f1"
    direction: Literal["maximize", "minimize"] = "maximize"
    sampler: Literal["tpe", "random", "grid"] = "tpe"
    pruner: Literal["median", "hyperband", "none"] = "median"
    storage: str = Field(default="study.db", pattern=r"^[\w-]+\.db$")
    seed: int = 1

    @field_validator("parameters")
    @classmethod
    def _searchable(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        if fixed := sorted(key for key in parameters if key.partition(".")[0] in _NOT_SEARCHED):
            raise ValueError(f"cannot be searched for, trials would not be comparable: {', '.join(fixed)}")
        return parameters

    @field_validator("metric")
    @classmethod
    def _dev_only(cls, metric: str) -> str:
        if not metric.startswith("dev."):
            raise ValueError(f"must be a figure on dev, such as dev.micro_f1; {metric} is not, and test is kept unseen")
        return metric
