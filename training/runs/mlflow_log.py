"""Logs trainings in MLflow: settings, figures by pass, files, the hash of the data and the code's commit.

Imported only where ``tracking.mlflow`` asks for it; needs the extra ``tracking``. MLflow's plain folders of files take
no new runs any more, so the local store is an SQLite file, which needs no server either.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import display_path
from gongkai.training.runs.config import Tracking
from gongkai.training.runs.record import PLOTS, Run, Status, deciding, dotted

# MLflow reports its use to its makers unless told not to; who trains here did not ask for that.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
try:
    import mlflow.tracking
    from mlflow.entities import Dataset, DatasetInput, Metric, Param, RunTag
except ModuleNotFoundError as error:
    raise GongkaiError("extra.missing", f"Tracking needs {error.name}: pip install 'gongkai[tracking]'.") from error

STORE = "mlruns"
DATABASE = "mlflow.db"
KEY_TAG = "gongkai.key"
DATA_TAG = "gongkai.data_sha256"

# Files of a training's folder that are shown in MLflow; the model itself stays in the folder.
_ARTEFACTS = ("README.md", "scores.json", "run.json", "config.json", "best.yaml", "search.json")
_STATUS: dict[Status, str] = {
    "running": "RUNNING",
    "finished": "FINISHED",
    "interrupted": "KILLED",
    "pruned": "KILLED",
    "failed": "FAILED",
}
_PARAMS_AT_ONCE = 100
_METRICS_AT_ONCE = 1000
_DIGEST = 36  # what MLflow keeps of the hash of a data set
_PASSWORD = re.compile(r"//[^/@\s]*@")
_UNFIT = re.compile(r"[^\w.\- :]")  # what the name of a metric must not hold; a slash would make folders of it


class MlflowLog:
    """A connection to MLflow, and the experiment of a training.

    Args:
        tracking: where it is.
        folder: of the training; the default store lies beside it.
        experiment: the experiment where ``tracking`` names none.

    Raises:
        GongkaiError: ``tracking.unavailable`` where MLflow cannot be reached; better before a training than after.
    """

    def __init__(self, tracking: Tracking, folder: Path, experiment: str):
        for name in ("mlflow", "alembic"):  # each step of setting up the database is told otherwise
            logging.getLogger(name).setLevel(logging.WARNING)
        uri = tracking.uri or os.environ.get("MLFLOW_TRACKING_URI")
        location = None
        if uri is None:
            store = folder.absolute().parent / STORE
            uri = f"sqlite:///{store / DATABASE}"
            location = (store / "artifacts").as_uri()
        elif uri.startswith("sqlite:///"):
            # MLflow would put the artefacts of a local database into whatever the working folder is.
            store = Path(uri.removeprefix("sqlite:///")).absolute().parent
            location = (store / "artifacts").as_uri()
        self._name = tracking.experiment or experiment
        try:
            if location is not None:
                store.mkdir(parents=True, exist_ok=True)
            self.client = mlflow.tracking.MlflowClient(tracking_uri=uri)
            self.experiment_id = self._experiment(location)
        except Exception as error:  # of MLflow, of its database, of the network
            reason = f"MLflow at {_PASSWORD.sub('//…@', uri)} cannot be used: {_first_line(error)}"
            raise GongkaiError("tracking.unavailable", reason) from error

    def _experiment(self, location: str | None) -> str:
        found = self.client.get_experiment_by_name(self._name)
        return found.experiment_id if found else self.client.create_experiment(self._name, artifact_location=location)

    def open_run(
        self, name: str, folder: Path, settings: Mapping[str, Any], data_sha256: str, parent: str | None = None
    ) -> str:
        """Return the id of the run of a training: the one that an earlier call left unfinished, else a new one.

        Args:
            name: shown for it.
            folder: of the training.
            settings: are logged as its params; the same settings in the same folder are the same training.
            data_sha256: of the data set.
            parent: id of the run that it is part of.
        """
        params = dotted(settings)
        told = json.dumps([str(folder.absolute()), params, data_sha256, parent], sort_keys=True, ensure_ascii=False)
        key = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        for found in self.client.search_runs([self.experiment_id], f"tags.`{KEY_TAG}` = '{key}'"):
            if found.info.status != "FINISHED":
                self.client.update_run(found.info.run_id, status="RUNNING")
                return found.info.run_id
        tags = {
            KEY_TAG: key,
            DATA_TAG: data_sha256,
            "gongkai.folder": display_path(str(folder.absolute())),
            "mlflow.runName": name,
            "mlflow.source.name": "gongkai train",
            "mlflow.source.type": "LOCAL",
            **({"mlflow.parentRunId": parent} if parent is not None else {}),
        }
        run_id = self.client.create_run(self.experiment_id, tags=tags).info.run_id
        every = [Param(fit_name(param), value) for param, value in params.items()]
        for start in range(0, len(every), _PARAMS_AT_ONCE):
            self.client.log_batch(run_id, params=every[start : start + _PARAMS_AT_ONCE])
        source = json.dumps({"sha256": data_sha256})
        self.client.log_inputs(run_id, [DatasetInput(Dataset("data", data_sha256[:_DIGEST], "gongkai", source))])
        return run_id

    def log_metrics(self, run_id: str, figures: Mapping[str, float], step: int = 0) -> None:
        """Log figures of a step."""
        now = int(time.time() * 1000)
        metrics = [Metric(fit_name(name), value, now, step) for name, value in figures.items()]
        for start in range(0, len(metrics), _METRICS_AT_ONCE):
            self.client.log_batch(run_id, metrics=metrics[start : start + _METRICS_AT_ONCE])

    def close_run(self, run_id: str, folder: Path, status: Status) -> None:
        """Log the card, the scores, the record and the plots of a folder, those that are there, and end the run."""
        for name in _ARTEFACTS:
            if (folder / name).is_file():
                self.client.log_artifact(run_id, str(folder / name))
        if (folder / PLOTS).is_dir():
            self.client.log_artifacts(run_id, str(folder / PLOTS), PLOTS)
        self.client.set_terminated(run_id, _STATUS[status])


class MlflowWatcher:
    """Logs one training as it goes on (a :class:`gongkai.training.runs.record.Watcher`).

    MLflow that stops answering costs no training: it is said once, and at the end all that is missing is logged if it
    answers again.

    Args:
        log: the connection.
        tell: is told what goes wrong.
        parent: id of the run of all seeds.
    """

    def __init__(self, log: MlflowLog, tell: Callable[[str], None], parent: str | None = None):
        self._log = log
        self._tell = tell
        self._parent = parent
        self._run_id: str | None = None
        self._folder = Path()
        self._logged = 0.0  # the step up to which all is logged
        self._broken = False

    def begin(self, run: Run, folder: Path) -> None:
        """Open the run and log its settings."""
        self._folder = folder
        with self._spared():
            self._open(run)

    def _open(self, run: Run) -> str:
        if self._run_id is None:
            name = f"{run.name}-{run.version} seed {run.seed}"
            settings = {**deciding(run.settings), "seed": run.seed}
            self._run_id = self._log.open_run(name, self._folder, settings, run.data_sha256, self._parent)
        return self._run_id

    def passed(self, run: Run) -> None:
        """Log the figures of a pass."""
        if not self._broken:
            with self._spared():
                self._log_history(run)

    def _log_history(self, run: Run) -> None:
        run_id = self._open(run)
        for entry in run.history:
            if entry["step"] > self._logged:
                figures = {name: value for name, value in entry.items() if name != "step"}
                self._log.log_metrics(run_id, figures, int(entry["step"]))
                self._logged = entry["step"]

    def end(self, run: Run) -> None:
        """Log what is missing, the scores and the files, and close the run."""
        with self._spared():
            self._log_history(run)
            run_id = self._open(run)
            by_label = {
                f"{split}.label.{label}.f1": scores["f1"]
                for split, labels in run.labels.items()
                for label, scores in labels.items()
                if "f1" in scores
            }
            self._log.log_metrics(run_id, {**run.figures, **by_label, "seconds": run.seconds})
            tags = {
                "mlflow.source.git.commit": run.code.commit,
                "mlflow.source.git.dirty": str(run.code.changed).lower() if run.code.commit else None,
                "gongkai.version": run.code.version,
                "gongkai.device": run.device,
                "gongkai.status": run.status,
                "gongkai.error": run.error,
                **{f"gongkai.library.{name}": version for name, version in run.libraries.items()},
            }
            self._log.client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items() if value])
            self._log.close_run(run_id, self._folder, run.status)

    def _spared(self) -> AbstractContextManager[None]:
        return spared(self._lost)

    def _lost(self, line: str) -> None:
        if not self._broken:
            self._tell(line)
        self._broken = True


@contextmanager
def spared(lost: Callable[[str], None]) -> Iterator[None]:
    """Keep whatever MLflow fails of from a training.

    Args:
        lost: is told what it failed of.
    """
    try:
        yield
    except Exception as error:  # of MLflow, of its database, of the network: none is worth a training
        lost(f"MLflow fails and the training goes on: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    """Return what is wrong, without a password that stands in an address."""
    return _PASSWORD.sub("//…@", str(error).strip().partition("\n")[0])


def fit_name(name: str) -> str:
    """Return a name with ``_`` for every character that MLflow allows in no name."""
    return _UNFIT.sub("_", name)[:250]
