"""Chinese and English names of the ids in a summary; the vocabulary is ``names.yaml`` beside this module."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import yaml

from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.tables.templates import TABLES, load


@cache
def _names() -> dict[str, dict[str, dict[str, str]]]:
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).with_name("names.yaml").read_text(encoding="utf-8")
    )
    return loaded


def zh(group: str, key: str) -> str:
    """Return the Chinese name of ``key`` in a group of ``names.yaml``, the key itself where it has none."""
    return _names()[group].get(key, {}).get("zh", key)


def en(group: str, key: str) -> str:
    """Return the English name of ``key`` in a group of ``names.yaml``, the key itself where it has none."""
    return _names()[group].get(key, {}).get("en", key.replace("_", " "))


def label_zh(facet: str, label: str) -> str:
    """Return the Chinese name of a label; ``facet`` is ``domains`` or ``activities``."""
    return taxonomy()[facet].get(label, {}).get("zh", label)


def row_zh(table: str, row: str) -> str:
    """Return the Chinese name of a row of a statutory table."""
    return load(table).row_names().get(row, row) if table in TABLES else row


def column_zh(table: str, column: str) -> str:
    """Return the Chinese name of a column of a statutory table."""
    return load(table).column_names().get(column, column) if table in TABLES else column


def column_order(table: str) -> Callable[[str], int]:
    """Return a sort key that puts columns in the order of the form, unknown ones last."""
    order = list(load(table).column_names()) if table in TABLES else []
    return lambda column: order.index(column) if column in order else len(order)


def table_of(rule: str) -> str | None:
    """Return the table whose cells a rule compares, None for rules of the narrative and between reports."""
    family = "proactive_disclosure" if rule.startswith("proactive.") else rule.split(".")[0]
    return family if family in TABLES else None


def place(where: str, rule: str) -> str:
    """Return the Chinese name of what a check speaks of, part by part: ``applications.granted.total`` has three."""
    table = table_of(rule)
    out = []
    for part in where.split("."):
        if part in TABLES:
            table = part
            out.append(zh("tables", part))
        elif table is not None:
            name = row_zh(table, part)
            out.append(column_zh(table, part) if name == part else name)
        else:
            out.append(part)
    return " · ".join(out)
