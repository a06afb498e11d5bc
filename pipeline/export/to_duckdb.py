"""A DuckDB file: the tables with primary keys and comments, and views upon them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from gongkai.pipeline.export.batches import MAX_ROWS, Batches
from gongkai.pipeline.export.definitions import Table, tables, views
from gongkai.pipeline.export.rows import Rows
from gongkai.pipeline.export.values import Type

if TYPE_CHECKING:  # heavy, and in an extra
    import pyarrow as pa

MEMORY_LIMIT = "512MB"
_TYPES: dict[Type, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
}


class DuckDbWriter:
    """Writes the tables into a DuckDB file.

    Args:
        place: the file, not yet there.
        max_rows: rows in memory.

    Raises:
        OSError: from each method, where DuckDB cannot write.
    """

    def __init__(self, place: Path, max_rows: int = MAX_ROWS):
        import duckdb

        config: dict[str, str | bool | int | float | list[str]] = {
            # DuckDB would take most of the machine's memory; past this it spills beside the file, which goes with it.
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(place.parent / "spill"),
            "autoinstall_known_extensions": False,
        }
        with _writing():
            self._connection = duckdb.connect(str(place), config=config)
        for table in tables().values():
            self._run(_create(table))
            self._run(f"COMMENT ON TABLE {table.name} IS {_quoted(f'{table.zh}。{table.en}')}")
            for column in table.columns:
                told = _quoted(f"{column.zh}。{column.en}")
                self._run(f"COMMENT ON COLUMN {table.name}.{column.name} IS {told}")
        self._batches = Batches(self._insert, max_rows)

    def __enter__(self) -> DuckDbWriter:
        return self

    def write(self, rows: Rows) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`."""
        self._batches.add(rows)

    def finish(self) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`."""
        self._batches.finish()
        for view in views().values():
            self._run(f"CREATE VIEW {view.name} AS {view.sql}")
            self._run(f"COMMENT ON VIEW {view.name} IS {_quoted(f'{view.zh}。{view.en}')}")
        self._run("CHECKPOINT")

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def _insert(self, name: str, batch: pa.Table) -> None:
        self._connection.register("batch", batch)
        self._run(f"INSERT INTO {name} SELECT * FROM batch")
        self._connection.unregister("batch")

    def _run(self, statement: str) -> None:
        with _writing():
            self._connection.execute(statement)


@contextmanager
def _writing() -> Iterator[None]:
    """Turn DuckDB's own kinds of what a full disk or memory brings about into the one that the callers know."""
    from duckdb import FatalException, IOException, OutOfMemoryException, TransactionException

    try:
        yield
    except (FatalException, IOException, OutOfMemoryException, TransactionException) as error:
        raise OSError(f"DuckDB: {error}") from error


def _create(table: Table) -> str:
    columns = [f"{column.name} {_TYPES[column.type]}" for column in table.columns]
    return f"CREATE TABLE {table.name} ({', '.join(columns)}, PRIMARY KEY ({', '.join(table.key)}))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
