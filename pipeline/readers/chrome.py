"""What a page template leaves around a report: dropped when it is plainly that, its facts kept as metadata."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from gongkai.pipeline.document import Block, Diagnostic, GridBlock, TextBlock

# 一、 第一部分 （一）: the first such line opens the report proper (国办公开办函〔2019〕60号, 〔2021〕30号).
SECTION_TITLE = re.compile(r"^(?:[一二三四五六七八九十]{1,2}[、．.]|第[一二三四五六七八]部分|[（(]一[）)])\s*[一-鿿]")
_SEPARATORS = re.compile(r"[\s|｜>＞»›/\\·•\-—_【】\[\]()（）:：,，、;；。!！?？↑↓“”\"']+")
_SENTENCE_END = ("。", "；", "！", "!", ";")
_DATE = re.compile(r"(?:19|20)\d\d[-/.年]")
_LABELLED = re.compile(r"([一-鿿]{2,4})\s{0,2}[:：]\s{0,3}([^\s:：|【\[]{2,40})")
_TOP_LINES = 15  # where a report without numbered section titles may still have chrome
_SHORT = 40
_LONGEST = 150


@dataclass(frozen=True, slots=True)
class _Rules:
    words: frozenset[str]
    top_starts: tuple[str, ...]
    bottom_starts: tuple[str, ...]
    bottom_contains: tuple[str, ...]
    facts: dict[str, str]


@cache
def _rules() -> _Rules:
    raw = yaml.safe_load(Path(__file__).with_name("chrome.yaml").read_text(encoding="utf-8"))
    return _Rules(
        words=frozenset(raw["words"]),
        top_starts=tuple(raw["top_starts_with"]),
        bottom_starts=tuple(raw["bottom_starts_with"]),
        bottom_contains=tuple(raw["bottom_contains"]),
        facts={label: key for key, labels in raw["facts"].items() for label in labels},
    )


def drop_chrome(blocks: list[Block]) -> tuple[list[Block], list[Diagnostic]]:
    """Drop template lines above the first section title and below the last sentence.

    Args:
        blocks: the blocks of a page in reading order.

    Returns:
        The blocks left, and one ``read.chrome_dropped`` diagnostic that lists what was dropped (none if nothing was).
    """
    titles = [i for i, b in enumerate(blocks) if isinstance(b, TextBlock) and SECTION_TITLE.match(b.text)]
    top_end = titles[0] if titles else min(_TOP_LINES, len(blocks))
    bottom = _bottom_start(blocks, titles[-1] + 1 if titles else 0)
    dropped = {i for i in range(min(top_end, bottom)) if _is_top_chrome(blocks[i])} | set(range(bottom, len(blocks)))
    if not dropped:
        return blocks, []
    lines = " / ".join(b.text for i in sorted(dropped) if isinstance(b := blocks[i], TextBlock))
    message = f"{len(dropped)} line(s) of the page template dropped: {lines}"
    kept = [b for i, b in enumerate(blocks) if i not in dropped]
    return kept, [Diagnostic("info", "read.chrome_dropped", message)]


def _bottom_start(blocks: Sequence[Block], floor: int) -> int:
    """Return the first index from which template lines run to the end, with only short lines between them."""
    start = len(blocks)
    for i in range(len(blocks) - 1, floor - 1, -1):
        block = blocks[i]
        if not isinstance(block, TextBlock):
            break
        if _is_bottom_chrome(block.text):
            start = i
        elif len(block.text) > _SHORT or block.text.endswith(_SENTENCE_END):
            break
    return start


def _is_top_chrome(block: Block) -> bool:
    if not isinstance(block, TextBlock):
        return False
    text = block.text
    if len(text) > _LONGEST or text.endswith(_SENTENCE_END):
        return False
    return text.startswith(_rules().top_starts) or is_template_line(text)


def _is_bottom_chrome(text: str) -> bool:
    if len(text) > _LONGEST or text.endswith(_SENTENCE_END):
        return False
    rules = _rules()
    return (
        text.startswith(rules.bottom_starts)
        or any(part in text for part in rules.bottom_contains)
        or is_template_line(text)
    )


def is_template_line(text: str) -> bool:
    """Tell whether all parts of a line are words of the page template (首页 may carry the site's name)."""
    if _DATE.search(text):
        return False  # a date of publication may stand here and nowhere else
    parts = [p for p in _SEPARATORS.split(text) if p and not p.isdecimal()]
    known = sum(p in _rules().words or (p.endswith("首页") and len(parts) > 1) for p in parts)
    return known == len(parts) and len("".join(parts)) > 1  # one character alone is a table cell


def page_facts(blocks: Sequence[Block]) -> dict[str, str]:
    """Read the date, source and title that a template states before the report.

    Args:
        blocks: the blocks of a page, chrome included.

    Returns:
        ``pubdate``, ``contentsource`` and ``articletitle``, where stated.
    """
    facts: dict[str, str] = {}
    for block in blocks[:_TOP_LINES]:
        if isinstance(block, GridBlock):
            _facts_of_grid(block, facts)
        elif isinstance(block, TextBlock):
            if SECTION_TITLE.match(block.text):
                break
            if len(block.text) <= _LONGEST:
                facts = {**facts_of_text(block.text), **facts}
    return facts


def _facts_of_grid(grid: GridBlock, facts: dict[str, str]) -> None:
    for label, value in zip(grid.cells, grid.cells[1:], strict=False):
        key = _rules().facts.get(_label(label.text))
        if key and label.row == value.row and value.text:
            facts.setdefault(key, value.text)


def facts_of_text(text: str) -> dict[str, str]:
    """Read the facts from the running text of a page before its article ("发布时间： 2020-01-20 来源：…")."""
    facts: dict[str, str] = {}
    for match in _LABELLED.finditer(text):
        key = _rules().facts.get(match[1])
        if key and key != "articletitle":
            facts.setdefault(key, match[2])
    return facts


def _label(text: str) -> str:
    return re.sub(r"[\s:：]+", "", text)
