"""JSON Lines: a file a table, an object a row, every column in each."""

from __future__ import annotations

import json
from pathlib import Path

from gongkai.pipeline.export.definitions import tables
from gongkai.pipeline.export.rows import Rows
from gongkai.pipeline.export.text_files import TextFiles
from gongkai.pipeline.export.values import plain

SUFFIX = ".jsonl"


class JsonLinesWriter(TextFiles):
    """Writes the tables as JSON Lines files into a folder.

    Args:
        place: the folder, there and empty.
    """

    def __init__(self, place: Path):
        super().__init__(place, SUFFIX, "utf-8")

    def write(self, rows: Rows) -> None:
        """See :class:`~gongkai.pipeline.export.forms.Writer`."""
        for name, own in rows.items():
            names, file = tables()[name].names, self.files[name]
            for row in own:
                record = dict(zip(names, map(plain, row), strict=True))
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
