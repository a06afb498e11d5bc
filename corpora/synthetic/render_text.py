"""Plain text as a web page flattens to it: one cell a line, blank lines between."""

from __future__ import annotations

from gongkai.corpora.synthetic.data import material
from gongkai.corpora.synthetic.layout import LayoutTable
from gongkai.corpora.synthetic.model import SyntheticReport
from gongkai.corpora.synthetic.story import story, top_date


def render_text(report: SyntheticReport) -> bytes:
    """Write a report as plain text in the charset of its style."""
    words = {"title": report.title, "site": report.authority}
    lines = [report.title]
    date_line = top_date(report)
    if date_line:
        lines.append(date_line)
    for piece in story(report):
        if isinstance(piece, LayoutTable):
            lines += [line for cell in piece.cells for line in cell.lines]
        else:
            lines.append(piece.text)
    text = "\n\n".join(f"  {line}" if line else "" for line in lines)
    if report.style.web_chrome:
        chrome = material("chrome")["text"]
        before = "\n".join(line.format(**words) for line in chrome["before"])
        after = "\n".join(line.format(**words) for line in chrome["after"])
        text = f"{before}\n{text}\n\n{after}"
    return (text + "\n").encode(report.style.charset)
