"""Reads the summaries of an output set, one at a time: ``NAME.json`` files and the lines of ``reports.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Report

CROSS_NAME = "cross.json"
_FAILURE = ".failure.json"
# Stands in the first lines of a cross.json and of no summary.
_MARK = b'"settings_sha256"'
_HEAD = 300


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a summary is: a file of the folder, and for a line of a JSON Lines file its number and offset in bytes."""

    file: str
    line: int = 0
    offset: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class OutputSet:
    """The folder that ``gongkai annotate`` wrote to.

    Args:
        folder: the folder; its subfolders belong to it, hidden ones do not.

    Raises:
        GongkaiError: ``input.not_found`` or ``input.not_a_file`` when it is no folder or holds no summary.
    """

    def __init__(self, folder: Path):
        if not folder.exists():
            raise GongkaiError("input.not_found", f"The folder {folder} does not exist.")
        if not folder.is_dir():
            raise GongkaiError("input.not_a_file", f"{folder} is no folder; give the one that annotate -o wrote to.")
        self.folder = folder
        self._files = sorted(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if _holds_summaries(path, folder)
        )
        if not self._files:
            raise GongkaiError("input.not_found", f"The folder {folder} holds no summary (NAME.json, reports.jsonl).")

    def places(self) -> Iterator[Place]:
        """Yield where the summaries are, files by name and lines in order; nothing of them is kept.

        Raises:
            GongkaiError: ``input.permission``.
        """
        for file in self._files:
            if file.endswith(".jsonl"):
                yield from self._lines(file)
            else:
                yield Place(file)

    def _lines(self, file: str) -> Iterator[Place]:
        try:
            with (self.folder / file).open("rb") as lines:
                offset = 0
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield Place(file, number, offset)
                    offset += len(line)
        except OSError as error:
            raise GongkaiError("input.permission", f"{file} cannot be read: {error.strerror or error}.") from error

    def read(self, place: Place) -> Report:
        """Return the summary at a place.

        Raises:
            GongkaiError: ``read.corrupt`` for what is no summary, ``input.permission`` for what cannot be opened.
        """
        try:
            with (self.folder / place.file).open("rb") as file:
                file.seek(place.offset)
                data = file.readline() if place.line else file.read()
        except OSError as error:
            message = f"{place} cannot be read: {error.strerror or error}."
            raise GongkaiError("input.permission", message) from error
        try:
            return Report.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the top level"
            message = (
                f"{place} is not a summary of Gongkai ({error.error_count()} differences; {where}: {first['msg']})."
            )
            raise GongkaiError("read.corrupt", message) from None


def is_cross_file(path: Path) -> bool:
    """Tell whether a file is the result of an earlier ``gongkai cross``, and not the summary of ``cross.html``."""
    try:
        with path.open("rb") as file:
            return _MARK in file.read(_HEAD)
    except OSError:
        return False


def _holds_summaries(path: Path, folder: Path) -> bool:
    if path.suffix not in (".json", ".jsonl") or path.name.endswith(_FAILURE) or not path.is_file():
        return False
    if any(part.startswith(".") for part in path.relative_to(folder).parts):
        return False
    # Beside the record of a failure a summary is stale: of a run before that one.
    if path.suffix == ".json" and path.with_name(path.stem + _FAILURE).exists():
        return False
    return path.name != CROSS_NAME or not is_cross_file(path)
