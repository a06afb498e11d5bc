"""Typed configuration of a run: ``configs/pipeline.yaml``, overridden by a file and by ``key=value`` settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gongkai.pipeline.errors import GongkaiError

# What labels segments and finds metrics: models with a transformer encoder, models without, or phrases and rules.
Engine = Literal["accurate", "fast", "rules"]


class Part(BaseModel):
    """Base of all parts: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(Part):
    """Bounds on one input; past them the input fails with ``limit.*``."""

    max_bytes: int = Field(gt=0)
    max_pages: int = Field(gt=0)
    max_expanded_bytes: int = Field(gt=0)


class Segments(Part):
    """How the narrative is cut into segments."""

    merge: bool


class Tagging(Part):
    """Which labels of a segment are kept.

    Attributes:
        min_score: labels below this are not kept, whatever the model's own threshold for them.
        candidates: labels not kept that score at least this are listed as candidates; None lists none.
    """

    min_score: float = Field(ge=0, le=1)
    candidates: float | None = Field(ge=0, le=1)


class Metrics(Part):
    """The score below which metrics are dropped."""

    min_score: float = Field(ge=0, le=1)


class SummaryConfig(Part):
    """Shape of the digest."""

    headline: int = Field(ge=0)
    total_words: tuple[str, ...]


class Batch(Part):
    """How a run over many reports is carried out; changes no result.

    Attributes:
        workers: processes; 0 takes one for each core, fewer where there are few reports.
        timeout_s: what one report may take before its worker is ended and the report fails with ``worker.timeout``.
        growth_mb: a worker whose memory has grown by more than this since its first report is replaced.
    """

    workers: int = Field(ge=0)
    timeout_s: float = Field(gt=0)
    growth_mb: int = Field(gt=0)


# Settings that say how a run is carried out and not what comes out of it; they do not enter the hash, so that a
# result may be told to be the same whatever the number of processes and threads that made it.
_EXECUTION = frozenset({"threads", "batch"})


class Config(Part):
    """The whole configuration of a run.

    Attributes:
        engine: whose shipped models are at work; None where a model is named.
        model: an installed model's name, or a folder; None for those of the engine.
        threads: of one run of a network; 0 takes all cores.
        batch, limits, segments, tagging, metrics, summary: see the parts.
    """

    engine: Engine | None
    model: str | None = Field(min_length=1)
    threads: int = Field(ge=0)
    batch: Batch
    limits: Limits
    segments: Segments
    tagging: Tagging
    metrics: Metrics
    summary: SummaryConfig

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if (self.engine is None) == (self.model is None):
            raise ValueError("either an engine or a model is to be named")
        return self

    @property
    def sha256(self) -> str:
        """Hash of the canonical JSON of all settings that decide the result, written into every output."""
        deciding = self.model_dump(exclude=set(_EXECUTION))
        canonical = json.dumps(deciding, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def _defaults() -> str:
    return files("gongkai.configs").joinpath("pipeline.yaml").read_text(encoding="utf-8")


def load_config(path: str | Path | None = None, settings: Iterable[str] = ()) -> Config:
    """Build the configuration: shipped defaults, then the file, then single settings.

    Of ``engine`` and ``model`` the one named last counts; to name both in one place is an error.

    Args:
        path: a YAML file with any subset of the keys of ``configs/pipeline.yaml``.
        settings: ``"dotted.key=value"`` strings; the value is read as YAML.

    Raises:
        GongkaiError: ``config.invalid`` for an unknown key, a wrong type or unreadable YAML.
    """
    merged: dict[str, Any] = yaml.safe_load(_defaults())
    try:
        if path is not None:
            _overlay(merged, yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {})
        for setting in settings:
            key, equals, value = setting.partition("=")
            if not equals:
                raise GongkaiError("config.invalid", f"{setting!r} is not of the form key=value.")
            nested: Any = yaml.safe_load(value)
            for part in reversed(key.strip().split(".")):
                nested = {part: nested}
            _overlay(merged, nested)
        return Config.model_validate(merged)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
        raise GongkaiError("config.invalid", "The configuration cannot be used:\n" + ";\n".join(lines)) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
        raise GongkaiError("config.invalid", f"The configuration cannot be used: {error}") from error


def _overlay(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Put settings over those before them. An engine and a model take each other's place."""
    _merge(base, over)
    for chosen, other in (("engine", "model"), ("model", "engine")):
        if over.get(chosen) is not None and over.get(other) is None:
            base[other] = None


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    if not isinstance(over, Mapping):
        raise TypeError(f"expected a mapping of settings, got {over!r}")
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


@cache
def taxonomy() -> dict[str, dict[str, dict[str, str]]]:
    """Return ``{"domains": {label: {"zh", "covers"}}, "activities": {…}}`` of the shipped label scheme."""
    raw = yaml.safe_load(files("gongkai.configs").joinpath("taxonomy.yaml").read_text(encoding="utf-8"))
    return {"domains": raw["domains"], "activities": raw["activities"]}
