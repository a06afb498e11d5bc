"""The figures of a benchmark as a table: what was asked beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: of which part, what, how much, and what was asked for it."""

    part: str
    what: str
    measured: str
    asked: str = ""
    note: str = ""


def shown(rows: list[Row], title: str) -> Table:
    """Return the figures as a table, what was asked beside what was measured."""
    table = Table(title=title)
    for name in ("part", "what"):
        table.add_column(name, overflow="fold")
    table.add_column("measured", justify="right", overflow="fold")
    table.add_column("asked", justify="right", overflow="fold")
    table.add_column("note", overflow="fold")
    for i, row in enumerate(rows):
        begins = i == 0 or rows[i - 1].part != row.part
        if begins and i:
            table.add_section()
        table.add_row(row.part if begins else "", row.what, row.measured, row.asked, row.note)
    return table
