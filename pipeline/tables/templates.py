"""The official forms of the statutory tables, loaded from the YAML files beside this module.

Sources: 国办公开办函〔2019〕60号 (form of 2019), 国办公开办函〔2021〕30号 (form of 2021),
国办发〔2014〕32号 (statistics appendix).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from gongkai.pipeline.tables.labels import LabelIndex, normalise

TABLES = ("proactive_disclosure", "applications", "review_litigation", "statistics_appendix")


@dataclass(frozen=True, slots=True)
class Money:
    """The cell of a row that holds money: its column and, by form, the unit of a bare number."""

    column: str
    unit: dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a form.

    Attributes:
        id: canonical id of the summary JSON.
        zh: short Chinese name for messages.
        labels: the official label first, then its aliases.
        forms: the forms that have the row.
        columns: the row's cells by form, in order.
    """

    id: str
    zh: str
    labels: tuple[str, ...]
    forms: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    money: Money | None = None

    def columns_of(self, form: str) -> tuple[str, ...]:
        """Return the cells of this row under a form, in order."""
        return self.columns.get(form) or next(iter(self.columns.values()))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form: canonical id, short Chinese name, labels as written in headers."""

    id: str
    zh: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """One statutory table."""

    name: str
    title: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    groups: tuple[str, ...]
    headers: tuple[str, ...]
    units: tuple[str, ...]
    signatures: dict[str, tuple[str, ...]]

    @cached_property
    def row_index(self) -> LabelIndex:
        """Row labels to positions in ``rows``."""
        return LabelIndex((i, label) for i, row in enumerate(self.rows) for label in row.labels)

    @cached_property
    def column_index(self) -> LabelIndex:
        """Column labels to positions in ``columns``."""
        return LabelIndex((i, label) for i, column in enumerate(self.columns) for label in column.labels)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every normalised label that belongs to this table."""
        labels = [label for part in (self.rows, self.columns) for entry in part for label in entry.labels]
        return frozenset(normalise(text) for text in [*labels, *self.groups, *self.headers, *self.units]) - {""}

    @cached_property
    def fragments(self) -> str:
        """All normalised labels as one text, to recognise a piece of a wrapped label."""
        return "\n".join(sorted(self.vocabulary))

    @cached_property
    def header_characters(self) -> frozenset[str]:
        """The characters of the column headers, to recognise headers whose wrapped lines were read across."""
        labels = [label for column in self.columns for label in column.labels]
        return frozenset("".join(normalise(text) for text in [*labels, *self.headers]))

    @cached_property
    def distinctive(self) -> frozenset[str]:
        """Normalised labels that tell this table from the others."""
        others = [load(name).vocabulary for name in TABLES if name != self.name]
        return frozenset(x for x in self.vocabulary if not any(x in other for other in others) and len(x) > 1)

    def row_names(self) -> dict[str, str]:
        """Return ``{row id: short Chinese name}`` in the form's order."""
        return {row.id: row.zh for row in self.rows}

    def column_names(self) -> dict[str, str]:
        """Return ``{column id: short Chinese name}`` in the form's order."""
        return {column.id: column.zh for column in self.columns}

    def rows_of(self, form: str) -> tuple[Row, ...]:
        """Return the rows that a form has."""
        return tuple(row for row in self.rows if form in row.forms)


@cache
def load(name: str) -> Template:
    """Return the template of a table, one of :data:`TABLES`."""
    raw = yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8"))
    forms = ("pre2019",) if name == "statistics_appendix" else ("2019", "2021")
    columns = tuple(Column(key, c["zh"], (c["zh"], *c["aliases"])) for key, c in raw["columns"].items())
    every = tuple(column.id for column in columns)
    return Template(
        name=name,
        title=raw["title"],
        rows=tuple(_row(key, entry, forms, every) for key, entry in raw["rows"].items()),
        columns=columns,
        groups=tuple(raw["groups"]),
        headers=tuple(raw["headers"]),
        units=tuple(raw.get("units", ())),
        signatures={form: tuple(words) for form, words in raw.get("signatures", {}).items()},
    )


def _row(key: str, entry: dict[str, Any], forms: tuple[str, ...], every: tuple[str, ...]) -> Row:
    money = entry.get("money")
    own = entry.get("columns") or dict.fromkeys(forms, every)
    return Row(
        id=key,
        zh=entry.get("zh") or normalise(entry["label"]),
        labels=(entry["label"], *entry["aliases"]),
        forms=tuple(entry.get("forms", forms)),
        columns={form: tuple(ids) for form, ids in own.items()},
        money=Money(money["column"], money["unit"]) if money else None,
    )
