"""Lines to paragraphs: where a line of text goes on in the next one, and which lines are headings.

Punctuation says little (headings and list items end without any), so geometry decides: a paragraph's lines reach
the right margin all but the last, its first is indented, and it keeps one size of type and one distance of lines.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from gongkai.pipeline.document import Block, GridBlock, TextBlock
from gongkai.pipeline.normalise import repair
from gongkai.pipeline.readers.pdf_lines import Line, join

_INDENT = 1.2
"""Em to the right of the margin from which a line is indented; Chinese paragraphs open with two em."""

_SLACK = 0.4
"""Em by which a full line may fall short of the margin besides the word that did not fit in."""

_RAGGED_SLACK = 3.0
"""The same where all paragraphs are indented and the next line is not: ragged text, numbers kept in one piece."""

_LOOSE = 1.4
"""Times the usual distance of lines from which a line opens a paragraph."""

_MIN_WIDTH = 0.5
"""Share of the page's width below which the longest lines do not show where the right margin is."""

_LONG_LINE = 0.7
_ENOUGH_LONG = 4
_SET_RIGHT = 0.3
_OTHER_SIZE = 0.12
_HEADING_SIZE = 1.12
_HEADING_LENGTH = 60
_LEVELS = 3

_ORDINAL = re.compile(
    r"[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十]{1,3}[章节部条]"
)
_ENDS = re.compile(r"[。！？；：!?;:…]['\"”’）)》]?\Z")


@dataclass(slots=True)
class _Margins:
    left: float
    right: float


@dataclass(slots=True)
class _Measures:
    """What is usual in this file: margins by page side and column, size of type, weight, distance of lines."""

    margins: dict[tuple[int, int], _Margins]
    size: float
    bold: bool
    pitch: float
    indents: bool = False

    def of(self, line: Line) -> _Margins:
        """Return the margins that a line stands between."""
        return self.margins[_side(line)]


def to_blocks(items: Iterable[Line | GridBlock], page_width: float) -> list[Block]:
    """Join lines into paragraphs.

    Args:
        items: lines and tables in reading order, page furniture already gone.
        page_width: of the narrowest page, in points.

    Returns:
        The tables as they are, and one text block for each paragraph or heading.
    """
    items = list(items)
    lines = [item for item in items if isinstance(item, Line)]
    if not lines:
        return [item for item in items if isinstance(item, GridBlock)]
    usual = _measure(lines, page_width)
    blocks: list[Block] = []
    current: list[Line] = []
    sizes: dict[int, float] = {}
    for item in items:
        if isinstance(item, Line) and current and _goes_on(current, item, usual):
            current.append(item)
            continue
        _flush(current, blocks, sizes, usual)
        current = []
        if isinstance(item, Line):
            current = [item]
        else:
            blocks.append(item)
    _flush(current, blocks, sizes, usual)
    _set_levels(blocks, sizes, usual)
    return blocks


def _flush(current: list[Line], blocks: list[Block], sizes: dict[int, float], usual: _Measures) -> None:
    if not current:
        return
    text = ""
    for line in current:
        text = join(text, line.text)
    text = repair(text.replace("\u00ad", "-")).strip()
    if text:
        bold = not usual.bold and all(line.bold for line in current)
        block = TextBlock(text, bold=bold, page=current[0].page or None)
        sizes[id(block)] = current[0].size
        blocks.append(block)


def _set_levels(blocks: list[Block], sizes: dict[int, float], usual: _Measures) -> None:
    """Give short blocks in larger type a level, the largest type first."""
    large = [
        b
        for b in blocks
        if isinstance(b, TextBlock) and sizes[id(b)] > _HEADING_SIZE * usual.size and len(b.text) <= _HEADING_LENGTH
    ]
    steps: list[float] = []
    for size in sorted((sizes[id(b)] for b in large), reverse=True):
        if not steps or size < steps[-1] * (1 - _OTHER_SIZE / 2):
            steps.append(size)
    for block in large:
        size = sizes[id(block)]
        level = next(i for i, step in enumerate(steps, 1) if size >= step * (1 - _OTHER_SIZE / 2))
        block.level = min(level, _LEVELS)


# ---- what is usual -----------------------------------------------------------------------------------------------


def _side(line: Line) -> tuple[int, int]:
    """Left and right pages of a double-sided print have their own margins."""
    return line.page % 2, line.column


def _measure(lines: list[Line], page_width: float) -> _Measures:
    weights: Counter[tuple[float, bool]] = Counter()
    # A short report may have more characters in a table without rulings than in its text, but no lines as long.
    long = [line for line in lines if len(line.pieces) == 1 and line.x1 - line.x0 > _MIN_WIDTH * page_width]
    for line in long or lines:
        weights[round(line.size, 1), line.bold] += len(line.text)
    (size, bold), _ = weights.most_common(1)[0]
    groups: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines:
        groups[_side(line)].append(line)
    by_column: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_column[line.column].append(line)
    margins = {
        side: _margins(group if _has_body(group, size) else by_column[side[1]], size) for side, group in groups.items()
    }
    for (_, column), margin in margins.items():
        if column == 0 and margin.right - margin.left < _MIN_WIDTH * page_width:
            # Only short lines: suppose that the page has as much white on the right as on the left.
            margin.right = max(margin.right, page_width - margin.left)
    widest = max(margin.right - margin.left for margin in margins.values())
    usual = _Measures(margins, size, bold, _pitch(lines, size, widest))
    usual.indents = _indents(lines, usual)
    return usual


def _pitch(lines: list[Line], size: float, widest: float) -> float:
    """Return the usual distance of lines, below long ones if there are some: menus and tables are set closer."""
    body = [
        (a, b)
        for a, b in pairwise(lines)
        if a.page == b.page
        and a.column == b.column
        and abs(max(a.size, b.size) - size) <= _OTHER_SIZE * size
        and len(a.pieces) == len(b.pieces) == 1
        and 0.9 * size < b.cy - a.cy < 3 * size
    ]
    long = [(a, b) for a, b in body if a.x1 - a.x0 > _LONG_LINE * widest]
    steps = sorted(b.cy - a.cy for a, b in (long if len(long) >= _ENOUGH_LONG else body))
    # The lower third rather than the middle: a page of one-line paragraphs has more wide steps than narrow ones.
    return steps[len(steps) // 3] if steps else 1.6 * size


def _indents(lines: list[Line], usual: _Measures) -> bool:
    """Tell whether paragraphs are indented: nearly every line after a line that clearly ended one is."""
    opening = [
        line.x0 - usual.of(line).left > _INDENT * line.size
        for before, line in pairwise(lines)
        if usual.of(before).right - before.x1 > 2 * _RAGGED_SLACK * before.size
        and abs(line.size - usual.size) <= _OTHER_SIZE * usual.size
    ]
    return len(opening) >= 3 and sum(opening) >= 0.8 * len(opening)


def _has_body(lines: list[Line], size: float) -> bool:
    widest = max(line.x1 - line.x0 for line in lines)
    return sum(line.x1 - line.x0 > 0.9 * widest for line in lines) >= 4 and widest > 12 * size


def _margins(lines: list[Line], size: float) -> _Margins:
    """Take the margins from the long lines: most of them go from one to the other."""
    body = [line for line in lines if abs(line.size - size) <= _OTHER_SIZE * size] or lines
    widest = max(line.x1 - line.x0 for line in body)
    long = [line for line in body if line.x1 - line.x0 > 0.7 * widest]
    left = sorted(line.x0 for line in long)[len(long) // 10]
    right = sorted(line.x1 for line in long)[-1 - len(long) // 10]
    return _Margins(left, right)


# ---- does the paragraph go on? -----------------------------------------------------------------------------------


def _goes_on(current: list[Line], line: Line, usual: _Measures) -> bool:
    before = current[-1]
    em = max(before.size, line.size)
    if abs(before.size - line.size) > _OTHER_SIZE * em or before.is_split or line.is_split:
        return False
    together = before.page == line.page and before.column == line.column
    if _is_title_line(before, usual) and _is_title_line(line, usual):
        return together and line.cy - before.cy < 2.2 * em and not _ENDS.search(before.text)
    distance = max(usual.pitch, 1.15 * em)
    if together and line.cy - before.cy > _LOOSE * distance:
        return False
    return _is_full(before, line, usual) and not _opens(current, line, usual)


def _is_title_line(line: Line, usual: _Measures) -> bool:
    """Large type with equal white on both sides."""
    margins = usual.of(line)
    left, right = line.x0 - margins.left, margins.right - line.x1
    return (
        line.size > _HEADING_SIZE * usual.size
        and abs(left - right) < 2 * line.size
        and (left > line.size or line.size > 1.3 * usual.size)
    )


def _is_full(before: Line, line: Line, usual: _Measures) -> bool:
    """Tell whether the first word of ``line`` had no room behind ``before``.

    A line that begins far from the left margin is set to the right, as the signature and the date are.
    """
    margins = usual.of(before)
    if before.x0 - margins.left > _SET_RIGHT * (margins.right - margins.left):
        return False
    indented = line.x0 - usual.of(line).left > _INDENT * line.size
    slack = _RAGGED_SLACK if usual.indents and not indented else _SLACK
    return margins.right - before.x1 < line.head + slack * before.size


def _opens(current: list[Line], line: Line, usual: _Measures) -> bool:
    """Tell whether a line after a full one opens a paragraph all the same."""
    before = current[-1]
    ended = _ENDS.search(before.text) is not None
    if before.bold and not line.bold_start:
        return True
    if ended and ((line.bold and not before.bold_end) or _ORDINAL.match(line.text)):
        return True
    if line.x0 - usual.of(line).left <= _INDENT * line.size:
        return False
    # Indented after a full line: a new paragraph, unless the whole block is indented or hangs from its first line.
    heading = _ORDINAL.match(before.text if len(current) == 1 else line.text) is not None
    shift = (line.x0 - usual.of(line).left) - (before.x0 - usual.of(before).left)
    return ended or heading or (len(current) > 1 and abs(shift) > line.size / 2)
