"""The number grammar: every number mention of a text, normalised, with the reason where it is no metric.

One scan finds numerals; each is classified by what stands beside it. Definitions: the annotation guidelines of the
corpus (what is a metric, a date, an ordinal, a name; which cases are marginal).
"""

from __future__ import annotations

import re
from dataclasses import replace

from gongkai.pipeline.metrics import measures, mentions
from gongkai.pipeline.metrics.base import Quantity
from gongkai.pipeline.metrics.numerals import ZH_CHARS, fold
from gongkai.pipeline.metrics.scan import Found, Scan, quoted_spans, titled_spans

_CANDIDATE = re.compile(f"[0-9半①-⑳㈠-㈩{ZH_CHARS}]")
# The first handler that knows the mention decides; the order goes from the most to the least specific.
_HANDLERS = (
    mentions.document_number,
    mentions.fixed_name,
    mentions.contact,
    mentions.code,
    mentions.ordinal,
    mentions.date,
    measures.fraction,
    measures.measure,
    measures.zero_word,
    mentions.leftover,
)


def find_quantities(text: str) -> list[Quantity]:
    """Find all number mentions of a text.

    Args:
        text: running text, usually one paragraph.

    Returns:
        Non-overlapping quantities in order of appearance; ``text[q.start:q.end] == q.text`` for each.
    """
    folded = fold(text)
    scan = Scan(folded, quoted_spans(folded), titled_spans(folded))
    found: list[Quantity] = []
    at = 0
    while candidate := _CANDIDATE.search(folded, at):
        hit = _classify(scan, candidate.start())
        at = max(hit.end, candidate.end())
        if hit.kind is not None:
            found.append(_quantity(text, scan, hit))
            scan.floor = hit.end
    return found


def as_measure(text: str, quantity: Quantity) -> Quantity:
    """Read a mention again as a measure where the grammar took it for something else (a limit of 15日 for a date).

    Args:
        text: the paragraph.
        quantity: a mention of it.

    Returns:
        The measure of kind ``metric`` that starts in the mention's place, else the mention itself as one.
    """
    if quantity.kind not in ("metric", "marginal"):
        folded = fold(text)
        scan = Scan(folded, ([], []), ([], []), quantity.start)
        digit = _CANDIDATE.search(folded, quantity.start, quantity.end)
        hit = digit and (measures.fraction(scan, digit.start()) or measures.measure(scan, digit.start()))
        if hit and hit.unit is not None:
            quantity = _quantity(text, scan, hit)
    return replace(quantity, kind="metric")


def _classify(scan: Scan, at: int) -> Found:
    for handler in _HANDLERS:
        hit = handler(scan, at)
        if hit is not None:
            return hit
    return Found(at, at + 1, None)


def _quantity(text: str, scan: Scan, hit: Found) -> Quantity:
    kind = scan.kind_in_place(hit)
    return Quantity(
        hit.start, hit.end, text[hit.start : hit.end], hit.value, hit.value_max, hit.unit, hit.comparator, kind
    )
