"""A folder of results: one file a report, the manifest that says what each was made from, and the log."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from gongkai.pipeline.batch.identity import Content, content_of, engine_sha256, stamp_of
from gongkai.pipeline.batch.manifest import MANIFEST_NAME, Entry, Manifest
from gongkai.pipeline.batch.results import append_log, remove_halves, result_name
from gongkai.pipeline.batch.work import Outcome, Task, failed, passed_on, stored
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Failure
from gongkai.pipeline.writing import display_path, make_folder, own_ids

# Which results of earlier runs stand. resume: those that doing it again would give again, from the same bytes,
# settings and models; keep: all summaries of the same bytes; overwrite: none.
Rerun = Literal["resume", "keep", "overwrite"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A result of an earlier run that stands; ``failure`` is the record where it is a failure."""

    failure: Failure | None = None


class Store:
    """One ``ID.json`` or ``ID.failure.json`` for each input.

    A result is written before the manifest says so. A run killed in between finds a file it knows nothing of, and
    writes it again with the same bytes.

    Args:
        folder: made if missing.
        config: settings of the run.
        rerun: which results of earlier runs stand.
        retry_failed: the failures of earlier runs do not stand.

    Raises:
        GongkaiError: ``output.unwritable`` or ``output.in_use``; ``output.unwritable`` from each method that writes.
    """

    indent: int | None = 2
    ordered = False

    def __init__(self, folder: Path, config: Config, *, rerun: Rerun = "resume", retry_failed: bool = False):
        make_folder(folder)
        self.folder = folder
        self._config_sha256 = config.sha256
        self._engine_sha256 = engine_sha256(config)
        self._max_bytes = config.limits.max_bytes
        self._rerun = rerun
        self._retry_failed = retry_failed
        self._manifest = Manifest(folder / MANIFEST_NAME)
        remove_halves(folder)  # of a run that was killed

    def task(self, path: str, report_id: str) -> Task:
        """Return the task of an input.

        Args:
            path: of the input.
            report_id: the id it is to have; it gets another where that would cost another input's result, and keeps
                the one that its result of an earlier run has.
        """
        entry = self._manifest.get(_comparable(path))
        known = Content(entry.content_sha256, entry.content_stamp) if entry and entry.content_sha256 else None
        content = content_of(path, self._max_bytes, known)
        if entry is not None and self._intact(entry):
            return Task(path, entry.report_id, content)
        return Task(path, self._free_id(path, report_id), content)

    def _free_id(self, path: str, report_id: str) -> str:
        plain, hashed = own_ids(path)
        for candidate in (plain, hashed):
            if candidate is not None and self._owners(candidate) == {_comparable(path)}:
                return candidate
        return hashed if self._owners(report_id) else report_id

    def _owners(self, report_id: str) -> set[str | None]:
        """Return the paths that the files of that id speak of, None for a file that is no result."""
        return {
            _source(target)[0]
            for target in (self.folder / f"{report_id}{suffix}" for suffix in (".json", ".failure.json"))
            if target.exists()
        }

    def standing(self, task: Task) -> Standing | None:
        """Return the result of an earlier run that stands for a task; None if it is to be done."""
        if self._rerun == "overwrite" or task.content is None:
            return None
        entry = self._manifest.get(_comparable(task.path))
        if self._rerun == "keep":
            return Standing() if self._has_summary(task, task.content.sha256, entry) else None
        if entry is None or entry.content_sha256 != task.content.sha256 or not self._stands(entry):
            return None
        self._manifest.restamp(entry, task.content.stamp, self._stamp(entry.result_name))
        return Standing(_failure(entry))

    def _has_summary(self, task: Task, sha256: str, entry: Entry | None) -> bool:
        """Say whether a summary made from these bytes is there, be it by any settings or edited since; no stale one."""
        if (self.folder / result_name(str(task.report_id), failed=True)).exists():
            return False
        if entry is not None and entry.status != "failure" and self._stamp(entry.result_name) == entry.result_stamp:
            return entry.content_sha256 == sha256
        return _source(self.folder / f"{task.report_id}.json") == (_comparable(task.path), sha256)

    def _stands(self, entry: Entry) -> bool:
        """Say whether doing the input of an entry again would give the file that is there."""
        if entry.status == "failure" and self._retry_failed and entry.run != self._manifest.run:
            return False
        made_alike = (entry.config_sha256, entry.engine_sha256) == (self._config_sha256, self._engine_sha256)
        return made_alike and self._intact(entry)

    def _intact(self, entry: Entry) -> bool:
        stamp = self._stamp(entry.result_name)
        if stamp == entry.result_stamp:
            return True
        return stamp != "" and _sha256(self.folder / entry.result_name) == entry.result_sha256

    def _stamp(self, name: str) -> str:
        try:
            return stamp_of((self.folder / name).stat())
        except OSError:
            return ""

    def twin(self, task: Task) -> tuple[str, str] | None:
        """Return what two tasks must have in common to have one outcome; None where it is not known."""
        return None if task.content is None else (task.content.sha256, _suffix(task.path))

    def linked(self, task: Task) -> tuple[Outcome, str] | None:
        """Return the outcome that a file of the same content had, as that of the task, and the path of that file.

        Only where annotating the task would give the same; with ``overwrite`` only outcomes of this run count.
        """
        twin = self.twin(task)
        for entry in self._manifest.of_content(*twin) if twin else ():
            if self._rerun == "overwrite" and entry.run != self._manifest.run:
                continue
            if entry.path != _comparable(task.path) and self._stands(entry):
                outcome = passed_on(self._outcome(entry), entry.path, task)
                if outcome is not None:
                    return outcome, entry.path
        return None

    def _outcome(self, entry: Entry) -> Outcome:
        failure = _failure(entry)
        data = b"" if failure else (self.folder / entry.result_name).read_bytes()
        return Outcome(entry.status, data, failure, entry.content_sha256, entry.failed_checks)

    def write(self, task: Task, outcome: Outcome, linked_to: str | None = None) -> str | None:
        """Store the outcome of a task where that is not done yet, and note it in the manifest.

        Args:
            task: as :meth:`task` returned it.
            outcome: what became of it.
            linked_to: path of the file of the same content that was annotated instead.

        Returns:
            The name of a summary of an earlier run that stands beside the failure now recorded.
        """
        done = outcome if outcome.stored is not None else stored(outcome, task, self.folder)
        if outcome.trace is not None:
            append_log(self.folder, display_path(task.path), outcome.trace)
        self._manifest.put(self._entry(task, done, linked_to))
        return done.stored.stale if done.stored is not None else None

    def _entry(self, task: Task, outcome: Outcome, linked_to: str | None) -> Entry:
        content, failure, result = task.content, outcome.failure, outcome.stored
        assert result is not None
        # The file may have changed between the run coming to it and a worker reading it.
        unchanged = content is not None and outcome.sha256 in (None, content.sha256)
        return Entry(
            path=_comparable(task.path),
            report_id=str(task.report_id),
            content_sha256=outcome.sha256 or (content.sha256 if content else None),
            content_stamp=content.stamp if content and unchanged else "",
            suffix=_suffix(task.path),
            config_sha256=self._config_sha256,
            engine_sha256=self._engine_sha256,
            status=outcome.status,
            code=failure.code if failure else None,
            message=failure.message if failure else None,
            failed_checks=outcome.failed_checks,
            result_sha256=result.sha256,
            result_stamp=result.stamp,
            linked_to=linked_to,
            run=self._manifest.run,
            finished=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            seconds=round(outcome.seconds, 4),
        )

    def close(self, *, complete: bool) -> str | None:
        """End the run and return where the results are."""
        remove_halves(self.folder)  # of workers that were ended
        self._manifest.close()
        return str(self.folder)


def _comparable(path: str) -> str:
    return os.path.normpath(display_path(path))


def _suffix(path: str) -> str:
    return PurePath(path).suffix.lower()


def _failure(entry: Entry) -> Failure | None:
    if entry.code is None:
        return None
    return failed(entry.path, GongkaiError(entry.code, entry.message or "")).failure


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


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
