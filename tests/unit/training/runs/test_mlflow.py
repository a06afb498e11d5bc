"""Trainings logged in the real MLflow, read back from its local store."""

import os
import subprocess
import sys

import pytest

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.runs.config import Tracking
from gongkai.training.runs.mlflow_log import MlflowLog, MlflowWatcher, fit_name
from gongkai.training.runs.record import Recorder, read_run
from gongkai.training.tasks.run import train_task


@pytest.fixture(autouse=True)
def no_plots(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def draw(runs, folder, tell):
        (folder / "plots").mkdir(exist_ok=True)
        (folder / "plots" / "learning.svg").write_text("<svg/>")

    monkeypatch.setattr("gongkai.training.runs.session.plot", draw)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    """A store with its tables: making them takes seconds."""
    folder = tmp_path_factory.mktemp("store")
    MlflowLog(Tracking(mlflow=True), folder / "m", "none")
    return (folder / "mlruns" / "mlflow.db").read_bytes()


@pytest.fixture
def store(tmp_path, empty_store):
    (tmp_path / "mlruns").mkdir()
    (tmp_path / "mlruns" / "mlflow.db").write_bytes(empty_store)


def client_at(folder):
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlruns' / 'mlflow.db'}")


def logged(folder, experiment="toy"):
    """Return the runs of an experiment by name."""
    client = client_at(folder)
    found = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    return {run.data.tags["mlflow.runName"]: run for run in found}


def test_a_training_is_read_back_whole(toy, tmp_path, store):
    folder = tmp_path / "out"
    train_task(toy(tracking={"mlflow": True}, quality=7, loss={"kind": "focal"}), folder, print)
    (run,) = logged(tmp_path).values()
    record = read_run(folder)
    assert run.info.status == "FINISHED"
    assert run.data.params["quality"] == "7"
    assert run.data.params["loss.kind"] == "focal"
    assert run.data.params["seed"] == "1"
    assert not [name for name in run.data.params if name.startswith(("tracking", "search"))]
    assert run.data.metrics["dev.micro_f1"] == 0.7
    assert run.data.metrics["test.micro_f1"] == 0.7
    assert run.data.metrics["dev.label.教育.f1"] == record.labels["dev"]["教育"]["f1"]
    assert run.data.metrics["seconds"] == record.seconds
    assert run.data.tags["gongkai.data_sha256"] == record.data_sha256
    assert run.data.tags.get("mlflow.source.git.commit") == record.code.commit
    assert run.data.tags["gongkai.version"] == record.code.version
    assert run.inputs.dataset_inputs[0].dataset.digest == record.data_sha256[:36]
    client = client_at(tmp_path)
    history = client.get_metric_history(run.info.run_id, "dev_micro_f1")
    assert [(point.step, round(point.value, 3)) for point in history] == [(1, 0.233), (2, 0.467), (3, 0.7)]
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert {"run.json", "scores.json", "config.json", "plots"} <= files
    assert [file.path for file in client.list_artifacts(run.info.run_id, "plots")] == ["plots/learning.svg"]
    assert run.info.artifact_uri.startswith((tmp_path / "mlruns" / "artifacts").as_uri())


def test_several_seeds_are_one_run_with_a_run_for_each_below(toy, tmp_path, store):
    train_task(toy(tracking={"mlflow": True, "experiment": "实验"}, seeds=[1, 2]), tmp_path / "out", print)
    runs = logged(tmp_path, "实验")
    parent = runs.pop("toy-1")
    assert set(runs) == {"toy-1 seed 1", "toy-1 seed 2"}
    assert {run.data.tags["mlflow.parentRunId"] for run in runs.values()} == {parent.info.run_id}
    assert {run.data.params["seed"] for run in runs.values()} == {"1", "2"}
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["dev.micro_f1"] == 0.5
    assert parent.data.metrics["dev.micro_f1_sd"] == 0
    assert "scores.json" in {file.path for file in client_at(tmp_path).list_artifacts(parent.info.run_id)}


def test_a_training_that_goes_on_is_the_same_run(toy, tmp_path, store):
    def stop(settings, folder, step):
        if step == 2:
            raise KeyboardInterrupt

    toy.family.stop = staticmethod(stop)
    settings = toy(tracking={"mlflow": True}, seeds=[1, 2])
    with pytest.raises(KeyboardInterrupt):
        train_task(settings, tmp_path / "out", print)
    assert {run.info.status for run in logged(tmp_path).values()} == {"KILLED"}
    toy.family.stop = staticmethod(lambda settings, folder, step: None)
    train_task(settings, tmp_path / "out", print)
    runs = logged(tmp_path)
    assert len(runs) == 3
    assert {run.info.status for run in runs.values()} == {"FINISHED"}


def test_a_failed_training_says_so(toy, tmp_path, store):
    def stop(settings, folder, step):
        raise MemoryError("too large")

    toy.family.stop = staticmethod(stop)
    with pytest.raises(MemoryError):
        train_task(toy(tracking={"mlflow": True}), tmp_path / "out", print)
    (run,) = logged(tmp_path).values()
    assert run.info.status == "FAILED"
    assert run.data.tags["gongkai.error"] == "MemoryError: too large"


def test_other_settings_in_the_same_folder_are_another_run(toy, tmp_path, store):
    for quality in (3, 4):
        train_task(toy(tracking={"mlflow": True}, quality=quality), tmp_path / "out", print)
    client = client_at(tmp_path)
    assert len(client.search_runs([client.get_experiment_by_name("toy").experiment_id])) == 2


def test_mlflow_that_fails_later_costs_no_training_and_is_caught_up_with(make_run, tmp_path, store, monkeypatch):
    log = MlflowLog(Tracking(mlflow=True), tmp_path / "m", "toy")
    told = []
    watcher = MlflowWatcher(log, told.append)
    whole = log.client.log_batch

    def broken(*args, **kwargs):
        raise ConnectionError("no route\nto host")

    with Recorder(tmp_path / "m", make_run(), [watcher]) as recorder:
        recorder.progress({"train_loss": 1.0})
        monkeypatch.setattr(log.client, "log_batch", broken)
        for loss in (0.5, 0.4):
            recorder.progress({"train_loss": loss})
        monkeypatch.setattr(log.client, "log_batch", whole)
    assert told == ["MLflow fails and the training goes on: no route"]
    assert read_run(tmp_path / "m").status == "finished"
    (run,) = logged(tmp_path).values()
    history = log.client.get_metric_history(run.info.run_id, "train_loss")
    assert [(point.step, point.value) for point in history] == [(1, 1.0), (2, 0.5), (3, 0.4)]


def test_a_tracking_server_that_is_not_there_is_told_before_the_training(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(GongkaiError) as error:
        train_task(toy(tracking={"mlflow": True, "uri": "http://127.0.0.1:9"}), tmp_path / "out", print)
    assert error.value.code == "tracking.unavailable"
    assert toy.family.fits == []


def test_a_password_in_the_environment_is_not_printed(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(GongkaiError) as error:
        MlflowLog(Tracking(mlflow=True), tmp_path / "m", "toy")
    assert "secret" not in error.value.message


@pytest.mark.parametrize("name", ["a/../b", "价格＞100%", "x" * 400, "..", "/abs"])
def test_any_label_makes_a_name_that_mlflow_takes(name):
    from mlflow.utils.validation import _validate_metric_name

    _validate_metric_name(fit_name(f"dev.label.{name}.f1"))


def test_without_tracking_mlflow_is_not_imported():
    program = (
        "import sys\n"
        "import gongkai.training.tasks.run, gongkai.training.runs.session, gongkai.training.runs.cli\n"
        "print('mlflow' in sys.modules, 'optuna' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"] * 3


def test_mlflow_reports_nothing_to_its_makers():
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
