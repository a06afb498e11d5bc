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
_COLON = re.compile(r"(?<!\d)\s{0,2}[:：]|[:：](?!\d)")
_VALUE = re.compile(r"\s{0,3}([^\s:：|【\[]{2,40})")
_BARE_LABELS = frozenset({"时间", "日期"})  # 统计日期 and 报告时间 are the report's own
_LONGEST_LABEL = 8  # with the white space inside "索 引 号"
_DATE_TIME = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?:\s{0,4}\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
)
_CLOCK = re.compile(r"\s\d{1,2}[:：]\d{2}")
_ANY_LABEL = re.compile(r"(?:[一-鿿]{2,6}|[一-鿿](?:\s{1,2}[一-鿿]){1,3})\s{0,2}[:：]")
_YEAR = re.compile(r"(?:19|20)\d\d|二[〇○零O]")
_OWN_DATE = re.compile(r"\s*(?:时间[:：]\s*)?" + _DATE_TIME.pattern)
_TOP_LINES = 15  # where a report without numbered section titles may still have chrome
_SHORT = 40
_SHORT_NAME = 20  # of an office that stands beside the date without a label
_LONGEST = 150


@dataclass(frozen=True, slots=True)
class _Rules:
    words: frozenset[str]
    top_starts: tuple[str, ...]
    bottom_starts: tuple[str, ...]
    bottom_contains: tuple[str, ...]
    facts: dict[str, str]
    labels: frozenset[str]


@cache
def _rules() -> _Rules:
    raw = yaml.safe_load(Path(__file__).with_name("chrome.yaml").read_text(encoding="utf-8"))
    return _Rules(
        words=frozenset(raw["words"]),
        top_starts=tuple(raw["top_starts_with"]),
        bottom_starts=tuple(raw["bottom_starts_with"]),
        bottom_contains=tuple(raw["bottom_contains"]),
        facts={label: key for key, labels in raw["facts"].items() for label in labels},
        labels=frozenset(raw["labels"]) | {label for labels in raw["facts"].values() for label in labels},
    )


def drop_chrome(blocks: list[Block]) -> tuple[list[Block], list[Diagnostic]]:
    """Drop template lines above the first section title and below the last sentence.

    Args:
        blocks: the blocks of a page in reading order.

    Returns:
        The blocks left, and one ``read.chrome_dropped`` diagnostic that lists what was dropped (none if nothing was).
    """
    titles = [i for i, b in enumerate(blocks) if isinstance(b, TextBlock) and SECTION_TITLE.match(b.text)]
    bottom = _bottom_start(blocks, titles[-1] + 1 if titles else 0)
    dropped = _top_lines(blocks[: min(_head_length(blocks), bottom)]) | set(range(bottom, len(blocks)))
    if not dropped:
        return blocks, []
    lines = " / ".join(b.text for i in sorted(dropped) if isinstance(b := blocks[i], TextBlock))
    message = f"{len(dropped)} line(s) of the page template dropped: {lines}"
    kept = [b for i, b in enumerate(blocks) if i not in dropped]
    return kept, [Diagnostic("info", "read.chrome_dropped", message)]


def _head_length(blocks: Sequence[Block]) -> int:
    """Return how many blocks stand before the first section title, where a template may speak."""
    titles = (i for i, b in enumerate(blocks) if isinstance(b, TextBlock) and SECTION_TITLE.match(b.text))
    return next(titles, min(_TOP_LINES, len(blocks)))


def _top_lines(head: Sequence[Block]) -> set[int]:
    """Return which blocks of the head are the template's: known lines, and with them the menus above the title."""
    known = {i for i, block in enumerate(head) if _is_top_chrome(block)}
    title = max((i for i, b in enumerate(head) if isinstance(b, TextBlock) and is_report_title(b.text)), default=0)
    if any(i < title for i in known):
        known |= {i for i in range(title) if isinstance(b := head[i], TextBlock) and _is_menu_line(b.text)}
    return known


def _is_menu_line(text: str) -> bool:
    return len(text) <= _LONGEST // 2 and not text.endswith(_SENTENCE_END)


def is_report_title(text: str) -> bool:
    """Tell whether a text reads like the title of a report on one year."""
    return (
        6 <= len(text) <= 80
        and _YEAR.search(text) is not None
        and "公开" in text
        and text.rstrip("）)》” ").endswith(("报告", "年报", "总结"))
    )


def _bottom_start(blocks: Sequence[Block], floor: int) -> int:
    """Return the first index from which template lines run to the end, with only short lines between them."""
    start = len(blocks)
    for i in range(len(blocks) - 1, floor - 1, -1):
        block = blocks[i]
        if not isinstance(block, TextBlock):
            break
        if _is_bottom_chrome(block.text):
            start = i
        elif (len(block.text) > _SHORT and not _is_contact(block.text)) or block.text.endswith(_SENTENCE_END):
            break
    return start


def _is_contact(text: str) -> bool:
    """Tell an address line ("地址：… 邮编：… 电话：…"), which the foot of a page may hold and a report as well."""
    return len(text) <= _LONGEST and len(_ANY_LABEL.findall(text)) >= 2


def _is_top_chrome(block: Block) -> bool:
    if not isinstance(block, TextBlock):
        return False
    text = block.text
    if len(text) > _LONGEST or text.endswith(_SENTENCE_END):
        return False
    return text.startswith(_rules().top_starts) or is_template_line(text) or _is_info_line(text)


def _is_info_line(text: str) -> bool:
    """Tell whether a line holds what a template says of a page: date, source, number of readers, size of type.

    Its facts are read by :func:`page_facts` before it is dropped. A date without a time of day may be the report's.
    """
    labels = _labels(text)
    if _ANY_LABEL.match(text) and not (labels and labels[0].start == 0):
        return False  # opens with a label of its own: "联系人：…"
    dates = _DATE_TIME.findall(text)
    found = len(labels) + len(dates) + sum(_CLOCK.search(date) is not None for date in dates)
    words = sum(part in _rules().words for part in _SEPARATORS.split(text))
    opening = text[: labels[0].start] if labels else text
    rest = "".join(_SEPARATORS.split(_DATE_TIME.sub("", opening)))
    return found + min(words, 1) >= 2 and len(rest) <= _SHORT_NAME and bool(labels or _DATE_TIME.match(text))


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
    head = blocks[: _head_length(blocks)]
    for i, block in enumerate(head):
        if isinstance(block, GridBlock):
            _facts_of_grid(block, facts)
        elif isinstance(block, TextBlock) and len(block.text) <= _LONGEST:
            after = head[i + 1] if i + 1 < len(head) else None
            _facts_of_line(block.text, after.text if isinstance(after, TextBlock) else "", facts)
    return facts


def _facts_of_line(text: str, following: str, facts: dict[str, str]) -> None:
    for key, value in facts_of_text(text).items():
        facts.setdefault(key, value)
    if (date := _DATE_TIME.match(text)) and _is_info_line(text):
        facts.setdefault("pubdate", date[0])
    if text.endswith((":", "：")) and len(following) <= _LONGEST and not following.endswith((":", "：")):
        label = _rules().facts.get(_label(text))
        if label:
            facts.setdefault(label, following)


def _facts_of_grid(grid: GridBlock, facts: dict[str, str]) -> None:
    for label, value in zip(grid.cells, grid.cells[1:], strict=False):
        key = _rules().facts.get(_label(label.text))
        if key and label.row == value.row and value.text:
            facts.setdefault(key, value.text)


def facts_of_text(text: str) -> dict[str, str]:
    """Read the facts from the running text of a page before its article ("发布时间： 2020-01-20 来源：…")."""
    facts: dict[str, str] = {}
    labels = _labels(text)
    ends = [*(label.start for label in labels[1:]), len(text)]
    for found, end in zip(labels, ends, strict=False):
        key = _rules().facts.get(found.name)
        value = _VALUE.match(text, found.end, end)
        if key and key != "articletitle" and value:
            facts.setdefault(key, value[1])
    return facts


@dataclass(frozen=True, slots=True)
class _Label:
    """A label of a template and where it stands, its colon included."""

    name: str
    start: int
    end: int


def _labels(text: str) -> list[_Label]:
    """Find the known labels of a line, also where one runs into the value before it ("某区政府办字体：大 中 小")."""
    found: list[_Label] = []
    floor = 0
    for colon in _COLON.finditer(text):
        before = text[max(floor, colon.start() - _LONGEST_LABEL) : colon.start()]
        for length in range(len(before), 1, -1):
            name = _label(before[-length:])
            glued = length < len(before) and "一" <= before[-length - 1] <= "鿿"
            if name in _rules().labels and not before[-length].isspace() and not (glued and name in _BARE_LABELS):
                found.append(_Label(name, colon.start() - length, colon.end()))
                floor = colon.end()
                break
    return found


def date_above(pieces: Sequence[str]) -> str | None:
    """Return the date that stands without a label among the last pieces of text before an article."""
    for text in reversed(pieces[-_TOP_LINES:]):
        match = _OWN_DATE.match(text)
        if match and len(text) <= _SHORT:
            return match[0].strip()
    return None


def _label(text: str) -> str:
    return re.sub(r"[\s:：]+", "", text)
