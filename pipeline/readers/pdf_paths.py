"""Ruling lines and pictures of a PDF page, taken from its path, form and image objects.

Office programs stroke their table borders, Word fills thin rectangles, browsers fill frames (one rectangle with a
smaller one cut out), and each may wrap them in form objects with matrices of their own. All become line segments.
"""

from __future__ import annotations

import ctypes
import math
from itertools import pairwise
from typing import Any

import pypdfium2.raw as raw

Edge = tuple[float, float, float]
"""A ruling line: its place across, then where it begins and ends along its direction, in points."""

Segment = tuple[float, float, float, float]

MAX_OBJECTS = 40_000
"""Objects looked at on one page. WPS writes one text object per character, so thousands are ordinary."""

MAX_SEGMENTS = 30_000
"""Path segments read on one page; the three statutory tables together need about 1,500."""

_MAX_PATH_SEGMENTS = 4_000
_MAX_DEPTH = 5
_THIN = 3.0
"""Points up to which a filled rectangle is a line and not a shaded area."""

_SLANT = 0.6
_MAX_STROKE = 6.0
_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class PathCollector:
    """Walks the objects of one page, within bounds.

    Attributes:
        edges: axis-parallel segments ``(x0, y0, x1, y1)`` in the file's coordinates.
        picture_area: sum of the bounding boxes of all images, square points.
        path_count: how many path objects were seen, drawn lines or not.
        cut: a bound was hit and some objects were not looked at.
    """

    def __init__(self, page_handle: Any):
        self.edges: list[Segment] = []
        self.picture_area = 0.0
        self.path_count = 0
        self.cut = False
        self._page = page_handle
        self._objects = MAX_OBJECTS
        self._segments = MAX_SEGMENTS
        self._x, self._y = ctypes.c_float(), ctypes.c_float()

    def collect(self) -> None:
        """Look at every object of the page."""
        page = self._page
        self._walk(raw.FPDFPage_CountObjects(page), lambda i: raw.FPDFPage_GetObject(page, i), _IDENTITY, 0)

    def _walk(self, count: int, get: Any, matrix: _Matrix, depth: int) -> None:
        for index in range(max(count, 0)):
            if self._objects <= 0:
                self.cut = True
                return
            self._objects -= 1
            item = get(index)
            kind = raw.FPDFPageObj_GetType(item) if item else raw.FPDF_PAGEOBJ_UNKNOWN
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self.path_count += 1
                self._path(item, _times(_matrix_of(item), matrix))
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                self.picture_area += _image_area(_times(_matrix_of(item), matrix))
            elif kind == raw.FPDF_PAGEOBJ_FORM:
                self._form(item, matrix, depth)

    def _form(self, form: Any, matrix: _Matrix, depth: int) -> None:
        if depth >= _MAX_DEPTH:
            self.cut = True
            return
        inner = _times(_matrix_of(form), matrix)
        self._walk(
            raw.FPDFFormObj_CountObjects(form),
            lambda i: raw.FPDFFormObj_GetObject(form, i),
            inner,
            depth + 1,
        )

    def _path(self, path: Any, matrix: _Matrix) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not raw.FPDFPath_GetDrawMode(path, fill, stroke) or not (fill.value or stroke.value):
            return
        count = raw.FPDFPath_CountSegments(path)
        if count > _MAX_PATH_SEGMENTS or count > self._segments:
            self.cut = True
            return
        self._segments -= max(count, 0)
        outlines = self._outlines(path, count, matrix)
        if stroke.value and self._stroke_width(path, matrix) <= _MAX_STROKE:
            for points in outlines:
                self.edges.extend(s for s in zip_segments(points) if _is_straight(s))
        elif fill.value:
            self.edges.extend(filled_edges(outlines))

    def _stroke_width(self, path: Any, matrix: _Matrix) -> float:
        width = ctypes.c_float()
        if not raw.FPDFPageObj_GetStrokeWidth(path, width):
            return 0.0
        return width.value * math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))

    def _outlines(self, path: Any, count: int, matrix: _Matrix) -> list[list[tuple[float, float]]]:
        """Return the sub-paths as points; a sub-path with curves is left out."""
        a, b, c, d, e, f = matrix
        outlines: list[list[tuple[float, float]]] = []
        points: list[tuple[float, float]] = []
        curved = False
        for index in range(count):
            segment = raw.FPDFPath_GetPathSegment(path, index)
            kind = raw.FPDFPathSegment_GetType(segment)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                if not curved:
                    outlines.append(points)
                points, curved = [], False
            curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
            raw.FPDFPathSegment_GetPoint(segment, self._x, self._y)
            x, y = self._x.value, self._y.value
            points.append((a * x + c * y + e, b * x + d * y + f))
            if raw.FPDFPathSegment_GetClose(segment):
                points.append(points[0])
        if not curved:
            outlines.append(points)
        return [p for p in outlines if len(p) >= 2 and all(map(math.isfinite, (c for xy in p for c in xy)))]


def zip_segments(points: list[tuple[float, float]]) -> list[Segment]:
    """Return the segments between consecutive points."""
    return [(x0, y0, x1, y1) for (x0, y0), (x1, y1) in pairwise(points)]


def filled_edges(outlines: list[list[tuple[float, float]]]) -> list[Segment]:
    """Return the lines that filled outlines draw: thin bars, and the frame between two nested rectangles."""
    boxes = [_bounds(points) for points in outlines]
    edges: list[Segment] = []
    for x0, y0, x1, y1 in boxes:
        if y1 - y0 <= _THIN < x1 - x0:
            edges.append((x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
        elif x1 - x0 <= _THIN < y1 - y0:
            edges.append(((x0 + x1) / 2, y0, (x0 + x1) / 2, y1))
    if not edges and len(boxes) == 2:
        edges.extend(_frame_edges(*boxes))
    return edges


def _frame_edges(one: Segment, other: Segment) -> list[Segment]:
    gaps = [abs(p - q) for p, q in zip(one, other, strict=True)]
    if max(gaps) > _THIN:
        return []
    x0, y0, x1, y1 = ((p + q) / 2 for p, q in zip(one, other, strict=True))
    sides = [(x0, y0, x1, y0), (x1, y0, x1, y1), (x0, y1, x1, y1), (x0, y0, x0, y1)]
    # A border given for some sides only leaves the others without a gap between the rectangles.
    present = (gaps[1], gaps[2], gaps[3], gaps[0])
    return [side for side, gap in zip(sides, present, strict=True) if gap > 0.05]


def _bounds(points: list[tuple[float, float]]) -> Segment:
    xs = [p[0] for p in points]
    ys = [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def _is_straight(segment: Segment) -> bool:
    dx, dy = abs(segment[2] - segment[0]), abs(segment[3] - segment[1])
    return min(dx, dy) <= _SLANT < max(dx, dy)


def _image_area(matrix: _Matrix) -> float:
    """An image fills the unit square under its matrix."""
    a, b, c, d, _, _ = matrix
    area = (abs(a) + abs(c)) * (abs(b) + abs(d))
    return area if math.isfinite(area) else 0.0


def _matrix_of(item: Any) -> _Matrix:
    m = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, m):
        return _IDENTITY
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def _times(m: _Matrix, n: _Matrix) -> _Matrix:
    """Return the matrix that applies ``m`` first and then ``n``."""
    if n is _IDENTITY:
        return m
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )
