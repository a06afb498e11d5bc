"""What an output set holds, as a stream of rows: summaries, checks between them, failure records, damage."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from gongkai.pipeline.cross.schema import CrossReport
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.export.rows import CrossCheck, Rows, damage_rows, failure_rows, report_rows
from gongkai.pipeline.outputs import CROSS_NAME, OutputSet, Place, is_cross_file
from gongkai.pipeline.schema import Failure, Report
from gongkai.pipeline.writing import display_path

Kind = Literal["report", "repeated", "failure", "damaged"]
_FAILURE = ".failure.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One result: where it stands, what it is, its rows by table, and for what is damaged the error."""

    name: str
    kind: Kind
    rows: Rows
    error: GongkaiError | None = None


class Results:
    """The results in a folder that ``gongkai annotate -o`` wrote.

    Args:
        folder: the folder, with what ``gongkai cross`` wrote there.

    Raises:
        GongkaiError: ``input.not_found`` or ``input.not_a_file`` when it is no folder or holds no summary.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._outputs = OutputSet(folder)
        self._ids: dict[str, bytes] = {}  # some 150 bytes a report are all that stays of it

    def count(self) -> int:
        """Return how many results there are.

        Raises:
            GongkaiError: ``input.permission``.
        """
        return sum(1 for _ in self._outputs.places()) + sum(1 for _ in self._failure_files())

    def __iter__(self) -> Iterator[Entry]:
        """Yield the results, one in memory at a time: summaries by name, then the records of failures.

        Raises:
            GongkaiError: ``input.permission`` for a JSON Lines file that cannot be opened.
        """
        self._ids.clear()
        cross, damage = self._cross_checks()
        if damage is not None:
            yield damage
        for place in self._outputs.places():
            yield self._summary(place, cross.pop(str(place), []))
        for path in self._failure_files():
            yield self._failure(path)

    def _summary(self, place: Place, cross: list[CrossCheck]) -> Entry:
        name = display_path(str(place))
        try:
            report = self._outputs.read(place)
        except GongkaiError as error:
            return _damaged(name, error)
        own, known = self._own_id(place, report)
        if known:
            return Entry(name, "repeated", {})
        report.report.id, identity = own
        try:
            rows = report_rows(report, cross)
        except ValueError as error:
            return _damaged(name, GongkaiError("read.corrupt", f"{name} does not hold together ({error})."))
        self._ids[report.report.id] = identity
        return Entry(name, "report", rows)

    def _own_id(self, place: Place, report: Report) -> tuple[tuple[str, bytes], bool]:
        """Return an id that no other report has, with what tells the report, and whether it came before."""
        parent = os.path.dirname(place.file)  # noqa: PTH120 - a name within the folder, not a path
        wanted = f"{parent}/{report.report.id}" if parent else report.report.id
        same = hashlib.sha256(f"{report.source.path}\0{report.source.sha256}".encode()).digest()[:16]
        if wanted in self._ids and self._ids[wanted] != same:
            wanted = f"{wanted}-{same.hex()[:8]}"
        return (wanted, same), wanted in self._ids

    def _failure_files(self) -> Iterator[Path]:
        for path in sorted(self._folder.rglob(f"*{_FAILURE}")):
            hidden = any(part.startswith(".") for part in path.relative_to(self._folder).parts)
            if not hidden and path.is_file():
                yield path

    def _failure(self, path: Path) -> Entry:
        name = display_path(path.relative_to(self._folder).as_posix())
        try:
            return Entry(name, "failure", failure_rows(name, Failure.model_validate_json(path.read_bytes())))
        except OSError as error:
            told = f"{name} cannot be opened: {error.strerror or error}."
            return _damaged(name, GongkaiError("input.permission", told))
        except ValidationError:
            return _damaged(name, GongkaiError("read.corrupt", f"{name} is no record of a failure."))

    def _cross_checks(self) -> tuple[dict[str, list[CrossCheck]], Entry | None]:
        """Return the checks between reports by the place of the later report, and the damage if there is any."""
        path = self._folder / CROSS_NAME
        if not path.is_file() or not is_cross_file(path):  # else it is the summary of a report called cross
            return {}, None
        try:
            pairs = CrossReport.model_validate_json(path.read_bytes()).pairs
        except OSError as error:
            told = f"{CROSS_NAME} cannot be opened: {error.strerror or error}."
            return {}, _damaged(CROSS_NAME, GongkaiError("input.permission", told))
        except ValidationError:
            error_ = GongkaiError("read.corrupt", f"{CROSS_NAME} was not written by gongkai cross.")
            return {}, _damaged(CROSS_NAME, error_)
        return {p.current.file: [CrossCheck(check, p.previous.id) for check in p.checks] for p in pairs}, None


def _damaged(name: str, error: GongkaiError) -> Entry:
    return Entry(name, "damaged", damage_rows(name, error.code, error.message, error.entry.advice), error)
