"""Tables of Word files: merged cells, and tables that only lay out text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gongkai.pipeline.document import Block, GridBlock, GridCell, TextBlock
from gongkai.pipeline.readers.chrome import SECTION_TITLE
from gongkai.pipeline.readers.docx_styles import W, number, value
from gongkai.pipeline.readers.wrapping import glue

if TYPE_CHECKING:
    from gongkai.pipeline.readers.docx import BodyReader

_WRAPPERS = frozenset(W + name for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"))
_LONG_CELL = 300  # as for HTML: the longest row label of the statutory tables has under 60 characters
_MAX_COLUMNS = 200


@dataclass(slots=True)
class _Cell:
    column: int
    colspan: int
    merge: str | None  # "restart", "continue" or None
    blocks: list[Block]

    @property
    def text(self) -> str:
        text = ""
        for block in self.blocks:
            if isinstance(block, TextBlock):
                text = glue(text, block.text)
            elif isinstance(block, GridBlock):
                text = " ".join([text, *(c.text for c in block.cells if c.text)]).strip()
        return text

    @property
    def is_prose(self) -> bool:
        if any(isinstance(b, GridBlock) for b in self.blocks):
            return True
        length = sum(len(b.text) for b in self.blocks if isinstance(b, TextBlock))
        first = self.blocks[0] if self.blocks else None
        return length > _LONG_CELL or (isinstance(first, TextBlock) and SECTION_TITLE.match(first.text) is not None)


def read_table(table: Any, reader: BodyReader) -> list[Block]:
    """Read a ``w:tbl``.

    Rows that hold one long text, a section title or a nested table alone are the report's text put into a table and
    become blocks of their own; so does a table of one column or one row.

    Args:
        table: the element.
        reader: reads the cells' contents.

    Returns:
        Blocks in order: grids, and the text of layout cells.
    """
    out: list[Block] = []
    run: list[list[_Cell]] = []
    for element in _children(table, f"{W}tr"):
        if element.find(f"{W}trPr/{W}del") is not None:
            continue  # a deleted row of tracked changes
        row = _row(element, reader)
        if len(row) == 1 and row[0].is_prose:
            out += _flush(run)
            run = []
            out += row[0].blocks
        else:
            run.append(row)
    return out + _flush(run)


def _children(element: Any, tag: str) -> Iterator[Any]:
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, tag)


def _row(element: Any, reader: BodyReader) -> list[_Cell]:
    cells: list[_Cell] = []
    column = max(0, min(number(value(element, f"{W}trPr/{W}gridBefore"), 0), _MAX_COLUMNS - 1))
    for cell in _children(element, f"{W}tc"):
        properties = cell.find(f"{W}tcPr")
        span = max(1, min(number(value(properties, f"{W}gridSpan"), 1), _MAX_COLUMNS - column))
        blocks = reader.blocks(cell)
        if cells and value(properties, f"{W}hMerge") == "continue":
            cells[-1].colspan += span  # the older way to merge to the right
            cells[-1].blocks += blocks
        else:
            merge = None
            if properties is not None and properties.find(f"{W}vMerge") is not None:
                merge = value(properties, f"{W}vMerge") or "continue"
            cells.append(_Cell(column, span, merge, blocks))
        column += span
        if column >= _MAX_COLUMNS:
            break
    return cells


def _flush(rows: list[list[_Cell]]) -> list[Block]:
    """Return a run of rows as one grid, or as text when it has one column or one row, or is mostly prose."""
    cells = [cell for row in rows for cell in row]
    prose = sum(len(c.text) for c in cells if c.is_prose and len(c.text) > _LONG_CELL)
    if len(rows) < 2 or max(map(len, rows)) < 2 or prose > 0.6 * max(1, sum(len(c.text) for c in cells)):
        return [block for cell in cells for block in cell.blocks]
    grid = _grid(rows)
    return [grid] if any(cell.text for cell in grid.cells) else []


def _grid(rows: list[list[_Cell]]) -> GridBlock:
    grid: list[GridCell] = []
    above: dict[int, GridCell] = {}  # per column, the merged cell that may go on downwards
    for r, row in enumerate(rows):
        now: dict[int, GridCell] = {}
        for cell in row:
            merged = above.get(cell.column) if cell.merge == "continue" else None
            if merged is not None and merged.colspan == cell.colspan:
                merged.rowspan += 1
                merged.text = glue(merged.text, cell.text)
                now[cell.column] = merged
                continue
            placed = GridCell(cell.text, r, cell.column, 1, cell.colspan)
            grid.append(placed)
            if cell.merge is not None:
                now[cell.column] = placed
        above = now
    last = max(cell.column for cell in grid)
    for placed in grid:
        placed.colspan = min(placed.colspan, last + 1 - placed.column)
    return GridBlock(grid)
