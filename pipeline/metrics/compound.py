"""Measures told in two steps: 13元4角, 2分15秒, 一天半."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from gongkai.pipeline.metrics.numerals import read_arabic, read_chinese, tidy
from gongkai.pipeline.metrics.vocabulary import load_words, unit_at


@dataclass(frozen=True, slots=True)
class Compound:
    """A measure and the smaller one that follows it, as one.

    Attributes:
        value: in ``unit``.
        unit: the unit reported.
        end: where it ends.
    """

    value: float
    unit: str
    end: int


@cache
def _steps() -> dict[tuple[str, str], tuple[int, str]]:
    return {
        (first, then): (step["worth"], step["as"])
        for step in _raw()["steps"]
        for first in step["first"]
        for then in step["then"]
    }


@cache
def _raw() -> dict[str, list]:
    return dict(load_words("compound.yaml"))


def compound(text: str, end: int, value: float, unit: str) -> Compound | None:
    """Read what follows a measure and belongs to it.

    Args:
        text: folded text.
        end: where the measure ends.
        value, unit: of the measure.

    Returns:
        Both as one measure; None where nothing follows that belongs to it.
    """
    if text.startswith("半", end) and unit in _raw()["halves"]:
        return Compound(tidy(value + 0.5), unit, end + 1)
    number = read_arabic(text, end) or read_chinese(text, end)
    smaller = unit_at(text, number.end) if number else None
    if number is None or smaller is None or (unit, smaller[0].name) not in _steps():
        return None
    worth, reported = _steps()[unit, smaller[0].name]
    if number.value != int(number.value) or number.value >= worth:
        return None
    if reported == unit:
        return Compound(tidy(value + number.value / worth), unit, smaller[1])
    return Compound(tidy(value * worth + number.value), reported, smaller[1])
