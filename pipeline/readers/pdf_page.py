"""What stands on one PDF page: glyphs, ruling lines and pictures, turned so that the text reads upright.

Everything here goes through pdfium's raw interface, because the wrapper's per-character calls cost three times as
much. pdfium is not thread-safe: callers must hold :data:`PDFIUM_LOCK` while any pdfium handle is open.

Coordinates are points with the origin in the upper left corner and y growing downwards. The page's ``/Rotate``
entry is not consulted: the direction in which most of its characters run says which side is up, and does so too
for a landscape table drawn sideways on a portrait page.
"""

from __future__ import annotations

import ctypes
import math
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as raw

from gongkai.pipeline.readers.pdf_paths import Edge, PathCollector

PDFIUM_LOCK = threading.Lock()

MAX_GLYPHS = 60_000
"""Characters read of one page; a page of a report holds about 1,500."""

_BOLD_NAMES = ("bold", "heavy", "black", "simhei", "heiti", "xiaobiaosong", "fzxbs", "hei-", "黑体", "小标宋")
_STRAY_ANGLE = 15.0
"""Degrees off a right angle beyond which text is a watermark; a skewed scan's text layer stays well below."""

_ASCENT, _DESCENT = 0.88, 0.12
"""The em box of Chinese type around its baseline. Fonts' own ascents differ wildly; these do not."""


@dataclass(slots=True, eq=False)
class Glyph:
    """One character with its em box in page coordinates.

    Attributes:
        turn: quarter turns counter-clockwise between the page's reading direction and this character's.
        space: a space character stood before it.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    turn: int = 0
    space: bool = False

    @property
    def cx(self) -> float:
        """Horizontal centre."""
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        """Vertical centre."""
        return (self.y0 + self.y1) / 2


@dataclass(slots=True, eq=False)
class PageContent:
    """All that was found on one page.

    Attributes:
        number: 1-based page number.
        horizontals: edges ``(y, x_from, x_to)``.
        verticals: edges ``(x, y_from, y_to)``.
        picture_share: part of the page's area that pictures cover, 0..1 (counted twice where they overlap).
        unmapped: characters for which the file names no Unicode value.
        watermark: text that ran at an odd angle and was left out.
        too_complex: some of the page was not looked at because it holds too many objects.
    """

    number: int
    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    horizontals: list[Edge] = field(default_factory=list)
    verticals: list[Edge] = field(default_factory=list)
    picture_share: float = 0.0
    path_count: int = 0
    unmapped: int = 0
    watermark: str = ""
    too_complex: bool = False


@dataclass(slots=True)
class _Style:
    """What all characters of one text object share."""

    size: float
    direction: int | None
    bold: bool


def read_page(page: Any, number: int) -> PageContent:
    """Collect the glyphs, ruling lines and pictures of one page.

    Args:
        page: an open ``pypdfium2.PdfPage``.
        number: its 1-based number.

    Returns:
        The page, upright.

    Raises:
        pypdfium2.PdfiumError: the page cannot be loaded.
    """
    textpage = page.get_textpage()
    try:
        raw_glyphs, unmapped, watermark, cut = _read_glyphs(textpage.raw)
    finally:
        textpage.close()
    up = _dominant_direction(raw_glyphs)
    left, bottom, right, top = page.get_mediabox()
    frame = _Frame(up, (left, bottom, right, top))
    paths = PathCollector(page.raw)
    paths.collect()
    content = PageContent(number, frame.width, frame.height, unmapped=unmapped, watermark=watermark)
    content.glyphs = [frame.glyph(g) for g in raw_glyphs]
    content.horizontals, content.verticals = frame.edges(paths.edges)
    area = abs((right - left) * (top - bottom)) or 1.0
    content.picture_share = paths.picture_area / area
    content.path_count = paths.path_count
    content.too_complex = cut or paths.cut
    return content


class _RawGlyph:
    """A character in the file's own coordinates: extent along and baseline across its own direction."""

    __slots__ = ("across", "along0", "along1", "space", "style", "text")

    def __init__(self, text: str, along0: float, along1: float, across: float, style: _Style, space: bool):
        self.text = text
        self.along0 = along0
        self.along1 = along1
        self.across = across
        self.style = style
        self.space = space


def _read_glyphs(handle: Any) -> tuple[list[_RawGlyph], int, str, bool]:
    count = raw.FPDFText_CountChars(handle)
    cut = count > MAX_GLYPHS
    glyphs: list[_RawGlyph] = []
    styles: dict[int, _Style] = {}
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    box_ref, x_ref, y_ref = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    unmapped, watermark, space = 0, [], False
    for index in range(min(max(count, 0), MAX_GLYPHS)):
        code = raw.FPDFText_GetUnicode(handle, index)
        if code in (10, 13):
            continue
        if code in (32, 0xA0, 0x3000, 0x2002, 0x2003, 9):
            space = space or not raw.FPDFText_IsGenerated(handle, index)
            continue
        style = _style(handle, index, styles)
        text = _character(code)
        unmapped += text == "\ufffd" or 0xE000 <= code <= 0xF8FF
        if style.direction is None:
            watermark.append(text)
            continue
        if not raw.FPDFText_GetLooseCharBox(handle, index, box_ref):
            continue
        raw.FPDFText_GetCharOrigin(handle, index, x_ref, y_ref)
        near, far, across = _along(style.direction, box, x.value, y.value)
        if not (math.isfinite(near) and math.isfinite(far) and math.isfinite(across)):
            continue
        if far - near < 0.05 * style.size:
            far = near + style.size * (0.5 if code < 0x2E80 else 1.0)
        glyphs.append(_RawGlyph(text, near, far, across, style, space))
        space = False
    return glyphs, unmapped, "".join(watermark), cut


def _character(code: int) -> str:
    if code in (2, 0xAD):  # pdfium's mark for a hyphen that breaks a word at the end of a line
        return "\u00ad"
    if code < 32 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
        return "\ufffd"
    return chr(code)


def _along(direction: int, box: Any, x: float, y: float) -> tuple[float, float, float]:
    """Return the extent along the reading direction and the baseline's place, growing upwards, across it."""
    if direction == 0:
        return box.left, box.right, y
    if direction == 1:
        return box.bottom, box.top, -x
    if direction == 2:
        return -box.right, -box.left, -y
    return -box.top, -box.bottom, x


def _style(handle: Any, index: int, styles: dict[int, _Style]) -> _Style:
    pointer = raw.FPDFText_GetTextObject(handle, index)
    key = ctypes.addressof(pointer.contents) if pointer else 0
    style = styles.get(key)
    if style is None:
        style = styles[key] = _read_style(handle, index, pointer)
    return style


def _read_style(handle: Any, index: int, text_object: Any) -> _Style:
    matrix = raw.FS_MATRIX()
    size = raw.FPDFText_GetFontSize(handle, index)
    direction: int | None = 0
    if raw.FPDFText_GetMatrix(handle, index, matrix):
        size *= math.hypot(matrix.c, matrix.d)
        degrees = math.degrees(math.atan2(matrix.b, matrix.a))
        quarter = round(degrees / 90)
        direction = quarter % 4 if abs(degrees - 90 * quarter) <= _STRAY_ANGLE else None
    if not (math.isfinite(size) and 0.5 <= size <= 500):
        size = 10.0
    return _Style(size, direction, bool(text_object) and _is_bold(handle, index, text_object))


def _is_bold(handle: Any, index: int, text_object: Any) -> bool:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    length = raw.FPDFText_GetFontInfo(handle, index, name, len(name), flags)
    lowered = name.value.decode("utf-8", "replace").lower() if 0 < length <= len(name) else ""
    return (
        any(part in lowered for part in _BOLD_NAMES)
        or raw.FPDFTextObj_GetTextRenderMode(text_object) == raw.FPDF_TEXTRENDERMODE_FILL_STROKE
    )


def _dominant_direction(glyphs: list[_RawGlyph]) -> int:
    counts = Counter(g.style.direction for g in glyphs)
    return (counts.most_common(1)[0][0] or 0) if counts else 0


class _Frame:
    """Maps the file's coordinates to upright ones whose origin is the upper left corner."""

    def __init__(self, up: int, box: tuple[float, float, float, float]):
        self.up = up
        left, bottom, right, top = box
        corners = [self._turn(up, left, bottom), self._turn(up, right, top)]
        self._x = min(c[0] for c in corners)
        self._y = max(c[1] for c in corners)
        self.width = max(c[0] for c in corners) - self._x
        self.height = self._y - min(c[1] for c in corners)

    @staticmethod
    def _turn(quarters: int, x: float, y: float) -> tuple[float, float]:
        """Turn a point clockwise by so many quarters around the origin."""
        return ((x, y), (y, -x), (-x, -y), (-y, x))[quarters % 4]

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Map one point of the file."""
        px, py = self._turn(self.up, x, y)
        return px - self._x, self._y - py

    def glyph(self, g: _RawGlyph) -> Glyph:
        """Map one character."""
        size, direction = g.style.size, g.style.direction or 0
        low, high = g.across - _DESCENT * size, g.across + _ASCENT * size
        if direction == self.up:
            x0, x1, y0, y1 = g.along0 - self._x, g.along1 - self._x, self._y - high, self._y - low
        else:
            ax, ay = self.point(*self._turn(-direction, g.along0, low))
            bx, by = self.point(*self._turn(-direction, g.along1, high))
            x0, x1, y0, y1 = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        return Glyph(g.text, x0, y0, x1, y1, size, g.style.bold, (direction - self.up) % 4, g.space)

    def edges(self, segments: list[tuple[float, float, float, float]]) -> tuple[list[Edge], list[Edge]]:
        """Map axis-parallel segments ``(x0, y0, x1, y1)`` of the file into horizontals and verticals."""
        horizontals: list[Edge] = []
        verticals: list[Edge] = []
        for x0, y0, x1, y1 in segments:
            ax, ay = self.point(x0, y0)
            bx, by = self.point(x1, y1)
            if abs(ax - bx) >= abs(ay - by):
                horizontals.append(((ay + by) / 2, min(ax, bx), max(ax, bx)))
            else:
                verticals.append(((ax + bx) / 2, min(ay, by), max(ay, by)))
        return horizontals, verticals
