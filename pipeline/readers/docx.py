"""Word files (.docx): paragraphs, headings, automatic numbers and tables in the order of the body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gongkai.pipeline.config import Limits
from gongkai.pipeline.document import Block, Diagnostic, TextBlock
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.normalise import repair
from gongkai.pipeline.readers.content import Content
from gongkai.pipeline.readers.docx_package import MAIN_PART, Package
from gongkai.pipeline.readers.docx_styles import (
    Numbering,
    Style,
    W,
    flag,
    heading_level,
    number,
    read_styles,
    value,
)
from gongkai.pipeline.readers.docx_tables import read_table

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_PROPERTIES = (
    ("title", "{http://purl.org/dc/elements/1.1/}title"),
    ("created", "{http://purl.org/dc/terms/}created"),
)
# Deleted or moved-away text, property lists, field codes, phonetic guides, comments' and notes' marks.
_PASSED_OVER = frozenset(
    W + name
    for name in ("del", "moveFrom", "delText", "instrText", "pPr", "rPr", "sdtPr", "sdtEndPr", "rt", "tblPr", "tcPr")
) | {f"{_MC}Fallback"}
_BREAKS = frozenset((f"{W}br", f"{W}cr"))
_NOTES = frozenset((f"{W}footnoteReference", f"{W}endnoteReference"))


def read_docx(data: bytes, limits: Limits) -> Content:
    """Read a Word file.

    Insertions of tracked changes are kept, deletions dropped; text boxes follow the paragraph they are anchored in;
    headers and footers (page numbers) are not read.

    Args:
        data: the whole file.
        limits: ``max_expanded_bytes`` bounds the unpacked size.

    Returns:
        The blocks; the core properties ``title`` and ``created`` as metadata.

    Raises:
        GongkaiError: ``read.corrupt`` for a damaged file, ``limit.expanded`` for a zip bomb, ``read.empty`` without
            text.
    """
    package = Package(data, limits)
    document = package.part(MAIN_PART)
    body = document.find(f"{W}body") if document is not None else None
    if body is None:
        raise GongkaiError("read.corrupt", "The Word file has no document body.")
    reader = BodyReader(
        read_styles(package.part("word/styles.xml")), Numbering.read(package.part("word/numbering.xml"))
    )
    blocks = reader.blocks(body)
    pictures = sum(1 for _ in body.iter("{*}blip", "{*}imagedata"))
    if not blocks:
        what = f"only {pictures} picture(s)" if pictures else "no text"
        raise GongkaiError("read.empty", f"The Word file holds {what}.")
    diagnostics = reader.diagnostics()
    if pictures:
        message = f"{pictures} picture(s) not read; a table may be among them."
        diagnostics.append(Diagnostic("info", "read.pictures_skipped", message))
    return Content(blocks, _meta(package.part("docProps/core.xml")), diagnostics)


def _meta(core: Any | None) -> dict[str, str]:
    if core is None:
        return {}
    found = {key: repair(core.findtext(tag) or "") for key, tag in _PROPERTIES}
    return {key: text for key, text in found.items() if text}


class BodyReader:
    """Reads the children of a body, cell or text box; counts automatic numbers as it goes."""

    def __init__(self, styles: dict[str, Style], numbering: Numbering):
        self._styles = styles
        self._numbering = numbering
        self._notes = 0
        self._contents_lines = 0
        self._chunks = 0

    def diagnostics(self) -> list[Diagnostic]:
        """Return what was left out."""
        found: list[Diagnostic] = []
        if self._notes:
            found.append(Diagnostic("info", "read.notes_dropped", f"{self._notes} foot- or endnote(s) not read."))
        if self._contents_lines:
            message = f"{self._contents_lines} line(s) of a table of contents dropped."
            found.append(Diagnostic("info", "read.contents_dropped", message))
        if self._chunks:
            message = f"{self._chunks} embedded document(s) (w:altChunk) not read."
            found.append(Diagnostic("warning", "read.embedded_document", message))
        if self._numbering.unknown:
            names = ", ".join(sorted(self._numbering.unknown))
            message = f"Automatic numbers of unknown format ({names}) are written as plain numbers."
            found.append(Diagnostic("info", "read.numbering_format", message))
        return found

    def blocks(self, container: Any) -> list[Block]:
        """Return the blocks of a container element in order."""
        out: list[Block] = []
        for element in _content(container):
            if element.tag == f"{W}p":
                out += self._paragraph(element)
            elif element.tag == f"{W}tbl":
                out += read_table(element, self)
            elif element.tag == f"{W}altChunk":
                self._chunks += 1
        return out

    def _paragraph(self, paragraph: Any) -> list[Block]:
        properties = paragraph.find(f"{W}pPr")
        style = self._styles.get(value(properties, f"{W}pStyle") or "", Style())
        if style.name.lower().startswith("toc "):
            self._contents_lines += 1
            return []
        runs = _Runs(self._styles, bool(style.bold))
        runs.read(paragraph)
        self._notes += runs.notes
        text = "".join(runs.parts)
        blocks: list[Block] = []
        if text.strip():
            outline = value(properties, f"{W}outlineLvl")
            level = style.level if outline is None else heading_level(outline)
            lines = [line for part in (self._number(properties, style) + text).split("\n") if (line := repair(part))]
            bold = not runs.plain
            blocks += [TextBlock(line, level=level, bold=bold) for line in lines]
        for box in runs.boxes:
            blocks += self.blocks(box)
        return blocks

    def _number(self, properties: Any, style: Style) -> str:
        num_id, level = style.numbering
        own = value(properties, f"{W}numPr/{W}numId")
        if own is not None:
            num_id = own
        indent = value(properties, f"{W}numPr/{W}ilvl")
        if num_id in (None, "0"):
            return ""
        depth = number(indent, 0) if indent is not None else level or 0
        text = self._numbering.next(str(num_id), max(0, min(depth, 8)))
        return text + " " if text and text[-1].isalnum() else text


def _content(container: Any) -> Iterator[Any]:
    """Yield paragraphs and tables, looking through content controls, smart tags and insertions."""
    for element in container:
        if element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}smartTag", f"{W}ins", f"{W}moveTo"):
            yield from _content(element)
        elif element.tag == f"{_MC}AlternateContent":
            for choice in element[:1]:
                yield from _content(choice)
        else:
            yield element


class _Runs:
    """The text of one paragraph; text boxes inside it are set aside in ``boxes``."""

    def __init__(self, styles: dict[str, Style], bold: bool):
        self.parts: list[str] = []
        self.plain = False
        self.boxes: list[Any] = []
        self.notes = 0
        self._styles = styles
        self._bold = bold

    def read(self, element: Any, bold: bool | None = None) -> None:
        """Collect the text below an element. Nesting is bounded by the XML parser (256 levels)."""
        for child in element:
            tag = child.tag
            if tag == f"{W}t" or tag == _MATH_TEXT:
                self._add(child.text or "", bold)
            elif tag == f"{W}r":
                properties = child.find(f"{W}rPr")
                if not flag(properties, "vanish"):
                    self.read(child, self._is_bold(properties))
            elif tag == f"{W}tab":
                self.parts.append(" ")
            elif tag in _BREAKS:
                self.parts.append("\n")
            elif tag == f"{W}noBreakHyphen":
                self.parts.append("-")
            elif tag == f"{W}txbxContent":
                self.boxes.append(child)
            elif tag in _NOTES:
                self.notes += 1
            elif tag not in _PASSED_OVER:
                self.read(child, bold)

    def _add(self, text: str, bold: bool | None) -> None:
        self.parts.append(text)
        if text.strip() and not (self._bold if bold is None else bold):
            self.plain = True

    def _is_bold(self, properties: Any) -> bool:
        own = flag(properties, "b")
        if own is not None:
            return own
        style = self._styles.get(value(properties, f"{W}rStyle") or "")
        return bool(style.bold) if style is not None and style.bold is not None else self._bold
