"""The four formats by name."""

from __future__ import annotations

from collections.abc import Callable

from gongkai.corpora.synthetic.model import SyntheticReport
from gongkai.corpora.synthetic.render_docx import render_docx
from gongkai.corpora.synthetic.render_html import render_html
from gongkai.corpora.synthetic.render_pdf import render_pdf
from gongkai.corpora.synthetic.render_text import render_text

RENDERERS: dict[str, Callable[[SyntheticReport], bytes]] = {
    "txt": render_text,
    "html": render_html,
    "docx": render_docx,
    "pdf": render_pdf,
}
FORMATS = tuple(RENDERERS)


def render(report: SyntheticReport, file_format: str) -> bytes:
    """Write a report in one format.

    Args:
        report: what to write.
        file_format: ``txt``, ``html``, ``docx`` or ``pdf``.

    Raises:
        KeyError: for any other format.
    """
    return RENDERERS[file_format](report)
