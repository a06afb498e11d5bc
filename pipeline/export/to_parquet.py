"""Parquet: a file a table, in row groups, with Chinese names and descriptions in the fields' metadata."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from gongkai.pipeline.export.batches import MAX_ROWS, Batches, arrow_schema
from gongkai.pipeline.export.definitions import tables
from gongkai.pipeline.export.rows import Rows

if TYPE_CHECKING:  # heavy, and in an extra
    import pyarrow as pa

SUFFIX = ".parquet"


class ParquetWriter:
    """Writes the tables as Parquet files into a folder; a table without rows is a file without rows.

    Args:
        place: the folder, there and empty.
        max_rows: rows in memory.
    """

    def __init__(self, place: Path, max_rows: int = MAX_ROWS):
        from pyarrow import parquet

        self._open = ExitStack()
        self._files = {
            name: self._open.enter_context(
                parquet.ParquetWriter(place / f"{name}{SUFFIX}", arrow_schema(table), compression="zstd")
            )
            for name, table in tables().items()
        }
        self._batches = Batches(self._group, max_rows)

    def __enter__(self) -> ParquetWriter:
        return self

    def write(self, rows: Rows) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`."""
        self._batches.add(rows)

    def finish(self) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`."""
        self._batches.finish()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _group(self, name: str, group: pa.Table) -> None:
        self._files[name].write_table(group, row_group_size=group.num_rows)
