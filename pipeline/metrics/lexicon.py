"""The linking vocabulary (``link.yaml``) and a longest-match reader that cuts a clause into classed pieces.

A full tokenizer would cost more than the whole linking; the rules only need to know where the actions, fillers and
prepositions stand, so everything else stays a run of plain characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from gongkai.pipeline.metrics.vocabulary import load_words

PieceKind = Literal["noun", "verb", "filler", "manner", "copula", "preposition"]

_SKIPPED = frozenset("\0 \t\u3000\u00a0\u200b")
_SELF = re.compile(
    r"(?:我|本)(?:省|市|县|区|州|旗|镇|乡|局|委|办|部|厅|院|中心|机关|单位|系统|街道|会|署|行|所|站|校|村|社区|队|年度|年|级政府)"
    r"|(?:全)(?:省|市|县|区|州|旗|镇|乡|系统|局|委|街道|街|年)(?!人大|政协)|该(?:局|委|县|市|区|单位)"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A classed stretch of a clause: ``text[start:end]`` of the paragraph."""

    start: int
    end: int
    kind: PieceKind


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``link.yaml`` as the rules use it.

    Attributes:
        words: word -> class, for the longest match; ``longest`` bounds the word length by first character.
    """

    words: dict[str, PieceKind]
    longest: dict[str, int]
    adjuncts: tuple[str, ...]
    parts: frozenset[str]
    rate_heads: tuple[str, ...]
    bare_measures: frozenset[str]
    empty_headings: frozenset[str]
    light_verbs: frozenset[str]
    hosting_verbs: tuple[str, ...]
    audience: tuple[str, ...]
    channels: tuple[str, ...]
    count_units: frozenset[str | None]
    fee_verbs: frozenset[str]
    noun_suffixes: frozenset[str]
    not_suffixes: frozenset[str]
    classifiers: frozenset[str]
    noun_units: frozenset[str]
    suffixes: dict[str, str]
    default_suffix: str


@cache
def vocabulary() -> Vocabulary:
    """Load ``link.yaml`` once."""
    raw = load_words("link.yaml")
    words: dict[str, PieceKind] = {}
    groups: list[tuple[str, PieceKind]] = [
        ("verbs", "verb"),
        ("fillers", "filler"),
        ("manner", "manner"),
        ("copulas", "copula"),
        ("prepositions", "preposition"),
        ("nouns", "noun"),
    ]
    for key, kind in groups:
        words.update(dict.fromkeys(raw[key].split(), kind))
    longest: dict[str, int] = {}
    for word in words:
        longest[word[0]] = max(longest.get(word[0], 0), len(word))
    return Vocabulary(
        words=words,
        longest=longest,
        adjuncts=tuple(raw["adjuncts"].split()),
        parts=frozenset(raw["parts"].split()),
        rate_heads=tuple(raw["rate_heads"].split()),
        bare_measures=frozenset(raw["bare_measures"].split()),
        light_verbs=frozenset(raw["light_verbs"].split()),
        hosting_verbs=tuple(raw["hosting_verbs"].split()),
        channels=tuple(raw["channels"].split()),
        count_units=frozenset(raw["count_units"].split()),
        fee_verbs=frozenset(raw["fee_verbs"].split()),
        audience=tuple(raw["audience"].split()),
        empty_headings=frozenset(raw["empty_headings"].split()),
        noun_suffixes=frozenset(raw["noun_suffixes"]),
        not_suffixes=frozenset(raw["not_suffixes"].split()),
        classifiers=frozenset(raw["classifiers"].split()),
        noun_units=frozenset(raw["noun_units"].split()),
        suffixes=raw["suffixes"],
        default_suffix=raw["default_suffix"],
    )


def pieces(text: str, start: int, end: int) -> list[Piece]:
    """Cut ``text[start:end]`` into classed pieces, longest word first; runs of other characters become nouns.

    Args:
        text: the paragraph as masked by :func:`gongkai.pipeline.metrics.context.mask`.
        start, end: code-point offsets.

    Returns:
        Pieces in order, neighbouring noun runs merged. Dropped characters (``\\0``) and white space end no run.
    """
    voc = vocabulary()
    out: list[Piece] = []
    at = start
    while at < end:
        if text[at] in _SKIPPED:
            at += 1
            continue
        self_reference = _SELF.match(text, at, end) if text[at] in "我本全该" else None
        if self_reference and (at == start or not out or out[-1].kind != "noun"):
            out.append(Piece(at, self_reference.end(), "filler"))
            at = self_reference.end()
            continue
        kind: PieceKind = "noun"
        stop = at + 1
        for length in range(min(voc.longest.get(text[at], 0), end - at), 0, -1):
            found = voc.words.get(text[at : at + length])
            if found is not None:
                kind, stop = found, at + length
                break
        if kind == "verb" and stop < end and _makes_noun(text, stop, voc):
            kind, stop = "noun", stop + 1
        elif stop - at == 1 and kind != "noun" and out and out[-1].kind == "noun" and stop < end:
            kind = _lone(text, stop, kind, voc)
        if kind == "noun" and out and out[-1].kind == "noun":
            out[-1] = Piece(out[-1].start, stop, "noun")
        else:
            out.append(Piece(at, stop, kind))
        at = stop
    return out


def _lone(text: str, after: int, kind: PieceKind, voc: Vocabulary) -> PieceKind:
    """Class of a one-character word behind a noun run: a filler only before a verb, else part of the noun (许|可)."""
    if kind == "filler" and any(voc.words.get(text[after : after + n]) == "verb" for n in (2, 3, 4)):
        return "filler"
    return kind if kind == "preposition" and text[after - 1] in "对将把在" else "noun"


def _makes_noun(text: str, at: int, voc: Vocabulary) -> bool:
    """Whether a verb that ends at ``at`` is only the first half of a thing (受理率, 发布会)."""
    return text[at] in voc.noun_suffixes and text[at : at + 2] not in voc.not_suffixes
