"""``run.json``: what it holds, and that it tells the truth however a training ends."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.runs.record import RECORD, PrunedError, Recorder, Run, dotted, flat, per_label, read_run
from gongkai.training.runs.surroundings import Code, code, libraries


def ended_by(error, folder, run, *passes):
    with Recorder(folder, run) as recorder:
        for figures in passes:
            recorder.progress(figures)
        raise error


def test_a_finished_training_tells_figures_labels_history_and_surroundings(tmp_path, left):
    run = read_run(left(tmp_path / "m", f1=0.8))
    assert run.status == "finished"
    assert run.figures["dev.micro_f1"] == 0.8
    assert run.figures["test.macro_f1"] == 0.4
    assert run.figures["dev.accuracy"] == 0.8
    assert run.labels["test"]["医疗"] == {"precision": 0.8, "recall": 0.8, "f1": 0.8, "support": 4}
    assert [entry["step"] for entry in run.history] == [1, 2, 3]
    assert run.libraries["python"].startswith("3.")
    assert run.device.startswith("cpu")
    assert run.code.version
    assert run.seconds > 0


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (KeyboardInterrupt(), "interrupted", None),
        (PrunedError(), "pruned", None),
        (ValueError("no memory"), "failed", "ValueError: no memory"),
        (GongkaiError("read.empty", "nothing"), "failed", "nothing"),
    ],
)
def test_the_status_tells_how_a_training_ended_and_the_error_goes_on(tmp_path, make_run, error, status, told):
    with pytest.raises(type(error)):
        ended_by(error, tmp_path, make_run(), {"train_loss": 1.0})
    run = read_run(tmp_path)
    assert run.status == status
    assert (told in run.error) if told else run.error is None
    assert run.history == [{"train_loss": 1.0, "step": 1}]


def test_a_training_that_goes_on_keeps_its_history_and_adds_up_its_time(tmp_path, make_run):
    with pytest.raises(KeyboardInterrupt):
        ended_by(KeyboardInterrupt(), tmp_path, make_run(), {"train_loss": 1.0}, {"train_loss": 0.5})
    first = read_run(tmp_path)
    with Recorder(tmp_path, make_run()) as recorder:
        recorder.progress({"step": 2, "train_loss": 0.4})  # the pass whose checkpoint was lost is done again
        recorder.progress({"step": 3, "train_loss": 0.3})
    run = read_run(tmp_path)
    assert [(entry["step"], entry["train_loss"]) for entry in run.history] == [(1, 1.0), (2, 0.4), (3, 0.3)]
    assert run.started == first.started
    assert run.seconds > first.seconds


@pytest.mark.parametrize("other", [{"seed": 2}, {"settings": {"a": 2}}, {"data_sha256": "e" * 64}])
def test_another_training_in_the_folder_begins_anew(tmp_path, make_run, other):
    with pytest.raises(KeyboardInterrupt):
        ended_by(KeyboardInterrupt(), tmp_path, make_run(), {"train_loss": 1.0})
    with Recorder(tmp_path, make_run(**other)):
        pass
    assert read_run(tmp_path).history == []


def test_where_it_is_logged_and_which_other_seeds_there_are_makes_no_other_training(make_run):
    one = make_run(settings={"a": 1, "seeds": [1], "tracking": {"mlflow": True}, "search": None})
    assert one.same_training(make_run(settings={"a": 1, "seeds": [1, 2], "search": {"trials": 3}}))
    assert not one.same_training(make_run(settings={"a": 2, "seeds": [1]}))


def test_a_loss_that_ran_away_survives_writing_and_reading(tmp_path, make_run):
    with Recorder(tmp_path, make_run()) as recorder:
        recorder.progress({"train_loss": math.nan, "dev_loss": math.inf})
    (entry,) = read_run(tmp_path).history
    assert math.isnan(entry["train_loss"])
    assert entry["dev_loss"] == math.inf
    json.loads((tmp_path / RECORD).read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_a_killed_training_leaves_a_whole_record(tmp_path, make_run):
    program = (
        "import os, pathlib, sys\n"
        "from gongkai.training.runs.record import Recorder, Run\n"
        "run = Run(name='m', version='1', family='f', seed=1, settings={}, data_sha256='')\n"
        "with Recorder(pathlib.Path(sys.argv[1]), run) as recorder:\n"
        "    recorder.progress({'step': 1, 'train_loss': 0.5})\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == -9
    run = read_run(tmp_path)
    assert run.status == "running"
    assert run.history == [{"train_loss": 0.5, "step": 1}]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 2, "name": "m"}'])
def test_a_damaged_record_is_an_error_with_a_code(tmp_path, text):
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(GongkaiError) as error:
        read_run(tmp_path)
    assert error.value.code == "run.unreadable"


def test_flat_names_of_report_models():
    scores = {
        "domains": {"micro": {"f1": 0.8, "precision": 0.9}, "macro_f1": 0.6, "labels": {"education": {"f1": 1}},
                    "confusions": [["a", "b", 3]]},
        "metrics": {"value": {"f1": 0.7}, "exact": True},
    }  # fmt: skip
    assert flat(scores, "dev") == {
        "dev.domains.micro_f1": 0.8,
        "dev.domains.micro_precision": 0.9,
        "dev.domains.macro_f1": 0.6,
        "dev.metrics.value.f1": 0.7,
    }
    assert per_label(scores) == {"domains.education": {"f1": 1.0}}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), _JSON, max_size=4))
@settings(max_examples=30, deadline=None)
def test_any_settings_survive_and_have_texts_by_dotted_names(told):
    run = Run(name="m", version="1", family="f", seed=1, settings=told, data_sha256="")
    assert Run.model_validate_json(run.model_dump_json()).settings == run.settings
    assert all(isinstance(value, str) for value in dotted(told).values())


def test_settings_by_dotted_names():
    settings = {"loss": {"kind": "focal", "gamma": None}, "features": [{"unit": "词"}], "rate": 0.1, "empty": {}}
    assert dotted(settings) == {"loss.kind": "focal", "features": '[{"unit": "词"}]', "rate": "0.1", "empty": "{}"}


def test_the_commit_is_that_of_the_checkout_that_runs():
    here = Path(__file__).parent
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    expected = done.stdout.strip() if done.returncode == 0 else None
    assert code().commit == expected
    assert Code.model_validate(code().model_dump()) == code()


def test_only_libraries_in_use_are_told():
    program = "from gongkai.training.runs.surroundings import libraries; print(*libraries())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["python"]
    import numpy

    assert libraries()["numpy"] == numpy.__version__
