"""Comparing labels as offices write them with the labels of the official form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MIN_SCORE = 0.55
# Below the best reading of a label by more than this, another reading is not considered.
MARGIN = 0.2
_MAX_LABEL = 120
# Filling instructions that some provinces print behind a label: 规章（设区的市应提供数据），处理决定数量（指办件量）.
_REMARK = re.compile(r"\([^()]*(?:应提供|填报|填写|指|含|参考)[^()]*\)")
_CACHE_LIMIT = 4096

_PUNCTUATION = re.compile(r"[^\w]|_")
_NUMBERING = re.compile(
    r"其中[:,、]?"
    r"|[(]?[一二三四五六七八九十]{1,3}[)、.,:]"
    r"|[(]?[0-9]{1,2}[)、.,:](?![0-9])"
    r"|[0-9]{1,2}(?=[\u4e00-\u9fff])"
)


def normalise(text: str) -> str:
    """Return a label without numbering, punctuation and white space, compatibility forms unified (NFKC).

    Args:
        text: a label as written, such as ``"（三）不予 公开"``.

    Returns:
        The bare label, such as ``"不予公开"``; empty when nothing but numbering was there.
    """
    return _normalise(text) if len(text) <= _MAX_LABEL else _bare(text)


@lru_cache(maxsize=_CACHE_LIMIT)
def _normalise(text: str) -> str:
    return _bare(text)


def _bare(text: str) -> str:
    squeezed = "".join(unicodedata.normalize("NFKC", text).split())
    squeezed = _REMARK.sub("", squeezed) or squeezed
    at = 0
    for _ in range(3):  # "三、（一）1." is the deepest numbering of the forms
        found = _NUMBERING.match(squeezed, at)
        if not found:
            break
        at = found.end()
    return _PUNCTUATION.sub("", squeezed[at:])


def similarity(label: str, alias: str) -> float:
    """Score how well a normalised label stands for a normalised alias, in [0, 1].

    A label that is the beginning of the alias may be the first line of a wrapped label; a label that contains the
    alias may carry its group or a remark. Otherwise the Dice coefficient of character pairs counts.
    """
    if label == alias:
        return 1.0
    if len(label) >= 3 and alias.startswith(label):
        return 0.55 + 0.4 * len(label) / len(alias)
    if len(alias) >= 4 and alias in label:
        return 0.55 + 0.4 * len(alias) / len(label)
    if len(label) >= 0.6 * len(alias) and len(label) >= 3 and label in alias:
        return 0.5 + 0.4 * len(label) / len(alias)
    if len(label) < 4 or len(alias) < 4:
        return 0.0
    ours, theirs = _pairs(label), _pairs(alias)
    return 0.9 * 2 * len(ours & theirs) / (len(ours) + len(theirs))


# A label is compared with every label of the form, and those are the same in all reports.
@lru_cache(maxsize=_CACHE_LIMIT)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


class LabelIndex:
    """Looks up which entries of a template a label may stand for.

    Args:
        entries: pairs of an entry's position in its template and one of its labels, as written.
    """

    def __init__(self, entries: Iterable[tuple[int, str]]):
        self._exact: dict[str, list[int]] = {}
        for key, label in entries:
            keys = self._exact.setdefault(normalise(label), [])
            if key not in keys:
                keys.append(key)
        self._beginnings = frozenset(alias[:n] for alias in self._exact for n in range(len(alias) + 1))
        self._cache: dict[str, tuple[tuple[int, float], ...]] = {}

    def exact(self, bare: str) -> list[int]:
        """Return the positions whose label equals ``bare`` (normalised)."""
        return self._exact.get(bare, [])

    def begins(self, bare: str) -> bool:
        """Tell whether some label begins with ``bare`` (normalised)."""
        return bare in self._beginnings

    def match(self, bare: str) -> tuple[tuple[int, float], ...]:
        """Return ``(position, score)`` of every entry that ``bare`` (normalised) may stand for.

        An exact label rules out all others; else everything within a margin of the best score is returned, and
        the order of the rows must decide.
        """
        if not bare or len(bare) > _MAX_LABEL:
            return ()
        keys = self._exact.get(bare)
        if keys:
            return tuple((key, 1.0) for key in keys)
        found = self._cache.get(bare)
        if found is None:
            found = self._fuzzy(bare)
            if len(self._cache) < _CACHE_LIMIT:
                self._cache[bare] = found
        return found

    def _fuzzy(self, bare: str) -> tuple[tuple[int, float], ...]:
        best: dict[int, float] = {}
        for alias, keys in self._exact.items():
            score = similarity(bare, alias)
            if score >= MIN_SCORE:
                for key in keys:
                    best[key] = max(score, best.get(key, 0.0))
        top = max(best.values(), default=0.0)
        return tuple((key, score) for key, score in best.items() if score >= top - MARGIN)
