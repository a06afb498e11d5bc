"""Where ``gongkai annotate`` puts its results: a folder, one file of JSON lines, or standard output."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Protocol

from gongkai.pipeline.cli.output import PendingFile, make_folder, to_json, write_atomically
from gongkai.pipeline.cli.terminal import write_stdout
from gongkai.pipeline.schema import Failure, Report

JSONL_NAME = "reports.jsonl"
LOG_NAME = "gongkai.log"


class Sink(Protocol):
    """Takes the outcome of each input."""

    def holds(self, report_id: str) -> bool:
        """Say whether a summary of that id is there from an earlier run."""
        ...

    def write(self, report_id: str, report: Report) -> None:
        """Store a summary."""
        ...

    def fail(self, report_id: str, failure: Failure) -> None:
        """Store the record of a failure."""
        ...

    def log(self, path: str, trace: str) -> None:
        """Keep the traceback of an unexpected exception."""
        ...

    def close(self, *, complete: bool) -> str | None:
        """End the run, ``complete`` or interrupted; return where the summaries are, None for standard output."""
        ...


class FolderSink:
    """One ``ID.json`` or ``ID.failure.json`` a report, and ``gongkai.log`` for unexpected exceptions."""

    def __init__(self, folder: Path):
        make_folder(folder)
        self._folder = folder

    def holds(self, report_id: str) -> bool:
        """See :class:`Sink`."""
        return (self._folder / f"{report_id}.json").exists()

    def write(self, report_id: str, report: Report) -> None:
        """See :class:`Sink`; the record of an earlier failure goes."""
        write_atomically(self._folder / f"{report_id}.json", to_json(report))
        (self._folder / f"{report_id}.failure.json").unlink(missing_ok=True)

    def fail(self, report_id: str, failure: Failure) -> None:
        """See :class:`Sink`; a summary of an earlier run stays, a wrong setting must not cost a corpus."""
        write_atomically(self._folder / f"{report_id}.failure.json", to_json(failure))

    def log(self, path: str, trace: str) -> None:
        """See :class:`Sink`."""
        with (self._folder / LOG_NAME).open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {path}\n{trace}\n")

    def close(self, *, complete: bool) -> str | None:
        """See :class:`Sink`."""
        return str(self._folder)


class JsonLinesSink(FolderSink):
    """All summaries in one file of the folder, a line each; failures and log as in :class:`FolderSink`.

    The file appears when the run is over. An interrupted run leaves ``reports.partial.jsonl``, so that it never
    replaces the whole file of an earlier one.
    """

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._pending = PendingFile(folder / JSONL_NAME)

    def holds(self, report_id: str) -> bool:
        """See :class:`Sink`."""
        return False

    def write(self, report_id: str, report: Report) -> None:
        """See :class:`Sink`."""
        self._pending.write(to_json(report, indent=None))
        (self._folder / f"{report_id}.failure.json").unlink(missing_ok=True)

    def close(self, *, complete: bool) -> str | None:
        """See :class:`Sink`."""
        target = self._pending.target
        if not complete:
            target = target.with_suffix(".partial.jsonl")
        try:
            self._pending.commit(target)
        finally:
            self._pending.discard()
        return str(target)


class StdoutSink:
    """Summaries on standard output; of failures there is only the line on stderr."""

    def __init__(self, *, lines: bool):
        self._indent = None if lines else 2

    def holds(self, report_id: str) -> bool:
        """See :class:`Sink`."""
        return False

    def write(self, report_id: str, report: Report) -> None:
        """See :class:`Sink`."""
        write_stdout(to_json(report, indent=self._indent))

    def fail(self, report_id: str, failure: Failure) -> None:
        """See :class:`Sink`."""

    def log(self, path: str, trace: str) -> None:
        """See :class:`Sink`."""
        sys.stderr.write(trace)

    def close(self, *, complete: bool) -> str | None:
        """See :class:`Sink`."""
        return None
