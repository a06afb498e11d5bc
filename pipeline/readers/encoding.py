"""From bytes to text: byte order marks, declared and undeclared Chinese encodings, broken bytes.

Declarations lie: pages declared gb2312 hold gb18030 characters or are UTF-8, and the reverse. What the bytes decode
to decides, the declaration only breaks ties.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache

from gongkai.pipeline.document import Diagnostic
from gongkai.pipeline.errors import GongkaiError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s{0,4}=\s{0,4}["']?\s{0,4}([A-Za-z0-9_.:-]{2,20})""", re.I)
_DECLARATION_BYTES = 4096
# gb2312 and gbk are subsets of gb18030, and pages declared so use the characters they lack; the same for big5.
_WIDER = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "hz": "hz",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf8": "utf-8",
    "utf-8": "utf-8",
}
_REPLACEMENT = "\ufffd"
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]+")
_UTF16_SAMPLE = 8192
_SAMPLE = 65536  # bytes that decide between encodings; the whole is decoded only once
_MIN_COMMON = 0.85  # running Chinese text is over 99 % first-level characters; wrong encodings give 30-60 %
_MAX_BROKEN = 0.05  # share of characters; beyond it the bytes are no text in that encoding
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded text.

    Attributes:
        text: without control characters.
        encoding: the encoding it was in.
        undecodable: how many byte sequences could not be read.
        controls: how many control characters were removed.
    """

    text: str
    encoding: str
    undecodable: int
    controls: int

    def diagnostics(self) -> list[Diagnostic]:
        """Return what was broken or removed: undecodable bytes, control characters."""
        found: list[Diagnostic] = []
        if self.undecodable:
            message = f"{self.undecodable} byte sequence(s) are not valid {self.encoding} and read as {_REPLACEMENT}."
            found.append(Diagnostic("warning", "read.undecodable_bytes", message))
        if self.controls:
            message = f"{self.controls} control character(s) (NUL, ESC and the like) removed from the text."
            found.append(Diagnostic("info", "read.control_characters_removed", message))
        return found


def decode(data: bytes) -> Decoded:
    """Decode text of unknown encoding.

    Args:
        data: the whole file.

    Returns:
        The text, with byte order mark, NUL bytes and control characters (other than line ends) removed.

    Raises:
        GongkaiError: ``read.unknown_type`` when the bytes are no text in any encoding tried.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _finish(data[len(mark) :], name)
    if b"\0" in data[:_SAMPLE]:
        wide = _utf16_without_mark(data)
        if wide:
            return _finish(data, wide)
    declared = _declared(data)
    if declared == "hz" and b"~{" in data:
        return _finish(data, "hz")
    try:
        return _clean(data.decode("utf-8"), "utf-8", 0)
    except UnicodeDecodeError:
        pass
    return _finish(data, _choose(data[:_SAMPLE], declared))


def is_text(data: bytes) -> bool:
    """Tell whether ``data`` looks like text at all: few control bytes in its first part, or two-byte Unicode."""
    sample = data[:8192]
    if sample.startswith(tuple(mark for mark, _ in _BOMS)) or _utf16_without_mark(sample):
        return True
    controls = sum(sample.count(code) for code in (*range(0x00, 0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)))
    return controls <= len(sample) // 50


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data, 0, _DECLARATION_BYTES)
    return _WIDER.get(match[1].decode("ascii").lower()) if match else None


def _utf16_without_mark(data: bytes) -> str | None:
    """Recognise UTF-16 by its NULs and by what either byte order reads as; 开 and 一 hold NULs on the other side."""
    sample = data[:_UTF16_SAMPLE]
    if sample.count(0) < max(1, len(sample) // 200):
        return None
    shares = {name: _readable_share(sample, name) for name in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] >= _MIN_COMMON else None


def _readable_share(sample: bytes, name: str) -> float:
    text = sample[: len(sample) & ~1].decode(name, errors="replace")
    simplified = _first_level()[0]
    readable = sum(
        c in simplified or " " <= c <= "~" or c in "\r\n\t" or "\u3000" <= c <= "\u301f" or "\uff01" <= c <= "\uff5e"
        for c in text
    )
    return readable / len(text) if text else 0.0


def _choose(sample: bytes, declared: str | None) -> str:
    """Pick the encoding whose text is most plausibly Chinese; the detector is asked only when none is."""
    candidates = ("gb18030", "utf-8", "big5hkscs")
    scores = {name: _plausibility(sample, name) + 0.02 * (name == declared) for name in candidates}
    best = max(candidates, key=scores.__getitem__)
    return best if scores[best] >= _MIN_COMMON - 2 * _MAX_BROKEN else _detect(sample) or declared or best


def _plausibility(sample: bytes, name: str) -> float:
    text = sample.decode(name, errors="replace")
    han = _HAN.findall(text)
    if not han:
        return 0.0
    common = _first_level()[name == "big5hkscs"]
    share = sum(c in common for c in han) / len(han)
    return share - 4 * text.count(_REPLACEMENT) / len(text)


@cache
def _first_level() -> tuple[frozenset[str], frozenset[str]]:
    """Return the first-level characters of GB/T 2312 (rows 16-55) and of Big5 (A440-C67E)."""
    simplified = bytes(b for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for b in (lead, trail))
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    traditional = bytes(b for lead in range(0xA4, 0xC7) for trail in trails for b in (lead, trail))
    return (
        frozenset(simplified.decode("gb2312", errors="ignore")),
        frozenset(traditional.decode("big5", errors="ignore")),
    )


def _detect(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # slow to import and to run: only for what nothing else explains

    match = from_bytes(sample[:8192]).best()
    return match.encoding if match else None


def _finish(data: bytes, name: str) -> Decoded:
    text = data.decode(name, errors="replace")
    broken = text.count(_REPLACEMENT)
    if name == "utf-8":
        broken -= data.count(_REPLACEMENT.encode())  # a replacement character saved by others is not ours
    if broken > max(8, _MAX_BROKEN * len(text)):
        raise GongkaiError("read.unknown_type", "The bytes are neither text in a known encoding nor a known format.")
    return _clean(text, name, broken)


def _clean(text: str, name: str, broken: int) -> Decoded:
    clean = _CONTROL.sub("", text)
    # A byte order mark inside the text, left by joining files, hides nothing and is not worth a word.
    controls = len(text) - len(clean) - text.count("\ufeff")
    return Decoded(clean, name, broken, controls)
