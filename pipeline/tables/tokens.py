"""Cutting the lines of a flattened table into labels and values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from gongkai.pipeline.tables.labels import normalise
from gongkai.pipeline.tables.values import CellValue, clean, parse_cell

_PAGE_NUMBER = re.compile(
    r"- ?[0-9]{1,3} ?-|第 ?[0-9]{1,3} ?页(?: ?[,/]? ?共 ?[0-9]{1,3} ?页)?|[1-9][0-9]{0,2} ?/ ?[1-9][0-9]{0,2}"
)
_GLUED = re.compile(r"(.*[^0-9\s.,+\-])([0-9]{1,9})")
# "（三）不予4.保护第三方合法权益": the label of a group that stands left of several rows runs into one of theirs.
_GROUP_AND_ROW = re.compile(r"([(（][一二三四五六七][)）][\u4e00-\u9fff]{1,6})(\d[.．、][^\d\s].*)")
_NUMBERING_ONLY = re.compile(r"[(]?[0-9一二三四五六七八九十]{1,3}[)、.,]")
_MEASURE = re.compile(r"(?:万|亿)?(?:元|件|条|项|个|次|份)")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a flattened table.

    Attributes:
        kind: ``label``; ``value`` (a number or a written sign for nothing); ``gap`` (an empty cell between bars).
        text: as written.
        bare: the normalised label; empty for values.
        cell: the value read; ``None`` for labels.
    """

    kind: Literal["label", "value", "gap"]
    text: str
    bare: str = ""
    cell: CellValue | None = None


_GAP = Token("gap", "", "", CellValue("blank", ""))


def is_page_number(line: str) -> bool:
    """Tell whether a line is a page number ("- 4 -", "第 4 页 共 9 页") that a page break left in the table."""
    return len(line) < 24 and bool(_PAGE_NUMBER.fullmatch(clean(line)))


def cells_of(line: str) -> list[str]:
    """Split a line into cells where it says so itself, at bars and tabs; a bar ends a cell."""
    if "|" in line or "｜" in line:
        cells = line.replace("｜", "|").split("|")
        return cells[:-1] if not cells[-1].strip() else cells
    return line.split("\t") if "\t" in line else [line]


def tokenize(line: str) -> list[Token]:
    """Return the labels and values of one line in order.

    Args:
        line: one cell, or several separated by bars, tabs or spaces; a number may be glued to its label.
    """
    if is_page_number(line):
        return []
    cells = cells_of(line)
    barred = len(cells) > 1 or "|" in line or "｜" in line
    tokens: list[Token] = []
    for cell in cells:
        text = cell.strip()
        if text:
            tokens.extend(_tokenize_cell(text))
        elif barred:
            tokens.append(_GAP)
    return tokens


def _tokenize_cell(text: str) -> list[Token]:
    whole = parse_cell(text)
    if whole.kind != "unreadable" and not _several_numbers(text):
        return [Token("value", text, "", whole)]
    return [token for part in _parts(text) for piece in _without_group(part) for token in _part_tokens(piece)]


def _without_group(part: str) -> list[str]:
    merged = _GROUP_AND_ROW.fullmatch(part)
    return list(merged.groups()) if merged else [part]


def _several_numbers(text: str) -> bool:
    # "12 345" on a line of its own may be two cells; only an explicit separator keeps thousands together.
    return any(c.isspace() for c in text) and sum(part[:1].isdigit() for part in text.split()) > 1


def _parts(text: str) -> list[str]:
    """Split at white space, keeping a number with its measure word and a numbering with its label."""
    parts: list[str] = []
    for part in text.split():
        after_number = bool(parts) and parse_cell(parts[-1]).kind == "number"
        if parts and (
            (after_number and _MEASURE.fullmatch(part))
            or _NUMBERING_ONLY.fullmatch(parts[-1].translate(_WIDE))
            or (parts[-1] in "-－+＋" and part.isdigit() and len(parts) == 1)
        ):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


_WIDE = str.maketrans("（）．，", "().,")


def _part_tokens(part: str) -> list[Token]:
    cell = parse_cell(part)
    if cell.kind != "unreadable":
        return [Token("value", part, "", cell)]
    glued = _GLUED.fullmatch(part) if len(part) < 80 else None
    if glued and len(normalise(glued[1])) >= 2:
        label, number = glued[1], glued[2]
        return [Token("label", label, normalise(label)), Token("value", number, "", parse_cell(number))]
    return [Token("label", part, normalise(part))]
