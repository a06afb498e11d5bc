import hashlib
import io
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document

from gongkai.pipeline.config import Limits
from gongkai.pipeline.document import TextBlock
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.readers import SUPPORTED_SUFFIXES, read, read_bytes

PLAIN = "一、总体情况\n全年公开信息120条。\n".encode()
PAGE = "<html><body><p>一、总体情况</p><p>全年公开信息120条。</p></body></html>".encode()
FRAGMENT = "<p>一、总体情况</p>\n<p>全年公开信息120条。</p>".encode()
EXPECTED = [TextBlock("一、总体情况"), TextBlock("全年公开信息120条。")]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def word() -> bytes:
    document = Document()
    for block in EXPECTED:
        document.add_paragraph(block.text)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def archive(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(name, "x")
    return stream.getvalue()


def code_of(data: bytes, name: str, limits: Limits) -> str:
    with pytest.raises(GongkaiError) as caught:
        read_bytes(data, name, limits)
    return caught.value.code


def test_suffixes() -> None:
    assert {".txt", ".md", ".html", ".htm", ".docx", ".pdf"} <= set(SUPPORTED_SUFFIXES)


def test_source_information(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "报告.txt"
    path.write_bytes(PLAIN)
    source = read(path, limits).source
    assert (source.path, source.media_type, source.encoding) == (str(path), "text/plain", "utf-8")
    assert (source.sha256, source.bytes) == (hashlib.sha256(PLAIN).hexdigest(), len(PLAIN))


@pytest.mark.parametrize(
    ("data", "name", "media_type", "mismatch"),
    [
        (PLAIN, "a.txt", "text/plain", False),
        (PLAIN, "a.md", "text/markdown", False),
        (PLAIN, "-", "text/plain", False),
        (PLAIN, "a.dat", "text/plain", False),
        (PLAIN, "a.pdf", "text/plain", True),
        (PLAIN, "a.docx", "text/plain", True),
        (PLAIN, "a.html", "text/plain", True),
        (PAGE, "a.html", "text/html", False),
        (PAGE, "a.HTM", "text/html", False),
        (PAGE, "a.doc", "text/html", True),
        (PAGE, "a.txt", "text/html", True),
        (PAGE, "-", "text/html", False),
        (b"\xef\xbb\xbf\r\n<!-- x -->\r\n" + PAGE, "a.txt", "text/html", True),
        (b"Warning: x\n" + PAGE + FRAGMENT, "-", "text/html", False),
        (PAGE.decode().encode("utf-16"), "-", "text/html", False),
        (FRAGMENT, "a.wps", "text/html", True),
        (b"<?xml version='1.0'?><!DOCTYPE html>" + PAGE, "a.xhtml", "text/html", False),
    ],
)
def test_type_by_content_then_suffix(data: bytes, name: str, media_type: str, mismatch: bool, limits: Limits) -> None:
    document = read_bytes(data, name, limits)
    assert document.source.media_type == media_type
    assert [block for block in document.blocks if block in EXPECTED][:2] == EXPECTED
    assert [d.code for d in document.diagnostics] == ["read.suffix_mismatch"] * mismatch


@pytest.mark.parametrize(("name", "mismatch"), [("a.docx", False), ("a.doc", True), ("a.pdf", True), ("-", False)])
def test_word_by_content(name: str, mismatch: bool, limits: Limits) -> None:
    document = read_bytes(word(), name, limits)
    assert document.blocks == EXPECTED
    assert document.source.media_type.endswith("wordprocessingml.document")
    assert document.source.encoding is None
    assert [d.code for d in document.diagnostics] == ["read.suffix_mismatch"] * mismatch


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.txt", "read.empty"),
        (b" \r\n\t\0", "a.html", "read.empty"),
        ("　　\u00a0\n\u200b".encode(), "a.txt", "read.empty"),
        (b"\xef\xbb\xbf", "a.txt", "read.empty"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.doc", "read.legacy_doc"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.docx", "read.legacy_doc"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "read.corrupt"),
        (OLE + "Workbook".encode("utf-16-le"), "a.xls", "read.unknown_type"),
        (OLE + "PowerPoint Document".encode("utf-16-le"), "a.ppt", "read.unknown_type"),
        (b"{\\rtf1\\ansi}", "a.doc", "read.unknown_type"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a.png", "read.unknown_type"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "a.html", "read.unknown_type"),
        (
            b"From: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n<html>",
            "a.mht",
            "read.unknown_type",
        ),
        (
            b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>',
            "a.doc",
            "read.unknown_type",
        ),
        (bytes(range(256)) * 20, "a.bin", "read.unknown_type"),
        (bytes(range(256)) * 20, "a.pdf", "read.corrupt"),
        (archive("xl/workbook.xml"), "a.xlsx", "read.unknown_type"),
        (archive("OFD.xml"), "a.ofd", "read.unknown_type"),
        (archive("word/document.xml"), "a.docx", "read.corrupt"),
        (b"PK\x03\x04garbage", "a.docx", "read.corrupt"),
        (b"PK\x03\x04garbage", "a.zip", "read.unknown_type"),
        (b"%PDF-1.4 and nothing more", "a.pdf", "read.corrupt"),
    ],
)
def test_what_cannot_be_read(data: bytes, name: str, code: str, limits: Limits) -> None:
    assert code_of(data, name, limits) == code


def test_the_message_names_what_the_file_is(limits: Limits) -> None:
    with pytest.raises(GongkaiError, match="OFD"):
        read_bytes(archive("OFD.xml"), "a.ofd", limits)
    with pytest.raises(GongkaiError, match="password"):
        read_bytes(OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", limits)


def test_whatever_a_reader_raises_becomes_corrupt(monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    def broken(data: bytes, limits: Limits) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("gongkai.pipeline.readers.text.read_text", broken)
    assert code_of(PLAIN, "a.txt", limits) == "read.corrupt"


# ---- files and streams ------------------------------------------------------------------------------------------


def test_missing_and_folder(tmp_path: Path, limits: Limits) -> None:
    for path, code in ((tmp_path / "none.txt", "input.not_found"), (tmp_path, "input.not_a_file")):
        with pytest.raises(GongkaiError) as caught:
            read(path, limits)
        assert caught.value.code == code


@pytest.mark.parametrize("name", ["a\0b.txt", "x" * 5000 + ".txt", "file.txt/below.txt"])
def test_impossible_paths(name: str, tmp_path: Path, limits: Limits) -> None:
    (tmp_path / "file.txt").write_bytes(PLAIN)
    with pytest.raises(GongkaiError) as caught:
        read(tmp_path / name, limits)
    assert caught.value.code == "input.not_found"


def test_unreadable_file(tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(PLAIN)

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # chmod does not stop a superuser
    with pytest.raises(GongkaiError) as caught:
        read(path, limits)
    assert caught.value.code == "input.permission"


def test_byte_limit_is_checked_before_reading(tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(PLAIN)
    monkeypatch.setattr(Path, "open", None)
    with pytest.raises(GongkaiError) as caught:
        read(path, limits.model_copy(update={"max_bytes": len(PLAIN) - 1}))
    assert caught.value.code == "limit.bytes"


def test_the_limit_itself_is_allowed(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(PLAIN)
    assert read(path, limits.model_copy(update={"max_bytes": len(PLAIN)})).blocks == EXPECTED


class Endless(io.RawIOBase):
    """A stream that never ends, as a pipe may."""

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "an unbounded read would never return"
        return b"x" * size


def test_standard_input(monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAIN)))
    document = read("-", limits)
    assert (document.blocks, document.source.path) == (EXPECTED, "-")


def test_endless_standard_input(monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    class Stdin:
        buffer = Endless()

    monkeypatch.setattr(sys, "stdin", Stdin())
    with pytest.raises(GongkaiError) as caught:
        read("-", limits.model_copy(update={"max_bytes": 1000}))
    assert caught.value.code == "limit.bytes"
