"""Which lines open the statutory sections: the chain of titles that fits numbers, wording and order best.

Offices number their sections wrongly, reword them, forget numbers, number sub-headings like sections, and run a
title into its text. No single line tells; the chain does. Every candidate line gets a weight for its wording, every
step from one candidate to the next a penalty for a number or an order that does not fit, and the chain with the
highest sum wins (a weighted longest increasing subsequence).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongkai.pipeline.document import Block, SectionKind, TextBlock
from gongkai.pipeline.structure.headings import Mark, find_mark, is_standalone_heading, split_run_in
from gongkai.pipeline.structure.sections import is_official, order_of, section_kind

# Weights of a line's wording: a title of the official forms, another listed title, a pattern, only a number.
_OFFICIAL, _LISTED, _PATTERN, _NUMBER_ONLY = 6.0, 4.0, 2.0, 1.0
# Penalties of a step. Chosen so that a list numbered 一、二、三、 inside a section is dearer than what its lines weigh,
# while an official title with a wrong number, or without one among numbered ones, still pays.
_NO_NUMBER = 2.5
_SKIPPED_NUMBER, _REPEATED_NUMBER, _SMALLER_NUMBER = 1.0, 4.5, 6.0
_SAME_KIND, _WRONG_ORDER = 2.0, 1.5
_PLAIN_TITLE_LENGTH = 30
_CANDIDATES = 400
_ORDER = "一二三四五六七八九十"
_BARE_NUMBER = re.compile(rf"([{_ORDER}])(\s*)(?=[\u4e00-\u9fff])(?!是|要|方面)")


@dataclass(frozen=True, slots=True)
class Opening:
    """A line that may open a section: ``index`` of its block, the ``title`` and the ``rest`` that runs on after it."""

    index: int
    title: str
    rest: str
    kind: SectionKind | None
    number: int | None
    weight: float


def find_openings(blocks: list[Block]) -> dict[int, Opening]:
    """Return the section openings of a report by block index."""
    candidates = [c for i, b in enumerate(blocks) if isinstance(b, TextBlock) and (c := _candidate(i, b))]
    if sum(c.number is not None and c.kind is not None for c in candidates) >= 3:
        candidates = [c for c in candidates if c.number is not None or c.weight >= _LISTED]
    return {c.index: c for c in _best_chain(candidates[:_CANDIDATES])}


def _candidate(index: int, block: TextBlock) -> Opening | None:
    text = block.text
    set_off = block.bold or block.level is not None
    mark = find_mark(text)
    if mark is None and (bare := _bare_number(text)):
        return _opening(index, text, "", bare.end, bare.number)
    if mark and mark.depth == 1:
        if is_standalone_heading(text, set_off):
            return _opening(index, text, "", mark.end, mark.number)
        run_in = split_run_in(text)
        if run_in and len(run_in[0]) <= _PLAIN_TITLE_LENGTH:
            opening = _opening(index, run_in[0].strip(), run_in[1].strip(), mark.end, mark.number)
            # A numbered sentence in the text is no section unless it is titled like one.
            return opening if opening.kind else None
        return None
    if mark is None and len(text) <= _PLAIN_TITLE_LENGTH and not re.search(r"[。；，,]", text):
        opening = _opening(index, text, "", 0, None)
        return opening if opening.weight >= _LISTED or (set_off and opening.kind) else None
    return None


def _bare_number(text: str) -> Mark | None:
    """Return the mark of a listed title that only a numeral, without 、, stands before ("一 概述")."""
    plain = len(text) <= _PLAIN_TITLE_LENGTH and not re.search(r"[。；，,：:]", text)
    match = _BARE_NUMBER.match(text) if plain else None
    if match is None or section_kind(text[match.end() :], listed_only=not match[2]) is None:
        return None
    return Mark(1, match.end(), _ORDER.index(match[1]) + 1)


def _opening(index: int, title: str, rest: str, cut: int, number: int | None) -> Opening:
    bare = title[cut:]
    kind = section_kind(bare, listed_only=True)
    weight = _OFFICIAL if is_official(bare) else _LISTED
    if kind is None:
        kind = section_kind(bare)
        weight = _PATTERN if kind else _NUMBER_ONLY
    return Opening(index, title, rest, kind, number, weight)


def _best_chain(candidates: list[Opening]) -> list[Opening]:
    best: list[tuple[float, int | None]] = []
    numbered = any(c.number is not None for c in candidates)
    for j, right in enumerate(candidates):
        start = right.weight - (_SKIPPED_NUMBER if right.number not in (None, 1) else 0)
        best.append((start - (_NO_NUMBER if numbered and right.number is None else 0), None))
        for i in range(j):
            total = best[i][0] + right.weight - _penalty(candidates[i], right, numbered)
            # On a tie the later predecessor wins: it leaves fewer titles between the two.
            if total >= best[j][0]:
                best[j] = (total, i)
    chain: list[Opening] = []
    at = max(range(len(best)), key=lambda k: best[k][0], default=None)
    while at is not None:
        chain.append(candidates[at])
        at = best[at][1]
    return chain[::-1]


def _penalty(left: Opening, right: Opening, numbered: bool) -> float:
    penalty = 0.0
    if right.number is None:
        penalty += _NO_NUMBER if numbered else 0.0
    elif left.number is not None:
        step = right.number - left.number
        if step > 1:
            penalty += _SKIPPED_NUMBER
        elif step < 1:
            penalty += _REPEATED_NUMBER if step == 0 else _SMALLER_NUMBER
    if left.kind and right.kind:
        step = order_of(right.kind) - order_of(left.kind)
        # Reports before 2019 have several overview sections (组织领导, 制度建设, …) in a row.
        if step == 0 and right.kind != "overview":
            penalty += _SAME_KIND
        elif step < 0:
            penalty += _WRONG_ORDER
    return penalty
