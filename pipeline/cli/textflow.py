"""Breaking Chinese text into lines: not before closing or after opening punctuation, not inside a number."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import get_character_cell_size
from rich.text import Text

# The usual rules of Chinese line breaking (避头尾; 《中文排版需求》 clreq, section 3.1).
_NO_START = frozenset("，。、；：？！）》」』】〉〕”’％…,.;:!?)]}%")
_NO_END = frozenset("（《「『【〈〔“‘([{")
_MAX_BACK = 24  # how far a break moves back to keep a word or number whole


def breaks(text: str, width: int) -> list[int]:
    """Return the offsets at which new lines start so that no line is wider than ``width`` terminal cells."""
    out: list[int] = []
    start = used = 0
    i = 0
    while i < len(text):
        cells = get_character_cell_size(text[i])
        if used + cells > width and i > start:
            start = _good_break(text, start, i)
            out.append(start)
            i = start
            used = 0
            continue
        used += cells
        i += 1
    return out


def _good_break(text: str, start: int, at: int) -> int:
    for candidate in range(at, max(start, at - _MAX_BACK), -1):
        if _may_break(text[candidate - 1], text[candidate]):
            return candidate
    return at


def _may_break(before: str, after: str) -> bool:
    if after in _NO_START or before in _NO_END:
        return False
    return not (_in_word(before) and _in_word(after))


def _in_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "._-/:,")


def flow(text: Text, width: int) -> list[Text]:
    """Break styled text into lines of at most ``width`` cells, spaces around the breaks trimmed."""
    lines = text.divide(breaks(text.plain, max(width, 4)))
    return [_trimmed(line, first=index == 0) for index, line in enumerate(lines)]


def _trimmed(line: Text, first: bool) -> Text:
    line.rstrip()
    leading = len(line.plain) - len(line.plain.lstrip())
    return line if first or not leading else line[leading:]


def beside(left: Text, right: Text, indent: int) -> Text:
    """Put two texts of finished or breakable lines side by side.

    Args:
        left: broken to fit the margin.
        right: its lines stay as they are.
        indent: cells of the margin, in which ``left`` stands.
    """
    lefts = flow(left, indent - 1) if left.cell_len > indent else [left.copy()]
    rights = list(right.split("\n")) or [Text()]
    out = Text(no_wrap=True, overflow="ignore")
    for index in range(max(len(lefts), len(rights))):
        head = lefts[index] if index < len(lefts) else Text()
        tail = rights[index] if index < len(rights) else Text()
        head.pad_right(max(indent - head.cell_len, 0) if tail else 0)
        out.append("\n" if index else "").append_text(head).append_text(tail)
    return out


def hanging(text: Text, gutter: Text, indent: int, width: int) -> Text:
    """Lay out running text beside a gutter.

    Args:
        text: broken into lines.
        gutter: what stands in the margin of the first line.
        indent: cells of the margin.
        width: cells of a whole line.
    """
    return beside(gutter, Text("\n").join(flow(text, width - indent)), indent)


def pack(units: Sequence[Text], gap: int, indent: int, width: int) -> Text:
    """Lay out units side by side as many as fit in a line, none broken unless it is wider than a line.

    Args:
        gap: cells between two units.
        indent: cells of the margin of every line.
        width: cells of a whole line.
    """
    out = Text(" " * indent, no_wrap=True, overflow="ignore")
    used = indent
    for unit in units:
        if used > indent and used + gap + unit.cell_len > width:
            out.append("\n" + " " * indent)
            used = indent
        elif used > indent:
            out.append(" " * gap)
            used += gap
        for index, line in enumerate(flow(unit, width - indent)):
            if index:
                out.append("\n" + " " * indent)
                used = indent
            out.append_text(line)
            used += line.cell_len
    return out
