"""Rows gathered into Arrow tables of a good size, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gongkai.pipeline.export.definitions import Table, tables
from gongkai.pipeline.export.rows import Rows
from gongkai.pipeline.export.values import Row, Type

if TYPE_CHECKING:  # heavy, and in an extra
    import pyarrow as pa

MAX_ROWS = 100_000  # some 100 MB


def arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of a table; the columns' names and descriptions are in the fields' metadata."""
    import pyarrow as pa

    types: dict[Type, pa.DataType] = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }
    fields = [
        pa.field(c.name, types[c.type], nullable=c.name not in table.key, metadata={"zh": c.zh, "description": c.en})
        for c in table.columns
    ]
    return pa.schema(fields, metadata={"zh": table.zh, "description": table.en})


class Batches:
    """Gathers rows, and hands on those of the biggest table whenever there are more than ``max_rows`` of all tables.

    Args:
        write: takes an Arrow table for the table of a name.
        max_rows: rows in memory.
    """

    def __init__(self, write: Callable[[str, pa.Table], None], max_rows: int = MAX_ROWS):
        self._write = write
        self._max_rows = max_rows
        self._schemas = {name: arrow_schema(table) for name, table in tables().items()}
        self._rows: dict[str, list[Row]] = {name: [] for name in self._schemas}
        self._held = 0

    def add(self, rows: Rows) -> None:
        """Take the rows of one result."""
        for name, more in rows.items():
            self._rows[name].extend(more)
            self._held += len(more)
        while self._held > self._max_rows:
            self._hand_on(max(self._rows, key=lambda name: len(self._rows[name])))

    def finish(self) -> None:
        """Hand on what is left."""
        for name in self._rows:
            self._hand_on(name)

    def _hand_on(self, name: str) -> None:
        import pyarrow as pa

        rows, self._rows[name] = self._rows[name], []
        if not rows:
            return
        self._held -= len(rows)
        schema = self._schemas[name]
        arrays = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), schema, strict=True)]
        self._write(name, pa.Table.from_arrays(arrays, schema=schema))
