"""Lists of parts in the narrative, and whether they fit the whole they open with."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gongkai.pipeline.checks.sums import TOLERANCE, plain
from gongkai.pipeline.metrics.base import Quantity
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.schema import CheckStatus, Number, ParagraphOut

_CUE = re.compile("其中|包括|分别(?:是|为)?|含|包含")
_GAP = re.compile(r"[\s，,、；;：:（(]*$")
_CHANNEL = re.compile("网站|微信|微博|客户端|公众号|平台|APP|头条|抖音|门户|网|媒体|栏")
_LABEL = re.compile(r"[^，,、；;：:（()）。]{0,16}$")
_LEADING = re.compile("^(?:其中|包括|分别|另|含)(?:是|为|有)?")
_DELTA = re.compile("同比|较上年|比上年|增加|减少|增长|下降|去年|上年(?!结转)|平均|累计")
_OPENING = re.compile("[（(]")
_CLOSING = re.compile("[）)]")
_FURTHER = re.compile("其中|分别")
_FAR_BEYOND = 1.5
_FEW = 6
# How many numbers around a cue are looked at; a longer list is not judged. Keeps the time linear in the sentence.
_REACH = 64


@dataclass(frozen=True, slots=True)
class Part:
    """One part: the words before its number, its value, whether 、 joins it to the part before."""

    label: str
    value: Number
    exact: bool
    enumerated: bool


@dataclass(frozen=True, slots=True)
class PartList:
    """A whole and the parts told after it.

    Attributes:
        complete: the wording (分别) promises all parts.
        earlier: counts with the same unit told before the whole; any of them, or their sum with it, may be what the
            parts divide ("新收30件，上年结转3件，其中…"), so such a list can agree but not fail.
    """

    paragraph: str
    sentence: str
    whole: Number
    whole_start: int
    unit: str
    parts: tuple[Part, ...]
    complete: bool
    earlier: tuple[Number, ...] = ()


Verdict = tuple[CheckStatus, tuple[Part, ...], Number, str]


def find_part_lists(paragraph: ParagraphOut) -> Iterator[PartList]:
    """Find "X共N件，其中A a件、B b件" in the sentences of a paragraph; ； continues a list, 。 ends it."""
    for start, end in _sentences(paragraph):
        sentence = paragraph.text[start:end]
        if not _CUE.search(sentence):
            continue
        quantities = [q for q in find_quantities(sentence) if q.kind == "metric"]
        starts, ends = [q.start for q in quantities], [q.end for q in quantities]
        for cue in _CUE.finditer(sentence):
            n_before = bisect_right(ends, cue.start())
            before = quantities[max(0, n_before - _REACH) : n_before]
            first = bisect_left(starts, cue.end())
            found = _list_at(sentence, cue, before, quantities[first : first + _REACH + 1])
            if found is not None:
                whole, parts = found
                earlier = tuple(q.value for q in before if q.end <= whole.start and q.unit == whole.unit)
                yield PartList(
                    paragraph.id,
                    sentence,
                    whole.value,
                    start + whole.start,
                    whole.unit or "",
                    parts,
                    cue.group().startswith("分别"),
                    earlier,
                )


def _sentences(paragraph: ParagraphOut) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for segment in paragraph.segments:
        start = segment.start if start is None else start
        if paragraph.text[segment.start : segment.end].rstrip().endswith(("；", ";")):
            continue
        yield start, segment.end
        start = None
    if start is not None:
        yield start, paragraph.segments[-1].end


def _list_at(
    sentence: str, cue: re.Match[str], before: Sequence[Quantity], after: Sequence[Quantity]
) -> tuple[Quantity, tuple[Part, ...]] | None:
    if not before or not _GAP.match(sentence, before[-1].end, cue.start()):
        return None
    whole = before[-1]
    if whole.unit in (None, "%", "百分点", "倍") or whole.comparator != "eq" or whole.value_max is not None:
        return None
    too_long = len(after) > _REACH
    stop = _list_end(sentence, cue, whole, after[-1].start if too_long else len(sentence))
    if too_long and stop >= after[-1].start:
        return None
    parts: list[Part] = []
    end = at = cue.end()
    depth = 0
    for quantity in after:
        if quantity.start >= stop:
            break
        depth += _depth(sentence[at : quantity.start])
        at = quantity.start
        if quantity.unit == whole.unit and depth == 0:
            parts.append(_part(sentence, end, quantity))
        elif not parts and quantity.unit not in (whole.unit, "%"):
            return None
        end = quantity.end
    return (whole, tuple(parts)) if parts else None


def _list_end(sentence: str, cue: re.Match[str], whole: Quantity, limit: int) -> int:
    """A list ends with its bracket, before the next 其中, and where the text turns to comparisons."""
    if _OPENING.search(sentence, whole.end, cue.start()):
        closing = _CLOSING.search(sentence, cue.end(), limit)
        return closing.start() if closing else limit
    further = _FURTHER.search(sentence, cue.end(), limit)
    delta = _DELTA.search(sentence, cue.end(), limit)
    return min([m.start() for m in (further, delta) if m], default=limit)


def _depth(inner: str) -> int:
    return sum(inner.count(c) for c in "（(") - sum(inner.count(c) for c in "）)")


def _part(sentence: str, previous_end: int, quantity: Quantity) -> Part:
    between = sentence[previous_end : quantity.start]
    label = _LABEL.search(between)
    words = _LEADING.sub("", label.group().strip() if label else "")
    exact = quantity.comparator == "eq" and quantity.value_max is None
    return Part(words, quantity.value, exact, between.lstrip().startswith(("、", "和", "及")))


def judge(found: PartList) -> Verdict | None:
    """Say whether the parts fit the whole; None when nothing can be said.

    The longest run of parts from the first on that adds up to the whole passes: reports often go on to divide the
    same whole once more (by channel, then by field), and those parts must not be added to the first.
    """
    exact = all(part.exact for part in found.parts)
    prefix = _fitting_prefix(found) if exact else None
    if prefix is not None:
        return _fits(found, prefix)
    if found.earlier:
        return None
    largest = max(found.parts, key=lambda part: part.value)
    if largest.value > found.whole + TOLERANCE:
        if _may_be_new_whole(found):
            return None
        text = f"分项“{largest.label}”{plain(largest.value)}{found.unit}大于总数{plain(found.whole)}{found.unit}"
        return "failed", (largest,), largest.value, text
    return _unfitting(found) if exact else None


def _fits(found: PartList, prefix: tuple[Part, ...]) -> Verdict:
    total = sum(part.value for part in prefix)
    sides = "＋".join(plain(part.value) for part in prefix)
    return "passed", prefix, total, f"分项之和 {sides}＝{plain(total)}，与总数{plain(found.whole)}{found.unit}相符"


def _may_be_new_whole(found: PartList) -> bool:
    """A larger number late in the sentence after ， may have left the list; the first part cannot."""
    first = found.parts[0]
    return first.value <= found.whole + TOLERANCE and not found.complete


def _fitting_prefix(found: PartList) -> tuple[Part, ...] | None:
    total: Number = 0
    longest: tuple[Part, ...] | None = None
    for count, part in enumerate(found.parts, 1):
        total += part.value
        if count >= 2 and abs(total - found.whole) <= TOLERANCE:
            longest = found.parts[:count]
    return longest


def _unfitting(found: PartList) -> Verdict | None:
    total = sum(part.value for part in found.parts)
    sides = "＋".join(plain(part.value) for part in found.parts)
    message = f"分项之和 {sides}＝{plain(total)}，与总数{plain(found.whole)}{found.unit}不符"
    if len(found.parts) < 2:
        return None
    if found.complete:
        return "failed", found.parts, total, message
    if total < found.whole:
        return None
    enumerated = all(part.enumerated for part in found.parts[1:])
    # One thing counts in several parts where a part is the whole, or the parts go far beyond it; slips are small.
    crossing = total > _FAR_BEYOND * found.whole or any(part.value == found.whole for part in found.parts)
    channels = any(_CHANNEL.search(part.label) for part in found.parts)
    if enumerated and not channels and not crossing and len(found.parts) <= _FEW:
        return "failed", found.parts, total, message
    text = f"各分项合计{plain(total)}{found.unit}，大于总数{plain(found.whole)}{found.unit}，分项可能交叉，无法核对"
    return "not_applicable", found.parts, total, text
