"""Files of examples as records: JSON lines, a JSON array, comma or tab separated columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.tasks.config import Data, Name

_LONGEST_COLUMN = 100_000_000  # the csv module's own bound, 131,072 characters, is less than a long report


@dataclass(frozen=True, slots=True)
class Record:
    """One example as its file has it.

    Attributes:
        where: file and line (or number of the record), as errors quote it.
        number: of the line or record.
        named: its fields by name.
        columns: its fields by number; empty where they have none.
    """

    where: str
    number: int
    named: Mapping[str, Any]
    columns: Sequence[Any] = field(default=())

    def has(self, name: Name) -> bool:
        """Tell whether there is such a field."""
        if isinstance(name, int):
            return -len(self.columns) <= name < len(self.columns)
        return name in self.named

    def get(self, name: Name, setting: str) -> Any:
        """Return a field.

        Args:
            name: of the field, or number of the column.
            setting: by which the configuration names the field, for the error.

        Raises:
            GongkaiError: ``data.field`` where there is none.
        """
        if not self.has(name):
            known = ", ".join(self.named) if self.named else f"columns 0 to {len(self.columns) - 1}"
            raise GongkaiError(
                "data.field", f"{self.where} has no field {name!r}; it has {known}. Write data.fields.{setting}."
            )
        return self.columns[name] if isinstance(name, int) else self.named[name]


def read_records(path: Path, data: Data) -> Iterator[Record]:
    """Yield the records of a file.

    Args:
        path: the file.
        data: says its form and encoding.

    Raises:
        GongkaiError: ``data.unreadable``.
    """
    readers = {"jsonl": _json_lines, "json": _json_array, "csv": _columns, "tsv": _columns}
    return readers[data.form](path, data)


def read_lines(path: Path, encoding: str, newline: str = "\n") -> Iterator[tuple[int, str]]:
    """Yield number and text of each line, its end taken off.

    Only a line feed ends a line (before it, a carriage return): U+2028 and its like stand inside JSON as they are.

    Args:
        path: the file.
        encoding: its encoding; a byte order mark of UTF-8 is skipped.
        newline: ``""`` to keep the ends of lines, as the csv module wants it.

    Raises:
        GongkaiError: ``data.unreadable`` where there is no such file or it is of another encoding.
    """
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        with path.open(encoding=name, newline=newline) as stream:
            for number, line in enumerate(stream, 1):
                yield number, line if newline == "" else line.removesuffix("\n").removesuffix("\r")
    except UnicodeError as error:
        raise GongkaiError("data.unreadable", _wrong_encoding(path, encoding)) from error
    except OSError as error:
        raise GongkaiError("data.unreadable", f"{path} cannot be read: {error.strerror or error}.") from error


def _wrong_encoding(path: Path, encoding: str) -> str:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if _decodes(line, encoding):
                continue
            guess = "gb18030" if encoding != "gb18030" and _decodes(line, "gb18030") else "NAME"
            return f"{path}, line {number} is not {encoding}. Write data.encoding: {guess}."
    return f"{path} is not {encoding}. Write data.encoding: NAME."


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeError:
        return False
    return True


def _record(value: Any, where: str, number: int) -> Record:
    if isinstance(value, dict):
        return Record(where, number, value)
    if isinstance(value, list):
        return Record(where, number, {}, value)
    raise GongkaiError("data.unreadable", f"{where} is {json.dumps(value)[:40]} and not an object or an array.")


def _json_lines(path: Path, data: Data) -> Iterator[Record]:
    for number, line in read_lines(path, data.encoding):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            # A pretty-printed or one-piece array begins with its bracket, and its first line is no value by itself.
            hint = " Is the whole file one JSON array? Then write data.form: json." if line.lstrip()[0] in "[{" else ""
            raise GongkaiError("data.unreadable", f"{where} is no JSON: {error}.{hint}") from error
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            raise GongkaiError(
                "data.unreadable", f"{where} is an array of {len(value)} objects. Write data.form: json."
            )
        yield _record(value, where, number)


def _json_array(path: Path, data: Data) -> Iterator[Record]:
    text = "\n".join(line for _, line in read_lines(path, data.encoding))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = " It seems to hold a value a line: write data.form: jsonl." if "Extra data" in str(error) else ""
        raise GongkaiError("data.unreadable", f"{path} is no JSON: {error}.{lines}") from error
    if not isinstance(value, list):
        raise GongkaiError(
            "data.unreadable",
            f"{path} holds one JSON {type(value).__name__}; data.form: json wants an array of examples.",
        )
    for number, item in enumerate(value, 1):
        yield _record(item, f"{path}, record {number}", number)


def _columns(path: Path, data: Data) -> Iterator[Record]:
    names: list[str] | None = None
    for number, columns in _rows(path, data):
        if not any(column.strip() for column in columns):
            continue
        where = f"{path}, line {number}"
        if data.header and names is None:
            names = [column.strip() for column in columns]
            continue
        if names is not None and len(columns) != len(names):
            raise GongkaiError(
                "data.unreadable",
                f"{where} has {len(columns)} columns, the header {len(names)}. "
                "Write data.delimiter, data.quotes, or data.header: false where there is none.",
            )
        yield Record(where, number, dict(zip(names, columns, strict=True)) if names else {}, columns)


def _rows(path: Path, data: Data) -> Iterator[tuple[int, list[str]]]:
    delimiter = data.delimiter or ("," if data.form == "csv" else "\t")
    if not (data.form == "csv" if data.quotes is None else data.quotes):
        yield from ((number, line.split(delimiter)) for number, line in read_lines(path, data.encoding))
        return
    csv.field_size_limit(_LONGEST_COLUMN)
    rows = csv.reader(
        (line for _, line in read_lines(path, data.encoding, newline="")), delimiter=delimiter, strict=True
    )
    last = 0
    try:
        for row in rows:
            yield last + 1, row
            last = rows.line_num
    except csv.Error as error:
        raise GongkaiError(
            "data.unreadable", f"{path}, line {last + 1}: {error}. Write data.quotes: false where no column is quoted."
        ) from error
