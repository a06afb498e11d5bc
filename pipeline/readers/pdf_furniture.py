"""Page numbers, running headers and footers: found by where they stand and by their coming back on other pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from gongkai.pipeline.readers.pdf_grids import RuledTable
from gongkai.pipeline.readers.pdf_lines import line_of, rows_of
from gongkai.pipeline.readers.pdf_page import Glyph, PageContent

_ZONE = 0.12
"""Share of the page's height at its top and bottom where furniture stands. GB/T 9704-2012 leaves 37 mm above and
35 mm below the text on A4 (0.125 and 0.118), with the page number inside the lower margin."""

_OUTERMOST = 3
"""Lines looked at from each end of the page."""

_SAME_HEIGHT = 4.0
"""Points by which the place of a repeated line may differ from page to page."""

_DASH = "[-—–－─―‐·•~～]"
_MARKED_NUMBER = re.compile(
    rf"{_DASH}{{1,3}}\d{{1,4}}{_DASH}{{1,3}}"
    r"|第\d{1,4}页(?:[,，/]?共\d{1,4}页)?"
    r"|共\d{1,4}页[,，/]?第\d{1,4}页"
    r"|\d{1,4}/\d{1,4}"
    r"|(?:Page|page|PAGE)\d{1,4}(?:of\d{1,4})?"
)
_PLAIN_NUMBER = re.compile(r"\d{1,4}")
_DIGITS = re.compile(r"\d+")
_BLANK = re.compile(r"\s+")


@dataclass(slots=True)
class _Candidate:
    """A line near the edge of a page; ``height`` is measured from that edge, in points."""

    page: PageContent
    glyphs: list[Glyph]
    text: str
    top: bool
    height: float
    outermost: bool
    in_table: bool


def drop_furniture(pages: list[PageContent], tables: list[list[RuledTable]]) -> list[str]:
    """Take page numbers and running headers and footers off the pages.

    Args:
        pages: all pages of the file; their ``glyphs`` are replaced.
        tables: the ruled tables of each page. Only a marked page number ("- 4 -") is taken out of a table.

    Returns:
        The different texts that were dropped, digits as they stood on the first page that had them.
    """
    candidates = [c for page, ruled in zip(pages, tables, strict=True) for c in _candidates(page, ruled)]
    dropped: dict[str, str] = {}
    glyphs_of: dict[int, set[int]] = defaultdict(set)
    numbers = _number_series(candidates)
    repeated = _repeated(candidates, len(pages))
    for index, candidate in enumerate(candidates):
        if _MARKED_NUMBER.fullmatch(candidate.text) or index in numbers or index in repeated:
            dropped.setdefault(_DIGITS.sub("#", candidate.text), candidate.text)
            glyphs_of[candidate.page.number].update(map(id, candidate.glyphs))
    for page in pages:
        gone = glyphs_of.get(page.number)
        if gone:
            page.glyphs = [g for g in page.glyphs if id(g) not in gone]
    return list(dropped.values())


def _candidates(page: PageContent, tables: list[RuledTable]) -> list[_Candidate]:
    found: list[_Candidate] = []
    zone = _ZONE * page.height
    for top in (True, False):
        edge = 0.0 if top else page.height
        near = [g for g in page.glyphs if abs(g.cy - edge) <= zone or (g.cy - edge) * (1 if top else -1) < 0]
        rows = rows_of(near)
        rows = rows[:_OUTERMOST] if top else rows[::-1][:_OUTERMOST]
        for rank, row in enumerate(rows):
            text = _BLANK.sub("", line_of(row).text)
            inside = any(t.region_at(row[0].cx, row[0].cy) for t in tables)
            found.append(_Candidate(page, row, text, top, abs(row[0].cy - edge), rank == 0, inside))
    return found


def _number_series(candidates: list[_Candidate]) -> set[int]:
    """Return the bare numbers that count the pages: alone in the outermost line, and rising with the page."""
    series: dict[tuple[bool, int], list[int]] = defaultdict(list)
    for index, c in enumerate(candidates):
        if c.outermost and not c.in_table and _PLAIN_NUMBER.fullmatch(c.text):
            series[c.top, int(c.text) - c.page.number].append(index)
    return {
        i
        for (_, shift), indexes in series.items()
        if len(indexes) >= 2 or (shift == 0 and candidates[indexes[0]].page.number == 1)
        for i in indexes
    }


def _repeated(candidates: list[_Candidate], n_pages: int) -> set[int]:
    """Return the lines that stand in the same place on several pages, but for their digits."""
    groups: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for index, c in enumerate(candidates):
        words = _DIGITS.sub("#", c.text)
        if not c.in_table and sum(map(str.isalpha, words)) >= 2:
            groups[c.top, words].append(index)
    found: set[int] = set()
    for indexes in groups.values():
        heights = Counter(round(candidates[i].height / _SAME_HEIGHT) for i in indexes)
        usual = heights.most_common(1)[0][0] * _SAME_HEIGHT
        same = [i for i in indexes if abs(candidates[i].height - usual) <= _SAME_HEIGHT]
        if len({candidates[i].page.number for i in same}) >= max(2, 0.4 * n_pages):
            found.update(same)
    return found
