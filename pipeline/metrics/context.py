"""Where a number stands: its sentence, its clause, and the words left and right of it that may name it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.pipeline.metrics.base import Quantity
from gongkai.pipeline.metrics.lexicon import pieces
from gongkai.pipeline.metrics.timeframe import PERIOD

_QUOTED = re.compile(r"《[^《》\n]{1,80}》|“[^“”\n]{1,60}”|「[^「」\n]{1,60}」|‘[^‘’\n]{1,60}’|\"[^\"\n]{1,60}\"")
_BRACKETED = re.compile(r"[（(\[【][^（()）\[\]【】\n]{0,80}[)）\]】]")
_BOUNDARY = re.compile(r"[。！？；;!?\n，,：:（()）【】\[\]]|(?<=[\u4e00-\u9fff])\s*—{1,2}\s*(?=[\u4e00-\u9fff])")
_HAS_TIME = re.compile(r"[年月季度]|目前|至今|现在|每[周日天]")
STRONG = frozenset("。！？!?\n")
# How far the words of a number reach where no punctuation ends them.
REACH = 160
DROPPED = "\0"
_OPAQUE = "□"
_SPLIT = re.compile(r"、|以及|(?<![参涉])与(?!会)|(?<![共总缓])和(?!谐|平|解)|(?<!普)及(?!时|其)|并(?!联|入|购)")
# Heads that open a sentence and say nothing: list numbers, "一是", "其中".
_CONTINUES = re.compile(r"\s*其中")
_LIST_HEAD = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,2}是|\d{1,2}\s*[.．、](?!\d)"
    r"|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]+[，,、]|[①-⑳])\s*"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch between two boundaries; ``opener`` is the boundary character before it ("" at the start)."""

    start: int
    end: int
    opener: str
    sentence: int
    index: int


@dataclass(slots=True)
class Mention:
    """One metric quantity and the spans that may name it; offsets are code points of the paragraph."""

    quantity: Quantity
    clause: int
    left: tuple[int, int]
    right: tuple[int, int]
    listed: bool
    """Follows another metric after 、 in the same clause."""


@dataclass(slots=True)
class Context:
    """A paragraph prepared for linking."""

    text: str
    masked: str
    clauses: list[Clause]
    mentions: list[Mention]

    def clause_of(self, mention: Mention) -> Clause:
        """Return the clause a mention stands in."""
        return self.clauses[mention.clause]


def mask(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return ``text``, same length, with what must not be cut or read hidden.

    Quoted titles become opaque; bracketed remarks without a metric and time expressions vanish, so that their
    commas, verbs and numbers mislead nobody.

    Args:
        text: the paragraph.
        spans: (start, end) of its metric quantities; what holds one stays readable.
    """
    starts = [s for s, _ in spans]

    def holds_metric(start: int, end: int) -> bool:
        k = bisect_left(starts, start)
        return k < len(starts) and starts[k] < end

    out = list(text)
    for match in _BRACKETED.finditer(text):
        if not holds_metric(match.start(), match.end()):
            out[match.start() : match.end()] = DROPPED * (match.end() - match.start())
    for match in PERIOD.finditer(text) if _HAS_TIME.search(text) else ():
        if not holds_metric(match.start(), match.end()):
            out[match.start() : match.end()] = DROPPED * (match.end() - match.start())
    for match in _QUOTED.finditer(text):
        if not holds_metric(match.start(), match.end()):
            out[match.start() : match.end()] = _OPAQUE * (match.end() - match.start())
    return "".join(out)


def read(text: str, quantities: Sequence[Quantity]) -> Context:
    """Lay out the clauses of a paragraph and what stands left and right of each metric quantity."""
    ordered = sorted(quantities, key=lambda q: (q.start, q.end))
    metrics = [q for q in ordered if q.kind == "metric"]
    masked = mask(text, [(q.start, q.end) for q in metrics])
    clauses = _clauses(masked, ordered)
    starts = [c.start for c in clauses]
    mentions: list[Mention] = []
    for quantity in metrics:
        index = max(bisect_left(starts, quantity.start + 1) - 1, 0)
        mentions.append(_place(masked, clauses, index, quantity, mentions))
    return Context(text, masked, clauses, mentions)


def _clauses(masked: str, quantities: Sequence[Quantity]) -> list[Clause]:
    """Cut at punctuation that stands in no quantity; ``来件：40封`` is not cut at its colon."""
    inside = {i for q in quantities for i in range(q.start, q.end)}
    starts_metric = {q.start for q in quantities if q.kind == "metric"}
    out: list[Clause] = []
    at, opener, sentence = 0, "", 0
    for match in _BOUNDARY.finditer(masked):
        char = match.group().strip()[:1] or "\n"
        if match.start() in inside:
            continue
        if (
            char in "：:"
            and _skip_space(masked, match.end()) in starts_metric
            and not _is_open(masked, at, match.start())
        ):
            continue
        if match.start() > at:
            out.append(Clause(at, match.start(), opener, sentence, len(out)))
            opener = char
        elif char in "（(：:" or not opener:
            opener = char
        at = match.end()
        if char in STRONG:
            sentence += not _CONTINUES.match(masked, match.end())
            opener = char
    if at < len(masked):
        out.append(Clause(at, len(masked), opener, sentence, len(out)))
    return out or [Clause(0, len(masked), "", 0, 0)]


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\u3000\u00a0":
        at += 1
    return at


def _is_open(masked: str, start: int, end: int) -> bool:
    """Whether the words before a colon only open a list (其中：, 如下：)."""
    words = masked[start:end].strip()
    return words.endswith(("其中", "如下", "包括", "分别是", "情况"))


def _place(masked: str, clauses: list[Clause], index: int, quantity: Quantity, before: list[Mention]) -> Mention:
    """Give a quantity its words, sharing what lies between it and an earlier one of the same clause."""
    clause = clauses[index]
    right = (quantity.end, max(quantity.end, min(clause.end, quantity.end + REACH)))
    floor = max(clause.start, quantity.start - REACH)
    previous = before[-1] if before and before[-1].clause == index else None
    if previous is None:
        if _listed(masked, floor, quantity.start):
            return Mention(quantity, index, (quantity.start, quantity.start), right, True)
        start = strip_head(masked, floor, quantity.start) if floor < quantity.start else quantity.start
        return Mention(quantity, index, (start, quantity.start), right, False)
    gap = (previous.quantity.end, quantity.start)
    cut, resume, listed = split_gap(masked, *gap)
    previous.right = (gap[0], cut)
    return Mention(quantity, index, (resume, quantity.start), right, listed)


def _listed(masked: str, start: int, end: int) -> bool:
    """Whether a list sign stands directly before a number, so that the words before it belong to another thing."""
    return masked[start:end].rstrip("\0 ")[-1:] == "、"


def split_gap(masked: str, start: int, end: int) -> tuple[int, int, bool]:
    """Decide where the words between two numbers of a clause part.

    Returns:
        (end of the first number's words, start of the second's, whether a list sign stands between).
    """
    match = _SPLIT.search(masked, start, end)
    if match:
        return match.start(), match.end(), True
    for piece in pieces(masked, start, end):
        if piece.kind in ("verb", "filler", "preposition"):
            return piece.start, piece.start, False
    return end, start, False


def strip_head(masked: str, start: int, end: int) -> int:
    """Return where the words begin behind list numbers such as ``（一）`` and ``一是``."""
    for _ in range(2):
        match = _LIST_HEAD.match(masked, start, end)
        if not match:
            break
        start = match.end()
    return start
