"""The rule-based metric extractor: number grammar, then a linker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from gongkai.pipeline.metrics.base import LinkedMetric, Linker
from gongkai.pipeline.metrics.link import RuleLinker
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.tagging.base import ParagraphInput


class RuleExtractor:
    """Finds quantities by grammar and links the metric ones.

    Args:
        linker: says what a number measures; the rule linker unless a trained one is given.

    Implements :class:`gongkai.pipeline.metrics.base.MetricExtractor`.
    """

    name = "rules-1"

    def __init__(self, linker: Linker | None = None) -> None:
        self.linker: Linker = linker if linker is not None else RuleLinker()

    def extract(self, paragraphs: Sequence[ParagraphInput]) -> list[list[LinkedMetric]]:
        """Return the metrics of each paragraph, in reading order.

        A scope that most paragraphs name is the reporting authority's own place, which is no scope.
        """
        return without_own_place(paragraphs, [self.linker.link(p, find_quantities(p.text)) for p in paragraphs])


def without_own_place(
    paragraphs: Sequence[ParagraphInput], found: Sequence[Sequence[LinkedMetric]]
) -> list[list[LinkedMetric]]:
    """Return the metrics of a report without scopes that are the reporting authority's own place.

    Args:
        paragraphs: of one report.
        found: the metrics of each.
    """
    own = _own_places(paragraphs, found)
    return [[replace(m, scope=None) if m.scope in own else m for m in metrics] for metrics in found]


def _own_places(paragraphs: Sequence[ParagraphInput], found: Sequence[Sequence[LinkedMetric]]) -> frozenset[str]:
    """Return scopes named in at least three paragraphs and a quarter of all: the reporter's own name."""
    scopes = {m.scope for metrics in found for m in metrics if m.scope}
    counts = Counter({scope: sum(scope in p.text for p in paragraphs) for scope in scopes})
    return frozenset(s for s, n in counts.items() if n >= 3 and n * 4 >= len(paragraphs))
