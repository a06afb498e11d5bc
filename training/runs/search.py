"""A search for the best settings with Optuna: many trainings, judged on dev, then one with the best settings.

Needs the extra ``tuning``. The study is an SQLite file in the folder of the training: the same command goes on with it.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic

from pydantic import ValidationError

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import make_folder, write_atomically
from gongkai.training.runs.config import BEST, RESULT, TRIALS, Range, Search
from gongkai.training.runs.record import PLOTS, RECORD, PrunedError, Run, Watcher, deciding
from gongkai.training.runs.spaces import S, Value, changed, grid, suggest, to_yaml

try:
    import optuna
    from optuna.trial import TrialState
except ModuleNotFoundError as error:
    raise GongkaiError("extra.missing", f"A search needs {error.name}: pip install 'gongkai[tuning]'.") from error

_STUDY = "gongkai"
_CONFIG = "config.yaml"  # of a trial
# What is kept of a trial: the model is trained anew with the best settings, and twenty encoders would fill a disk.
_KEPT = {RECORD, _CONFIG, "scores.json", PLOTS}
_FAILED = "failed"  # user attribute of a trial that failed by itself and is not to be tried again
_FOLDER = "folder"  # user attribute of a trial that goes on in the folder of an interrupted one
_FAILURES = 3  # so many failed trials, and none that did not, end a search: the fault is not in the values

Tell = Callable[[str], None]


# Trains with the settings, in the folder, followed by the watchers; returns figures on dev by flat names. Test is not
# to be looked at.
TrainTrial = Callable[[S, Path, Sequence[Watcher]], Mapping[str, float]]


class SettingsSearch(Generic[S]):
    """A search that may have begun in an earlier call.

    Args:
        settings: with their ``search``.
        folder: of the training; its ``trials/`` gets a folder for each trial.
        data_sha256: of the data set.
        train: trains one trial.
        tell: is told how it comes on.

    Raises:
        GongkaiError: ``config.invalid`` where a searched key is none of the settings, or the study in the folder is of
            other settings or other data.
    """

    def __init__(self, settings: S, folder: Path, data_sha256: str, train: TrainTrial[S], tell: Tell):
        if settings.search is None:
            raise ValueError("no search is configured")
        self._settings = settings
        self._search = settings.search
        self._folder = folder
        self._train = train
        self._tell = tell
        self._check_keys()
        make_folder(folder)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        storage = folder / self._search.storage
        try:
            self._study = optuna.create_study(
                storage=f"sqlite:///{storage.absolute()}",
                study_name=_STUDY,
                direction=self._search.direction,
                pruner=_pruner(self._search),
                load_if_exists=True,
            )
        except Exception as error:  # of its database library, which it does not wrap
            raise GongkaiError("output.unwritable", f"{storage} cannot be used as a study: {error}") from error
        self._check_identity(data_sha256, storage)
        self._settle_interrupted()
        if self._search.sampler == "grid":
            for values in grid(self._search)[: self._search.trials]:
                self._study.enqueue_trial(values, skip_if_exists=True)

    def _check_keys(self) -> None:
        first = {
            key: space.low if isinstance(space, Range) else space.choices[0]
            for key, space in self._search.parameters.items()
        }
        try:
            changed(self._settings, first)
        except ValidationError as error:
            # Values that do not go together may be found among the trials; a key that is unknown never becomes known.
            unknown = [e for e in error.errors(include_url=False) if e["type"] == "extra_forbidden"]
            if unknown:
                keys = ", ".join(".".join(map(str, e["loc"])) for e in unknown)
                raise GongkaiError("config.invalid", f"search.parameters: there is no setting {keys}.") from error

    def _check_identity(self, data_sha256: str, storage: Path) -> None:
        spaces = self._search.model_dump(mode="json", include={"parameters", "metric", "direction"})
        settings = deciding(self._settings.model_dump(mode="json", exclude_unset=True))
        told = json.dumps([settings, spaces, data_sha256], sort_keys=True, ensure_ascii=False)
        identity = sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        known = self._study.user_attrs.get("identity")
        if known is None:
            self._study.set_user_attr("identity", identity)
        elif known != identity:
            message = f"{storage} is a study of other settings, other parameters or other data; choose another folder."
            raise GongkaiError("config.invalid", message)

    def _settle_interrupted(self) -> None:
        """Put trials that an interrupted call left running in line again; they go on in their folders."""
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._study.tell(trial.number, state=TrialState.FAIL)
            if trial.params:
                folder = trial.user_attrs.get(_FOLDER, _name(trial.number))
                self._study.enqueue_trial(dict(trial.params), user_attrs={_FOLDER: folder})

    def run(self) -> S:
        """Carry out the trials that are left.

        Returns:
            The best settings, without a search. They stand in ``best.yaml`` too, and all trials in ``search.json``.

        Raises:
            GongkaiError: ``search.failed`` where no trial could be finished.
        """
        total = self._search.trials
        if self._search.sampler == "grid":
            total = min(total, len(grid(self._search)))
        while len(self._done()) < total:
            self._next(total)
            self._give_up_early()
        if not self._finished():
            raise GongkaiError("search.failed", f"No trial of {self._folder / TRIALS} could be finished.")
        best = self._study.best_trial
        settings = changed(self._settings, best.params)
        head = f"# Trial {_name(best.number)} of {len(self._done())}: {self._search.metric} {best.value:.4f} on dev.\n"
        write_atomically(self._folder / BEST, (head + to_yaml(settings)).encode())
        write_atomically(self._folder / RESULT, json.dumps(self._result(), ensure_ascii=False, indent=1).encode())
        self._tell(f"best {self._search.metric} {best.value:.4f}: {_shown(best.params)}")
        return settings

    def _done(self) -> list[optuna.trial.FrozenTrial]:
        """Return the trials that count: finished, pruned, or failed by themselves; not the interrupted ones."""
        return [
            trial
            for trial in self._study.get_trials(deepcopy=False)
            if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)
            or (trial.state == TrialState.FAIL and _FAILED in trial.user_attrs)
        ]

    def _finished(self) -> list[optuna.trial.FrozenTrial]:
        return [trial for trial in self._done() if trial.state == TrialState.COMPLETE]

    def _next(self, total: int) -> None:
        # The sampler is made anew for each trial: a search that was interrupted proposes what it would have anyway.
        self._study.sampler = _sampler(self._search, len(self._done()))
        trial = self._study.ask()
        values = {key: suggest(trial, key, space) for key, space in self._search.parameters.items()}
        folder = self._folder / TRIALS / trial.user_attrs.get(_FOLDER, _name(trial.number))
        self._tell(f"trial {len(self._done()) + 1}/{total}: {_shown(values)}")
        try:
            settings = changed(self._settings, values)
            make_folder(folder)
            write_atomically(folder / _CONFIG, to_yaml(settings).encode(), sync=False)
            figures = self._train(settings, folder, [_Pruning(trial, self._search.metric)])
        except PrunedError:
            self._study.tell(trial, state=TrialState.PRUNED)
            self._tell("given up: worse than the others at the same pass")
        except Exception as error:  # of any library: values that cannot be trained with, memory that does not suffice
            self._failed(trial, f"{type(error).__name__}: {error}")
        else:
            self._tell_value(trial, figures)
        _clear(folder)

    def _tell_value(self, trial: optuna.Trial, figures: Mapping[str, float]) -> None:
        metric = self._search.metric
        if metric not in figures:
            known = ", ".join(sorted(name for name in figures if name.startswith("dev.")))
            self._failed(trial, f"there is no figure {metric}; there are {known}")
            raise GongkaiError("config.invalid", f"search.metric: there is no figure {metric}; there are {known}.")
        if not math.isfinite(figures[metric]):
            self._failed(trial, f"{metric} is no number")
            return
        self._study.tell(trial, figures[metric])
        self._tell(f"{metric} {figures[metric]:.4f}; best so far {self._study.best_value:.4f}")

    def _failed(self, trial: optuna.Trial, reason: str) -> None:
        trial.set_user_attr(_FAILED, reason)
        self._study.tell(trial, state=TrialState.FAIL)
        self._tell(f"failed: {reason}")

    def _give_up_early(self) -> None:
        done = self._done()
        if len(done) >= _FAILURES and all(trial.state == TrialState.FAIL for trial in done):
            reason = done[-1].user_attrs[_FAILED]
            raise GongkaiError("search.failed", f"The first {len(done)} trials failed, the last of {reason}")

    def _result(self) -> dict[str, Any]:
        best = self._study.best_trial
        return {
            "metric": self._search.metric,
            "direction": self._search.direction,
            "best": {"trial": best.number, "value": best.value, "parameters": best.params},
            "trials": [
                {
                    "trial": trial.number,
                    "folder": f"{TRIALS}/{trial.user_attrs.get(_FOLDER, _name(trial.number))}",
                    "status": {TrialState.COMPLETE: "finished", TrialState.PRUNED: "pruned"}.get(trial.state, "failed"),
                    "value": trial.value if trial.state == TrialState.COMPLETE else None,
                    "parameters": trial.params,
                    "error": trial.user_attrs.get(_FAILED),
                    "seconds": round(trial.duration.total_seconds(), 1) if trial.duration else None,
                }
                for trial in self._done()
            ],
        }


class _Pruning:
    """Reports the figures of each pass to the study, and gives a trial up where its pruner says so."""

    def __init__(self, trial: optuna.Trial, metric: str):
        self._trial = trial
        self._key = metric.replace(".", "_")  # as histories call it: dev_micro_f1
        self._reported = 0.0

    def begin(self, run: Run, folder: Path) -> None:
        """Report what an interrupted training has behind it."""
        self._report(run)

    def passed(self, run: Run) -> None:
        """Report a pass.

        Raises:
            PrunedError: the trial is not worth going on with.
        """
        self._report(run)
        if self._trial.should_prune():
            raise PrunedError

    def end(self, run: Run) -> None:
        """Leave the value to the search."""

    def _report(self, run: Run) -> None:
        for entry in run.history:
            if entry["step"] > self._reported and math.isfinite(entry.get(self._key, math.nan)):
                self._trial.report(entry[self._key], int(entry["step"]))
                self._reported = entry["step"]


def _sampler(search: Search, done: int) -> optuna.samplers.BaseSampler:
    if search.sampler == "tpe":
        return optuna.samplers.TPESampler(seed=search.seed + done)
    return optuna.samplers.RandomSampler(seed=search.seed + done)


def _pruner(search: Search) -> optuna.pruners.BasePruner:
    if search.pruner == "median":
        return optuna.pruners.MedianPruner()
    return optuna.pruners.HyperbandPruner() if search.pruner == "hyperband" else optuna.pruners.NopPruner()


def _name(number: int) -> str:
    return f"{number:03}"


def _shown(values: Mapping[str, Value]) -> str:
    return "  ".join(
        f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}" for key, value in values.items()
    )


def _clear(folder: Path) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in _KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
