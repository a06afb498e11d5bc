"""Value, unit and indicator of figures that an annotator marked: tools mark a span and have no place for the rest."""

from __future__ import annotations

from typing import Any

from gongkai.corpora.convert.sentences import ConversionError
from gongkai.pipeline.metrics.base import LinkedMetric, Quantity
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.metrics.rules import RuleExtractor
from gongkai.pipeline.tagging.base import ParagraphInput


class Figures:
    """The figures of a paragraph as grammar and rules read them.

    Args:
        paragraph: the paragraph.
    """

    def __init__(self, paragraph: ParagraphInput) -> None:
        self._text = paragraph.text
        self._quantities = {(q.start, q.end): q for q in find_quantities(paragraph.text)}
        linked = RuleExtractor().extract([paragraph])[0]
        self._linked = {(m.quantity.start, m.quantity.end): m for m in linked}

    def details(self, start: int, end: int) -> dict[str, Any]:
        """Return what a metric holds beside its span, by the names of the corpus.

        Raises:
            ConversionError: no figure stands just there.
        """
        quantity = self._quantities.get((start, end))
        if quantity is None:
            raise ConversionError(
                f"the metric {self._text[start:end]!r} is new, and it is not just a figure with its unit and the words "
                "that bound it (约6.5万余人次)"
            )
        return _details(quantity, self._linked.get((start, end)))


def _details(quantity: Quantity, linked: LinkedMetric | None) -> dict[str, Any]:
    return {
        "indicator": (linked.indicator if linked else None) or quantity.text,
        "words": linked.indicator_span if linked else None,
        "value": _plain(quantity.value),
        "value_max": None if quantity.value_max is None else _plain(quantity.value_max),
        "unit": quantity.unit,
        "comparator": quantity.comparator,
        "period": linked.period if linked else None,
        "scope": linked.scope if linked else None,
        "optional": quantity.kind == "marginal",
    }


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
