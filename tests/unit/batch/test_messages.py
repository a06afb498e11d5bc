"""What is said between a run and its workers comes out as it went in, whatever names files have."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.pipeline.batch.messages import (
    Start,
    checked,
    error_message,
    outcome_message,
    received_outcome,
    received_task,
    task_message,
)
from gongkai.pipeline.batch.results import Stored
from gongkai.pipeline.batch.work import Outcome, Task, failed
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError

NAMES = st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name).map(os.fsdecode)


def sent(message: object) -> dict[str, object]:
    return json.loads(json.dumps(message).encode())


@given(NAMES, st.none() | st.text(max_size=9))
def test_a_task(path: str, report_id: str | None) -> None:
    task = received_task(sent(task_message(Task(path, report_id))))
    assert (task.path, task.report_id) == (path, report_id)


@given(NAMES)
def test_a_start(name: str) -> None:
    from gongkai.pipeline.config import load_config

    config: Config = load_config(settings=["engine=rules", "threads=1", "batch.timeout_s=2.5"])
    for start in (Start(config, 2, Path(name)), Start(config, None, None)):
        assert Start.received(sent(start.message())) == start


def test_outcomes() -> None:
    made = Outcome("partial_success", b"", None, "ab", 3, None, 0.25, Stored("cd", "1:2", "x.json"))
    lost = failed("a.pdf", GongkaiError("read.corrupt", "坏"), "Traceback")
    for outcome in (made, lost):
        assert received_outcome(sent(outcome_message(outcome))) == outcome
    assert received_outcome(sent(outcome_message(made)), b"{}").data == b"{}"


def test_an_error_is_raised_where_it_arrives() -> None:
    assert checked({"outcome": {}}) == {"outcome": {}}
    with pytest.raises(GongkaiError, match="no room") as caught:
        checked(sent(error_message(GongkaiError("output.unwritable", "no room"))))
    assert caught.value.code == "output.unwritable"
