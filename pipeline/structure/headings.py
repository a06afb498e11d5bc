"""Heading marks of Chinese official prose: 一、 （一） 1. （1） 一是, their depth, and headings run into their text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CHINESE = "一二三四五六七八九十"
# Depths follow GB/T 9704-2012 §7.3.3 (一、 → （一） → 1. → （1）); 一是 and 首先 open a point inside any of them.
_MARKS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"第?[{_CHINESE}]{{1,3}}(?:部分)?\s*[、．.，,：:]\s*|第[{_CHINESE}]{{1,3}}部分\s*")),
    (2, re.compile(rf"[（(〔\[]\s*[{_CHINESE}]{{1,3}}\s*[)）〕\]]\s*[、.．]?\s*")),
    (3, re.compile(r"\d{1,2}\s*(?:[、．]|\.(?!\d))\s*")),
    (4, re.compile(r"[（(]\s*\d{1,2}\s*[)）]\s*[、.．]?\s*|\d{1,2}\s*[)）]\s*|[①②③④⑤⑥⑦⑧⑨⑩]\s*")),
    (
        5,
        re.compile(rf"[{_CHINESE}]{{1,2}}(?:是|要|则)(?!否)|第[{_CHINESE}]{{1,2}}[，,、]|(?:首先|其次|再次|最后)[，,]"),
    ),
)
_SENTENCE_END = re.compile(r"[。！？；!?;：:]")
_INNER_PUNCTUATION = re.compile(r"[。！？；!?;：:]")
MAX_TITLE = 40
"""Longest heading, in characters; longer lines are prose."""

_DIGITS = "零一二三四五六七八九"
_SMALL = re.compile(rf"(?:([{_DIGITS[1:]}])?(十))?([{_DIGITS[1:]}])?")


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading mark at the start of a text: its ``depth`` 1–5, ``end`` offset and ``number`` if it counts."""

    depth: int
    end: int
    number: int | None


def find_mark(text: str) -> Mark | None:
    """Return the heading mark that ``text`` begins with, or ``None``."""
    for depth, pattern in _MARKS:
        match = pattern.match(text)
        if match:
            return Mark(depth, match.end(), _number(match.group()))
    return None


def _number(mark: str) -> int | None:
    digits = re.sub(r"\D", "", mark)
    return int(digits) if digits else small_number("".join(c for c in mark if c in _CHINESE))


def small_number(numeral: str) -> int | None:
    """Read a Chinese numeral from 一 to 九十九 as list marks and dates use them; ``None`` for anything else."""
    match = _SMALL.fullmatch(numeral)
    if not numeral or not match:
        return None
    tens, ten, ones = match.groups()
    if not ten:
        return _DIGITS.index(ones)
    return (_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0)


def is_standalone_heading(text: str, set_off: bool) -> bool:
    """Tell whether a whole line is a heading.

    Args:
        text: the line.
        set_off: the format marks it as a heading (style, ``<h3>``) or it is wholly bold.
    """
    if len(text) > MAX_TITLE or _INNER_PUNCTUATION.search(text.rstrip("。：:；;")):
        return False
    mark = find_mark(text)
    if mark is None:
        return set_off and not text.endswith(("。", "；", ";"))
    return mark.end < len(text) and not text.endswith(("；", ";")) and (mark.depth < 5 or not text.endswith("。"))


def split_run_in(text: str) -> tuple[str, str] | None:
    """Split a heading from the text it runs into: ``"（一）主动公开。2021年…"``.

    Returns:
        ``(heading, rest)`` with ``heading + rest == text``, or ``None`` if the text opens with no marked heading
        or holds nothing after it.
    """
    mark = find_mark(text)
    if mark is None:
        return None
    end = _SENTENCE_END.search(text, mark.end)
    gap = re.search(r"\s+", text[mark.end :])
    cut = end.end() if end else len(text)
    if gap and gap.start() > 1:
        cut = min(cut, mark.end + gap.end())
    if cut >= len(text) or len(text[:cut].strip()) > MAX_TITLE or cut == mark.end:
        return None
    return text[:cut], text[cut:]
