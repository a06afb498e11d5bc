"""From an article element to blocks: paragraphs, headings and tables in reading order."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from gongkai.pipeline.document import Block, TextBlock
from gongkai.pipeline.normalise import repair
from gongkai.pipeline.readers.html_tables import Row, data_runs, grid_of, squeeze
from gongkai.pipeline.readers.html_tree import BLOCKS, TEXT, Measured, Walk

_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BOLD_TAGS = frozenset(("b", "strong"))
_BOLD_STYLE = re.compile(r"font-weight\s{0,3}:\s{0,3}(?:bold|[6-9]00)|(?:^|[;\s])font\s{0,3}:[^;]{0,20}bold", re.I)


class _Collector:
    """Collects the inline text between block boundaries."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.level: int | None = None
        self.bold_depth = 0
        self._parts: list[str] = []
        self._plain = False

    def add(self, text: str) -> None:
        self._parts.append(text)
        if not self.bold_depth and text.strip():
            self._plain = True

    def flush(self) -> None:
        text = repair(squeeze("".join(self._parts)))
        if text:
            bold = not self._plain and self.level is None
            self.blocks.append(TextBlock(text, level=self.level, bold=bold))
        self._parts = []
        self._plain = False


def article_blocks(article: LexborNode, measured: Measured, skipped: frozenset[int]) -> list[Block]:
    """Turn an element into blocks.

    Args:
        article: the element that holds the report.
        measured: weights of the page's elements, which tell data tables from layout.
        skipped: ``mem_id`` of elements to leave out.

    Returns:
        Text blocks and grids, none of them empty.
    """
    out = _Collector()
    walk = Walk(article, skipped)
    grids: dict[int, list[Row]] = {}  # mem_id of a row -> the run of data rows it opens, empty for the rest of a run
    bold: list[int] = []
    pre = 0
    for node, tag, entering in walk:
        if tag == TEXT:
            text = node.text_content or ""
            if pre and "\n" in text:
                for line in text.splitlines():
                    out.add(line)
                    out.flush()
            else:
                out.add(text)
            continue
        if tag == "br":
            if entering:
                out.flush()
            continue
        if tag in BLOCKS:
            out.flush()
        if entering:
            if tag == "table":
                grids |= _plan(node, measured, skipped)
            elif tag == "tr" and node.mem_id in grids:
                grid = grid_of(run, skipped) if (run := grids[node.mem_id]) else None
                if grid is not None:
                    out.blocks.append(grid)
                walk.prune()
                continue
            if _is_bold(node, tag):
                bold.append(node.mem_id)
        elif bold and bold[-1] == node.mem_id:
            bold.pop()
        out.bold_depth = len(bold)
        pre += (1 if entering else -1) if tag == "pre" else 0
        if tag in _HEADINGS:
            out.level = _HEADINGS[tag] if entering else None
    out.flush()
    return out.blocks


def _plan(table: LexborNode, measured: Measured, skipped: frozenset[int]) -> dict[int, list[Row]]:
    plan: dict[int, list[Row]] = {}
    for run in data_runs(table, measured, skipped):
        plan |= {row.node.mem_id: [] for row in run}
        plan[run[0].node.mem_id] = run
    return plan


def _is_bold(node: LexborNode, tag: str) -> bool:
    if tag in _BOLD_TAGS:
        return True
    style = node.attributes.get("style")
    return style is not None and _BOLD_STYLE.search(style) is not None
