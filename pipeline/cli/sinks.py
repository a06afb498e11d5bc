"""Where ``gongkai annotate`` puts its results: a folder, one file of JSON lines, or standard output."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Protocol

from gongkai.pipeline.cli.output import (
    STDIN,
    PendingFile,
    display_path,
    make_folder,
    own_ids,
    to_json,
    write_atomically,
)
from gongkai.pipeline.cli.terminal import write_stdout
from gongkai.pipeline.schema import Failure, Report

JSONL_NAME = "reports.jsonl"
LOG_NAME = "gongkai.log"


class Sink(Protocol):
    """Takes the outcome of each input."""

    def name(self, path: str, report_id: str) -> str:
        """Return the id to store the input under: ``report_id``, unless that would cost another input's result."""
        ...

    def holds(self, report_id: str, path: str) -> bool:
        """Say whether a summary of the input as it is now is there from an earlier run."""
        ...

    def write(self, report_id: str, report: Report) -> None:
        """Store a summary."""
        ...

    def fail(self, report_id: str, failure: Failure) -> str | None:
        """Store the record of a failure; return the name of an earlier summary of the same input that stands."""
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

    def name(self, path: str, report_id: str) -> str:
        """See :class:`Sink`; an input keeps the name that its summary or failure record of an earlier run has."""
        plain, hashed = own_ids(path)
        for candidate in (plain, hashed):
            if candidate is not None and self._owners(candidate) == {_comparable(path)}:
                return candidate
        return hashed if self._owners(report_id) else report_id

    def _owners(self, report_id: str) -> set[str | None]:
        """Return the paths that the files of that id speak of, None for a file that is no result."""
        owners: set[str | None] = set()
        for suffix in (".json", ".failure.json"):
            target = self._folder / f"{report_id}{suffix}"
            if target.exists():
                owners.add(_source(target)[0])
        return owners

    def holds(self, report_id: str, path: str) -> bool:
        """See :class:`Sink`; the input's bytes are hashed only where its path is that of the summary."""
        source, sha256 = _source(self._folder / f"{report_id}.json")
        return source == _comparable(path) and sha256 is not None and sha256 == _sha256(path)

    def write(self, report_id: str, report: Report) -> None:
        """See :class:`Sink`; the record of an earlier failure goes."""
        write_atomically(self._folder / f"{report_id}.json", to_json(report))
        (self._folder / f"{report_id}.failure.json").unlink(missing_ok=True)

    def fail(self, report_id: str, failure: Failure) -> str | None:
        """See :class:`Sink`; a summary of an earlier run stays, a wrong setting must not cost a corpus."""
        write_atomically(self._folder / f"{report_id}.failure.json", to_json(failure))
        summary = self._folder / f"{report_id}.json"
        return summary.name if summary.exists() else None

    def log(self, path: str, trace: str) -> None:
        """See :class:`Sink`."""
        with (self._folder / LOG_NAME).open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {path}\n{trace}\n")

    def close(self, *, complete: bool) -> str | None:
        """See :class:`Sink`."""
        return str(self._folder)


def _comparable(path: str) -> str:
    return os.path.normpath(display_path(path))


def _source(result: Path) -> tuple[str | None, str | None]:
    """Return path and SHA-256 of the input a summary or failure record was made from, None for what it lacks."""
    try:
        data = json.loads(result.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None, None
    if not isinstance(data, dict):
        return None, None
    source = data.get("source", data)  # a failure record has the path at its top
    path, sha256 = (source.get("path"), source.get("sha256")) if isinstance(source, dict) else (None, None)
    return os.path.normpath(path) if isinstance(path, str) else None, sha256 if isinstance(sha256, str) else None


def _sha256(path: str) -> str | None:
    """Return the SHA-256 of a plain file; None for standard input and pipes, whose bytes can be read only once."""
    if path == STDIN or not Path(path).is_file():
        return None
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


class JsonLinesSink(FolderSink):
    """All summaries in one file of the folder, a line each; failures and log as in :class:`FolderSink`.

    The file appears when the run is over. An interrupted run leaves ``reports.partial.jsonl``, so that it never
    replaces the whole file of an earlier one.
    """

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._pending = PendingFile(folder / JSONL_NAME)

    def name(self, path: str, report_id: str) -> str:
        """See :class:`Sink`; the file is written anew, so no result of another input is at stake."""
        return report_id

    def holds(self, report_id: str, path: str) -> bool:
        """See :class:`Sink`."""
        return False

    def fail(self, report_id: str, failure: Failure) -> None:
        """See :class:`Sink`; a single summary beside the file is not of its making."""
        super().fail(report_id, failure)

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

    def name(self, path: str, report_id: str) -> str:
        """See :class:`Sink`."""
        return report_id

    def holds(self, report_id: str, path: str) -> bool:
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
