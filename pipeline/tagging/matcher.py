"""Finds the phrases of the vocabulary in a sentence: one pass over its characters, whatever the size of the lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

# Quotation marks and white space never decide a label, but they break phrases (“三公”经费, 双 随机); full-width forms
# of the stops are what the rules look for.
_REPAIR: dict[int, str | None] = {ord(c): None for c in "“”‘’\"'＂＇「」『』〝〞 \t\r\n\u3000\xa0\u200b"}
_REPAIR |= {ord(a): b for a, b in zip(",;:()!?", "，；：（）！？", strict=True)}
_REPAIR |= {ord("〈"): "《", ord("〉"): "》"}
_REPAIR |= {0xFF10 + i: str(i) for i in range(10)}


def squeeze(text: str) -> str:
    """Return ``text`` as the phrases are written: no quotation marks, no white space, full-width punctuation."""
    return text.translate(_REPAIR)


@dataclass(slots=True)
class Entry:
    """What one phrase stands for.

    Attributes:
        domains: (label, strength) pairs; a strength is a key of ``weights`` in context.yaml.
        activities: (label, strength or condition) pairs.
        groups: names of the cue groups it belongs to.
        domain_mask: it hides shorter domain phrases inside it, also when it names no domain itself.
        activity_mask: the same for activities.
    """

    domains: list[tuple[str, str]] = field(default_factory=list)
    activities: list[tuple[str, str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    domain_mask: bool = False
    activity_mask: bool = False


class Hit(NamedTuple):
    """A phrase found at ``start``–``end`` of the squeezed sentence."""

    start: int
    end: int
    phrase: str
    entry: Entry


class PhraseIndex:
    """All phrases; the first two characters tell which lengths are worth a look-up (one character: itself)."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)
        lengths: dict[str, set[int]] = {}
        for phrase in entries:
            lengths.setdefault(phrase[:2], set()).add(len(phrase))
        self._singles = frozenset(key for key in lengths if len(key) == 1)
        self._lengths = {key: tuple(sorted(found, reverse=True)) for key, found in lengths.items()}

    def scan(self, text: str) -> list[Hit]:
        """Return every occurrence of every phrase, by start, the longest first where several start together."""
        hits: list[Hit] = []
        lengths, entries, singles = self._lengths, self._entries, self._singles
        for i in range(len(text)):
            for length in lengths.get(text[i : i + 2], ()):
                phrase = text[i : i + length]
                if phrase in entries and len(phrase) == length:
                    hits.append(Hit(i, i + length, phrase, entries[phrase]))
            if text[i] in singles and i + 1 < len(text):
                hits.append(Hit(i, i + 1, text[i], entries[text[i]]))
        return hits


def uncovered(hits: Iterable[Hit], masks: Iterable[tuple[int, int]] = ()) -> list[Hit]:
    """Drop the hits that lie inside a longer hit or inside one of ``masks``.

    Args:
        hits: in the order of :meth:`PhraseIndex.scan`.
        masks: (start, end) spans in which nothing counts.
    """
    kept: list[Hit] = []
    spans = list(masks)
    reach = -1
    for hit in hits:
        if hit.end > reach and not any(a <= hit.start and hit.end <= b for a, b in spans):
            kept.append(hit)
        reach = max(reach, hit.end)
    return kept
