"""The files of a folder of results: a summary or the record of a failure for each input, and the log."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from gongkai.pipeline.batch.identity import stamp_of
from gongkai.pipeline.writing import write_atomically

LOG_NAME = "gongkai.log"
# What is being written; apart from other commands' halves of files, so that those of a killed run can be told.
_HALF = ".gongkai-run-"


@dataclass(frozen=True, slots=True)
class Stored:
    """A result on disk.

    Attributes:
        sha256: of its bytes.
        stamp: size and times of its file.
        stale: name of the summary of an earlier run that stands beside the record of a failure.
    """

    sha256: str
    stamp: str
    stale: str | None = None


def result_name(report_id: str, *, failed: bool) -> str:
    """Return the name of a result's file."""
    return f"{report_id}{'.failure' if failed else ''}.json"


def store_result(folder: Path, report_id: str, data: bytes, sha256: str, *, failed: bool) -> Stored:
    """Write a result; workers do so too, each for inputs of its own.

    A summary takes the place of an earlier failure. A failure leaves the summary of an earlier run, for a wrong setting
    must not cost a corpus; beside the record it is stale, and whoever reads the folder leaves it out.

    Args:
        folder: of the results.
        report_id: of the report.
        data: the summary or the record of the failure, as JSON.
        sha256: of the data.
        failed: it is the latter.

    Raises:
        GongkaiError: ``output.unwritable``.
    """
    target = folder / result_name(report_id, failed=failed)
    write_atomically(target, data, _HALF, sync=False)  # why without: see the package
    return _settled(folder, report_id, target, sha256, failed=failed)


def left_result(folder: Path, report_id: str, sha256: str, *, failed: bool) -> Stored | None:
    """Take up the result that a worker was about to write when it was ended.

    Args:
        folder: of the results.
        report_id: of the report.
        sha256: of the result.
        failed: it is the record of a failure.

    Returns:
        As :func:`store_result`; None where the result was not written.
    """
    target = folder / result_name(report_id, failed=failed)
    try:
        if hashlib.sha256(target.read_bytes()).hexdigest() != sha256:
            return None
    except OSError:
        return None
    return _settled(folder, report_id, target, sha256, failed=failed)


def _settled(folder: Path, report_id: str, target: Path, sha256: str, *, failed: bool) -> Stored:
    summary = folder / result_name(report_id, failed=False)
    if not failed:
        (folder / result_name(report_id, failed=True)).unlink(missing_ok=True)
    stale = summary.name if failed and summary.exists() else None
    return Stored(sha256, stamp_of(target.stat()), stale)


def append_log(folder: Path, path: str, trace: str) -> None:
    """Append a traceback to the log of a folder of results."""
    with (folder / LOG_NAME).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {path}\n{trace}\n")


def mark(folder: Path) -> str:
    """Put a file into a folder of results by which another machine can tell that it sees the same folder.

    Returns:
        Its name, to be looked for there; :func:`remove_halves` takes it away.

    Raises:
        GongkaiError: ``output.unwritable``.
    """
    name = f"{_HALF}{uuid.uuid4().hex}.tmp"
    write_atomically(folder / name, b"", _HALF, sync=False)
    return name


def remove_halves(folder: Path) -> None:
    """Remove the halves of files that ended processes left, and marks; for the one run that has the folder."""
    for half in folder.glob(f"{_HALF}*.tmp"):
        half.unlink(missing_ok=True)
