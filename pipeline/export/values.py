"""The types of cells: what may stand in a column of each, and how it is written as text."""

from __future__ import annotations

import math
from datetime import date
from typing import Literal

Type = Literal["text", "integer", "number", "boolean", "date"]
Cell = str | int | float | bool | date | None
Row = tuple[Cell, ...]

_INT64 = 2**63
_EXACT = 2**53  # whole numbers up to here are exact as 64-bit floats


def check(kind: Type, value: Cell) -> Cell:
    """Return ``value`` as the type wants it: a number as float, an ISO text as date.

    Raises:
        ValueError: if the value cannot be held.
    """
    if kind == "date":
        return date.fromisoformat(str(value))
    if kind == "integer":
        if not isinstance(value, int) or not -_INT64 <= value < _INT64:
            raise ValueError("not a whole number of 64 bits")
        return value
    if kind == "number":
        try:
            settled = float(value)  # type: ignore[arg-type]
        except OverflowError:
            settled = math.inf
        if not math.isfinite(settled):
            raise ValueError("not a finite number")
        return settled
    return value


def plain(value: Cell) -> Cell:
    """Return a cell as JSON has it: a whole number without a fraction, a date as ISO text."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value.isoformat() if isinstance(value, date) else value
