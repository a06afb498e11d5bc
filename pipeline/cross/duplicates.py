"""``duplicate.text``: how much of a report is copied from last year's report of the same authority.

A sentence whose words, figures and dates taken out, are those of a sentence of last year is found by look-up. For the
others MinHash with banding (datasketch) proposes sentences of last year, and the exact Jaccard overlap of the trigrams
decides, so that no chance of the hashes gets into the result: with one seed, and in any order, it is the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from datasketch import MinHash, MinHashLSH

from gongkai.pipeline.cross.schema import Copy, CopyKind
from gongkai.pipeline.cross.sentences import Sentence
from gongkai.pipeline.cross.settings import DuplicateSettings
from gongkai.pipeline.schema import Check

RULE = "duplicate.text"
_KINDS: dict[CopyKind, str] = {
    "verbatim": "逐字相同",
    "new_date": "仅改日期或文号",
    "edited": "略改文字",
    "new_figures": "仅改数字",
}


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence of this year and the one of last year that it repeats."""

    kind: CopyKind
    overlap: float
    current: Sentence
    previous: Sentence


class Copies:
    """Last year's sentences, ready to be looked up.

    Args:
        previous: the sentences of last year's report.
        settings: overlap, bands and seed.
    """

    def __init__(self, previous: list[Sentence], settings: DuplicateSettings):
        self._settings = settings
        self._previous = previous
        self._by_words: dict[str, list[int]] = {}
        for index, sentence in enumerate(previous):
            self._by_words.setdefault(sentence.words, []).append(index)
        self._shingles = [sentence.shingles for sentence in previous]
        self._lsh = MinHashLSH(num_perm=settings.bands * settings.rows, params=(settings.bands, settings.rows))
        for words, indices in self._by_words.items():
            self._lsh.insert(words, self._signature(self._shingles[indices[0]]), check_duplication=False)

    def _signature(self, shingles: frozenset[str]) -> MinHash:
        signature = _blank(self._settings.bands * self._settings.rows, self._settings.seed).copy()
        signature.update_batch([shingle.encode("utf-8", "surrogatepass") for shingle in shingles])
        return signature

    def find(self, sentence: Sentence) -> Match | None:
        """Return what a sentence of this year repeats, the closest if there are several; ``None`` if nothing."""
        same = self._by_words.get(sentence.words)
        if same:
            return self._closest(sentence, same, 1.0)
        shingles = sentence.shingles
        overlaps: dict[int, float] = {}
        for words in self._lsh.query(self._signature(shingles)):
            first = self._by_words[words][0]
            overlap = jaccard(shingles, self._shingles[first])
            if overlap >= self._settings.similarity:
                overlaps |= dict.fromkeys(self._by_words[words], overlap)
        if not overlaps:
            return None
        most = max(overlaps.values())
        return self._closest(sentence, [i for i in sorted(overlaps) if overlaps[i] == most], most)

    def _closest(self, sentence: Sentence, indices: list[int], overlap: float) -> Match:
        order: list[CopyKind] = list(_KINDS)
        kinds = [(order.index(_kind(sentence, self._previous[i])), i) for i in indices]
        rank, index = min(kinds)
        return Match(order[rank], overlap, sentence, self._previous[index])


@lru_cache(maxsize=4)
def _blank(permutations: int, seed: int) -> MinHash:
    """Return an empty signature; drawing its permutations costs more than all else about a sentence."""
    # datasketch mixes the bits again, so a checksum will do and need not be a SHA-1.
    return MinHash(num_perm=permutations, seed=seed, hashfunc=crc32)


def _kind(current: Sentence, previous: Sentence) -> CopyKind:
    if current.figures != previous.figures:
        return "new_figures"
    if current.words != previous.words:
        return "edited"
    return "verbatim" if current.dates == previous.dates else "new_date"


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Return the share that two sets have in common of what is in either; 0 for two empty sets."""
    return len(left & right) / (len(left | right) or 1)


def duplicate_text(
    previous: list[Sentence], current: list[Sentence], previous_year: int, settings: DuplicateSettings
) -> tuple[Check, list[Copy]]:
    """Check that this year's report is not for the most part last year's.

    Args:
        previous: last year's sentences.
        current: this year's sentences.
        previous_year: the year the message names.
        settings: what is a copy, which kinds count, and the share allowed.

    Returns:
        The check (``actual`` is the share of this year's sentences that are copies of a kind that counts), and the
        longest copies. Not applicable when one of the reports has too few sentences for a share to say anything.
    """
    least = min(len(previous), len(current))
    if least < settings.min_sentences:
        message = f"可比较的句子太少（{previous_year}年{len(previous)}句，本年{len(current)}句），不作核对"
        return Check(rule=RULE, status="not_applicable", message=message), []
    known = Copies(previous, settings)
    found = [match for match in map(known.find, current) if match is not None]
    copies = sorted(
        (match for match in found if match.kind in settings.counted), key=lambda match: -len(match.current.text)
    )
    count = Counter(match.kind for match in found)
    share = len(copies) / len(current)
    check = Check(
        rule=RULE,
        status="failed" if share > settings.max_share else "passed",
        actual=round(share, 4),
        message=_message(count, len(copies), len(current), previous_year, settings),
        operands={
            "sentences": len(current),
            **{kind: count[kind] for kind in _KINDS},
            "characters": sum(len(sentence.text) for sentence in current),
            "copied_characters": sum(len(match.current.text) for match in copies),
            "max_share": settings.max_share,
        },
        evidence=copies[0].current.text if copies else None,
        paragraph=copies[0].current.paragraph if copies else None,
    )
    shown = sorted(found, key=lambda match: (match.kind not in settings.counted, -len(match.current.text)))
    return check, [_shown(match) for match in shown[: settings.evidence]]


def _shown(match: Match) -> Copy:
    return Copy(
        kind=match.kind,
        overlap=round(match.overlap, 4),
        paragraph=match.current.paragraph,
        text=match.current.text,
        previous_paragraph=match.previous.paragraph,
        previous_text=match.previous.text,
    )


def _message(
    count: Counter[CopyKind], copied: int, sentences: int, previous_year: int, settings: DuplicateSettings
) -> str:
    def told(kinds: list[CopyKind]) -> str:
        return "、".join(f"{_KINDS[kind]} {count[kind]} 句" for kind in kinds if count[kind])

    counted = told([kind for kind in _KINDS if kind in settings.counted])
    others = told([kind for kind in _KINDS if kind not in settings.counted])
    share = copied / sentences
    limit = f"{'超过' if share > settings.max_share else '不超过'} {settings.max_share:.0%}"
    message = f"{sentences} 句中有 {copied} 句（{share:.1%}）沿用{previous_year}年报告，{limit}"
    return f"{message}{f'：{counted}' if counted else ''}{f'；另有{others}，不计入' if others else ''}"
