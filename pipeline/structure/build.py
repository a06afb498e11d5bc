"""From blocks to an outline: sections, headings, paragraphs and tables in reading order."""

from __future__ import annotations

import re

from gongkai.pipeline.document import (
    Block,
    Diagnostic,
    Outline,
    Paragraph,
    Section,
    SectionKind,
    SourceDocument,
    TableBlock,
    TextBlock,
)
from gongkai.pipeline.structure.front_matter import form_of, read_front_matter
from gongkai.pipeline.structure.headings import find_mark, is_standalone_heading, split_run_in
from gongkai.pipeline.structure.lines import mend_lines
from gongkai.pipeline.structure.outline import find_openings

_TAIL = 8
_RUN_IN_POINT = 5  # 一是, 首先: heads its own paragraph only
_UNMARKED = 1  # a bold line without a mark stands right below its section
_FIGURE = re.compile(r"\d(?!\d{0,3}年)")


class _Builder:
    """Collects the outline; ``stack`` holds the open headings as (depth, text, section id)."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.paragraphs: list[Paragraph] = []
        self.tables: list[TableBlock] = []
        self.top: Section | None = None
        self.stack: list[tuple[int, str, str]] = []

    def open_section(self, title: str, kind: SectionKind) -> None:
        self.top = self._add_section(kind, title, 1, None)
        self.stack = []

    def _add_section(self, kind: SectionKind, title: str, level: int, parent: str | None) -> Section:
        section = Section(f"s{len(self.sections) + 1}", kind, title, level, parent)
        self.sections.append(section)
        return section

    def _section(self, default: SectionKind) -> Section:
        if self.top is None:
            self.open_section("", default)
        assert self.top is not None
        return self.top

    def add_text(self, block: TextBlock, default: SectionKind) -> None:
        section = self._section(default)
        text = block.text
        set_off = block.bold or block.level is not None
        mark = find_mark(text)
        depth = mark.depth if mark else _UNMARKED
        if is_standalone_heading(text, set_off) and not (mark and _FIGURE.search(text[mark.end :])):
            self._pop(depth)
            self._add_paragraph(section, [], text)
            self._push(depth, text)
            return
        run_in = split_run_in(text)
        if run_in is None:
            if mark:
                self._pop(depth)
            self._add_paragraph(section, [], text)
            return
        heading, rest = run_in
        self._pop(depth)
        if re.search(r"\w\s+$", heading):
            # The title stands apart by a gap only: it is a line of its own that lost its break.
            self._add_paragraph(section, [], heading.strip())
            self._push(depth, heading)
            self._add_paragraph(section, [], rest.strip())
        elif depth >= _RUN_IN_POINT:
            self._add_paragraph(section, [_title(heading)], text)
        else:
            self._push(depth, heading)
            self._add_paragraph(section, [], text)

    def _pop(self, depth: int) -> None:
        while self.stack and self.stack[-1][0] >= depth:
            self.stack.pop()

    def _push(self, depth: int, heading: str) -> None:
        assert self.top is not None
        parent = self.stack[-1][2] if self.stack else self.top.id
        level = next(s.level for s in reversed(self.sections) if s.id == parent) + 1
        section = self._add_section(self.top.kind, _title(heading), level, parent)
        self.stack.append((depth, _title(heading), section.id))

    def _add_paragraph(self, section: Section, own: list[str], text: str) -> None:
        path = [heading for _, heading, _ in self.stack] + own
        self.paragraphs.append(Paragraph(f"p{len(self.paragraphs) + 1}", section.id, section.kind, path, text))

    def add_table(self, content: Block) -> None:
        assert not isinstance(content, TextBlock)
        section = self.top
        self.tables.append(TableBlock(section.id if section else None, section.kind if section else "unknown", content))


def _title(heading: str) -> str:
    return heading.strip().rstrip("。：:；;，,、 ")


def build_outline(document: SourceDocument) -> Outline:
    """Build the outline of a report whose flattened tables have been located.

    Args:
        document: as read, its blocks after :func:`gongkai.pipeline.tables.locate.locate`.

    Returns:
        The outline. Every text block is a section title, part of the title lines or a paragraph; every other block
        is a table.
    """
    blocks = mend_lines(document.blocks)
    openings = find_openings(blocks)
    first = min(openings, default=len(blocks))
    texts = [b for b in blocks if isinstance(b, TextBlock)]
    head_index = [i for i, b in enumerate(blocks[:first]) if isinstance(b, TextBlock)]
    head = [b for b in blocks[:first] if isinstance(b, TextBlock)]
    front = read_front_matter(head, "\n".join(b.text for b in texts), texts[-_TAIL:], document.meta)
    title_indices = {head_index[i] for i in front.title_blocks}
    before: SectionKind = "front_matter" if openings else "unknown"
    builder = _Builder()
    for i, block in enumerate(blocks):
        if i in openings:
            opening = openings[i]
            builder.open_section(_title(opening.title), opening.kind or "unknown")
            if opening.rest:
                builder.add_text(TextBlock(opening.rest), before)
        elif not isinstance(block, TextBlock):
            builder.add_table(block)
        elif i not in title_indices:
            builder.add_text(block, before)
    diagnostics = (
        []
        if openings
        else [Diagnostic("warning", "structure.no_sections", "no statutory section title was found", None)]
    )
    if front.year is None:
        diagnostics.append(Diagnostic("warning", "structure.no_year", "the reporting year is not stated", None))
    if front.authority is None:
        diagnostics.append(Diagnostic("warning", "structure.no_authority", "the reporting body is not stated", None))
    return Outline(
        front.title,
        front.authority,
        front.region,
        front.year,
        front.published,
        form_of(front.year),
        builder.sections,
        builder.paragraphs,
        builder.tables,
        diagnostics,
    )
