"""A page of a government content management system."""

from __future__ import annotations

from html import escape

from gongkai.corpora.synthetic.data import material
from gongkai.corpora.synthetic.layout import LayoutTable, rows_of
from gongkai.corpora.synthetic.model import Style, SyntheticReport
from gongkai.corpora.synthetic.story import Piece, story


def render_html(report: SyntheticReport) -> bytes:
    """Write a report as an HTML page in the charset of its style; gb18030 pages declare gb2312."""
    chrome = material("chrome")["html"]
    style = report.style
    at_top = style.date_place == "top"
    words = {
        "title": escape(report.title),
        "site": escape(report.authority),
        "charset": "gb2312" if style.charset == "gb18030" else style.charset,
        "pubdate": f'<meta name="PubDate" content="{report.published} 09:30">' if at_top else "",
        "info": f"<span>发布日期：{report.published}</span>" if at_top else "",
    }
    body = "\n".join(
        _table(piece) if isinstance(piece, LayoutTable) else _piece(piece, style) for piece in story(report)
    )
    page = chrome["head"].format(**words) + body + "\n" + chrome["tail"].format(**words)
    return page.encode(style.charset)


def _piece(piece: Piece, style: Style) -> str:
    text = escape(piece.text, quote=False)
    if piece.kind == "signature":
        return f'<p style="text-align:right">{text}</p>'
    if piece.kind == "paragraph":
        return f'<p style="text-indent:2em"><span>{text}</span></p>'
    if style.bold_headings:
        return f'<p style="text-indent:2em"><strong>{text}</strong></p>'
    return f"<h{piece.level + 1}>{text}</h{piece.level + 1}>"


def _table(table: LayoutTable) -> str:
    if table.style.flat_tables:
        return "\n".join(f"<p>{escape(line)}</p>" for cell in table.cells for line in cell.lines)
    out = ['<table width="100%"><tbody>']
    for row in rows_of(table):
        cells = []
        for cell in row:
            spans = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
            spans += f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
            text = "<br>".join(escape(line, quote=False) for line in cell.lines)
            cells.append(f"<td{spans}>{text or '&nbsp;'}</td>")
        out.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*out, "</tbody></table>"])
