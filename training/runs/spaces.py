"""Settings with other values: where the values come from, and the configuration that they make."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

import yaml
from pydantic import BaseModel

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.runs.config import Choices, Range, Search

if TYPE_CHECKING:  # an extra
    import optuna

Value = str | int | float | bool | None


class Settings(Protocol):
    """What a search needs of a training's configuration; pydantic's models have it."""

    @property
    def search(self) -> Search | None:
        """The search, where one is configured."""
        ...

    def model_dump(self, *, mode: str, exclude_unset: bool) -> dict[str, Any]:
        """Return the settings as JSON."""
        ...

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """Check settings."""
        ...


S = TypeVar("S", bound=Settings)


def changed(settings: S, values: Mapping[str, Value]) -> S:
    """Return settings with other values at some dotted keys and without a search, checked anew.

    Raises:
        ValidationError: the values do not go together, or there is no such key.
        GongkaiError: ``config.invalid`` for a key below a setting that has no parts.
    """
    raw = settings.model_dump(mode="json", exclude_unset=True)
    raw.pop("search", None)
    for key, value in values.items():
        *above, last = key.split(".")
        part: Any = raw
        current: Any = settings
        for name in above:
            current = getattr(current, name, None)
            part = part.setdefault(name, _unset(current))
            if not isinstance(part, dict):
                raise GongkaiError("config.invalid", f"search.parameters: {name} of {key} has no parts.")
        part[last] = value
    return type(settings).model_validate(raw)


def _unset(part: Any) -> dict[str, Any]:
    """Return what has to be said of a part that the configuration leaves as it is, so that one of its keys can change.

    Where a part may be of several kinds, that is its kind; what its kind has by default is not said, for another kind
    may not know it.
    """
    if not isinstance(part, BaseModel):
        return {}
    return {
        **({"kind": part.kind} if hasattr(part, "kind") else {}),
        **part.model_dump(mode="json", exclude_defaults=True),
    }


def to_yaml(settings: Settings) -> str:
    """Return settings as a configuration that can be trained with from any folder: paths are made absolute."""
    raw = settings.model_dump(mode="json", exclude_unset=True)
    beside = getattr(settings, "beside", None)
    if beside is not None:
        raw = beside(raw, Path.cwd())
    return yaml.safe_dump(raw, allow_unicode=True, sort_keys=False)


def suggest(trial: optuna.Trial, key: str, space: Range | Choices) -> Value:
    """Return the value that a trial tries for a setting."""
    if isinstance(space, Choices):
        return trial.suggest_categorical(key, space.choices)
    if space.whole:
        return trial.suggest_int(key, int(space.low), int(space.high), step=int(space.step or 1), log=space.log)
    return trial.suggest_float(key, space.low, space.high, step=space.step, log=space.log)


def grid(search: Search) -> list[dict[str, Value]]:
    """Return all combinations of values, in order.

    Raises:
        GongkaiError: ``config.invalid`` for a range without steps.
    """
    return [
        dict(zip(search.parameters, values, strict=True))
        for values in product(*(list(_values(key, space)) for key, space in search.parameters.items()))
    ]


def _values(key: str, space: Range | Choices) -> Iterator[Value]:
    if isinstance(space, Choices):
        yield from space.choices
        return
    step = space.step or (1 if space.whole else None)
    if step is None:
        raise GongkaiError("config.invalid", f"search.parameters.{key} needs a step for sampler grid.")
    # A step such as 0.1 does not add up to the upper bound exactly.
    for i in range(math.floor((space.high - space.low) / step + 1e-9) + 1):
        yield space.low + i * step if space.whole else round(space.low + i * step, 12)
