"""PDF: born-digital reports as Word, WPS, LibreOffice and browsers write them.

Text, ruling lines and pictures come from pdfium; reading order, paragraphs and tables are worked out from where
they stand. pdfium is not thread-safe, so only one thread of a process reads a PDF at a time; use processes to read
several at once.
"""

from __future__ import annotations

from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from gongkai.pipeline.config import Limits
from gongkai.pipeline.document import Block, Diagnostic, GridBlock
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.readers.chrome import drop_chrome, page_facts
from gongkai.pipeline.readers.pdf_columns import columned_lines, with_open_tables
from gongkai.pipeline.readers.pdf_furniture import drop_furniture
from gongkai.pipeline.readers.pdf_grids import RuledTable, fill_tables, find_tables
from gongkai.pipeline.readers.pdf_joins import append_part, common_columns
from gongkai.pipeline.readers.pdf_layout import to_blocks
from gongkai.pipeline.readers.pdf_lines import Line
from gongkai.pipeline.readers.pdf_page import PDFIUM_LOCK, Glyph, PageContent, read_page

_SCANNED_CHARACTERS = 20
"""A page with a picture over half of it and no more characters than a stamp or a page number is a scan."""

_SCANNED_SHARE = 0.5
_OUTLINE_PATHS = 100
"""Paths on a page without text from which its text was probably turned into outlines."""

_UNMAPPED_SHARE = 0.1
_META_KEYS = ("title", "author", "subject", "keywords", "creator", "producer", "creationdate", "moddate")


def read_pdf(data: bytes, limits: Limits) -> tuple[list[Block], dict[str, str], list[Diagnostic]]:
    """Read a PDF file.

    Args:
        data: the bytes of the file.
        limits: ``max_pages`` is looked at here.

    Returns:
        Blocks in reading order, the file's own metadata with lower-case keys (``title``, ``creationdate``, …), and
        what could not be read or was left out.

    Raises:
        GongkaiError: ``read.corrupt``, ``read.encrypted_pdf``, ``read.empty``, ``read.scanned_pdf``, ``limit.pages``.
    """
    with PDFIUM_LOCK:
        document = _open(data)
        try:
            meta = _metadata(document)
            pages, diagnostics = _pages(document, limits)
        finally:
            document.close()
    diagnostics += _check_pages(pages)
    tables = [_ruled(page, diagnostics) for page in pages]
    dropped = drop_furniture(pages, tables)
    items, repeated = _items(pages, tables)
    dropped += repeated
    dropped += sorted({page.watermark for page in pages if page.watermark})
    if dropped:
        shown = ", ".join(repr(text) for text in dropped)
        message = f"Page numbers, running lines and watermarks left out: {shown}."
        diagnostics.append(Diagnostic("info", "read.page_furniture_dropped", message))
    blocks = to_blocks(items, min(page.width for page in pages))
    if not blocks:
        raise GongkaiError("read.empty", "The PDF holds no text besides page numbers.")
    # A web page that was printed carries its template along.
    facts = page_facts(blocks)
    blocks, chrome = drop_chrome(blocks)
    return blocks, {**meta, **facts}, diagnostics + chrome


def _open(data: bytes) -> Any:
    if not data.strip():
        raise GongkaiError("read.empty", "The file holds no bytes.")
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = raw.FPDF_GetLastError() if error.err_code is None else error.err_code
        if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise GongkaiError("read.encrypted_pdf", "The PDF opens only with a password.") from error
        raise GongkaiError("read.corrupt", f"The PDF cannot be opened: {error}") from error


def _metadata(document: Any) -> dict[str, str]:
    found = document.get_metadata_dict(skip_empty=True)
    meta = {key.lower(): value.strip() for key, value in found.items()}
    return {key: meta[key] for key in _META_KEYS if meta.get(key)}


def _pages(document: Any, limits: Limits) -> tuple[list[PageContent], list[Diagnostic]]:
    count = len(document)
    if count <= 0:
        raise GongkaiError("read.empty", "The PDF holds no pages.")
    if count > limits.max_pages:
        message = f"The PDF has {count} pages, more than limits.max_pages = {limits.max_pages}."
        raise GongkaiError("limit.pages", message)
    pages: list[PageContent] = []
    diagnostics: list[Diagnostic] = []
    for index in range(count):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            diagnostics.append(_page_warning("read.page_unreadable", "The page is damaged.", index + 1))
            continue
        try:
            pages.append(read_page(page, index + 1))
        except pdfium.PdfiumError:
            diagnostics.append(_page_warning("read.page_unreadable", "The page is damaged.", index + 1))
        finally:
            page.close()
    if not pages:
        raise GongkaiError("read.corrupt", "None of the pages of the PDF can be read.")
    return pages, diagnostics


def _page_warning(code: str, message: str, page: int) -> Diagnostic:
    return Diagnostic("warning", code, message, f"page {page}")


def _check_pages(pages: list[PageContent]) -> list[Diagnostic]:
    """Tell of scanned, unmapped and overfull pages; a file of nothing but pictures is an error."""
    scanned = [page for page in pages if _is_scanned(page)]
    if all(not page.glyphs or page in scanned for page in pages):
        if scanned:
            raise GongkaiError("read.scanned_pdf", "The PDF holds pictures of pages and no text.")
        if not any(page.watermark for page in pages):
            raise GongkaiError("read.empty", "The pages of the PDF are blank.")
    found = []
    for page in scanned:
        message = "The page is a picture; what it says was not read."
        found.append(_page_warning("read.scanned_page", message, page.number))
    for page in pages:
        if page.unmapped > _UNMAPPED_SHARE * max(len(page.glyphs), 1):
            message = f"{page.unmapped} of {len(page.glyphs)} characters have no Unicode value in the file."
            found.append(_page_warning("read.unmapped_glyphs", message, page.number))
        if page.too_complex:
            message = "The page holds more objects than are looked at; some text or table lines may be missing."
            found.append(_page_warning("read.page_too_complex", message, page.number))
    return found


def _is_scanned(page: PageContent) -> bool:
    if len(page.glyphs) > _SCANNED_CHARACTERS:
        return False
    outlines = not page.glyphs and page.path_count >= _OUTLINE_PATHS
    picture = page.picture_share >= _SCANNED_SHARE or (not page.glyphs and page.picture_share > 0)
    return picture or outlines


def _ruled(page: PageContent, diagnostics: list[Diagnostic]) -> list[RuledTable]:
    tables, cut = find_tables(page.horizontals, page.verticals)
    if cut:
        message = "The page holds too many ruling lines; its tables were read as text."
        diagnostics.append(_page_warning("read.page_too_complex", message, page.number))
    return tables


def _items(pages: list[PageContent], tables: list[list[RuledTable]]) -> tuple[list[Line | GridBlock], list[str]]:
    """Return lines and tables of all pages in reading order, and the header rows left out as repeated."""
    items: list[Line | GridBlock] = []
    repeated: list[str] = []
    open_xs: list[float] | None = None
    for page, ruled in zip(pages, tables, strict=True):
        kept, glyphs = fill_tables(ruled, page.glyphs)
        kept.sort(key=lambda t: t.ys[0])
        begins_page = True
        for band, table in zip(_bands(glyphs, kept), [*kept, None], strict=True):
            lines = with_open_tables(columned_lines(band, page.number))
            items += lines
            begins_page = begins_page and not lines
            open_xs = None if lines else open_xs
            if table is None:
                continue
            block = table.to_block(page.number)
            last = items[-1] if items else None
            columns = common_columns(open_xs, table.xs) if open_xs and begins_page else None
            if columns and isinstance(last, GridBlock):
                items[-1], header = append_part(last, block, columns)
                repeated += ["header row repeated by a table"] * bool(header)
                open_xs = _union(open_xs or [], table.xs, columns)
            else:
                items.append(block)
                open_xs = table.xs
            begins_page = False
    return items, repeated


def _union(first: list[float], second: list[float], columns: tuple[list[int], list[int]]) -> list[float]:
    """Return the common grid lines of a table and its continuation."""
    shift = first[0] - second[0]
    places = {i: x + shift for i, x in zip(columns[1], second, strict=True)}
    places.update(zip(columns[0], first, strict=True))
    return [places[i] for i in sorted(places)]


def _bands(glyphs: list[Glyph], tables: list[RuledTable]) -> list[list[Glyph]]:
    """Split the text outside the tables into what stands above each of them and below the last."""
    middles = [(table.ys[0] + table.ys[-1]) / 2 for table in tables]
    bands: list[list[Glyph]] = [[] for _ in range(len(tables) + 1)]
    for glyph in glyphs:
        bands[sum(glyph.cy > middle for middle in middles)].append(glyph)
    return bands
