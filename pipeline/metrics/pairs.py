"""Lists told pairwise: "A、B、C分别为1、2、3件" gives each number its own item."""

from __future__ import annotations

import re

from gongkai.pipeline.metrics.context import Context
from gongkai.pipeline.metrics.indicator import left_phrase, shorten, tidy, with_suffix
from gongkai.pipeline.metrics.inherit import list_items

_BETWEEN = re.compile(r"[\s、，,和与及]*(?:以及)?[\s]*")
_RESPECTIVELY = re.compile(r"分别")
_MEASURE_TAIL = re.compile(
    r"[\u4e00-\u9fff]{1,2}(?:数量|总量|总数|人数|次数|条数|件数|金额|比例|比重|面积|时限)$|[\u4e00-\u9fff]{2}(?:[数率量额度]|标准)$"
)


def pair_up(laid_out: Context) -> dict[int, str]:
    """Return mention index -> indicator for every run of numbers introduced by 分别."""
    out: dict[int, str] = {}
    mentions = laid_out.mentions
    k = 0
    while k < len(mentions):
        run = [k]
        while run[-1] + 1 < len(mentions) and _adjoin(laid_out, run[-1]):
            run.append(run[-1] + 1)
        if len(run) > 1:
            out.update(_pair(laid_out, run))
        k = run[-1] + 1
    return out


def _adjoin(laid_out: Context, k: int) -> bool:
    here, there = laid_out.mentions[k], laid_out.mentions[k + 1]
    return bool(_BETWEEN.fullmatch(laid_out.text, here.quantity.end, there.quantity.start))


def _pair(laid_out: Context, run: list[int]) -> dict[int, str]:
    first = laid_out.mentions[run[0]]
    start, end = first.left
    sign = _RESPECTIVELY.search(laid_out.masked, start, end)
    if sign is None:
        return {}
    items = list_items(laid_out, start, sign.start())
    if len(items) < len(run):
        items = _items_of_clause_before(laid_out, first.clause) or items
    if len(items) < len(run):
        return {}
    items = items[-len(run) :]
    clean = left_phrase(items[0], items[0], 0, len(items[0]))
    items[0] = clean.text or items[0]
    tail = left_phrase(laid_out.text, laid_out.masked, sign.end(), end)
    ending = tail.text or _shared_ending(items)
    after = "" if tail.text else ending
    names: dict[int, str] = {}
    for k, item in zip(run, items, strict=True):
        unit = laid_out.mentions[k].quantity.unit
        name = item + tail.text if tail.text else item if not after or item.endswith(after) else item + after
        names[k] = shorten(with_suffix(tidy(name), unit, bool(tail.verb)))
    return names


def _items_of_clause_before(laid_out: Context, clause: int) -> list[str]:
    """The items stand in the clause before ("受理数、办结数、公开数，分别为…")."""
    if clause == 0 or laid_out.clauses[clause - 1].sentence != laid_out.clauses[clause].sentence:
        return []
    before = laid_out.clauses[clause - 1]
    return list_items(laid_out, before.start, before.end)


def _shared_ending(items: list[str]) -> str:
    """Return the measure only the last item spells out ("微博、微信粉丝数")."""
    match = _MEASURE_TAIL.search(items[-1])
    if match is None or len(match.group()) >= len(items[-1]):
        return ""
    tail = match.group()
    return "" if any(_MEASURE_TAIL.search(i) for i in items[:-1]) else tail
