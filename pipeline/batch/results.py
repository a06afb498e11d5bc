"""The files of a folder of results: a summary or the record of a failure for each input, and the log."""

from __future__ import annotations

import hashlib
import time
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


def store_result(folder: Path, report_id: str, data: bytes, *, failed: bool) -> Stored:
    """Write a result; workers do so too, each for inputs of its own.

    A summary takes the place of an earlier failure. A failure leaves the summary of an earlier run, for a wrong setting
    must not cost a corpus; beside the record it is stale, and whoever reads the folder leaves it out.

    Args:
        folder: of the results.
        report_id: of the report.
        data: the summary or the record of the failure, as JSON.
        failed: it is the latter.

    Raises:
        GongkaiError: ``output.unwritable``.
    """
    target = folder / result_name(report_id, failed=failed)
    write_atomically(target, data, _HALF, sync=False)  # why without: see the package
    summary = folder / result_name(report_id, failed=False)
    if not failed:
        (folder / result_name(report_id, failed=True)).unlink(missing_ok=True)
    stale = summary.name if failed and summary.exists() else None
    return Stored(hashlib.sha256(data).hexdigest(), stamp_of(target.stat()), stale)


def append_log(folder: Path, path: str, trace: str) -> None:
    """Append a traceback to the log of a folder of results."""
    with (folder / LOG_NAME).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {path}\n{trace}\n")


def remove_halves(folder: Path) -> None:
    """Remove the halves of files that ended processes left; for the one run that has the folder."""
    for half in folder.glob(f"{_HALF}*.tmp"):
        half.unlink(missing_ok=True)
