"""Plain text and Markdown: one line a block, broken lines joined, pipe and tab tables as grids."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from gongkai.pipeline.config import Limits
from gongkai.pipeline.document import Block, GridBlock, TextBlock
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.normalise import repair
from gongkai.pipeline.readers.chrome import drop_chrome, is_template_line, page_facts
from gongkai.pipeline.readers.content import Content
from gongkai.pipeline.readers.encoding import decode
from gongkai.pipeline.readers.wrapping import Line, join_lines, wrap_width

_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1$")
_INLINE_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*_]+)(?<=\S)\1")
_LINK = re.compile(r"(!?)\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_BULLET = re.compile(r"(?:[-*+]|>)\s+(?=\S)")
_RULE = re.compile(r"(?:[-*_=]\s*){3,}$")
_DELIMITER_CELL = re.compile(r"(?:-{3,}:?|:-+:?|-+:)$")
_LINE_BREAK_TAG = re.compile(r"<br\s{0,3}/?>", re.I)
_UNESCAPED_PIPE = re.compile(r"(?<!\\)[|｜]")
_LIST_HEAD = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[）)、．.]$")
_MAX_LINES = 500_000
_LONGEST_CELL = 120  # characters; longer "cells" are prose that happens to hold a tab or a bar


def read_text(data: bytes, limits: Limits) -> Content:
    """Read a plain text file.

    Args:
        data: the whole file in any encoding that :func:`~gongkai.pipeline.readers.encoding.decode` knows.
        limits: bounds on the input; text needs none beyond its size.

    Returns:
        The blocks, chrome of the web page dropped; facts the template states (``pubdate`` …) as metadata.

    Raises:
        GongkaiError: ``read.unknown_type`` when the bytes are no text.
    """
    return _read(data, markdown=False)


def read_markdown(data: bytes, limits: Limits) -> Content:
    """Read a Markdown file; arguments, result and errors as for :func:`read_text`."""
    return _read(data, markdown=True)


def _read(data: bytes, markdown: bool) -> Content:
    decoded = decode(data)
    blocks = text_blocks(decoded.text, markdown)
    facts = page_facts(blocks)
    blocks, dropped = drop_chrome(blocks)
    return Content(blocks, facts, decoded.diagnostics() + dropped, decoded.encoding)


def text_blocks(text: str, markdown: bool = False) -> list[Block]:
    """Split a text into blocks.

    Args:
        text: decoded text with line ends of any kind.
        markdown: remove inline Markdown (emphasis, links, bullets, escapes) too. Headings, bold lines and pipe tables
            are recognised in any text, because page extractors write them into ``.txt`` files.

    Returns:
        Text and grid blocks in order; no empty ones.

    Raises:
        GongkaiError: ``read.corrupt`` for more lines than memory should hold.
    """
    raw = text.splitlines()
    if len(raw) > _MAX_LINES:
        raise GongkaiError("read.corrupt", f"The text holds {len(raw)} lines; no report does.")
    items: list[Line | Block] = []
    blank = True
    i = no_table_before = 0
    while i < len(raw):
        rows, after = _table_rows(raw, i) if i >= no_table_before else ([], 0)
        if rows:
            items.append(GridBlock.from_rows(rows))
            i, blank = after, False
            continue
        no_table_before = max(no_table_before, after)
        line = _line(raw[i], markdown, blank)
        if line is not None:
            items.append(line)
        blank = not raw[i].strip()
        i += 1
    return _joined(items)


def _joined(items: Sequence[Line | Block]) -> list[Block]:
    columns = wrap_width([item for item in items if isinstance(item, Line)])
    blocks: list[Block] = []
    run: list[Line] = []
    for item in [*items, None]:
        if isinstance(item, Line):
            run.append(item)
            continue
        blocks += [TextBlock(paragraph) for paragraph in join_lines(run, columns)]
        run = []
        if item is not None:
            blocks.append(item)
    return blocks


def _line(raw: str, markdown: bool, after_blank: bool) -> Line | TextBlock | None:
    text = repair(raw.strip())
    if not text:
        return None
    heading = _HEADING.match(text)
    if heading:
        title = _plain(heading[2], markdown).rstrip("# ").strip("*_ ")
        return TextBlock(title, level=len(heading[1])) if title else None
    bold = _BOLD.match(text)
    if bold and bold[1] not in bold[2]:
        return TextBlock(_plain(bold[2], markdown).strip(), bold=True)
    if markdown:
        if _RULE.match(text):
            return None
        text = _plain(_BULLET.sub("", text, count=1) if _BULLET.match(text) else text, markdown)
    text = text.replace("\t", " ").strip()
    return Line(text, raw[0] in " \t\u3000\xa0", after_blank) if text else None


def _plain(text: str, markdown: bool) -> str:
    if not markdown:
        return text
    text = _LINK.sub(lambda m: "" if m[1] else m[2], text)
    text = _INLINE_BOLD.sub(r"\2", text)
    return _ESCAPE.sub(r"\1", _LINE_BREAK_TAG.sub("", text)).strip()


# ---- tables ---------------------------------------------------------------------------------------------------


def _table_rows(raw: Sequence[str], start: int) -> tuple[list[list[str]], int]:
    """Read the pipe or tab table that begins at line ``start``.

    Returns:
        Its rows, none if there is no table, and the line before which no other table begins.
    """
    if "|" in raw[start] or "｜" in raw[start]:
        return _run(raw, start, _pipe_cells)
    if "\t" in raw[start]:
        return _run(raw, start, _tab_cells)
    return [], start


def _run(raw: Sequence[str], start: int, cells_of: Callable[[str], list[str] | None]) -> tuple[list[list[str]], int]:
    rows: list[list[str]] = []
    i = start
    while i < len(raw):
        cells = cells_of(raw[i])
        if cells is None:
            # Extractors may put a blank line between the rows of a table.
            if rows and not raw[i].strip() and i + 1 < len(raw) and cells_of(raw[i + 1]) is not None:
                i += 1
                continue
            break
        if not all(_DELIMITER_CELL.match(cell) for cell in cells):
            rows.append(cells)
        i += 1
    if len(rows) < 2 or max(map(len, rows)) < 2:
        return [], i
    return rows, i


def _pipe_cells(line: str) -> list[str] | None:
    text = line.strip()
    if "|" not in text and "｜" not in text:
        return None
    if is_template_line(text):
        return None
    parts = _UNESCAPED_PIPE.split(text)
    closed = text[-1] in "|｜"
    if not closed and len(parts) < 3:
        return None  # "a | b" alone may be prose or a title
    if closed:
        parts.pop()
    if text[0] in "|｜":
        parts.pop(0)
    return _cells(parts)


def _tab_cells(line: str) -> list[str] | None:
    if "\t" not in line.strip() and not ("\t" in line and not line.strip()):
        return None
    parts = line.rstrip("\r\n").split("\t")
    filled = [p for p in parts if p.strip()]
    if filled and (len(filled) < 2 or (_LIST_HEAD.match(filled[0].strip()) and len(filled) == 2)):
        return None  # "1.<tab>text": a numbered paragraph
    return _cells(parts) if filled else None


def _cells(parts: Sequence[str]) -> list[str] | None:
    cells = [repair(_ESCAPE.sub(r"\1", _LINE_BREAK_TAG.sub("", part))).strip("*") for part in parts]
    return cells if cells and max(map(len, cells)) <= _LONGEST_CELL else None
