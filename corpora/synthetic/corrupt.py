"""Mistakes on purpose: a wrong number in a table, a damaged file."""

from __future__ import annotations

import io
from collections.abc import Callable
from copy import deepcopy
from random import Random

from gongkai.corpora.synthetic.model import SyntheticReport

_CHANGE_ROWS = ("licensing", "other_services", "punishment", "compulsion")


def change_cell(report: SyntheticReport, table: str, row: str, column: str, by: int) -> SyntheticReport:
    """Return a copy of a report with one number of one table changed.

    Args:
        report: left as it is.
        table: name of the table.
        row: canonical row.
        column: canonical column.
        by: what is added to the number; a blank cell counts as 0.

    Raises:
        KeyError: if the report has no such cell.
    """
    changed = deepcopy(report)
    cells = changed.tables[table][row]
    cells[column] = (cells[column] or 0) + by
    return changed


def checked_cells(report: SyntheticReport) -> list[tuple[str, str, str]]:
    """Return ``(table, row, column)`` of every cell that takes part in an identity of the official forms.

    These are all cells of the applications and the review table, and of the form of 2019 the rows for which
    last year's number plus the change gives this year's.
    """
    cells = [
        (table, row, column)
        for table in ("applications", "review_litigation")
        for row, columns in report.tables.get(table, {}).items()
        for column in columns
    ]
    if report.form == "2019":
        rows = report.tables["proactive_disclosure"]
        cells += [("proactive_disclosure", row, column) for row in _CHANGE_ROWS for column in rows[row]]
    return cells


def _truncated(data: bytes, rng: Random) -> bytes:
    return data[: max(1, int(len(data) * rng.uniform(0.2, 0.7)))]


def _empty(data: bytes, rng: Random) -> bytes:
    return b""


def _random(data: bytes, rng: Random) -> bytes:
    return rng.randbytes(rng.randint(200, 4000))


def _flipped(data: bytes, rng: Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(max(4, len(damaged) // 200)):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _wrong_suffix(data: bytes, rng: Random) -> bytes:
    return data


def _scanned(data: bytes, rng: Random) -> bytes:
    return scanned_pdf(rng.randint(1, 3))


# What may be done to a file. The suffix it then carries is drawn in damage().
CORRUPTIONS: dict[str, Callable[[bytes, Random], bytes]] = {
    "truncated": _truncated,
    "empty": _empty,
    "random_bytes": _random,
    "flipped_bits": _flipped,
    "wrong_suffix": _wrong_suffix,
    "scanned": _scanned,
}
_OTHER_SUFFIX = {"txt": "docx", "html": "pdf", "docx": "pdf", "pdf": "docx"}


def damage(data: bytes, file_format: str, kind: str, rng: Random) -> tuple[bytes, str]:
    """Damage one file.

    Args:
        data: the bytes of a good file.
        file_format: its format.
        kind: a key of :data:`CORRUPTIONS`.
        rng: source of all choices.

    Returns:
        The new bytes and the suffix (without dot) the file should carry.
    """
    suffix = {"wrong_suffix": _OTHER_SUFFIX[file_format], "scanned": "pdf"}.get(kind, file_format)
    return CORRUPTIONS[kind](data, rng), suffix


def scanned_pdf(pages: int = 1) -> bytes:
    """Return a PDF whose pages are pictures without any text, as a scanner makes it; needs reportlab."""
    from PIL import Image, ImageDraw
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    image = Image.new("L", (420, 594), 250)
    draw = ImageDraw.Draw(image)
    for line in range(20):
        draw.rectangle((50, 60 + 24 * line, 370 - 40 * (line % 3), 70 + 24 * line), fill=60)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), invariant=1)
    for _ in range(pages):
        canvas.drawImage(ImageReader(image), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
