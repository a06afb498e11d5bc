"""Unicode repair of a line: compatibility characters, full-width numbers, invisible characters and odd spaces.

NFKC over a whole text would also turn ``，（）`` into ASCII and ``㎡`` into ``m2``; the repair therefore touches
only what is known to be an artefact, one character for one character, and otherwise only removes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

import yaml

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u2e80-\u2fd5"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
# Soft hyphen, zero-width characters, direction marks, word joiner and friends, BOM, interlinear marks.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
)
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_COMPATIBLE = "\u2e80-\u2ef3\u2f00-\u2fd5\uf900-\ufaff\U0002f800-\U0002fa1f\uff61-\uff65"
_FULL_NUMBER = "０-９"

_REMOVED = re.compile(f"[{_CONTROL}{_INVISIBLE}]+")
# A number with at least one digit; the full-width point counts only between digits, letters and percent only beside
# one, so that ordinary full-width words and punctuation are left alone.
_NUMBER = re.compile("[0-9０-９](?:[0-9０-９Ａ-Ｚａ-ｚ％]|．(?=[0-9０-９]))*")
# Three spaced single characters or more are letterspacing ("年 度 报 告"); two are only when they are the whole text.
_LETTERSPACED = re.compile(f"(?<![^ ])[{_HAN}](?: {{1,4}}[{_HAN}](?![^ ])){{3,}}")
_LETTERSPACED_WHOLE = re.compile(f"[{_HAN}](?: {{1,4}}[{_HAN}])+")
_TROUBLE = re.compile(
    f"[{_CONTROL}{_INVISIBLE}{_SPACES}{_COMPATIBLE}{_FULL_NUMBER}]|[0-9][Ａ-Ｚａ-ｚ％．]|"
    f"(?<![^ ])[{_HAN}] +[{_HAN}](?![^ ])"
)


@cache
def _table() -> dict[int, str]:
    """Map code points to their repaired character, for :meth:`str.translate`."""
    raw = yaml.safe_load(Path(__file__).with_name("radicals.yaml").read_text(encoding="utf-8"))
    table = {ord(old): new for part in raw.values() for old, new in part.items()}
    ranges = ((0x2F00, 0x2FD5), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
    for code in (c for first, last in ranges for c in range(first, last + 1)):
        mended = unicodedata.normalize("NFKC", chr(code))
        if len(mended) == 1 and mended != chr(code):
            table[code] = mended
    table.update(dict.fromkeys(_code_points(_SPACES), " "))
    return table


def _code_points(ranges: str) -> list[int]:
    return [ord(c) for c in map(chr, range(0x3001)) if re.match(f"[{ranges}]", c)]


_NUMBER_TABLE = {0xFEE0 + code: chr(code) for code in map(ord, "0123456789%.")} | {
    0xFEE0 + code: chr(code) for code in [*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]
}


def repair(text: str) -> str:
    """Return ``text`` with the artefacts of converters mended and its ends trimmed.

    Kangxi and supplement radicals and compatibility ideographs become the ordinary characters; full-width
    digits, and the percent sign, point or letters that follow one inside a number, become ASCII; half-width
    punctuation becomes full-width; odd spaces become plain ones; control and invisible characters go;
    letterspaced words ("政 府 信 息") close up. Full-width ``，（）：；`` and ``㎡`` stay. The repair is idempotent,
    and apart from what it removes it keeps one character for one.

    Args:
        text: any text; line breaks and tabs are kept.

    Returns:
        The mended text; the same object when nothing was to mend.
    """
    if _TROUBLE.search(text) is None:
        return text.strip()
    text = _REMOVED.sub("", text).translate(_table())
    text = _NUMBER.sub(lambda m: m[0].translate(_NUMBER_TABLE), text).strip()
    if _LETTERSPACED_WHOLE.fullmatch(text):
        return text.replace(" ", "")
    return _LETTERSPACED.sub(lambda m: m[0].replace(" ", ""), text)
