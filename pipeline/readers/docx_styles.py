"""What a Word file keeps apart from the text: heading styles, bold styles and automatic numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING_NAME = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"%([1-9])")
_BODY_LEVEL = 9  # w:outlineLvl of body text (ECMA-376 part 1, 17.3.1.20)
_MAX_CHAIN = 20  # styles based on styles; a loop ends here


def value(element: Any, path: str) -> str | None:
    """Return the ``w:val`` of the child at ``path``, ``None`` when there is no such child or value."""
    found = element.find(path) if element is not None else None
    return None if found is None else found.get(f"{W}val")


def flag(properties: Any, name: str) -> bool | None:
    """Return an on/off property (ECMA-376 part 1, 17.17.4): absent is ``None``, present without value is on."""
    found = properties.find(W + name) if properties is not None else None
    return None if found is None else found.get(f"{W}val", "1") not in ("0", "false", "off")


def number(text: str | None, default: int) -> int:
    """Read a small integer attribute; anything else gives the default."""
    try:
        return int(text) if text is not None else default
    except ValueError:
        return default


@dataclass(slots=True)
class Style:
    """One paragraph or character style with what it inherits resolved."""

    name: str = ""
    level: int | None = None
    bold: bool | None = None
    numbering: tuple[str | None, int | None] = (None, None)


def read_styles(root: Any | None) -> dict[str, Style]:
    """Resolve the styles of ``word/styles.xml``; keys are style ids."""
    if root is None:
        return {}
    raw = {s.get(f"{W}styleId", ""): s for s in root.iterfind(f"{W}style")}
    return {style_id: _resolve(style_id, raw) for style_id in raw}


def _resolve(style_id: str, raw: dict[str, Any]) -> Style:
    style = Style(name=(value(raw[style_id], f"{W}name") or "").strip())
    current: str | None = style_id
    num_id: str | None = None
    indent: int | None = None
    for _ in range(_MAX_CHAIN):
        element = raw.get(current or "")
        if element is None:
            break
        properties = element.find(f"{W}pPr")
        if style.level is None:
            style.level = _level(element, properties)
        if style.bold is None:
            style.bold = flag(element.find(f"{W}rPr"), "b")
        if num_id is None:
            num_id = value(properties, f"{W}numPr/{W}numId")
        if indent is None and (text := value(properties, f"{W}numPr/{W}ilvl")) is not None:
            indent = number(text, 0)
        current = value(element, f"{W}basedOn")
    style.numbering = (num_id, indent)
    return style


def _level(element: Any, properties: Any) -> int | None:
    outline = value(properties, f"{W}outlineLvl")
    if outline is not None:
        return heading_level(outline)
    name = (value(element, f"{W}name") or "").strip()
    match = _HEADING_NAME.match(name)
    if match:
        return int(match[1])
    return 1 if name.lower() in ("title", "标题") else None


def heading_level(outline: str) -> int | None:
    """Turn an outline level (0 = highest, 9 = body text) into a heading level (1 = highest)."""
    level = number(outline, _BODY_LEVEL)
    return level + 1 if 0 <= level < _BODY_LEVEL else None


# ---- automatic numbering ----------------------------------------------------------------------------------------

_DIGITS = "〇一二三四五六七八九"


def chinese(n: int) -> str:
    """Write 1-9999 the way headings are counted: 一 … 十 十一 二十 一百零一."""
    if not 0 < n < 10000:
        return str(n)
    out = ""
    gap = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, n = divmod(n, unit)
        if digit:
            out += ("零" if gap else "") + _DIGITS[digit] + name
            gap = False
        elif out:
            gap = True
    return out[1:] if out.startswith("一十") else out


def _roman(n: int) -> str:
    out = ""
    for size, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        out += letters * (n // size)
        n %= size
    return out


def _letter(n: int) -> str:
    return chr(ord("A") + (n - 1) % 26) * ((n - 1) // 26 + 1)


def _circled(n: int) -> str:
    return chr(0x2460 + n - 1) if n <= 20 else str(n)


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalFullWidth": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda n: f"{n:02d}",
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,  # what Word on a Chinese system writes for 一、二、三
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "ideographDigital": chinese,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "upperRoman": _roman,
    "lowerRoman": lambda n: _roman(n).lower(),
    "upperLetter": _letter,
    "lowerLetter": lambda n: _letter(n).lower(),
}
_WITHOUT_NUMBER = frozenset(("bullet", "none"))


@dataclass(slots=True)
class _ListLevel:
    format: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of ``word/numbering.xml`` and how far each has counted.

    Attributes:
        unknown: number formats met that are written as plain numbers.
    """

    _levels: dict[str, dict[int, _ListLevel]] = field(default_factory=dict)
    _abstract_of: dict[str, str] = field(default_factory=dict)
    _restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, root: Any | None) -> Numbering:
        """Read the lists of a numbering part; ``None`` gives an empty one."""
        lists = cls()
        if root is None:
            return lists
        for abstract in root.iterfind(f"{W}abstractNum"):
            lists._levels[abstract.get(f"{W}abstractNumId", "")] = {
                number(level.get(f"{W}ilvl"), 0): _ListLevel(
                    value(level, f"{W}numFmt") or "decimal",
                    value(level, f"{W}lvlText") or "",
                    number(value(level, f"{W}start"), 1),
                )
                for level in abstract.iterfind(f"{W}lvl")
            }
        for num in root.iterfind(f"{W}num"):
            num_id = num.get(f"{W}numId", "")
            lists._abstract_of[num_id] = value(num, f"{W}abstractNumId") or ""
            lists._restarts[num_id] = {
                number(o.get(f"{W}ilvl"), 0): number(start, 1)
                for o in num.iterfind(f"{W}lvlOverride")
                if (start := value(o, f"{W}startOverride")) is not None
            }
        return lists

    def next(self, num_id: str, level: int) -> str:
        """Count one paragraph and return the number Word shows before it, ``""`` for bullets and unknown lists."""
        abstract = self._abstract_of.get(num_id, "")
        levels = self._levels.get(abstract, {})
        own = levels.get(level)
        if own is None:
            return ""
        counts = self._counts.setdefault(abstract, [None] * 10)
        restart = self._restarts.get(num_id, {}).pop(level, None)
        before = counts[level]
        counts[level] = restart if restart is not None else own.start if before is None else before + 1
        counts[level + 1 :] = [None] * (9 - level)
        if own.format in _WITHOUT_NUMBER:
            return ""
        return _PLACEHOLDER.sub(lambda m: self._written(levels, counts, int(m[1]) - 1), own.text)

    def _written(self, levels: dict[int, _ListLevel], counts: list[int | None], level: int) -> str:
        known = levels.get(level)
        if known is None:
            return ""
        count = counts[level] if counts[level] is not None else known.start
        write = _FORMATS.get(known.format)
        if write is None:
            self.unknown.add(known.format)
            return str(count)
        return write(max(1, min(int(count or 0), 9999))) if count else "0"
