"""Lines as the chain of section titles needs them: numbers joined with their titles, run-together text cut."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from gongkai.pipeline.document import Block, TextBlock
from gongkai.pipeline.structure.headings import MAX_TITLE, find_mark
from gongkai.pipeline.structure.sections import section_kind

_CHINESE = "一二三四五六七八九十"
_MARK_ONLY = re.compile(
    rf"(?:第?[{_CHINESE}]{{1,3}}(?:部分)?[、．.]?|[（(][{_CHINESE}]{{1,3}}[)）]|\d{{1,2}}[、．.]|[（(]\d{{1,2}}[)）])\s*"
)
_LIST_NUMBER = re.compile(rf"[{_CHINESE}]{{1,2}}|\d")
# "…如下。 二、主动公开政府信息情况 2014年…": a numbered title between white space, in the middle of a text.
_INLINE_TITLE = re.compile(
    rf"(?:(?<=^)|(?<=[\s。；！]))([{_CHINESE}]{{1,2}}[、．]\s?[^\s。；！？，,;]{{2,{MAX_TITLE}}})(?=[\s。])"
)
_LONG = 200
_ENOUGH = 3


def mend_lines(blocks: list[Block]) -> list[Block]:
    """Join a number that stands alone with the title in the next line, and cut a text that lost its line breaks.

    Args:
        blocks: the report, flattened tables already located.

    Returns:
        The blocks; no character but white space is added or lost.
    """
    out: list[Block] = []
    for block in blocks:
        before = out[-1] if out else None
        if not isinstance(block, TextBlock):
            out.append(block)
        elif isinstance(before, TextBlock) and _is_number_of(before.text, block.text):
            out[-1] = replace(block, text=before.text.rstrip() + block.text, page=before.page)
        else:
            out.extend(_cut(block))
    return out


def _is_number_of(mark: str, title: str) -> bool:
    """Tell whether ``mark`` is nothing but a heading's number; a bare digit or numeral may be a value."""
    if not _MARK_ONLY.fullmatch(mark) or _LIST_NUMBER.fullmatch(mark.strip()):
        return False
    return len(title) <= MAX_TITLE and find_mark(title) is None


def _cut(block: TextBlock) -> list[Block]:
    """Cut one text at the section titles inside it, if several stand there in the order of their numbers."""
    if len(block.text) < _LONG:
        return [block]
    titles: list[re.Match[str]] = []
    for match in _INLINE_TITLE.finditer(block.text):
        mark = find_mark(match[1])
        if mark and mark.number == len(titles) + 1 and section_kind(match[1][mark.end :]):
            titles.append(match)
    if len(titles) < _ENOUGH:
        return [block]
    cuts = [0, *(at for match in titles for at in match.span(1)), len(block.text)]
    pieces = [block.text[a:b].strip() for a, b in pairwise(cuts)]
    return [replace(block, text=piece) for piece in pieces if piece]
