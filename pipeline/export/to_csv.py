"""CSV that Excel opens as it is: UTF-8 with a byte order mark, and no cell that it would take for a formula."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from gongkai.pipeline.export.definitions import tables
from gongkai.pipeline.export.rows import Rows
from gongkai.pipeline.export.text_files import TextFiles
from gongkai.pipeline.export.values import Cell, plain

SUFFIX = ".csv"

# A spreadsheet computes what begins so; East Asian versions of Excel take the full-width signs as well. Apostrophes
# before it count in, so that each guarded text has one more than the text itself and reading back is exact.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guard(text: str) -> str:
    """Return the text with an apostrophe before it if a spreadsheet would compute it."""
    return "'" + text if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Return the text that :func:`guard` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


class CsvWriter(TextFiles):
    """Writes the tables as CSV files into a folder; null is an empty field.

    Args:
        place: the folder, there and empty.
    """

    def __init__(self, place: Path):
        super().__init__(place, SUFFIX, "utf-8-sig")
        self._writers = {name: csv.writer(file) for name, file in self.files.items()}
        for name, writer in self._writers.items():
            writer.writerow(tables()[name].names)

    def write(self, rows: Rows) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`."""
        for name, own in rows.items():
            self._writers[name].writerows([_field(cell) for cell in row] for row in own)


def _field(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return guard(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return plain(cell)
