"""A Word file, as offices exchange it."""

from __future__ import annotations

import io
import zipfile

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from gongkai.corpora.synthetic.layout import LayoutTable
from gongkai.corpora.synthetic.model import SyntheticReport
from gongkai.corpora.synthetic.story import Piece, story, top_date

_EPOCH = (1980, 1, 1, 0, 0, 0)


def render_docx(report: SyntheticReport) -> bytes:
    """Write a report as a Word file; equal reports give equal bytes."""
    document = Document()
    # The default template ships a thumbnail and an empty title; the report's own title goes into the properties.
    document.core_properties.title = report.title
    document.core_properties.author = report.authority
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(report.title)
    run.bold, run.font.size = True, Pt(22)
    date_line = top_date(report)
    if date_line:
        document.add_paragraph(date_line).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for piece in story(report):
        if isinstance(piece, LayoutTable):
            _table(document, piece)
        else:
            _piece(document, piece, report.style.bold_headings)
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue())


def _piece(document: WordDocument, piece: Piece, bold_headings: bool) -> None:
    if piece.kind == "heading" and not bold_headings:
        document.add_heading(piece.text, piece.level)
        return
    paragraph = document.add_paragraph()
    paragraph.add_run(piece.text).bold = piece.kind == "heading"
    if piece.kind == "signature":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    else:
        paragraph.paragraph_format.first_line_indent = Pt(24)


def _table(document: WordDocument, table: LayoutTable) -> None:
    grid = document.add_table(table.n_rows, table.n_columns, "Table Grid")
    places = [row.cells for row in grid.rows]
    for cell in table.cells:
        place = places[cell.row][cell.column]
        if cell.rowspan > 1 or cell.colspan > 1:
            corner = places[cell.row + cell.rowspan - 1][cell.column + cell.colspan - 1]
            place = place.merge(corner)
        place.text = "\n".join(cell.lines)


def _without_times(data: bytes) -> bytes:
    """Rewrite a zip with constant time stamps, so that the bytes depend on the content only."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _EPOCH), old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
