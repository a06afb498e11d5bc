"""The number grammar's word lists: units, comparators, names that hold a number; looked up by position."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gongkai.pipeline.metrics.base import QuantityKind
from gongkai.pipeline.metrics.numerals import ZH_CHARS
from gongkai.pipeline.schema import Comparator

# 过百家 counts, 百家 alone does not.
_VAGUE = tuple("过上数近超逾几成")
_OR_ANOTHER = re.compile(r"\(([^()0-9]{1,6})\)")  # the bracket of 头（只）, 件（套）
_NUMERALS = frozenset("0123456789半" + ZH_CHARS)


def load_words(name: str) -> Any:
    """Return the contents of a YAML file of this package."""
    return yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Unit:
    """A measure word: ``name`` as reported, and the properties of its group in ``units.yaml``."""

    name: str
    group: str
    kind: QuantityKind = "metric"
    whole: bool = False
    arabic_only: bool = False
    time: bool = False
    limit: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A comparator word with what it gives and the characters beside it that void it."""

    text: str
    gives: Comparator
    not_after: str = ""
    bare_magnitude: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A fixed word that holds a numeral ``offset`` characters in; ``kind`` is None for ordinary words."""

    text: str
    offset: int
    kind: QuantityKind | None


@cache
def units() -> dict[str, Unit]:
    """Return every measure word as written, by its text."""
    raw = load_words("units.yaml")
    aliases = raw.pop("aliases")
    out: dict[str, Unit] = {}
    for group, entry in raw.items():
        flags = {key: entry[key] for key in ("kind", "whole", "arabic_only", "time", "limit") if key in entry}
        for word in entry["units"]:
            out.setdefault(word, Unit(aliases.get(word, word), group, **flags))
    for written, name in aliases.items():
        out.setdefault(written, out[name])
    return out


@cache
def _unit_lengths() -> dict[str, tuple[int, ...]]:
    """Return, by first character, the lengths of the units that start with it, longest first."""
    lengths: dict[str, set[int]] = {}
    for word in units():
        lengths.setdefault(word[0], set()).add(len(word))
    return {first: tuple(sorted(sizes, reverse=True)) for first, sizes in lengths.items()}


def with_bracket(folded: str, unit: Unit, end: int) -> tuple[Unit, int] | None:
    """Read a bracket that belongs to a unit which ends at ``end``: 人（次） is 人次, 头（只） stays as it is."""
    if folded.startswith("(次)", end):
        return replace(unit, name=unit.name + "次"), end + 3
    other = _OR_ANOTHER.match(folded, end)
    if other is None or not unit.whole:
        return None
    words = re.split("[、,/]", other[1])
    if not all((hit := unit_at(word, 0)) and hit[1] == len(word) for word in words):
        return None
    return replace(unit, name=f"{unit.name}（{other[1]}）"), other.end()


def measure_word(unit: str | None) -> str | None:
    """Return a unit without the other one in brackets: 头 for 头（只）."""
    return unit.partition("（")[0] if unit else unit


def unit_at(folded: str, at: int) -> tuple[Unit, int] | None:
    """Return the longest measure word at ``at`` and where it ends, or None."""
    for length in _unit_lengths().get(folded[at : at + 1], ()):
        word = folded[at : at + length]
        if (
            len(word) == length
            and word in units()
            and not (word[-1].isascii() and word[-1].isalpha() and _letter(folded, at + length))
        ):
            return units()[word], at + length
    return None


def _letter(folded: str, at: int) -> bool:
    ch = folded[at : at + 1]
    return ch.isascii() and ch.isalnum()


@dataclass(frozen=True, slots=True)
class Comparators:
    """The words of ``comparators.yaml``, longest first."""

    before: tuple[Word, ...]
    inside: dict[str, Comparator]
    after: tuple[Word, ...]
    within: dict[str, Comparator]
    within_not_before: str
    plain: tuple[str, ...]


@cache
def comparators() -> Comparators:
    """Return the comparator words."""
    raw = load_words("comparators.yaml")
    return Comparators(
        before=_words(raw["before"]),
        inside={word: entry["gives"] for entry in raw["inside"] for word in entry["words"]},
        after=_words(raw["after"]),
        within=dict.fromkeys(raw["within"]["words"], raw["within"]["gives"]),
        within_not_before=raw["within"]["not_before"],
        plain=tuple(raw["plain"]),
    )


def _words(entries: list[dict[str, Any]]) -> tuple[Word, ...]:
    words = [
        Word(text, entry["gives"], entry.get("not_after", ""), entry.get("bare_magnitude", False))
        for entry in entries
        for text in entry["words"]
    ]
    return tuple(sorted(words, key=lambda w: -len(w.text)))


@cache
def _before_by_last() -> dict[str, tuple[Word, ...]]:
    table: dict[str, list[Word]] = {}
    for word in comparators().before:
        table.setdefault(word.text[-1], []).append(word)
    return {last: tuple(words) for last, words in table.items()}


def comparator_before(folded: str, at: int, floor: int, bare: bool) -> tuple[Word, int] | None:
    """Return the comparator word that ends at ``at`` (one space allowed) and its start, or None.

    Args:
        folded: the folded text.
        at: where the number starts.
        floor: nothing before this offset is looked at.
        bare: the number is a magnitude without a digit (上百, 数千), where 上, 数, 几 count too.
    """
    end = at - 1 if at > floor and folded[at - 1] == " " else at
    for word in _before_by_last().get(folded[end - 1 : end], ()) if end > floor else ():
        start = end - len(word.text)
        if start < floor or not folded.startswith(word.text, start) or (word.bare_magnitude and not bare):
            continue
        if start > floor and folded[start - 1] in word.not_after:
            continue
        return word, start
    return None


def comparator_after(folded: str, at: int, limit: bool) -> tuple[Comparator, int] | None:
    """Return the comparator behind a quantity and its end; ``limit`` allows 内 (24小时内)."""
    if folded[at : at + 1] == " ":
        at += 1
    for word in comparators().after:
        if folded.startswith(word.text, at):
            return word.gives, at + len(word.text)
    table = comparators()
    gives = table.within.get(folded[at : at + 1]) if limit else None
    if gives and folded[at + 1 : at + 2] not in tuple(table.within_not_before):
        return gives, at + 1
    return None


@cache
def structure_nouns() -> tuple[str, ...]:
    """Return the nouns that order the text when counted (三个方面)."""
    return tuple(load_words("not_metrics.yaml")["structure_nouns"])


@cache
def _names() -> dict[str, tuple[Name, ...]]:
    """Return the fixed words by the two characters at their first numeral, longest first."""
    raw = load_words("not_metrics.yaml")
    kinds: tuple[tuple[str, QuantityKind | None], ...] = (
        ("words", None),
        ("names", "name"),
        ("dates", "date"),
        ("marginal", "marginal"),
    )
    table: dict[str, dict[str, Name]] = {}
    for section, kind in kinds:
        for entry in raw[section]:
            text = str(entry)
            offset = next((i for i, c in enumerate(text) if c in _NUMERALS), None)
            if offset is None:
                continue
            table.setdefault(text[offset : offset + 2], {})[text] = Name(text, offset, kind)
    return {key: tuple(sorted(names.values(), key=lambda n: -len(n.text))) for key, names in table.items()}


def name_at(folded: str, at: int, floor: int) -> tuple[Name, int] | None:
    """Return the longest fixed word whose first numeral stands at ``at``, and where the word starts."""
    names = _names()
    for key in (folded[at : at + 2], folded[at : at + 1]):
        for name in names.get(key, ()):
            start = at - name.offset
            if start >= floor and folded.startswith(name.text, start) and _stands_alone(folded, start, name):
                return name, start
    return None


def _stands_alone(folded: str, start: int, name: Name) -> bool:
    """A word that begins or ends with a digit must not be part of a longer number (12345件, 2019大事记)."""
    end = start + len(name.text)
    before, after = folded[start - 1 : start], folded[end : end + 1]
    if name.text[0].isdigit() and name.text[0].isascii() and (before.isdigit() or before in tuple(".,")):
        return False
    if name.offset == 0 and before == "第":
        return False
    if name.kind is None and (
        (name.text[0] in "百千万亿" and before in _VAGUE) or (name.text[-1] == "分" and after == "之")
    ):
        return False
    if name.text[-1].isascii() and name.text[-1].isdigit():
        return not (after.isdigit() or after in tuple(".%万亿余多") or unit_at(folded, end + (after == " ")))
    return True
