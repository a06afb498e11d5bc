"""The forms an export can take, each with its writer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.export.rows import Rows


class Writer(Protocol):
    """Writes rows to a place; a context manager that closes what it opened."""

    def __enter__(self) -> Self: ...

    def write(self, rows: Rows) -> None:
        """Take the rows of one result.

        Raises:
            OSError: when the place cannot take them.
        """
        ...

    def finish(self) -> None:
        """Write what is left, so that the export is whole once the writer is closed.

        Raises:
            OSError: when the place cannot take it.
        """
        ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        name: its id.
        writer: module and class.
        suffix: of its files.
        folder: whether it is a folder with a file for each table, else one file.
        packages: what the writer imports beyond the installation's own needs.
    """

    name: str
    writer: tuple[str, str]
    suffix: str
    folder: bool
    packages: tuple[str, ...] = ()

    def open(self, place: Path) -> Writer:
        """Return a writer to a place: an empty folder, or a file that is not there yet."""
        module, name = self.writer
        writer: Writer = getattr(import_module(f"gongkai.pipeline.export.{module}"), name)(place)
        return writer

    def require_packages(self) -> None:
        """Make sure that the writer can be imported.

        Raises:
            GongkaiError: ``export.unavailable``.
        """
        missing = [name for name in self.packages if find_spec(name) is None]
        if missing:
            raise GongkaiError("export.unavailable", f"--to {self.name} needs {' and '.join(missing)}.")


FORMS = {
    form.name: form
    for form in (
        Form("parquet", ("to_parquet", "ParquetWriter"), ".parquet", True, ("pyarrow",)),
        Form("csv", ("to_csv", "CsvWriter"), ".csv", True),
        Form("xlsx", ("to_xlsx", "XlsxWriter"), ".xlsx", False, ("xlsxwriter",)),
        Form("duckdb", ("to_duckdb", "DuckDbWriter"), ".duckdb", False, ("duckdb", "pyarrow")),
        Form("jsonl", ("to_jsonl", "JsonLinesWriter"), ".jsonl", True),
    )
}
