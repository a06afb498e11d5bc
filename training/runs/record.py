"""The record that every training leaves in its folder: ``run.json``, kept up to date while it goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import make_folder, to_json, write_atomically
from gongkai.training.runs.surroundings import Code, code, device, libraries

RECORD = "run.json"
PLOTS = "plots"  # the folder beside it

Status = Literal["running", "finished", "interrupted", "pruned", "failed"]
# Of a label on a split: precision, recall, f1, support.
LabelFigures = dict[str, dict[str, float]]

_MEANS = ("micro", "macro")


class PrunedError(Exception):
    """A watcher gives a training up for its figures so far."""


class Run(BaseModel):
    """One training with one seed.

    Attributes:
        format: of the record.
        name, version, family: of the model.
        seed: of everything drawn at random.
        settings: the whole configuration.
        data_sha256: of the data set.
        code: the code that trained.
        libraries: Python's version and those of the libraries in use.
        device: the processor or the accelerator.
        started: when, ISO 8601; of a training that was interrupted and went on, when it began.
        seconds: how long it has taken, interruptions not counted.
        status: ``running`` also stands where a process was killed.
        error: what a failed training failed of.
        figures: on dev and test by flat names such as ``dev.micro_f1``.
        labels: split → label → its precision, recall, f1 and support.
        history: one entry a pass: ``step``, losses, figures on dev.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    format: Literal[1] = 1
    name: str
    version: str
    family: str
    seed: int
    settings: dict[str, Any]
    data_sha256: str
    code: Code = Field(default_factory=code)
    libraries: dict[str, str] = {}
    device: str = ""
    started: datetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    seconds: float = 0
    status: Status = "running"
    error: str | None = None
    figures: dict[str, float] = {}
    labels: dict[str, LabelFigures] = {}
    history: list[dict[str, float]] = []

    def same_training(self, other: Run) -> bool:
        """Tell whether another record is of a training that had to give the same model."""
        return (self.name, self.version, self.family, self.seed, self.data_sha256, deciding(self.settings)) == (
            other.name,
            other.version,
            other.family,
            other.seed,
            other.data_sha256,
            deciding(other.settings),
        )


class Watcher(Protocol):
    """Follows a training: tells MLflow, gives it up, draws it when it is done."""

    def begin(self, run: Run, folder: Path) -> None:
        """See a training begin or go on."""
        ...

    def passed(self, run: Run) -> None:
        """See a pass done; its figures are the last entry of the history.

        Raises:
            PrunedError: the training is to be given up.
        """
        ...

    def end(self, run: Run) -> None:
        """See a training end, well or not; ``run.json`` stands already."""
        ...


class Recorder:
    """Keeps the record of one training; a context manager around it.

    What ends the training is told by ``status``: nothing (finished), Ctrl-C (interrupted), :class:`PrunedError` or
    another error. None of them is swallowed.

    Args:
        folder: of the training; made if missing. The record of an earlier call for the same training is gone on with.
        run: what is known at the start.
        watchers: are told what happens, in this order.
    """

    def __init__(self, folder: Path, run: Run, watchers: Sequence[Watcher] = ()):
        self.folder = folder
        self.run = run
        self._watchers = watchers
        self._since = 0.0
        self._before = 0.0

    def __enter__(self) -> Self:
        make_folder(self.folder)
        earlier = earlier_run(self.folder)
        if earlier is not None and earlier.status != "finished" and earlier.same_training(self.run):
            self.run.started, self.run.history, self._before = earlier.started, earlier.history, earlier.seconds
        self._since = time.monotonic()
        self._write(sync=True)
        for watcher in self._watchers:
            watcher.begin(self.run, self.folder)
        return self

    def progress(self, figures: Mapping[str, float]) -> None:
        """Take down a pass; has the form of :data:`gongkai.training.families.base.Progress`.

        Args:
            figures: numbers by name; without ``step`` among them it is the next one.

        Raises:
            PrunedError: from a watcher.
        """
        step = int(figures.get("step", self.run.history[-1]["step"] + 1 if self.run.history else 1))
        # A training that goes on from a checkpoint may do a pass again.
        kept = [entry for entry in self.run.history if entry["step"] < step]
        entry = {name: float(value) for name, value in figures.items() if _is_number(value)}
        self.run.history = [*kept, {**entry, "step": step}]
        self._write(sync=False)
        for watcher in self._watchers:
            watcher.passed(self.run)

    def score(self, scores: Mapping[str, Any]) -> None:
        """Take down what the finished model scores.

        Args:
            scores: split → figures, nested as deep as may be; under a key ``labels`` label → its figures.
        """
        for split, found in scores.items():
            self.run.figures |= flat(found, split)
            self.run.labels[split] = per_label(found)
        self._write(sync=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.run.status = _status(error)
        if self.run.status == "failed":
            self.run.error = f"{type(error).__name__}: {error}"
        self._write(sync=True)
        for watcher in self._watchers:
            watcher.end(self.run)

    def _write(self, *, sync: bool) -> None:
        self.run.seconds = round(self._before + time.monotonic() - self._since, 3)
        if sync:  # at both ends; between them nothing of this changes
            self.run.libraries = libraries()
            self.run.device = device()
        write_atomically(self.folder / RECORD, to_json(self.run, indent=1), sync=sync)


def _status(error: BaseException | None) -> Status:
    if error is None:
        return "finished"
    if isinstance(error, PrunedError):
        return "pruned"
    return "failed" if isinstance(error, Exception) else "interrupted"


def read_run(folder: Path) -> Run:
    """Return the record that stands in a folder.

    Raises:
        GongkaiError: ``run.unreadable`` where there is none or it is damaged.
    """
    path = folder / RECORD
    try:
        return Run.model_validate_json(path.read_bytes())
    except OSError as error:
        raise GongkaiError("run.unreadable", f"{path} cannot be read: {error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise GongkaiError("run.unreadable", f"{path} is no record of a run: {where} {first['msg']}.") from error


def earlier_run(folder: Path) -> Run | None:
    """Return the record that stands in a folder, None where there is none that can be read."""
    try:
        return read_run(folder)
    except GongkaiError:
        return None


def deciding(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a model depends on: not where it was logged, searched for or with what other seeds."""
    return {key: value for key, value in settings.items() if key not in ("seed", "seeds", "search", "tracking")}


def dotted(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested settings as texts by dotted names; lists as JSON, and what is not set left out."""
    found: dict[str, str] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            found |= dotted(value, f"{prefix}{key}.")
        elif value is not None:
            found[f"{prefix}{key}"] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return found


def flat(figures: Mapping[str, Any], prefix: str) -> dict[str, float]:
    """Return nested figures by flat names: ``{"domains": {"micro": {"f1": 0.8}}}`` → ``dev.domains.micro_f1``.

    Args:
        figures: of a split; what is no number is passed over, and so are single labels.
        prefix: the split.
    """
    found: dict[str, float] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            if name in _MEANS:
                found |= {f"{prefix}.{name}_{key}": float(own) for key, own in value.items() if _is_number(own)}
            elif name != "labels":
                found |= flat(value, f"{prefix}.{name}")
        elif _is_number(value):
            found[f"{prefix}.{name}"] = float(value)
    return found


def per_label(figures: Mapping[str, Any]) -> LabelFigures:
    """Return the figures of single labels of a split; a label of a facet is called ``facet.label``."""
    found: LabelFigures = {}
    for name, value in figures.items():
        if name == "labels" and isinstance(value, Mapping):
            found |= {
                label: {key: float(own) for key, own in scores.items() if _is_number(own)}
                for label, scores in value.items()
            }
        elif isinstance(value, Mapping) and "labels" in value:
            found |= {f"{name}.{label}": scores for label, scores in per_label(value).items()}
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
