"""Damaged, hostile and absurd inputs: always a stable error code or a document, and quickly."""

import io
import struct
import time
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.config import load_config
from gongkai.pipeline.document import GridBlock, SourceDocument, TextBlock
from gongkai.pipeline.errors import GongkaiError, catalogue
from gongkai.pipeline.readers import read_bytes

LIMITS = load_config().limits
SENTENCE = "今年以来，区政府办公室主动公开各类政府信息120条。"
PLAIN = f"一、总体情况\n{SENTENCE}\n| 规章 | 0 |\n| 合计 | 3 |\n" * 5
PAGE = (
    '<!DOCTYPE html><html><head><meta charset="gb2312"><title>报告</title></head><body><div id="zoom">'
    + (
        f"<h2>一、总体情况</h2><p><b>{SENTENCE}</b></p>"
        "<table><tr><td rowspan=2>规章</td><td>0</td></tr><tr><td>3</td></tr></table>"
    )
    * 3
    + "</div></body></html>"
)
MISTAKES = (KeyError, IndexError, AttributeError, TypeError, AssertionError)
NAMES = ("a.txt", "a.md", "a.html", "a.docx", "a.pdf", "a.doc", "a", "-")


def word() -> bytes:
    document = Document()
    document.add_heading("一、总体情况", 1)
    document.add_paragraph(SENTENCE)
    document.add_table(2, 2).cell(0, 0).merge(document.tables[0].cell(0, 1)).text = "规章"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


WORD = word()


def outcome(data: bytes, name: str) -> SourceDocument | str:
    """Read ``data``; the error's code if it fails, which must be one of the catalogue."""
    try:
        document = read_bytes(data, name, LIMITS)
    except GongkaiError as error:
        failure = error
    else:
        return checked(document)
    code = failure.code
    assert not own_mistake(failure), f"a programming error passes for a bad file: {failure}"
    assert code in catalogue()
    assert code != "internal"
    return code


def own_mistake(error: GongkaiError) -> bool:
    """Whether the error hides a programming error that one of our own modules raised, not a library it called."""
    cause = error.__cause__
    if not isinstance(cause, MISTAKES):
        return False
    *_, (frame, _) = traceback.walk_tb(cause.__traceback__)
    return str(frame.f_globals.get("__name__")).startswith("gongkai.")


def checked(document: SourceDocument) -> SourceDocument:
    """Check what every reader promises of its blocks."""
    assert document.blocks
    for block in document.blocks:
        if isinstance(block, TextBlock):
            assert block.text == block.text.strip() != ""
        elif isinstance(block, GridBlock):
            assert len(block.matrix()) == block.n_rows
    return document


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail when the body takes far longer than linear work would, on a slow and busy machine too."""
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < seconds


def packed(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def body(inner: str, prolog: str = "") -> bytes:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = f'<?xml version="1.0"?>{prolog}<w:document xmlns:w="{namespace}"><w:body>{inner}</w:body></w:document>'
    return packed({"word/document.xml": document})


def test_own_mistakes_are_told_from_bad_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongkai.pipeline.readers.text.decode", lambda data: None)
    with pytest.raises(AssertionError, match="programming error"):
        outcome(PLAIN.encode(), "a.txt")


# ---- damage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [PLAIN.encode(), PLAIN.encode("gb18030"), PLAIN.encode("utf-16")], ids=["utf8", "gb", "utf16"]
)
def test_truncated_text_is_read(data: bytes) -> None:
    for end in range(40, len(data), 37):
        assert isinstance(outcome(data[:end], "a.txt"), SourceDocument)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_truncated_pages(codec: str) -> None:
    data = PAGE.encode(codec)
    for end in range(1, len(data), 23):
        outcome(data[:end], "a.html")
    assert isinstance(outcome(data[: len(data) // 2], "a.html"), SourceDocument)


def test_truncated_word_files_are_corrupt() -> None:
    for end in range(4, len(WORD), len(WORD) // 60):
        assert outcome(WORD[:end], "a.docx") == "read.corrupt"


def test_flipped_bytes_in_word_files() -> None:
    for position in range(0, len(WORD), len(WORD) // 150):
        damaged = bytearray(WORD)
        damaged[position] ^= 0xFF
        outcome(bytes(damaged), "a.docx")


@given(st.binary(max_size=400), st.sampled_from(NAMES))
@settings(max_examples=150, deadline=None)
def test_random_bytes(data: bytes, name: str) -> None:
    outcome(data, name)


@given(
    st.binary(max_size=60), st.sampled_from([b"%PDF-1.4\n", b"PK\x03\x04", b"<html>", b"\xff\xfe", b"\x84\x31\x95\x33"])
)
@settings(max_examples=150, deadline=None)
def test_random_bytes_after_a_signature(data: bytes, signature: bytes) -> None:
    outcome(signature + data, "a")


MARKUP_PIECES = """
<div> </div> <p> </p> <table> </table> <tr> <td> <td/rowspan=0> <td/colspan=99> </td> <b> </b> <br> <h1> </h1> <!-- -->
<script> </script> <pre> <textarea> <a> </a> <select> <svg> </svg> <template> </template> <frameset>
&nbsp; &#0; <li> </ul> <caption> <nav> <body> </html> <p/style=display:none> <p/hidden> 一、总体情况 公开 12 ,
"""
MARKUP = st.lists(st.sampled_from(MARKUP_PIECES.split()), max_size=60)


@given(MARKUP)
@settings(max_examples=200, deadline=None)
def test_random_markup(pieces: list[str]) -> None:
    outcome(
        "\n".join(["<html>", *pieces]).encode(),
        "a.html",
    )


LINES = st.lists(
    st.sampled_from(
        [
            "| a | b |",
            "|---|---|",
            "a\tb",
            "\t\t1",
            "# 标题",
            "**粗**",
            "",
            "  ",
            "|",
            "||",
            "\t",
            "#",
            "**",
            SENTENCE * 2,
        ]
    ),
    max_size=40,
)


@given(LINES, st.sampled_from(["a.txt", "a.md"]))
@settings(max_examples=200, deadline=None)
def test_random_lines(lines: list[str], name: str) -> None:
    outcome("\n".join(lines).encode(), name)


# ---- hostile Word files -------------------------------------------------------------------------------------------


def test_a_zip_bomb_is_refused_by_what_it_states() -> None:
    bomb = packed({"word/document.xml": b"<", "word/media/a": b"\0" * (LIMITS.max_expanded_bytes + 1)})
    assert len(bomb) < 1_000_000
    with within(5):
        assert outcome(bomb, "a.docx") == "limit.expanded"


def test_a_zip_bomb_that_lies_about_its_size() -> None:
    small = LIMITS.model_copy(update={"max_expanded_bytes": 100_000})
    bomb = packed({"word/document.xml": b" " * 5_000_000})
    lying = bomb.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 500))
    assert lying != bomb
    with pytest.raises(GongkaiError) as caught:
        read_bytes(lying, "a.docx", small)
    assert caught.value.code in ("limit.expanded", "read.corrupt")


def test_entities_are_not_expanded() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with within(5):
        assert outcome(body("<w:p><w:r><w:t>&i;</w:t></w:r></w:p>", laughs + "]>"), "a.docx") == "read.corrupt"


def test_external_entities_are_not_read(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密")
    prolog = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>'
    assert outcome(body("<w:p><w:r><w:t>&a;公开</w:t></w:r></w:p>", prolog), "a.docx") == "read.corrupt"


def test_deep_word_markup() -> None:
    nested = "<w:tbl><w:tr><w:tc>" * 80 + f"<w:p><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 80
    outcome(body(nested), "a.docx")
    shallow = (
        "<w:tbl><w:tr><w:tc>" * 60 + f"<w:p><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 60
    )
    assert isinstance(outcome(body(shallow), "a.docx"), SourceDocument)
    assert outcome(body("<w:sdt>" * 5000 + "</w:sdt>" * 5000), "a.docx") == "read.corrupt"


def test_absurd_word_attributes() -> None:
    text = "<w:p><w:r><w:t>1</w:t></w:r></w:p>"
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="{{0}}"/><w:vMerge w:val="{{0}}"/></w:tcPr>{text}</w:tc>'
    for value in ("-5", "99999999999", "x", ""):
        row = f"<w:tr><w:trPr><w:gridBefore w:val='{value}'/></w:trPr>{cell.format(value) * 3}</w:tr>"
        paragraph = (
            f'<w:p><w:pPr><w:outlineLvl w:val="{value}"/><w:numPr><w:ilvl w:val="{value}"/>'
            f'<w:numId w:val="{value}"/></w:numPr></w:pPr><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>'
        )
        assert isinstance(outcome(body(f"<w:tbl>{row * 3}</w:tbl>{paragraph}"), "a.docx"), SourceDocument)


# ---- hostile pages and texts ----------------------------------------------------------------------------------------

HOSTILE_PAGES = {
    "nested div": "<div>" * 100_000 + SENTENCE,
    "nested div with text": "<div>字" * 50_000 + SENTENCE,
    "nested span": "<span>" * 100_000 + SENTENCE,
    "nested list": "<ul><li>" * 30_000 + SENTENCE,
    "nested table": "<table><tr><td>" * 20_000 + SENTENCE,
    "nested two-column table": f"<table><tr><td>{SENTENCE}</td><td>1</td></tr><tr><td>2</td><td>" * 2_000,
    "unclosed formatting": "<p>"
    + "".join(f"<font size={i}>" for i in range(2_000))
    + "</p>"
    + f"<p>{SENTENCE}</p>" * 5_000,
    "attributes": "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + f">{SENTENCE}",
    "many short paragraphs": f"<p>{SENTENCE}</p>" + "<p>字" * 20_000,
    "huge spans": "<table>"
    + "<tr>"
    + "<td colspan=65000 rowspan=65000>1</td>" * 200
    + "</tr>"
    + "<tr><td>2" * 2_000
    + "</table>",
    "unclosed tags": f"<p>{SENTENCE}</p>" + "<p" * 100_000,
    "unclosed comments": f"<p>{SENTENCE}</p>" + "<!--" * 100_000,
    "unclosed strings": "<p>短</p><script>" + '"content":"' * 50_000 + "</script>",
}


@pytest.mark.parametrize("page", HOSTILE_PAGES.values(), ids=HOSTILE_PAGES.keys())
def test_hostile_pages(page: str) -> None:
    with within(10):
        assert isinstance(outcome(f"<html><body>{page}".encode(), "a.html"), SourceDocument)


def test_more_tags_than_any_report_has() -> None:
    with within(10):
        assert outcome(b"<html>" + b"<p>x" * 600_000, "a.html") == "read.corrupt"


HOSTILE_TEXTS = {
    "short lines": "字\n" * 50_000,
    "one line": SENTENCE * 100_000,
    "wrapped": ("今年以来区政府认真落实各项要求主动公开各类信息并不断提高工作的质量和水平各项\n" * 20_000),
    "bars": "| 字 |\n" * 30_000,
    "pipe rows": "| 甲 | 1 |\n" * 20_000,
    "tab rows": "甲\t1\n" * 20_000,
    "letterspaced": "政 " * 200_000,
    "full-width points": "９．" * 200_000,
    "hashes": "# 字" + "#" * 300_000 + "字",
    "asterisks": "**字" * 100_000,
    "underscores": "字" + "_" * 300_000,
    "brackets": "[" * 200_000 + "字",
    "dashes": "- " * 200_000 + "字",
}


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_hostile_texts(text: str, name: str) -> None:
    with within(10):
        assert isinstance(outcome(text.encode(), name), SourceDocument)


def test_more_lines_than_any_report_has() -> None:
    with within(10):
        assert outcome("字\n".encode() * 600_000, "a.txt") == "read.corrupt"
