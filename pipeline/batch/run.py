"""A run: each input is done, found done, or linked to one of the same content; none is lost, none stops the others."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gongkai.pipeline.batch.store import Standing
from gongkai.pipeline.batch.work import Outcome, Runner, Task, failed
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Failure
from gongkai.pipeline.writing import display_path

SHOWN_FAILURES = 10  # of each code; a run of many must not hold all its failures


class Input(Protocol):
    """One input; ``error`` says why nothing can be read from it."""

    @property
    def path(self) -> str:
        """The file, or ``-``."""
        ...

    @property
    def error(self) -> GongkaiError | None:
        """What is wrong with the path itself."""
        ...


class Sink(Protocol):
    """Takes the outcome of each input, and knows what became of it in earlier runs.

    Attributes:
        indent: of the JSON it takes.
        ordered: it takes outcomes in the order of the inputs only.
        folder: where whoever carries out a task is to write its result; None hands its bytes to the sink.
    """

    indent: int | None
    ordered: bool

    @property
    def folder(self) -> Path | None:
        """See above."""
        ...

    def task(self, path: str, report_id: str) -> Task:
        """Return the task of an input, with ``report_id`` unless that would cost another input's result."""
        ...

    def standing(self, task: Task) -> Standing | None:
        """Return the result of an earlier run that stands; None if the task is to be done."""
        ...

    def twin(self, task: Task) -> tuple[str, str] | None:
        """Return what two tasks must have in common to have one outcome; None where each is to be done."""
        ...

    def linked(self, task: Task) -> tuple[Outcome, str] | None:
        """Return the outcome of a file of the same content, made into that of the task, and that file's path."""
        ...

    def write(self, task: Task, outcome: Outcome, linked_to: str | None = None) -> str | None:
        """Store an outcome; of a failure, return the name of an earlier summary of the input that stands."""
        ...

    def close(self, *, complete: bool) -> str | None:
        """End the run, ``complete`` or interrupted; return where the results are, None for standard output."""
        ...


class Observer(Protocol):
    """Is told how the run goes on."""

    def begin(self, name: str) -> None:
        """Take note of an input being handed out."""
        ...

    def done(self, status: str, name: str, failure: Failure | None = None) -> None:
        """Take note of an input being done: ``ok``, ``partial``, ``kept`` or ``failed``."""
        ...


@dataclass(slots=True)
class Tally:
    """What became of the inputs.

    Attributes:
        total: number of inputs.
        ok, partial: summaries made by this run.
        kept: results of earlier runs that stand, failures not among them.
        linked: of those made, the ones made from the result of a file of the same content.
        failed: by code, also those of earlier runs that stand.
        failed_before: how many failures are of earlier runs.
        failures: the first few of each code.
        stale: how many summaries of an earlier run stand whose inputs have failed now.
        stale_names: the first few of them.
        traced: how many outcomes of this run left a traceback in the log.
        failed_checks: in how many places the reports of this run do not add up.
        reports_with_failed_checks: how many reports of this run do not.
        interrupted: Ctrl-C ended the run early.
        seconds: what the run took.
    """

    total: int
    ok: int = 0
    partial: int = 0
    kept: int = 0
    linked: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    failed_before: int = 0
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    stale: int = 0
    stale_names: list[str] = field(default_factory=list)
    traced: int = 0
    failed_checks: int = 0
    reports_with_failed_checks: int = 0
    interrupted: bool = False
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Inputs that had their turn."""
        return self.ok + self.partial + self.kept + self.failed.total()

    @property
    def made(self) -> int:
        """Inputs that this run had to do something for."""
        return self.done - self.kept - self.failed_before

    def count(self, outcome: Outcome) -> str:
        """Count an outcome of this run; return its status in a word."""
        self.traced += outcome.trace is not None
        if outcome.failure is not None:
            self.count_failure(outcome.failure)
            return "failed"
        self.failed_checks += outcome.failed_checks
        self.reports_with_failed_checks += bool(outcome.failed_checks)
        if outcome.status == "success":
            self.ok += 1
            return "ok"
        self.partial += 1
        return "partial"

    def count_stale(self, name: str) -> None:
        """Count a summary of an earlier run that stands beside a failure."""
        self.stale += 1
        if len(self.stale_names) < SHOWN_FAILURES:
            self.stale_names.append(name)

    def count_failure(self, failure: Failure) -> None:
        """Count a failure of this run or of an earlier one."""
        self.failed[failure.code] += 1
        shown = self.failures.setdefault(failure.code, [])
        if len(shown) < SHOWN_FAILURES:
            shown.append(failure)


def run(inputs: Iterable[Input], total: int, ids: dict[str, str], runner: Runner, sink: Sink, seen: Observer) -> Tally:
    """Do what is to be done of the inputs.

    Args:
        inputs: drawn as the runner has room for them.
        total: their number.
        ids: report id by path.
        runner: carries out the tasks.
        sink: takes the outcomes.
        seen: is told how it goes on.

    Returns:
        The tally; ``interrupted`` when Ctrl-C ended the run early.

    Raises:
        GongkaiError: ``output.*``, ``model.*`` or ``worker.start``; it would meet every further input as well.
    """
    tally = Tally(total)
    began = time.perf_counter()
    steps = _Run(ids, runner, sink, seen, tally)
    try:
        steps.carry_out(inputs)
    except KeyboardInterrupt:
        tally.interrupted = True
    tally.seconds = time.perf_counter() - began
    return tally


class _Run:
    """The state of a run: what is being done, and what waits for one of the same content to be done."""

    def __init__(self, ids: dict[str, str], runner: Runner, sink: Sink, seen: Observer, tally: Tally):
        self._ids = ids
        self._runner = runner
        self._sink = sink
        self._seen = seen
        self._tally = tally
        self._followers: dict[tuple[str, str], list[Task]] = {}  # by content that is being annotated
        self._on_their_own: deque[Task] = deque()  # followers whose leader's outcome does not tell theirs

    def carry_out(self, inputs: Iterable[Input]) -> None:
        """Do what is to be done of the inputs."""
        tasks = self._to_do(inputs)
        while True:
            for task, outcome in self._runner.run(tasks, ordered=self._sink.ordered):
                self._settle(task, outcome)
                self._settle_followers(task)
            if not self._on_their_own:
                return
            tasks = self._drawn(self._on_their_own)
            self._on_their_own = deque()

    def _to_do(self, inputs: Iterable[Input]) -> Iterator[Task]:
        """Yield the tasks that a runner must carry out; settle all others on the way."""
        for item in inputs:
            task = self._sink.task(item.path, self._ids[item.path])
            if item.error is not None:
                self._settle(task, failed(task.path, item.error))
                continue
            standing = self._sink.standing(task)
            if standing is not None:
                self._keep(task, standing)
                continue
            twin = self._sink.twin(task)
            if twin is not None:
                if twin in self._followers:
                    self._followers[twin].append(task)
                    continue
                known = self._sink.linked(task)
                if known is not None:
                    self._settle(task, *known)
                    continue
                self._followers[twin] = []
            self._seen.begin(display_path(task.path))
            yield task

    def _drawn(self, tasks: Iterable[Task]) -> Iterator[Task]:
        for task in tasks:
            self._seen.begin(display_path(task.path))
            yield task

    def _keep(self, task: Task, standing: Standing) -> None:
        if standing.failure is None:
            self._tally.kept += 1
        else:
            self._tally.failed_before += 1
            self._tally.count_failure(standing.failure)
        self._seen.done("kept", display_path(task.path))

    def _settle(self, task: Task, outcome: Outcome, linked_to: str | None = None) -> None:
        stale = self._sink.write(task, outcome, linked_to)
        if stale is not None:
            self._tally.count_stale(stale)
        self._tally.linked += linked_to is not None
        self._seen.done(self._tally.count(outcome), display_path(task.path), outcome.failure)

    def _settle_followers(self, leader: Task) -> None:
        """Give those that waited for the leader its outcome as their own; the sink has it by now."""
        twin = self._sink.twin(leader)
        for task in self._followers.pop(twin, ()) if twin else ():
            known = self._sink.linked(task)
            if known is None:
                self._on_their_own.append(task)
            else:
                self._settle(task, *known)
