"""HTML tables: which are data, which only lay out the page, and where the cells of the former stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from gongkai.pipeline.document import GridBlock, GridCell
from gongkai.pipeline.normalise import repair
from gongkai.pipeline.readers.chrome import SECTION_TITLE
from gongkai.pipeline.readers.html_tree import BLOCKS, TEXT, Measured, Walk
from gongkai.pipeline.readers.wrapping import glue

_LONG_CELL = 300  # characters; the longest row label of the statutory tables has under 60
_PROSE_SHARE = 0.6
_MAX_SPAN = 100  # the widest official table has 10 columns
_MAX_COLUMNS = 200
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_SPAN = re.compile(r"\s*(\d{1,6})")


@dataclass(slots=True)
class Row:
    """One ``<tr>`` with its own cells."""

    node: LexborNode
    cells: list[LexborNode]


def table_rows(table: LexborNode) -> list[Row]:
    """Return the rows of a table, without those of tables nested in it."""
    rows: list[Row] = []
    for part in table.iter():
        if part.tag == "tr":
            rows.append(_row(part))
        elif part.tag in ("tbody", "thead", "tfoot"):
            rows += [_row(tr) for tr in part.iter() if tr.tag == "tr"]
    return rows


def _row(node: LexborNode) -> Row:
    return Row(node, [cell for cell in node.iter() if cell.tag in ("td", "th")])


def data_runs(table: LexborNode, measured: Measured, skipped: frozenset[int]) -> list[list[Row]]:
    """Find the rows of a table that are data.

    Rows that hold one long text, or a section title, are the report's text put into a table; a table made of such,
    with a nested table that is most of it, or with one column or row, only lays out the page.

    Args:
        table: the ``<table>`` element.
        measured: weights of the page's elements.
        skipped: ``mem_id`` of elements to leave out.

    Returns:
        Runs of consecutive data rows; empty for a layout table, one run for a plain data table.
    """
    rows = [row for row in table_rows(table) if row.node.mem_id not in skipped]
    weights = measured.weights
    lengths = [[weights[c.mem_id].chars if c.mem_id in weights else 0 for c in row.cells] for row in rows]
    own_cells = sum(map(len, lengths))
    weight = weights.get(table.mem_id)
    if weight is not None and weight.cells > 2 * own_cells:
        return []  # most cells belong to nested tables
    runs: list[list[Row]] = [[]]
    shared_prose = 0
    for row, sizes in zip(rows, lengths, strict=True):
        if len(sizes) == 1 and (sizes[0] > _LONG_CELL or _is_title(row.cells[0])):
            runs.append([])
        else:
            runs[-1].append(row)
            shared_prose += sum(size for size in sizes if size > _LONG_CELL)
    if shared_prose > _PROSE_SHARE * max(1, sum(map(sum, lengths))):
        return []
    return [run for run in runs if len(run) > 1 and max(len(row.cells) for row in run) > 1]


def _is_title(cell: LexborNode) -> bool:
    text = (cell.text() or "").strip()
    return len(text) <= 80 and SECTION_TITLE.match(text) is not None


def grid_of(rows: Sequence[Row], skipped: frozenset[int]) -> GridBlock | None:
    """Place the cells of data rows on a grid.

    Spans reach at most to the last row and the last column that any cell starts in, so that ``colspan="10000"``
    costs nothing; ``rowspan="0"`` reaches to the last row.

    Returns:
        The grid, or ``None`` when no cell holds text.
    """
    cells: list[GridCell] = []
    taken: list[int] = [0] * _MAX_COLUMNS  # per column, the first row that is free
    for r, row in enumerate(rows):
        column = 0
        for node in row.cells:
            while column < _MAX_COLUMNS and taken[column] > r:
                column += 1
            if column == _MAX_COLUMNS:
                break
            rowspan = min(_span(node, "rowspan") or len(rows), len(rows) - r)
            colspan = min(_span(node, "colspan") or 1, _MAX_SPAN, _MAX_COLUMNS - column)
            free = next((i for i in range(1, colspan) if taken[column + i] > r), colspan)
            taken[column : column + free] = [r + rowspan] * free
            cells.append(GridCell(cell_text(node, skipped), r, column, rowspan, free))
            column += free
    if not any(cell.text for cell in cells):
        return None
    last = max(cell.column for cell in cells)
    for cell in cells:
        cell.colspan = min(cell.colspan, last + 1 - cell.column)
    return GridBlock(cells)


def _span(cell: LexborNode, name: str) -> int:
    match = _SPAN.match(cell.attributes.get(name) or "1")
    return int(match[1]) if match else 1


def cell_text(cell: LexborNode, skipped: frozenset[int]) -> str:
    """Return the text of a cell; its lines are joined, the cells of a table inside it stand apart by a space."""
    text = ""
    line: list[str] = []
    for node, tag, entering in Walk(cell, skipped):
        if tag == TEXT:
            line.append(node.text_content or "")
        elif tag in BLOCKS or tag == "br":
            text = glue(text, squeeze("".join(line)))
            line = [" "] if not entering and tag in ("td", "th") else []
            if line and text:
                text += " "
    return repair(glue(text, squeeze("".join(line))))


def squeeze(text: str) -> str:
    """Collapse white space as a browser does, and drop a source line break between Chinese characters."""
    text = _SPACE.sub(_space_between, text)
    return text.strip(" ")


def _space_between(match: re.Match[str]) -> str:
    start, end = match.span()
    around = match.string[start - 1 : start] + match.string[end : end + 1]
    return "" if "\n" in match[0] and len(around) == 2 and not any(c.isascii() for c in around) else " "
