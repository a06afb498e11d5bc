"""Ruled tables of a page: ruling lines to cells, merged cells included, and the text in each cell in reading order.

The grid is what the rulings say and nothing more: every place where some line stands becomes a grid line, and two
neighbouring places belong to one cell where no line parts them. Borders that are left out at the sides are
supplied where the lines across them run on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from gongkai.pipeline.document import GridBlock, GridCell
from gongkai.pipeline.normalise import repair
from gongkai.pipeline.readers.pdf_lines import build_lines, join
from gongkai.pipeline.readers.pdf_page import Glyph
from gongkai.pipeline.readers.pdf_paths import Edge

_SNAP = 3.0
"""Points within which two lines are one: double borders, and the two edges of neighbouring cells."""

_TOUCH = 3.5
"""Points by which a line may miss the one it ends at."""

_MIN_EDGE = 5.0
_OPEN_SIDE = 7.0
"""Points by which lines must run on past the outermost crossing line for a missing border to be supplied."""

MAX_PAIRS = 400_000
"""Pairs of lines compared on one page; a page of statutory tables has about 1,000."""

MAX_PLACES = 20_000
"""Grid places of one table."""

_FRAME_CHARACTERS = 600
"""A cell with more text than this is not a cell but a frame around part of the page."""

_QUARTERS = {1: (0, -1, 1, 0), 2: (-1, 0, 0, -1), 3: (0, 1, -1, 0)}


@dataclass(slots=True)
class Region:
    """One cell: its grid place and spans, and the glyphs whose centres lie in it."""

    row: int
    column: int
    rowspan: int
    colspan: int
    glyphs: list[Glyph] = field(default_factory=list)


@dataclass(slots=True)
class RuledTable:
    """A table's grid lines (``xs`` left to right, ``ys`` top to bottom, points) and its cells."""

    xs: list[float]
    ys: list[float]
    regions: list[Region]
    places: list[list[int]]

    def region_at(self, x: float, y: float) -> Region | None:
        """Return the cell around a point, or ``None`` outside the table."""
        if not (self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]):
            return None
        column = min(bisect_right(self.xs, x), len(self.xs) - 1) - 1
        row = min(bisect_right(self.ys, y), len(self.ys) - 1) - 1
        return self.regions[self.places[row][column]]

    def to_block(self, page: int) -> GridBlock:
        """Return the cells with their text."""
        cells = []
        for r in self.regions:
            width = self.xs[r.column + r.colspan] - self.xs[r.column]
            cells.append(GridCell(cell_text(r.glyphs, width), r.row, r.column, r.rowspan, r.colspan))
        return GridBlock(cells, page)


def find_tables(horizontals: list[Edge], verticals: list[Edge]) -> tuple[list[RuledTable], bool]:
    """Build the tables that a page's ruling lines form.

    Args:
        horizontals: edges ``(y, x_from, x_to)`` in points.
        verticals: edges ``(x, y_from, y_to)`` in points.

    Returns:
        The tables, smallest first, and whether the lines were too many to look at all of them.
    """
    hs = [e for e in merge_edges(horizontals) if e[2] - e[1] >= _MIN_EDGE]
    vs = [e for e in merge_edges(verticals) if e[2] - e[1] >= _MIN_EDGE]
    if len(hs) * len(vs) > MAX_PAIRS:
        return [], True
    tables, cut = [], False
    for h_group, v_group in _components(hs, vs):
        table = _table(h_group, v_group)
        if table == "too large":
            cut = True
        elif isinstance(table, RuledTable):
            tables.append(table)
    tables.sort(key=lambda t: (t.xs[-1] - t.xs[0]) * (t.ys[-1] - t.ys[0]))
    return tables, cut


def merge_edges(edges: list[Edge]) -> list[Edge]:
    """Return the edges with those in one place joined where they overlap or nearly touch."""
    merged: list[Edge] = []
    for group in _clusters(edges):
        place = sum(e[0] for e in group) / len(group)
        low, high = None, 0.0
        for _, lo, hi in sorted(group, key=lambda e: e[1]):
            if low is None:
                low, high = lo, hi
            elif lo <= high + _TOUCH:
                high = max(high, hi)
            else:
                merged.append((place, low, high))
                low, high = lo, hi
        if low is not None:
            merged.append((place, low, high))
    return merged


def _clusters(edges: list[Edge]) -> list[list[Edge]]:
    """Group edges by place; a group is never wider than the snapping distance."""
    groups: list[list[Edge]] = []
    for edge in sorted(edges):
        if groups and edge[0] - groups[-1][0][0] <= _SNAP:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    return groups


def _components(hs: list[Edge], vs: list[Edge]) -> list[tuple[list[Edge], list[Edge]]]:
    """Split the lines into groups that touch one another."""
    parent = list(range(len(hs) + len(vs)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, (y, x0, x1) in enumerate(hs):
        for j, (x, y0, y1) in enumerate(vs, len(hs)):
            if x0 - _TOUCH <= x <= x1 + _TOUCH and y0 - _TOUCH <= y <= y1 + _TOUCH:
                parent[root(j)] = root(i)
    groups: dict[int, tuple[list[Edge], list[Edge]]] = defaultdict(lambda: ([], []))
    for i, edge in enumerate(hs):
        groups[root(i)][0].append(edge)
    for j, edge in enumerate(vs, len(hs)):
        groups[root(j)][1].append(edge)
    return [g for g in groups.values() if g[0] and g[1]]


def _table(hs: list[Edge], vs: list[Edge]) -> RuledTable | str | None:
    xs = _axis([v[0] for v in vs], [p for h in hs for p in h[1:]])
    ys = _axis([h[0] for h in hs], [p for v in vs for p in v[1:]])
    columns, rows = len(xs) - 1, len(ys) - 1
    if columns < 2 or rows < 1:
        return None
    if columns * rows > MAX_PLACES:
        return "too large"
    walls_v = _walls(vs, xs, ys)
    walls_h = _walls(hs, ys, xs)
    regions, places = _regions(rows, columns, walls_v, walls_h)
    return RuledTable(xs, ys, regions, places)


def _axis(places: list[float], ends: list[float]) -> list[float]:
    """Return the grid lines of one direction, with an open side closed where the crossing lines end."""
    axis: list[float] = []
    for place in sorted(places):
        if not axis or place - axis[-1] > _SNAP:
            axis.append(place)
    if axis[0] - min(ends) > _OPEN_SIDE:
        axis.insert(0, min(ends))
    if max(ends) - axis[-1] > _OPEN_SIDE:
        axis.append(max(ends))
    return axis


def _walls(edges: list[Edge], places: list[float], strips: list[float]) -> list[list[bool]]:
    """Tell for each grid line whether an edge stands on it along each strip between crossing grid lines."""
    walls = [[False] * (len(strips) - 1) for _ in places]
    for place, low, high in edges:
        index = min(range(len(places)), key=lambda k: abs(places[k] - place))
        for s, (a, b) in enumerate(pairwise(strips)):
            quarter = (b - a) / 4
            if low <= a + quarter and high >= b - quarter:
                walls[index][s] = True
    return walls


def _regions(
    rows: int, columns: int, walls_v: list[list[bool]], walls_h: list[list[bool]]
) -> tuple[list[Region], list[list[int]]]:
    """Grow each cell from its upper left place: right until a wall, then down while no wall parts any of it."""
    places = [[-1] * columns for _ in range(rows)]
    regions: list[Region] = []
    for r in range(rows):
        for c in range(columns):
            if places[r][c] >= 0:
                continue
            right = c + 1
            while right < columns and not walls_v[right][r] and places[r][right] < 0:
                right += 1
            down = r + 1
            while down < rows and _is_open(walls_h[down], walls_v, down, c, right) and places[down][c] < 0:
                down += 1
            for row in places[r:down]:
                row[c:right] = [len(regions)] * (right - c)
            regions.append(Region(r, c, down - r, right - c))
    return regions, places


def _is_open(wall: list[bool], walls_v: list[list[bool]], row: int, left: int, right: int) -> bool:
    """Tell whether a cell over columns left..right goes on into this row."""
    return not any(wall[left:right]) and not any(walls_v[c][row] for c in range(left + 1, right))


def fill_tables(tables: list[RuledTable], glyphs: list[Glyph]) -> tuple[list[RuledTable], list[Glyph]]:
    """Put glyphs into the cells around their centres.

    Args:
        tables: a page's tables, smallest first, so that an inner table takes its text before the frame around it.
        glyphs: the page's glyphs.

    Returns:
        The tables that hold text like a table's, and the glyphs that stand in none of them.
    """
    kept: list[RuledTable] = []
    for table in tables:
        inside, outside = [], []
        for glyph in glyphs:
            region = table.region_at(glyph.cx, glyph.cy)
            if region is None:
                outside.append(glyph)
            else:
                inside.append((region, glyph))
        for region, glyph in inside:
            region.glyphs.append(glyph)
        if _is_table(table):
            kept.append(table)
            glyphs = outside
    return kept, glyphs


def _is_table(table: RuledTable) -> bool:
    """Tell a table from a frame: a row that a page break left alone may have a label and blank cells only."""
    sizes = [len(r.glyphs) for r in table.regions]
    written = sum(n > 0 for n in sizes)
    return max(sizes) <= _FRAME_CHARACTERS and (written >= 2 or (written == 1 and len(sizes) >= 4))


def cell_text(glyphs: list[Glyph], width: float) -> str:
    """Return a cell's text in reading order.

    Args:
        glyphs: the characters in the cell.
        width: the cell's width in points, which tells a wrapped number from two numbers one above the other.
    """
    if not glyphs:
        return ""
    turn = max((sum(g.turn == t for g in glyphs), t) for t in range(4))[1]
    if turn:
        glyphs = [_turned(g, turn) for g in glyphs]
        width = 0.0
    text, wrapped = "", True
    for line in build_lines(glyphs):
        text = join(text, " ".join(p.text for p in line.pieces), wrapped)
        wrapped = width <= 0 or line.x1 - line.x0 + line.size * 1.5 >= width
    return repair(text.replace("\u00ad", "-")).strip()


def _turned(glyph: Glyph, turn: int) -> Glyph:
    """Turn a glyph's box so that sideways text in a cell reads upright."""
    a, b, c, d = _QUARTERS[turn]
    xs = (a * glyph.x0 + b * glyph.y0, a * glyph.x1 + b * glyph.y1)
    ys = (c * glyph.x0 + d * glyph.y0, c * glyph.x1 + d * glyph.y1)
    return Glyph(glyph.text, min(xs), min(ys), max(xs), max(ys), glyph.size, glyph.bold, 0, glyph.space)
