"""The formats Gongkai reads, and how to tell them: by their content first, by their suffix where that is silent.

To add a format, add one :class:`Format` and, if it has a signature of its own, one line in :func:`detect`.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.readers.encoding import is_text


@dataclass(frozen=True, slots=True)
class Format:
    """A file format and the function that reads it, imported on first use."""

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    module: str
    function: str


FORMATS: dict[str, Format] = {
    "text": Format("plain text", "text/plain", (".txt", ".text"), "gongkai.pipeline.readers.text", "read_text"),
    "markdown": Format(
        "Markdown", "text/markdown", (".md", ".markdown"), "gongkai.pipeline.readers.text", "read_markdown"
    ),
    "html": Format(
        "HTML", "text/html", (".html", ".htm", ".shtml", ".xhtml"), "gongkai.pipeline.readers.html", "read_html"
    ),
    "docx": Format(
        "Word (docx)",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (".docx", ".docm"),
        "gongkai.pipeline.readers.docx",
        "read_docx",
    ),
    "pdf": Format("PDF", "application/pdf", (".pdf",), "gongkai.pipeline.readers.pdf", "read_pdf"),
}
SUPPORTED_SUFFIXES: tuple[str, ...] = tuple(suffix for format in FORMATS.values() for suffix in format.suffixes)
# Forms that reports are published in but that must be converted first. In a folder they count as inputs: a report
# that is passed over in silence is a report lost.
CONVERT_FIRST: tuple[str, ...] = (".doc", ".wps", ".ofd", ".rtf")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_WITHIN = 1024  # readers accept the header that far into the file (PDF 1.7, implementation note 13)
_FOREIGN = (
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BM", "a BMP picture"),
    (b"RIFF", "a media file"),
    (b"%!PS", "a PostScript file"),
)
_ZIP_KINDS = (
    ("xl/workbook.xml", "an Excel workbook"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("OFD.xml", "an OFD document"),
    ("content.xml", "an OpenDocument file"),
)
_MHTML = re.compile(rb"^(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}?Content-Type:\s*multipart/related", re.I)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^<>]{0,200}>\s*|<!--(?:(?!-->).){0,2000}-->\s*){0,5}"
    rb"<(?:!doctype\s+html|html|head|body|meta|title|link|script|style|table|tbody|tr|p|div|span|article|section|center|"
    rb"font|h[1-6]|ul|ol|br|strong|b|!\[if)[\s/>]",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(rb"<(?:/?(?:html|body|div|p|span|table|td|tr)|br)[\s/>]", re.IGNORECASE)
_FEW_TAGS = 5


def detect(data: bytes, suffix: str) -> Format:
    """Tell the format of a file.

    Args:
        data: the whole file, not empty.
        suffix: of its name, lower case with the dot, or ``""``.

    Raises:
        GongkaiError: ``read.legacy_doc``, ``read.corrupt`` or ``read.unknown_type`` when no reader takes the content.
    """
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return FORMATS["pdf"]
    if data.startswith(b"PK"):
        return _archive(data, suffix)
    if data.startswith(_OLE):
        raise _ole_error(data)
    for signature, kind in _FOREIGN:
        if data.startswith(signature) and not (len(signature) == 2 and is_text(data)):
            raise GongkaiError("read.unknown_type", f"The file is {kind}.")
    if not is_text(data):
        if suffix in (".pdf", ".docx"):
            raise GongkaiError("read.corrupt", f"The file is named {suffix} but does not begin like one.")
        raise GongkaiError("read.unknown_type", "The file is not text and of no known format.")
    if _MHTML.match(data[:4096]):
        raise GongkaiError("read.unknown_type", "The file is a web archive (MHTML); save the page as HTML instead.")
    return _text_format(data, suffix)


def _text_format(data: bytes, suffix: str) -> Format:
    head = data[:8192].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")
    if _HTML_START.match(head):
        return FORMATS["html"]
    if head.lstrip().startswith(b"<?xml"):
        raise GongkaiError("read.unknown_type", "The file is XML, perhaps Word 2003 XML, and not a web page.")
    tags = len(_TAG.findall(head if suffix not in FORMATS["html"].suffixes else data.replace(b"\0", b"")))
    if suffix in FORMATS["html"].suffixes:
        return FORMATS["html" if tags else "text"]
    if suffix in FORMATS["markdown"].suffixes:
        return FORMATS["markdown"]
    return FORMATS["html" if tags >= _FEW_TAGS else "text"]


def _archive(data: bytes, suffix: str) -> Format:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = frozenset(archive.namelist())
    except Exception as error:  # a truncated or forged directory raises many kinds
        if suffix in FORMATS["docx"].suffixes or b"word/" in data:
            raise GongkaiError("read.corrupt", f"The Word file's archive cannot be opened: {error}.") from error
        raise GongkaiError("read.unknown_type", "The file is a damaged archive.") from error
    if "word/document.xml" in names:
        return FORMATS["docx"]
    kind = next((kind for name, kind in _ZIP_KINDS if name in names), "an archive")
    raise GongkaiError("read.unknown_type", f"The file is {kind}.")


def _ole_error(data: bytes) -> GongkaiError:
    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return GongkaiError("read.corrupt", "The Word file is protected by a password; save it without one.")
    if holds("Workbook") and not holds("WordDocument"):
        return GongkaiError("read.unknown_type", "The file is an old Excel workbook (.xls).")
    if holds("PowerPoint Document"):
        return GongkaiError("read.unknown_type", "The file is an old PowerPoint presentation (.ppt).")
    return GongkaiError("read.legacy_doc", "The file is a Word document of before 2007 (.doc).")
