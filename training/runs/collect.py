"""The records of many trainings: found in folders, and the seeds of one training put together."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.runs.config import TRIALS
from gongkai.training.runs.figures import Spread, spread, spreads
from gongkai.training.runs.record import RECORD, Run, Status, deciding, dotted, read_run

_SEED_FOLDER = re.compile(r"seed--?\d+")


@dataclass(frozen=True)
class Group:
    """A training with one seed or several.

    Attributes:
        folder: of all its seeds.
        runs: one for each seed, in the order of the seeds.
    """

    folder: Path
    runs: tuple[Run, ...]

    @property
    def first(self) -> Run:
        """What all the runs have in common, and the seed of the first."""
        return self.runs[0]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds."""
        return tuple(run.seed for run in self.runs)

    @property
    def status(self) -> Status:
        """That of the runs where they agree, else of the first that is not finished."""
        return next((run.status for run in self.runs if run.status != "finished"), "finished")

    @cached_property
    def figures(self) -> dict[str, Spread]:
        """The figures that all seeds have."""
        return spreads([run.figures for run in self.runs])

    @property
    def seconds(self) -> Spread:
        """Time for a seed."""
        return spread([run.seconds for run in self.runs])

    @cached_property
    def settings(self) -> dict[str, str]:
        """The settings that decide the model, by dotted names."""
        return dotted(deciding(self.first.settings))

    @property
    def train_share(self) -> float:
        """Share of the train split that was learnt."""
        return float(self.first.settings.get("train_share", 1.0))


@dataclass(frozen=True)
class Collected:
    """What was found.

    Attributes:
        groups: the trainings, in the order of their folders.
        broken: a folder whose record cannot be read, or that holds none, with the error.
    """

    groups: tuple[Group, ...]
    broken: tuple[tuple[Path, GongkaiError], ...]


def collect(folders: Sequence[Path], *, trials: bool = False) -> Collected:
    """Read the records that stand in folders and below them.

    Args:
        folders: in the order to be told.
        trials: whether those of searches are wanted too; they always are where a folder named is among them.
    """
    found: dict[tuple[Path, str], list[Run]] = {}
    broken: list[tuple[Path, GongkaiError]] = []
    seen: set[Path] = set()
    for folder in folders:
        places = list(_places(folder, trials))
        if not places:
            broken.append(
                (folder, GongkaiError("run.unreadable", f"{folder} holds no run: no {RECORD} in or below it."))
            )
        for place in places:
            if (own := place.resolve()) in seen:
                continue
            seen.add(own)
            try:
                run = read_run(place)
            except GongkaiError as error:
                broken.append((place, error))
                continue
            home = place.parent if _SEED_FOLDER.fullmatch(place.name) else place
            found.setdefault((home, _training(run)), []).append(run)
    groups = (Group(home, tuple(sorted(runs, key=lambda run: run.seed))) for (home, _), runs in found.items())
    return Collected(tuple(groups), tuple(broken))


def _places(folder: Path, trials: bool) -> Iterator[Path]:
    inside = TRIALS in folder.absolute().parts
    for place, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith(".") and (trials or inside or name != TRIALS))
        if RECORD in names:
            yield Path(place)


def _training(run: Run) -> str:
    """Return what all seeds of a training have in common, as a key."""
    told = [run.name, run.version, run.family, run.data_sha256, deciding(run.settings)]
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def differing(groups: Sequence[Group]) -> list[str]:
    """Return the dotted names of the settings that are not the same in all the trainings."""
    names = list(dict.fromkeys(name for group in groups for name in group.settings))
    return [name for name in names if len({group.settings.get(name) for group in groups}) > 1]


def ranked(groups: Sequence[Group], metric: str) -> list[Group]:
    """Return the trainings, the best first; a loss is better the lower, and who has no such figure comes last."""
    sign = 1 if "loss" in metric else -1

    def place(group: Group) -> tuple[bool, float]:
        figure = group.figures.get(metric)
        return figure is None, sign * figure.mean if figure else 0.0

    return sorted(groups, key=place)
