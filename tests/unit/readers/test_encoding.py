from random import Random

import pytest

from gongkai.pipeline.config import load_config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.readers import read_bytes
from gongkai.pipeline.readers.encoding import decode, is_text

TEXT = "一、总体情况\n今年以来，区政府办公室认真落实条例，主动公开各类政府信息120条，开展培训3次。\n" * 3
RARE = TEXT + "朱镕、赵堃、面积120㎡\n"  # 堃 and 镕 are in GBK and GB 18030, not in GB 2312
TRADITIONAL = "今年以來，區政府辦公室認真落實條例要求，主動公開各類政府資訊120條，開展培訓3次。\n" * 3


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
    ],
)
def test_finds_the_encoding_without_a_declaration(codec: str, name: str) -> None:
    decoded = decode(RARE.encode(codec))
    assert (decoded.text, decoded.encoding, decoded.undecodable) == (RARE, name, 0)
    assert is_text(RARE.encode(codec))


def test_big5() -> None:
    decoded = decode(TRADITIONAL.encode("big5"))
    assert (decoded.text, decoded.encoding) == (TRADITIONAL, "big5hkscs")


def test_hz_needs_its_declaration() -> None:
    page = '<meta charset="hz-gb-2312">' + TEXT
    assert decode(page.encode("hz")).text == page


@pytest.mark.parametrize("declared", ["gb2312", "GBK", "utf-8", "big5", "iso-8859-1", "x-unheard-of"])
@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_the_bytes_overrule_the_declaration(declared: str, codec: str) -> None:
    page = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">{RARE}'
    decoded = decode(page.encode(codec))
    assert (decoded.text, decoded.encoding) == (page, codec)


def test_broken_bytes_are_counted() -> None:
    data = TEXT.encode()
    decoded = decode(data[:-2] + b"\n\xff" + data)
    assert decoded.encoding == "utf-8"
    assert decoded.undecodable == decoded.text.count("\ufffd") > 0
    assert decoded.diagnostics()[0].code == "read.undecodable_bytes"
    assert str(decoded.undecodable) in decoded.diagnostics()[0].message


def test_broken_bytes_in_gb18030() -> None:
    decoded = decode(TEXT.encode("gb18030") + b"\xff\n" + TEXT.encode("gb18030"))
    assert decoded.encoding == "gb18030"
    assert decoded.undecodable == 1
    assert decoded.text.endswith("\n" + TEXT)


def test_a_saved_replacement_character_is_no_broken_byte() -> None:
    assert decode("公\ufffd开".encode()).undecodable == 0


def test_control_characters_are_removed_and_line_ends_kept() -> None:
    decoded = decode("公\0开\x07\r\n信\u0085息\ufeff\t".encode())
    assert decoded.text == "公开\r\n信\u0085息\t"
    assert decoded.controls == 2


@pytest.mark.parametrize("name", ["a.txt", "a.html"])
def test_removed_control_characters_are_told(name: str) -> None:
    text = "今年以来，区政府办公室主动公开各类政府信息120条。" * 4
    data = f"<html><body><p>{text}\0\x1b\x1b</p></body></html>" if name == "a.html" else f"{text}\0\x1b\x1b"
    told = [d for d in read_bytes(data.encode(), name, load_config().limits).diagnostics if "control" in d.code]
    assert [(d.level, d.code) for d in told] == [("info", "read.control_characters_removed")]
    assert told[0].message.startswith("3 ")


def test_other_encodings_are_left_to_the_detector() -> None:
    decoded = decode(("Ministère de l'intérieur, données publiées à Noël. " * 5).encode("latin-1"))
    assert decoded.undecodable == 0
    assert "de l'int" in decoded.text


def test_random_bytes_are_no_text() -> None:
    data = Random(1).randbytes(4000)
    assert not is_text(data)
    with pytest.raises(GongkaiError) as caught:
        decode(bytes(byte for byte in data if byte >= 32))
    assert caught.value.code == "read.unknown_type"
