"""The unit of work of a run: one path in, the bytes of its summary or the record of its failure out."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from gongkai.pipeline.batch.identity import Content
from gongkai.pipeline.batch.lean import import_spacy
from gongkai.pipeline.batch.results import Stored, store_result
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Failure, Report
from gongkai.pipeline.writing import STDIN, display_path, to_json

if TYPE_CHECKING:  # heavy: a run that finds everything done needs none of it
    from spacy.language import Language

Status = Literal["success", "partial_success", "failure"]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One input of a run; equal to itself only, for a path may be given twice.

    Attributes:
        path: the file, or ``-``.
        report_id: the id its summary is to bear; None leaves that which its file name gives it.
        content: what the file held when the run came to it; None where it is not known.
    """

    path: str
    report_id: str | None = None
    content: Content | None = None

    @property
    def portable(self) -> bool:
        """Whether another process can read it; standard input and the pipes of a shell are open in this one only."""
        return self.path != STDIN and (Path(self.path).is_file() or not Path(self.path).exists())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task.

    Attributes:
        status: as in the summary, or ``failure``.
        data: the summary as JSON; empty for a failure, and for what is stored.
        failure: the record of a failure.
        sha256: hash of the bytes that were read; None for a failure.
        failed_checks: how many checks of the report failed.
        trace: the traceback of what was not foreseen, for the log.
        seconds: what it took.
        stored: where whoever carried out the task wrote the result too.
    """

    status: Status
    data: bytes = b""
    failure: Failure | None = None
    sha256: str | None = None
    failed_checks: int = 0
    trace: str | None = None
    seconds: float = 0.0
    stored: Stored | None = None


class Runner(Protocol):
    """Carries out tasks: in this process, in a pool of processes, on other machines."""

    @property
    def workers(self) -> int:
        """How many processes take part; not known before a task was carried out where a cluster decides."""
        ...

    def run(self, tasks: Iterable[Task], *, ordered: bool) -> Iterator[tuple[Task, Outcome]]:
        """Yield each task with its outcome.

        Args:
            tasks: drawn as there is room for them, never all at once.
            ordered: yield in the order of ``tasks``, else as completed.

        Raises:
            GongkaiError: ``model.*``, ``worker.start``, ``ray.*``, ``input.not_shared`` or ``output.unwritable``, where
                no further task could be carried out.
        """
        ...


class Annotator:
    """Carries out tasks with one configuration; the models load at the first task, or by :meth:`load`.

    Args:
        config: settings of the run.
        indent: of the JSON; None writes it on one line.
        folder: where results are to be stored; None leaves that to whoever takes the outcomes.
        own_process: the process is ours alone, so that spaCy may be loaded the quick way.
    """

    def __init__(
        self, config: Config, indent: int | None = 2, folder: Path | None = None, *, own_process: bool = False
    ):
        self._config = config
        self._indent = indent
        self._folder = folder
        self._own_process = own_process

    @property
    def workers(self) -> int:
        """See :class:`Runner`: this process alone."""
        return 1

    @cached_property
    def _nlp(self) -> Language:
        if self._own_process:
            import_spacy()
        from gongkai.pipeline.api import load

        return load(self._config)

    def load(self) -> None:
        """Load the models now.

        Raises:
            GongkaiError: ``model.*``; no task could be carried out.
        """
        _ = self._nlp

    def __call__(self, task: Task) -> Outcome:
        """Return what becomes of a task; whatever goes wrong with its file is an outcome too.

        Raises:
            GongkaiError: as :meth:`load`, or ``output.unwritable``.
        """
        self.load()
        outcome = self._outcome(task)
        return outcome if self._folder is None else stored(outcome, task, self._folder)

    def _outcome(self, task: Task) -> Outcome:
        from gongkai.pipeline.api import annotate

        began = time.perf_counter()
        try:
            _refuse_json(task.path)
            report = annotate(task.path, config=self._config, nlp=self._nlp)
            data = _named(report, task, self._indent)
        except GongkaiError as error:
            # A parser that tripped is told by its own exception; a scanned PDF or an empty file needs no traceback.
            unforeseen = error.__cause__ is not None and error.code.startswith("read.")
            return failed(task.path, error, traceback.format_exc() if unforeseen else None, since=began)
        except Exception as error:
            defect = GongkaiError("internal", f"{type(error).__name__}: {error}")
            return failed(task.path, defect, traceback.format_exc(), since=began)
        checks = sum(check.status == "failed" for check in report.checks)
        took = time.perf_counter() - began
        return Outcome(report.status, data, None, report.source.sha256, checks, None, took)

    def run(self, tasks: Iterable[Task], *, ordered: bool) -> Iterator[tuple[Task, Outcome]]:
        """See :class:`Runner`; one after the other in this process, so the order is that of the tasks."""
        for task in tasks:
            yield task, self(task)


def result_bytes(outcome: Outcome) -> bytes:
    """Return the file that is to hold an outcome: the summary, or the record of the failure."""
    return outcome.data if outcome.failure is None else to_json(outcome.failure)


def stored(outcome: Outcome, task: Task, folder: Path) -> Outcome:
    """Write the result of a task with an id to a folder, and return the outcome without the summary's bytes.

    Raises:
        GongkaiError: ``output.unwritable``.
    """
    data = result_bytes(outcome)
    sha256 = hashlib.sha256(data).hexdigest()
    written = store_result(folder, str(task.report_id), data, sha256, failed=outcome.failure is not None)
    return replace(outcome, data=b"", stored=written)


def failed(path: str, error: GongkaiError, trace: str | None = None, *, since: float | None = None) -> Outcome:
    """Return the outcome of a task that failed.

    Args:
        path: of the task.
        error: what is wrong.
        trace: a traceback for the log.
        since: reading of :func:`time.perf_counter` when the task began.
    """
    failure = Failure(path=display_path(path), code=error.code, message=error.message, advice=error.entry.advice)
    took = 0.0 if since is None else time.perf_counter() - since
    return Outcome("failure", failure=failure, trace=trace, seconds=took)


def passed_on(outcome: Outcome, source: str, task: Task, indent: int | None = 2) -> Outcome | None:
    """Return the outcome of a file of the same content and suffix as that of another task.

    Args:
        outcome: of the other file.
        source: path of the other file.
        task: the file that has the same content.
        indent: of the JSON.

    Returns:
        What annotating the file itself would give; None where that cannot be told from the other's outcome.
    """
    if outcome.failure is not None:
        failure = outcome.failure
        # A worker may have died of something else than the content, and a message may name the other file.
        if failure.code.startswith("worker.") or display_path(source) in failure.message:
            return None
        return Outcome("failure", failure=failure.model_copy(update={"path": display_path(task.path)}))
    report = Report.model_validate_json(outcome.data)
    report.source.path = task.path
    data = _named(report, task, indent)
    return Outcome(outcome.status, data, None, outcome.sha256, outcome.failed_checks)


def _named(report: Report, task: Task, indent: int | None) -> bytes:
    """Give the report of a task its id and path and return its JSON."""
    if task.report_id is not None:
        report.report.id = task.report_id
    report.source.path = display_path(report.source.path)
    return to_json(report, indent=indent)


def _refuse_json(path: str) -> None:
    # Its text would be read as that of a report, and the summary of a summary looks like a result.
    if Path(path).suffix.lower() == ".json" and Path(path).exists():
        message = f"{display_path(path)} is no report; a summary is looked at with: gongkai show SUMMARY.json."
        raise GongkaiError("read.unknown_type", message)
