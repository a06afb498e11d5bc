"""What the handlers of the number grammar share: the text being scanned and what a handler found."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from gongkai.pipeline.metrics.base import QuantityKind
from gongkai.pipeline.schema import Comparator

_QUOTED = re.compile('“[^“”]{1,24}”|「[^「」]{1,24}」|‘[^‘’]{1,24}’|"[^"]{1,16}"')
_TITLED = re.compile("《[^《》]{0,150}(?:《[^《》]{0,80}》[^《》]{0,80})?》")
_LONGEST_NAME = 10


class Found(NamedTuple):
    """A number mention; ``kind`` None means "skip to ``end`` and report nothing"."""

    start: int
    end: int
    kind: QuantityKind | None
    value: float = 0
    value_max: float | None = None
    unit: str | None = None
    comparator: Comparator = "eq"
    chinese: bool = False


Spans = tuple[list[int], list[int]]


def quoted_spans(folded: str) -> Spans:
    """Return starts and ends of short quotations, without their marks."""
    return _spans(_QUOTED, folded)


def titled_spans(folded: str) -> Spans:
    """Return starts and ends of what stands in 《》."""
    return _spans(_TITLED, folded)


def _spans(pattern: re.Pattern[str], folded: str) -> Spans:
    starts, ends = [], []
    for match in pattern.finditer(folded):
        starts.append(match.start() + 1)
        ends.append(match.end() - 1)
    return starts, ends


def _around(spans: Spans, at: int) -> tuple[int, int] | None:
    index = bisect_right(spans[0], at) - 1
    if index >= 0 and at < spans[1][index]:
        return spans[0][index], spans[1][index]
    return None


@dataclass(slots=True)
class Scan:
    """A text under the scan.

    Attributes:
        text: the folded text.
        quoted, titled: spans of short quotations and of document titles.
        floor: end of the quantity found last; nothing before it may be taken.
    """

    text: str
    quoted: Spans
    titled: Spans
    floor: int = 0

    def kind_in_place(self, hit: Found) -> QuantityKind:
        """Return the kind of a mention where it stands: in a title or a slogan a number does not count."""
        kind = hit.kind or "marginal"
        if kind not in ("metric", "marginal"):
            return kind
        if _around(self.titled, hit.start):
            return "name"
        quote = _around(self.quoted, hit.start)
        if quote is None:
            return kind
        whole = (hit.start, hit.end) == quote
        slogan = hit.chinese or (hit.unit != "%" and quote[1] - quote[0] <= _LONGEST_NAME)
        return "name" if slogan and not (whole and not hit.chinese) else kind
