"""Finding tables that the source has flattened into lines of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from gongkai.pipeline.document import Block, FlatTable, GridBlock, TextBlock
from gongkai.pipeline.tables.labels import normalise
from gongkai.pipeline.tables.templates import load
from gongkai.pipeline.tables.tokens import Token, is_page_number, tokenize

_MAX_LINE = 4000
_LONG_LABEL = 120
_SHORT = 24
_MINGLED = 6
_SENTENCE = re.compile("[。；！？;]")
_TITLE = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}\s*[、.．]|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}部分)"
)
_SURE = 0.75
_MAX_UNKNOWN = 2
_NEAR = 4
_FULL_ROW = 5

_STATUTORY = ("proactive_disclosure", "applications", "review_litigation")
_APPENDIX = ("statistics_appendix",)


@dataclass(frozen=True, slots=True)
class _Line:
    """What a text block looks like to a table.

    Attributes:
        kind: ``label`` (whole known labels, maybe with values), ``values``, ``piece`` (part of a wrapped label, page
            number), ``unknown`` (short, may be a label the form does not have), ``row`` (unknown label with numbers),
            ``prose`` (ends every table).
        known: the normalised known labels in it.
        n_values: how many values it holds.
    """

    kind: str
    known: frozenset[str] = frozenset()
    n_values: int = 0


_PROSE = _Line("prose")


def locate(blocks: list[Block]) -> list[Block]:
    """Replace every run of text blocks that is really a flattened table by one :class:`FlatTable`.

    A run must hold several labels of one of the official tables and numbers (or very many labels, when all cells are
    blank). Section titles, sentences and headings end a run and stay text; rows of a table that look like titles
    ("四、结转下年度继续办理") are told by the vocabulary of the forms.

    Args:
        blocks: the report in reading order.

    Returns:
        The blocks with the flattened tables taken out of the text, in the same order.
    """
    return _pass(_pass(blocks, _STATUTORY), _APPENDIX)


def _pass(blocks: list[Block], tables: tuple[str, ...]) -> list[Block]:
    lines = [_classify(block, tables) if isinstance(block, TextBlock) else _PROSE for block in blocks]
    out: list[Block] = []
    at, last_end = 0, -_NEAR
    while at < len(blocks):
        end = _run_end(lines, at) if lines[at].kind in ("label", "piece") else at
        span = _trim(lines, at, end)
        if span and _is_table(lines[span[0] : span[1]], continued=span[0] - last_end < _NEAR):
            out.extend(blocks[at : span[0]])
            out.append(_flat_table(blocks[span[0] : span[1]]))
            at = last_end = span[1]
        elif _is_rest_of_grid(blocks, lines, at, end):
            out.append(_flat_table(blocks[at:end]))
            at = end
        else:
            upto = max(end, at + 1)
            out.extend(blocks[at:upto])
            at = upto
    return out


def _is_rest_of_grid(blocks: Sequence[Block], lines: Sequence[_Line], start: int, end: int) -> bool:
    """Tell whether lines beside a grid are what a page break cut off it: its first row, the overflow of a cell."""
    beside = [*blocks[max(start - 1, 0) : start], *blocks[end : end + 1]]
    return (
        start < end
        and all(line.kind in ("label", "piece") for line in lines[start:end])
        and any(isinstance(block, GridBlock) for block in beside)
    )


def _flat_table(blocks: Sequence[Block]) -> FlatTable:
    texts = [block for block in blocks if isinstance(block, TextBlock)]
    return FlatTable([line for block in texts for line in block.text.splitlines()], texts[0].page)


def _run_end(lines: Sequence[_Line], start: int) -> int:
    """Return where the run of table lines that begins at ``start`` ends; short unknown lines need numbers after."""
    at, unknown = start, 0
    while at < len(lines) and lines[at].kind != "prose":
        unknown = unknown + 1 if lines[at].kind == "unknown" else 0
        if unknown > _MAX_UNKNOWN or (unknown and not _leads_to_values(lines, at)):
            return at - unknown + 1
        at += 1
    return at


def _leads_to_values(lines: Sequence[_Line], at: int) -> bool:
    for line in lines[at + 1 : at + 1 + _MAX_UNKNOWN]:
        if line.kind == "values":
            return True
        if line.kind not in ("unknown", "piece"):
            return False
    return False


def _trim(lines: Sequence[_Line], start: int, end: int) -> tuple[int, int] | None:
    """Cut the run to its first and last sure lines; pieces of wrapped labels at its edges stay with it."""
    sure = [i for i in range(start, end) if lines[i].kind == "label"]
    if not sure:
        return None
    first = sure[0]
    while first > start and lines[first - 1].kind == "piece" and not lines[first - 1].n_values:
        first -= 1
    last = max(i for i in range(first, end) if lines[i].kind in ("label", "values", "row"))
    while last + 1 < end and lines[last + 1].kind == "piece":
        last += 1
    return first, last + 1


def _is_table(lines: Sequence[_Line], continued: bool) -> bool:
    """Tell whether a run is a table; behind one that a page header has just cut, a single row is enough."""
    known = frozenset().union(*(line.known for line in lines))
    n_values = sum(line.n_values for line in lines)
    enough = (len(known) >= 3 and n_values >= 1) or (len(known) == 2 and n_values >= 3) or len(known) >= 8
    return enough or (continued and bool(known) and n_values >= _FULL_ROW)


def _classify(block: TextBlock, tables: tuple[str, ...]) -> _Line:
    text = block.text
    if len(text) > _MAX_LINE:
        return _PROSE
    if is_page_number(text):
        return _Line("piece")
    whole = normalise(text) if len(text) <= _LONG_LABEL else ""
    if whole and any(whole in load(name).vocabulary for name in tables):
        return _Line("label", frozenset([whole]))
    if _SENTENCE.search(text):
        return _PROSE
    tokens = [token for line in text.splitlines() for token in tokenize(line)]
    if _is_title(whole) and not _is_header_row(tokens, tables):
        return _PROSE
    line = _from_tokens(tokens, tables)
    if line.kind in ("label", "values"):
        return line
    if whole and any(score >= _SURE for name in tables for _, score in load(name).row_index.match(whole)):
        return _Line("label", frozenset([whole]))
    if line.kind != "piece" and (block.level is not None or _TITLE.match(text)):
        return _PROSE
    return line


def _from_tokens(tokens: Sequence[Token], tables: tuple[str, ...]) -> _Line:
    labels = [t for t in tokens if t.kind == "label"]
    n_values = sum(t.kind == "value" for t in tokens)
    if not labels:
        return _Line("values" if tokens else "unknown", frozenset(), n_values)
    known, foreign = _sort_labels(labels, tables)
    if not foreign:
        return _Line("label" if known else "piece", frozenset(known), n_values)
    if n_values >= 3 and foreign <= _SHORT * 2:
        return _Line("row", frozenset(known), n_values)
    if n_values and known and foreign <= _SHORT // 2:
        return _Line("label", frozenset(known), n_values)
    if foreign <= _SHORT and not known and len(labels) <= 3:
        return _Line("unknown", frozenset(), n_values)
    return _PROSE


def _is_header_row(tokens: Sequence[Token], tables: tuple[str, ...]) -> bool:
    """Tell whether a line holds several labels set apart ("行政复议  行政诉讼") and nothing else."""
    return len(tokens) > 1 and all(any(token.bare in load(name).vocabulary for name in tables) for token in tokens)


def _sort_labels(labels: Sequence[Token], tables: tuple[str, ...]) -> tuple[list[str], int]:
    """Return the known labels and how many characters belong to none; neighbours are tried joined first."""
    known: list[str] = []
    foreign = 0
    at = 0
    while at < len(labels):
        for end in range(min(at + 4, len(labels)), at, -1):
            bare = normalise("".join(t.text for t in labels[at:end])) if end > at + 1 else labels[at].bare
            if any(bare in load(name).vocabulary for name in tables):
                known.append(bare)
                break
        else:
            end = at + 1
            bare = labels[at].bare
            if bare and not any(_is_part(bare, name) for name in tables):
                foreign += len(bare)
        at = end
    return known, foreign


def _is_part(bare: str, table: str) -> bool:
    """Tell whether a label is cut from a known one, or mingled from the lines of several headers ("业构")."""
    template = load(table)
    return bare in template.fragments or (len(bare) <= _MINGLED and template.header_characters.issuperset(bare))


@cache
def _boundaries() -> dict[str, list[str]]:
    return yaml.safe_load(Path(__file__).with_name("boundaries.yaml").read_text(encoding="utf-8"))


@cache
def _titles() -> tuple[str, ...]:
    return tuple(normalise(title) for title in _boundaries()["titles"])


def _is_title(bare: str) -> bool:
    if any(bare.startswith(note) for note in _boundaries()["notes"]):
        return True
    return len(bare) < 60 and any(title in bare for title in _titles())
