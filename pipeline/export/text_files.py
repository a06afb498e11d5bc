"""The open text files, one a table, that the writers of text forms share."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from gongkai.pipeline.export.definitions import tables


class TextFiles:
    """A text file for every table; a context manager.

    Args:
        place: the folder, there and empty.
        suffix: of the files.
        encoding: of the files.

    Attributes:
        files: the open files by table.
    """

    def __init__(self, place: Path, suffix: str, encoding: str):
        self._open = ExitStack()
        self.files = {
            name: self._open.enter_context((place / f"{name}{suffix}").open("w", encoding=encoding, newline=""))
            for name in tables()
        }

    def __enter__(self) -> Self:
        return self

    def finish(self) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`."""
        for file in self.files.values():
            file.flush()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
