"""``manifest.sqlite``: what a folder of results holds, from which bytes, settings and models each was made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from gongkai.pipeline.batch.results import result_name
from gongkai.pipeline.batch.work import Status
from gongkai.pipeline.errors import GongkaiError

MANIFEST_NAME = "manifest.sqlite"
_FORM = 1  # of the tables below; PRAGMA user_version of the file
_TABLES = """
CREATE TABLE IF NOT EXISTS inputs (
  path            TEXT PRIMARY KEY,   -- as given, normalised
  report_id       TEXT NOT NULL,      -- the result is REPORT_ID.json or REPORT_ID.failure.json
  content_sha256  TEXT,               -- of the file; null where it could not be read or is no plain file
  content_stamp   TEXT NOT NULL,      -- size and times of the file then; empty: hash it again
  suffix          TEXT NOT NULL,      -- of the file, lower case; with the content it decides how it is read
  config_sha256   TEXT NOT NULL,      -- as in the summary
  engine_sha256   TEXT NOT NULL,      -- version, code, vocabulary and models
  status          TEXT NOT NULL,      -- success, partial_success or failure
  code            TEXT,               -- of a failure
  message         TEXT,               -- of a failure
  failed_checks   INTEGER NOT NULL,
  result_sha256   TEXT NOT NULL,      -- of the result's bytes
  result_stamp    TEXT NOT NULL,      -- size and times of the result when it was written
  linked_to       TEXT,               -- path of the file of the same content that was annotated
  run             INTEGER NOT NULL,   -- number of the run that made the result
  finished        TEXT NOT NULL,      -- UTC
  seconds         REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inputs_by_content ON inputs (content_sha256, suffix);
CREATE INDEX IF NOT EXISTS inputs_by_report ON inputs (report_id);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the manifest; the columns are explained where the table is made."""

    path: str
    report_id: str
    content_sha256: str | None
    content_stamp: str
    suffix: str
    config_sha256: str
    engine_sha256: str
    status: Status
    code: str | None
    message: str | None
    failed_checks: int
    result_sha256: str
    result_stamp: str
    linked_to: str | None
    run: int
    finished: str
    seconds: float

    @property
    def result_name(self) -> str:
        """Name of the result's file."""
        return result_name(self.report_id, failed=self.status == "failure")


_COLUMNS = ", ".join(field.name for field in fields(Entry))
_VALUES = ", ".join("?" * len(fields(Entry)))


class Manifest:
    """The manifest of a folder, opened to be written to by one process at a time; a context manager.

    Every :meth:`put` is a transaction of its own: after ``kill -9`` the file holds what was put until then.

    Args:
        path: the file; made if missing.

    Raises:
        GongkaiError: ``output.in_use`` while another run has it open, ``output.unwritable`` where it cannot be
            written or is no manifest; from each method.
    """

    def __init__(self, path: Path):
        self._path = path
        with self._errors():
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            with self._errors():
                # The lock is held until the end, so two runs never write into one folder; the system lets go of it
                # when the process dies, however it dies.
                self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = NORMAL")
                self._make_tables()
                last = self._database.execute("SELECT max(run) FROM inputs").fetchone()[0]
        except BaseException:
            self._database.close()
            raise
        self.run = (last or 0) + 1

    def _make_tables(self) -> None:
        form = self._database.execute("PRAGMA user_version").fetchone()[0]
        if form not in (0, _FORM):
            message = f"{self._path} was made by another version of Gongkai (form {form})."
            raise GongkaiError("output.unwritable", message)
        self._database.executescript(f"BEGIN IMMEDIATE;{_TABLES}PRAGMA user_version = {_FORM};COMMIT;")

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, path: str) -> Entry | None:
        """Return the entry of a path."""
        return next(self._entries("WHERE path = ?", path), None)

    def put(self, entry: Entry) -> None:
        """Write an entry in place of the one of the same path."""
        with self._errors():
            self._database.execute(f"INSERT OR REPLACE INTO inputs ({_COLUMNS}) VALUES ({_VALUES})", astuple(entry))

    def restamp(self, entry: Entry, content_stamp: str, result_stamp: str) -> None:
        """Note the stamps under which content and result of an entry were found unchanged."""
        if (content_stamp, result_stamp) != (entry.content_stamp, entry.result_stamp):
            self.put(replace(entry, content_stamp=content_stamp, result_stamp=result_stamp))

    def of_content(self, sha256: str, suffix: str) -> Iterator[Entry]:
        """Yield the entries of files with that content and suffix, in the order of their paths."""
        return self._entries("WHERE content_sha256 = ? AND suffix = ? ORDER BY path", sha256, suffix)

    def of_report(self, report_id: str) -> Iterator[Entry]:
        """Yield the entries whose results bear an id: one, unless the folder was tampered with."""
        return self._entries("WHERE report_id = ?", report_id)

    def entries(self) -> Iterator[Entry]:
        """Yield all entries in the order of their paths, without holding them in memory."""
        return self._entries("ORDER BY path")

    def _entries(self, clause: str, *values: str) -> Iterator[Entry]:
        with self._errors():
            for row in self._database.execute(f"SELECT {_COLUMNS} FROM inputs {clause}", values):
                yield Entry(*row)

    def close(self) -> None:
        """Let go of the file."""
        with self._errors():
            self._database.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:  # the rest says in which way
                raise GongkaiError("output.in_use", f"Another run is writing to {self._path.parent}.") from error
            raise GongkaiError("output.unwritable", f"{self._path} cannot be written: {error}.") from error
