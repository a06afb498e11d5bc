"""The keys ``search`` and ``tracking`` of a configuration."""

import subprocess
import sys

import pytest
import yaml
from pydantic import ValidationError

from gongkai.training.runs.config import Choices, Range, Search, Tracking


def test_a_search_as_people_write_it():
    search = Search.model_validate(
        yaml.safe_load(
            """
            trials: 5
            parameters:
              learning_rate: {low: 1e-5, high: 1e-3, log: true}
              epochs: {low: 1, high: 5}
              dropout: {low: 0, high: 0.5, step: 0.1}
              loss.kind: {choices: [bce, focal]}
            """
        )
    )
    rate, epochs, dropout, kind = search.parameters.values()
    assert isinstance(rate, Range)
    assert (rate.low, rate.high, rate.whole) == (1e-5, 1e-3, False)  # PyYAML reads 1e-5 as a text
    assert isinstance(epochs, Range)
    assert epochs.whole
    assert isinstance(dropout, Range)
    assert not dropout.whole
    assert isinstance(kind, Choices)
    assert (search.metric, search.direction, search.sampler, search.pruner) == (
        "dev.micro_f1",
        "maximize",
        "tpe",
        "median",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"metric": "test.micro_f1"}, "figure on dev"),
        ({"parameters": {}}, "at least 1"),
        ({"parameters": {"rate": {"low": 2, "high": 1}}}, "must not be above"),
        ({"parameters": {"rate": {"low": 0, "high": 1, "log": True}}}, "above 0"),
        ({"parameters": {"rate": {"low": 0, "high": 1, "step": 0}}}, "above 0"),
        ({"parameters": {"rate": {"low": 0, "high": float("nan")}}}, "above"),
        ({"parameters": {"seeds": {"choices": [1]}}}, "comparable: seeds"),
        ({"parameters": {"data.test": {"choices": ["a"]}}}, "comparable: data.test"),
        ({"storage": "../other.db"}, "match"),
        ({"trial": 3}, "not permitted"),
    ],
)
def test_what_cannot_be_searched_is_refused(change, reason):
    whole = {"parameters": {"rate": {"low": 0.1, "high": 1}}, **change}
    with pytest.raises(ValidationError, match=reason):
        Search.model_validate(whole)


def test_a_password_does_not_get_into_settings():
    with pytest.raises(ValidationError, match="password"):
        Tracking(mlflow=True, uri="https://me:secret@host")
    assert Tracking(uri="https://me@host").uri


def test_reading_a_configuration_imports_no_extra():
    program = (
        "import sys, gongkai.training.config\n"
        "from gongkai.training.tasks.config import TaskTraining\n"
        "print([m for m in ('mlflow', 'optuna', 'matplotlib', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("library", "needed", "extra"),
    [
        ("mlflow", "import gongkai.training.runs.mlflow_log", "tracking"),
        ("optuna", "import gongkai.training.runs.search", "tuning"),
        ("matplotlib", "from gongkai.training.runs.drawing import drawing; drawing().__enter__()", "plots"),
    ],
)
def test_a_missing_extra_is_named(library, needed, extra):
    program = (
        f"import sys; sys.modules['{library}'] = None\n"
        "from gongkai.pipeline.errors import GongkaiError\n"
        f"try:\n    {needed}\nexcept GongkaiError as error:\n    print(error.code, error.message)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("extra.missing ")
    assert f"gongkai[{extra}]" in done.stdout
