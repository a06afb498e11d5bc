"""Administrative divisions: which province, prefecture and county a name belongs to (GB/T 2260)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_SUFFIX = re.compile(
    r"(?:壮族|回族|维吾尔)?(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|省|市|盟|县|区|旗)$"
)
# A name runs up to its suffix and holds none of the characters that offices and conjunctions are written with;
# 城乡 and 城镇 belong to names of offices (住房城乡建设局).
_NAME = r"(?!城镇)(?:(?![局委办厅院处所的关和与及])[一-鿿])"
_TOWN = r"街道|镇|(?<!城)乡"
_UNLISTED = re.compile(_NAME + "{1,7}?(?:省|自治区|自治州|地区|盟|市|自治县|县|新区|区|旗|" + _TOWN + ")")
_TOWNSHIP = re.compile(_NAME + "{1,8}?(?:" + _TOWN + ")")
_LONGEST = 15
# What stands before the division in the name of a body: 国家税务总局安源区税务局.
BEFORE_DIVISION = re.compile(r"^(?:国家税务总局|中国共产党|中共|关于)")


@cache
def _table() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return (name by code, codes by name)."""
    by_code: dict[str, str] = {}
    by_name: dict[str, list[str]] = {}
    text = Path(__file__).with_name("divisions.csv").read_text(encoding="utf-8")
    for line in text.splitlines()[2:]:
        code, name = line.split(",")
        by_code[code] = name
        by_name.setdefault(name, []).append(code)
    return by_code, {name: tuple(codes) for name, codes in by_name.items()}


def ancestors(code: str) -> list[str]:
    """Return the names from the province down to the division itself, e.g. 江西省, 萍乡市, 安源区."""
    by_code, _ = _table()
    chain = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
    return [by_code[c] for c in chain if c in by_code]


def contains(outer: str, inner: str) -> bool:
    """Tell whether the division of one code lies in that of another (or is the same)."""
    if outer.endswith("0000"):
        return inner.startswith(outer[:2])
    return outer == inner or (outer.endswith("00") and inner.startswith(outer[:4]))


def names_at_start(text: str) -> tuple[list[str], int]:
    """Follow listed names from the start of a text, from the outer division to the inner.

    Args:
        text: e.g. ``"萍乡市安源区教育局"``; a name that begins with an office (国家税务总局) holds none at its start.

    Returns:
        The codes the innermost name may have (several divisions share a name), none if no listed name stands there;
        and the offset at which the names end.
    """
    _, by_name = _table()
    candidates: list[str] = []
    at = 0
    while at < len(text):
        for length in range(min(_LONGEST, len(text) - at), 1, -1):
            codes = by_name.get(text[at : at + length])
            if codes is None:
                continue
            inner = [c for c in codes if not candidates or any(contains(o, c) for o in candidates)]
            if inner:
                candidates, at = list(inner), at + length
                break
        else:
            break
    return candidates, at


def resolve(name: str, context: str = "") -> str | None:
    """Write out the region that a body's or report's name begins with.

    Args:
        name: e.g. ``"安源区教育局"``, ``"国家税务总局安源区税务局"``, ``"清溪县"``.
        context: more text of the report; decides between divisions of one name by the parents it speaks of.

    Returns:
        Province to county (and township) written together, e.g. ``"江西省萍乡市安源区"``; a division that is not
        listed is returned as it is written; ``None`` when the name holds no division.
    """
    name = BEFORE_DIVISION.sub("", name.strip())
    candidates, end = names_at_start(name)
    if not candidates:
        return unlisted(name)
    code = candidates[0] if len(candidates) == 1 else _most_mentioned(candidates, context)
    if code is None:
        return unlisted(name)
    township = _TOWNSHIP.match(name, end)
    return "".join(ancestors(code)) + (township.group() if township else "")


def unlisted(name: str) -> str | None:
    """Return the division that a name begins with as it is written, though not listed; ``None`` if it names none."""
    out, at = "", 0
    while match := _UNLISTED.match(name, at):
        out, at = out + match.group(), match.end()
    # A bare 市 or 区 ("市教育局") names no place.
    return out if len(out) > 1 else None


def _most_mentioned(codes: list[str], context: str) -> str | None:
    """Choose the division whose province and prefecture the context mentions most; ``None`` on a tie."""
    score = {}
    for code in codes:
        parents = ancestors(code)[:-1]
        score[code] = sum(context.count(_SUFFIX.sub("", p) or p) for p in parents)
    ranked = sorted(codes, key=lambda c: -score[c])
    if score[ranked[0]] == 0 or score[ranked[0]] == score[ranked[1]]:
        return None
    return ranked[0]
