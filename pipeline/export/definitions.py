"""The tables of an export and the views upon them, loaded from ``tables.yaml`` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from gongkai.pipeline.export.values import Cell, Row, Type, check

Colour = Literal["bad", "warn"]


class _Part(BaseModel):
    """Base of all parts: an unknown key in the data file is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """One column.

    Attributes:
        name: its id, the English header.
        zh: its Chinese header.
        en: what it holds.
        note: the same in Chinese, where the header does not say it all.
        values: a closed vocabulary with Chinese names.
        number_format: of Excel, where the one of the type does not fit.
        width: of Excel, in characters.
    """

    name: str
    type: Type
    zh: str
    en: str
    note: str | None = None
    values: dict[str, str] = {}
    number_format: str | None = None
    width: int = 14


class ForeignKey(_Part):
    """Columns that name a row of another table by its key; a row where the last of them is null names none."""

    columns: tuple[str, ...]
    table: str


class Highlight(_Part):
    """Rows that Excel colours: those whose ``column`` holds ``value``."""

    column: str
    value: str
    colour: Colour


class Table(_Part):
    """One table: its key, its foreign keys and its columns in order."""

    name: str
    zh: str
    en: str
    note: str
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    columns: tuple[Column, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def column(self) -> dict[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def _strict(self) -> tuple[tuple[str, Type], ...]:
        # Texts and booleans of a validated summary need no look.
        return tuple((c.name, c.type) for c in self.columns if c.type in ("integer", "number", "date"))

    def row(self, cells: Mapping[str, Cell]) -> Row:
        """Return the cells in the order of the columns, an empty text as null.

        Args:
            cells: a value for every column, dates as ISO texts.

        Raises:
            ValueError: if a value does not fit the type of its column.
            KeyError: if the cells are not those of the columns.
        """
        settled = dict(cells)
        if settled.keys() != self.column.keys():
            raise KeyError(f"{self.name}: {sorted(settled.keys() ^ self.column.keys())}")
        for name, kind in self._strict:
            if settled[name] is not None:
                try:
                    settled[name] = check(kind, settled[name])
                except ValueError as error:
                    raise ValueError(f"{self.name}.{name}: {error}") from None
        return tuple(None if settled[name] == "" else settled[name] for name in self.names)

    def positions(self, columns: tuple[str, ...]) -> tuple[int, ...]:
        """Return where the columns stand in a row."""
        return tuple(self.names.index(name) for name in columns)


class View(_Part):
    """A view of the DuckDB file."""

    name: str
    zh: str
    en: str
    columns: tuple[str, ...]
    sql: str


@cache
def _raw() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("tables.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def tables() -> dict[str, Table]:
    """Return the tables by name, each after those its foreign keys speak of."""
    made = {}
    for name, entry in _raw()["tables"].items():
        columns = tuple(Column(name=column, **about) for column, about in entry["columns"].items())
        made[name] = Table(name=name, **(entry | {"columns": columns}))
    return made


@cache
def views() -> dict[str, View]:
    """Return the views by name."""
    return {name: View(name=name, **entry) for name, entry in _raw()["views"].items()}


def introduction() -> str:
    """Return the beginning of the data dictionary, Markdown."""
    return str(_raw()["introduction"])
