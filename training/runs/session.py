"""What goes on around the trainings of one command, one for each seed: MLflow where it is asked for, and plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.runs.config import Tracking
from gongkai.training.runs.figures import spreads
from gongkai.training.runs.record import Run, Status, Watcher, deciding

if TYPE_CHECKING:  # an extra
    from gongkai.training.runs.mlflow_log import MlflowLog

Tell = Callable[[str], None]


class Session:
    """The trainings of one configuration; a context manager around them.

    With several seeds MLflow gets one run for all of them, and one for each below it.

    Args:
        tracking: the configuration's part.
        folder: of all the trainings.
        name, version: of the model.
        settings: the whole configuration.
        data_sha256: of the data set.
        seeds: how many trainings there will be.
        tell: is told what cannot be logged or drawn.

    Raises:
        GongkaiError: ``extra.missing`` or ``tracking.unavailable`` where MLflow is asked for and not to be had.
    """

    def __init__(
        self,
        tracking: Tracking,
        folder: Path,
        *,
        name: str,
        version: str,
        settings: Mapping[str, Any],
        data_sha256: str,
        seeds: int,
        tell: Tell,
    ):
        self._folder = folder
        self._tell = tell
        self._log: MlflowLog | None = None
        self._parent: str | None = None
        self._runs: list[Run] = []
        if tracking.mlflow:
            from gongkai.training.runs.mlflow_log import MlflowLog, spared

            self._log = MlflowLog(tracking, folder, name)
            if seeds > 1:
                wanted = {**deciding(settings), "seeds": settings.get("seeds")}
                with spared(tell):
                    self._parent = self._log.open_run(f"{name}-{version}", folder, wanted, data_sha256)

    def watchers(self) -> list[Watcher]:
        """Return what follows the training of a seed: plots first, for they are logged too."""
        found: list[Watcher] = [_Plots(self._tell)]
        if self._log is not None:
            from gongkai.training.runs.mlflow_log import MlflowWatcher

            found.append(MlflowWatcher(self._log, self._tell, self._parent))
        return found

    def add(self, run: Run) -> None:
        """Take the record of a seed, one that was finished by an earlier call too, into what is told of all seeds."""
        self._runs.append(run)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        status: Status = "finished"
        if error is not None:
            status = "failed" if isinstance(error, Exception) else "interrupted"
        elif len(self._runs) > 1:
            plot(self._runs, self._folder, self._tell)
        if self._log is not None and self._parent is not None:
            from gongkai.training.runs.mlflow_log import spared

            with spared(self._tell):
                self._log.log_metrics(self._parent, _means(self._runs))
                self._log.close_run(self._parent, self._folder, status)


class _Plots:
    """Draws a training when it is finished."""

    def __init__(self, tell: Tell):
        self._tell = tell
        self._folder = Path()

    def begin(self, run: Run, folder: Path) -> None:
        """Note the folder."""
        self._folder = folder

    def passed(self, run: Run) -> None:
        """Draw nothing yet."""

    def end(self, run: Run) -> None:
        """Draw."""
        if run.status == "finished":
            plot([run], self._folder, self._tell)


def plot(runs: Sequence[Run], folder: Path, tell: Tell) -> None:
    """Draw the plots of a training; where matplotlib is missing, that is told and is no error."""
    from gongkai.training.runs.curves import draw_runs

    try:
        draw_runs(runs, folder)
    except GongkaiError as error:
        tell(f"no plots: {error.message}")


def _means(runs: Sequence[Run]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, figure in spreads([run.figures for run in runs]).items():
        found[name] = figure.mean
        if figure.sd is not None:
            found[f"{name}_sd"] = figure.sd
    return found
