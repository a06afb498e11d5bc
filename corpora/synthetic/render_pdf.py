"""A PDF as a word processor prints it: page numbers, wrapped lines, ruled tables that cross pages.

Needs the extra ``synthetic`` (reportlab), imported when a PDF is asked for.
"""

from __future__ import annotations

import io
from typing import Any
from xml.sax.saxutils import escape

from gongkai.corpora.synthetic.layout import LayoutCell, LayoutTable
from gongkai.corpora.synthetic.model import SyntheticReport
from gongkai.corpora.synthetic.story import Piece, story, top_date

# A CID font every viewer knows: nothing is embedded, the files stay small.
_FONT = "STSong-Light"
_MARGIN = 62
_WIDTH = 595 - 2 * _MARGIN
_COLUMNS = {
    "proactive_disclosure": [0.31, 0.23, 0.23, 0.23],
    "applications": [0.06, 0.13, 0.25] + [0.08] * 7,
    "review_litigation": [1 / 15] * 15,
    "appendix": [0.6, 0.2, 0.2],
}


def render_pdf(report: SyntheticReport) -> bytes:
    """Write a report as a PDF of A4 pages; equal reports give equal bytes."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    styles = _styles()
    flow: list[Any] = [Paragraph(escape(report.title), styles["title"])]
    date_line = top_date(report)
    if date_line:
        flow.append(Paragraph(date_line, styles["centred"]))
    for piece in story(report):
        if isinstance(piece, LayoutTable):
            flow += [_table(piece, styles), Spacer(1, 10)]
        else:
            flow.append(Paragraph(escape(piece.text), styles[_style_name(piece)]))
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=(595, 842),
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        title=report.title,
        author=report.authority,
        invariant=1,
    )
    document.build(flow, onFirstPage=_page_number, onLaterPages=_page_number)
    return buffer.getvalue()


def _page_number(canvas: Any, document: Any) -> None:
    canvas.setFont(_FONT, 10)
    canvas.drawCentredString(595 / 2, 34, f"- {document.page} -")


def _style_name(piece: Piece) -> str:
    return f"heading{piece.level}" if piece.kind == "heading" else piece.kind


def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    base = ParagraphStyle("paragraph", fontName=_FONT, fontSize=12, leading=21, wordWrap="CJK", firstLineIndent=24)
    small = {"fontSize": 8, "leading": 9.5, "firstLineIndent": 0}
    return {
        "paragraph": base,
        "title": ParagraphStyle("title", base, fontSize=18, leading=28, alignment=1, firstLineIndent=0),
        "centred": ParagraphStyle("centred", base, alignment=1, firstLineIndent=0),
        "signature": ParagraphStyle("signature", base, alignment=2, firstLineIndent=0),
        "heading1": ParagraphStyle("heading1", base, fontSize=14, leading=26),
        "heading2": ParagraphStyle("heading2", base, fontSize=12.5, leading=23),
        "cell": ParagraphStyle("cell", base, alignment=1, **small),
        "label": ParagraphStyle("label", base, **small),
    }


def _table(table: LayoutTable, styles: dict[str, Any]) -> Any:
    from reportlab.lib.colors import black
    from reportlab.platypus import Table

    widths = [share * _WIDTH for share in _COLUMNS[table.name]]
    contents: list[list[Any]] = [[""] * table.n_columns for _ in range(table.n_rows)]
    room = 6 if table.style.tall_rows else 2
    commands: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), room),
        ("BOTTOMPADDING", (0, 0), (-1, -1), room),
        # A table that goes on overleaf is closed at the foot of the page and opened at the head of the next.
        ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), 0.5, black),
        ("LINEABOVE", (0, "splitfirst"), (-1, "splitfirst"), 0.5, black),
    ]
    if not table.style.split_headers:
        commands.append(("NOSPLIT", (0, 0), (-1, 2)))
    for cell in table.cells:
        first = (cell.column, cell.row)
        last = (cell.column + cell.colspan - 1, cell.row + cell.rowspan - 1)
        commands.append(("BOX", first, last, 0.5, black))
        if cell.kind == "group":
            _spread(cell, contents, widths[cell.column], styles["cell"])
            continue
        commands.append(("SPAN", first, last))
        contents[cell.row][cell.column] = _paragraph("<br/>".join(map(escape, cell.lines)), cell, styles)
    return Table(contents, widths, style=commands, repeatRows=0)


def _paragraph(markup: str, cell: LayoutCell, styles: dict[str, Any]) -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph(markup, styles["label" if cell.kind == "label" else "cell"])


def _spread(cell: LayoutCell, contents: list[list[Any]], width: float, style: Any) -> None:
    """Write a group's label down its rows, a line in each row about the middle.

    One merged cell would have to stand on one page; spread out it crosses pages as a printed form does.
    """
    from reportlab.platypus import Paragraph

    room = max(1, int((width - 4) // style.fontSize))
    narrowest = -(-len(cell.text) // cell.rowspan)
    step = max(1 if len(cell.lines) > 1 else room, narrowest)
    lines = [cell.text[i : i + step] for i in range(0, len(cell.text), step)]
    start = cell.row + (cell.rowspan - len(lines)) // 2
    for offset, line in enumerate(lines):
        contents[start + offset][cell.column] = Paragraph(escape(line), style)
