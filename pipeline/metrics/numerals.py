"""Numerals as government reports write them: Arabic, full-width, Chinese, and mixtures such as 3万5千.

Everything works on *folded* text (:func:`fold`), which has the same length as the original, so offsets agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FULL_WIDTH = {code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1B), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
_OTHERS = {
    "％﹪℅": "%",
    "＋﹢": "+",
    "－−–—―‐‑‒﹣": "-",
    "～〜∼˜": "~",
    "．﹒": ".",
    "／∕": "/",
    "（": "(",
    "）": ")",
    "＊": "*",
    "○Ｏ": "〇",
    "\u00a0\u2002\u2003\u2004\u2005\u2007\u2008\u2009\u200a\u202f\u3000\t": " ",
}
_FOLD = {**_FULL_WIDTH, **{ord(c): to for chars, to in _OTHERS.items() for c in chars}}

ZH_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
ZH_CHARS = "".join(ZH_DIGITS) + "十百千万亿廿"

ZH_RUN = re.compile(f"[{ZH_CHARS}]{{1,20}}(?:点[{''.join(ZH_DIGITS)}]{{1,8}})?")
# Groups split by a space come from justified PDF lines; they count only as exact thousands.
ARABIC = re.compile(
    r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])(?:\.[0-9]+)?"
    r"|[0-9]{1,3}(?:，[0-9]{3})+(?![0-9，.年月日])"
    r"|[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9]| [0-9]|\.[0-9])"
    r"|[0-9]+(?:\.[0-9]+)?"
)
_MULTIPLIER = re.compile("万亿|千万|百万|十万|亿|万|千|百")
_INSIDE_GAP = re.compile(r"[余多几馀来]")
_SEPARATORS = str.maketrans("", "", ",， ")
_FACTOR = {
    "万亿": 10**12,
    "亿": 10**8,
    "千万": 10**7,
    "百万": 10**6,
    "十万": 10**5,
    "万": 10**4,
    "千": 1000,
    "百": 100,
}
_MOST_DIGITS = 18


def fold(text: str) -> str:
    """Return ``text`` with full-width digits, letters, signs and spaces as ASCII; the length stays the same."""
    return text.translate(_FOLD)


def tidy(value: float) -> float:
    """Return a whole number as ``int`` and anything else rounded free of binary noise (6.5 * 10000)."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def parse_chinese(run: str) -> float | None:
    """Return the value of a Chinese numeral (三百二十, 二〇一九, 1.2 as 一点二), or None when it is not one.

    Args:
        run: numeral characters only, optionally with 点 and decimals.
    """
    whole, _, decimals = run.partition("点")
    value = _parse_whole(whole.replace("廿", "二十"))
    if value is None or not decimals:
        return value
    if any(c not in ZH_DIGITS for c in decimals):
        return None
    return float(f"{value}.{''.join(str(ZH_DIGITS[c]) for c in decimals)}")


def _parse_whole(run: str) -> int | None:
    if not run:
        return None
    if all(c in ZH_DIGITS for c in run):
        # Two bare digits (三五) are a guess at a range, not a number; longer runs are read digit by digit.
        if len(run) == 1 or len(run) > 2 or run[0] == "〇":
            return int("".join(str(ZH_DIGITS[c]) for c in run))
        return None
    return _parse_with_units(run)


def _parse_with_units(run: str) -> int | None:
    total = section = 0
    digit: int | None = None
    unit = 10**9  # the unit read last inside this section: units must fall
    large = 10**17
    zero = False
    for ch in run:
        if ch in ZH_DIGITS:
            if digit is not None or (ch in "零〇" and zero):
                return None
            if ZH_DIGITS[ch]:
                digit = ZH_DIGITS[ch]
            else:
                zero = True
        elif ch in _SMALL:
            if _SMALL[ch] >= unit or (digit is None and (section or zero) and ch != "十"):
                return None
            unit = _SMALL[ch]
            section += (1 if digit is None else digit) * unit
            digit, zero = None, False
        else:
            if _LARGE[ch] >= large and not (ch == "亿" and large == 10**4):
                return None
            section += digit or 0
            if ch == "亿":
                total = (total + (section or (0 if total else 1))) * 10**8
            else:
                total += (section or 1) * 10**4
            section, digit, zero, unit, large = 0, None, False, 10**9, _LARGE[ch]
    return total + section + _last_digit(run, digit, zero)


def _last_digit(run: str, digit: int | None, zero: bool) -> int:
    """三百二 is 320 and 一万五 is 15000, but 一百零二 is 102 and 十二 is 12."""
    if digit is None:
        return 0
    before = run[-2] if len(run) > 1 else ""
    step = _SMALL.get(before) or _LARGE.get(before) or 10
    return digit if zero else digit * step // 10


@dataclass(frozen=True, slots=True)
class Number:
    """A numeral in folded text: offsets behind its multiplier, value and how it was written.

    Attributes:
        digits_end: where the digits stop, before 万 or 亿.
        more: 余, 多 or 来 standing between the digits and the multiplier (20余万), else "".
        factor: what 万 and 亿 multiplied the digits by.
        chinese: written in Chinese numerals.
    """

    start: int
    end: int
    digits_end: int
    value: float
    more: str
    factor: int
    chinese: bool


def read_arabic(folded: str, at: int) -> Number | None:
    """Read an Arabic number with its multipliers (1,234; 6.5万; 3万5千; 20余万) at ``at``, or None."""
    match = ARABIC.match(folded, at)
    if match is None:
        return None
    digits = match.group().translate(_SEPARATORS)
    if len(digits) > _MOST_DIGITS:
        return None
    value, end = float(digits), match.end()
    more = ""
    gap = _INSIDE_GAP.match(folded, end)
    multiplier = _multiplier(folded, end + 1) if gap else None
    if multiplier:
        more = folded[end]
    else:
        multiplier = _multiplier(folded, end)
    if multiplier is None:
        return Number(at, end, match.end(), tidy(value), "", 1, False)
    factor = _FACTOR[multiplier.group()]
    value, end = value * factor, multiplier.end()
    if not more:
        value, end = _smaller_parts(folded, value, end, factor)
    return Number(at, end, match.end(), tidy(value), more, factor, False)


def _multiplier(folded: str, at: int) -> re.Match[str] | None:
    match = _MULTIPLIER.match(folded, at) or (_MULTIPLIER.match(folded, at + 1) if folded[at : at + 1] == " " else None)
    # 千米, 千克, 千瓦 and 百分点 are units, not multipliers.
    if match and folded[match.end() - 1] in "千百" and folded[match.end() : match.end() + 1] in tuple("米克瓦伏分"):
        return None
    return match


def _smaller_parts(folded: str, value: float, end: int, factor: int) -> tuple[float, int]:
    """Add what follows in falling multipliers: 3万5千, 1亿2千万, 1亿2345万."""
    for _ in range(3):
        match = ARABIC.match(folded, end)
        multiplier = _multiplier(folded, match.end()) if match else None
        if match is None or multiplier is None or _FACTOR[multiplier.group()] >= factor:
            break
        digits = match.group().translate(_SEPARATORS)
        if len(digits) > _MOST_DIGITS:
            break
        factor = _FACTOR[multiplier.group()]
        value, end = value + float(digits) * factor, multiplier.end()
    return value, end


def read_chinese(folded: str, at: int) -> Number | None:
    """Read a Chinese numeral (also 二十余万) at ``at``; None where the run is no number."""
    match = ZH_RUN.match(folded, at)
    if match is None:
        return None
    value, end, more, factor = parse_chinese(match.group()), match.end(), "", 1
    if value is None:
        return None
    if folded[end : end + 1] in ("余", "多") and folded[end + 1 : end + 2] in ("万", "亿"):
        more, factor = folded[end], _FACTOR[folded[end + 1]]
        value, end = value * factor, end + 2
    return Number(at, end, match.end(), tidy(value), more, factor, True)
