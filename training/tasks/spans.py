"""The ways in which data sets write spans down, read into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.training.tasks.config import SpanFields


@dataclass(frozen=True, slots=True)
class Written:
    """A span as its file has it.

    Attributes:
        label: its label.
        start, end: as written, the end of whichever kind; None where only the surface is given.
        surface: its text, where the file gives it.
    """

    label: str
    start: int | None
    end: int | None
    surface: str | None = None


def written_spans(value: Any, fields: SpanFields) -> Iterator[Written]:
    """Yield the spans of one text.

    Args:
        value: a list of objects, or of ``[start, end, label]`` (doccano; the label may also come first), or a mapping
            label → surface → list of ``[start, end]`` (CLUENER), or label → list of ``[start, end]``; None for none.
        fields: how an object is written.

    Raises:
        ValueError: it is something else.
    """
    if value is None:
        return
    if isinstance(value, Mapping):
        for label, places in value.items():
            yield from _of_label(str(label), places)
    elif isinstance(value, list):
        for span in value:
            yield _of_object(span, fields) if isinstance(span, Mapping) else _of_list(span)
    else:
        raise ValueError(f"spans are written as a list or a mapping, not as {value!r:.40}")


def _of_label(label: str, places: Any) -> Iterator[Written]:
    if isinstance(places, Mapping):
        for surface, pairs in places.items():
            for start, end in _pairs(pairs):
                yield Written(label, start, end, str(surface))
    else:
        yield from (Written(label, start, end) for start, end in _pairs(places))


def _pairs(value: Any) -> Iterator[tuple[int, int]]:
    listed = isinstance(value, list)
    if listed and len(value) == 2 and not any(isinstance(part, list) for part in value):
        value = [value]  # one pair that nobody put into a list
    if not listed or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise ValueError(f"{value!r:.40} is no list of [start, end]")
    yield from ((_offset(start), _offset(end)) for start, end in value)


def _of_list(span: Any) -> Written:
    if isinstance(span, Sequence) and not isinstance(span, str) and len(span) in (3, 4):
        first, second, third, *surface = span
        if _is_offset(first) and _is_offset(second):
            return Written(str(third), _offset(first), _offset(second), *map(str, surface))
        if _is_offset(second) and _is_offset(third):
            return Written(str(first), _offset(second), _offset(third), *map(str, surface))
    raise ValueError(f"{span!r:.40} is no [start, end, label]")


def _of_object(span: Mapping[str, Any], fields: SpanFields) -> Written:
    if fields.label not in span:
        raise ValueError(f"a span has no {fields.label!r} but {', '.join(span)}. Write data.span_fields.label")
    label = str(span[fields.label])
    surface = None if fields.surface is None or span.get(fields.surface) is None else str(span[fields.surface])
    if fields.position is not None and span.get(fields.position):
        ((start, end),) = _pairs(span[fields.position])
        return Written(label, start, end, surface)
    if fields.start in span and fields.end in span:
        return Written(label, _offset(span[fields.start]), _offset(span[fields.end]), surface)
    if surface is not None:
        return Written(label, None, None, surface)
    raise ValueError(
        f"a span has no {fields.start!r} and {fields.end!r} but {', '.join(span)}. "
        "Write data.span_fields.start and .end, or .position, or .surface"
    )


def _is_offset(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _offset(value: Any) -> int:
    if _is_offset(value):
        return int(value)
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    raise ValueError(f"{value!r:.40} is no offset")
