"""Reading the content of one table cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from gongkai.pipeline.schema import Number

_MAX_CELL = 60
_DASHES = str.maketrans(dict.fromkeys("−–—―‐‑‒﹣－─ー", "-") | {"\u3000": " ", "\xa0": " "})
_FACTORS = {"元": 1, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000}
_UNIT_IN_HEADER = re.compile("亿元|万元|千元|元")


@dataclass(frozen=True, slots=True)
class CellValue:
    """A cell as read.

    Attributes:
        kind: ``number``; ``blank`` (empty, or a sign that offices write for nothing); ``unreadable``.
        number: the value with 万 and 亿 resolved.
        unit: the unit or measure word written in the cell.
        scaled: the cell itself wrote 万 or 亿 or 元, so a header's unit does not apply.
        text: the cell as written.
    """

    kind: Literal["number", "blank", "unreadable"]
    text: str
    number: Number | None = None
    unit: str | None = None
    scaled: bool = False


@cache
def _words() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("cells.yaml").read_text(encoding="utf-8"))


@cache
def _pattern() -> re.Pattern[str]:
    words = _words()

    def either(key: str) -> str:
        return "|".join(re.escape(w) for w in sorted(words[key], key=len, reverse=True))

    sign = f"(?P<plus>{either('plus')})|(?P<minus>{either('minus')})"
    number = r"(?P<number>[0-9]{1,3}(?:[, ][0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
    tail = f"(?P<multiplier>{either('multipliers')})?余? ?(?P<unit>{either('units')})?"
    return re.compile(f"(?:{either('vague')})? ?(?:{sign})? ?{number} ?{tail} ?(?:\\([^()]*\\))?")


@cache
def _blanks() -> frozenset[str]:
    return frozenset(clean(str(mark)) for mark in _words()["blank"]) | {""}


def clean(text: str) -> str:
    """Return a cell's text with compatibility forms, dashes and white space unified."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_DASHES).split())


def parse_cell(text: str) -> CellValue:
    """Read one cell.

    Args:
        text: the cell as written; white space and full-width forms do not matter.

    Returns:
        A number, a blank, or ``unreadable``; never a guess of zero.
    """
    if text.isascii() and text.isdigit() and len(text) <= _MAX_CELL:
        return CellValue("number", text, int(text))
    if len(text) > _MAX_CELL:
        return CellValue("unreadable", text)
    bare = clean(text)
    if bare in _blanks():
        return CellValue("blank", text)
    if bare in _words()["zero"]:
        return CellValue("number", text, 0)
    found = _pattern().fullmatch(bare)
    if not found:
        return CellValue("unreadable", text)
    value = Decimal(found["number"].replace(",", "").replace(" ", ""))
    if found["multiplier"]:
        value *= _words()["multipliers"][found["multiplier"]]
    if found["minus"]:
        value = -value
    scaled = bool(found["multiplier"]) or found["unit"] == "元"
    return CellValue("number", text, plain(value), found["unit"], scaled)


def plain(value: Decimal) -> Number:
    """Return an ``int`` where the value is whole, else a ``float``."""
    return int(value) if value == value.to_integral_value() else float(value)


def money_unit(header: str) -> str | None:
    """Return the unit of money that a header states (元, 万元, …), or ``None``."""
    found = _UNIT_IN_HEADER.search(clean(header).replace(" ", ""))
    return found.group() if found else None


def to_yuan(cell: CellValue, unit: str | None) -> Number | None:
    """Return a money cell in 元.

    Args:
        cell: a cell of kind ``number``.
        unit: the unit of bare numbers in this column; a unit written in the cell goes first.
    """
    if cell.number is None or cell.scaled or unit is None:
        return cell.number
    return plain(Decimal(str(cell.number)) * _FACTORS[unit])
