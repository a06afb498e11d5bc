"""Where ``gongkai annotate`` puts results that are no folder of files: JSON lines in a folder, or standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from gongkai.pipeline.batch.results import append_log
from gongkai.pipeline.batch.store import Standing
from gongkai.pipeline.batch.work import Outcome, Task
from gongkai.pipeline.cli.terminal import write_stdout
from gongkai.pipeline.writing import PendingFile, display_path, make_folder, to_json, write_atomically

JSONL_NAME = "reports.jsonl"


class LinesSink:
    """Base of the sinks that are written anew by every run, in the order of the inputs."""

    indent: int | None = None
    ordered = True
    folder: Path | None = None

    def task(self, path: str, report_id: str) -> Task:
        """See :class:`~gongkai.pipeline.batch.run.Sink`; no result of another input is at stake."""
        return Task(path, report_id)

    def standing(self, task: Task) -> Standing | None:
        """See :class:`~gongkai.pipeline.batch.run.Sink`."""
        return None

    def twin(self, task: Task) -> tuple[str, str] | None:
        """See :class:`~gongkai.pipeline.batch.run.Sink`."""
        return None

    def linked(self, task: Task) -> tuple[Outcome, str] | None:
        """See :class:`~gongkai.pipeline.batch.run.Sink`."""
        return None


class JsonLinesSink(LinesSink):
    """All summaries in one file of the folder, a line each; failure records and log beside it.

    The file appears when the run is over. An interrupted run leaves ``reports.partial.jsonl``, so that it never
    replaces the whole file of an earlier one.
    """

    def __init__(self, folder: Path):
        make_folder(folder)
        self._folder = folder
        self._pending = PendingFile(folder / JSONL_NAME)

    def write(self, task: Task, outcome: Outcome, linked_to: str | None = None) -> str | None:
        """See :class:`~gongkai.pipeline.batch.run.Sink`; a single summary beside the file is not of its making."""
        record = self._folder / f"{task.report_id}.failure.json"
        if outcome.failure is None:
            self._pending.write(outcome.data)
            record.unlink(missing_ok=True)
        else:
            write_atomically(record, to_json(outcome.failure))
        if outcome.trace is not None:
            append_log(self._folder, display_path(task.path), outcome.trace)
        return None

    def close(self, *, complete: bool) -> str | None:
        """See :class:`~gongkai.pipeline.batch.run.Sink`."""
        target = self._pending.target
        if not complete:
            target = target.with_suffix(".partial.jsonl")
        try:
            self._pending.commit(target)
        finally:
            self._pending.discard()
        return str(target)


class StdoutSink(LinesSink):
    """Summaries on standard output; of failures there is only the line on stderr.

    Args:
        lines: a line a report, else indented.
    """

    def __init__(self, *, lines: bool):
        self.indent = None if lines else 2

    def write(self, task: Task, outcome: Outcome, linked_to: str | None = None) -> str | None:
        """See :class:`~gongkai.pipeline.batch.run.Sink`."""
        write_stdout(outcome.data)
        if outcome.trace is not None:
            sys.stderr.write(outcome.trace)
        return None

    def close(self, *, complete: bool) -> str | None:
        """See :class:`~gongkai.pipeline.batch.run.Sink`."""
        return None
