"""The narrative cut into runs: stretches of text under the same metric and entity, ready to be marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gongkai.pipeline import names
from gongkai.pipeline.cli.view_text import quantity
from gongkai.pipeline.report.vocabulary import both, english
from gongkai.pipeline.schema import Entity, Label, Metric, ParagraphOut, Segment


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text.

    Attributes:
        metric: position of its metric in the report, None outside metrics.
        first: whether the metric begins here; a metric may be cut by an entity or a segment that ends within it.
        tip: what there is to say of the metric, a line each.
        entity: the type of its entity, ``None`` outside entities.
        note: what there is to say of the entity.
    """

    text: str
    metric: int | None = None
    first: bool = False
    tip: tuple[str, ...] = ()
    entity: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A label of a segment; ``repeated`` when the segment before bears it too."""

    facet: str
    zh: str
    en: str
    score: float
    repeated: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A segment, or text between segments (``id`` empty), with its runs and labels."""

    id: str
    runs: tuple[Run, ...]
    chips: tuple[Chip, ...] = field(default=())


Numbered = tuple[int, Metric]


def lines(paragraph: ParagraphOut, metrics: Sequence[Numbered], entities: Sequence[Entity]) -> Iterator[Line]:
    """Yield a paragraph segment by segment; every character of it comes once and in order.

    Args:
        paragraph: its text with the segments.
        metrics: those of this paragraph with their positions in the report.
        entities: those of this paragraph.
    """
    at, size = 0, len(paragraph.text)
    before: frozenset[tuple[str, str]] = frozenset()
    for segment in sorted(paragraph.segments, key=lambda s: (s.start, s.end)):
        start, end = _within(segment, at, size)
        if paragraph.text[at:start].strip():
            yield Line("", tuple(_runs(paragraph.text, at, start, metrics, entities)))
        if start < end:
            chips = tuple(_chips(segment, before))
            before = _labels(segment)
            yield Line(segment.id, tuple(_runs(paragraph.text, start, end, metrics, entities)), chips)
        at = end
    if paragraph.text[at:].strip():
        yield Line("", tuple(_runs(paragraph.text, at, size, metrics, entities)))


def _within(span: Segment | Metric | Entity, low: int, high: int) -> tuple[int, int]:
    # A summary may be edited by hand: offsets outside the text must not lose or repeat any of it.
    start = min(max(span.start, low), high)
    return start, min(max(span.end, start), high)


def _runs(text: str, start: int, end: int, metrics: Sequence[Numbered], entities: Sequence[Entity]) -> Iterator[Run]:
    marked = [(number, metric, *_within(metric, start, end)) for number, metric in metrics]
    named = [(entity, *_within(entity, start, end)) for entity in entities]
    cuts = {start, end}
    cuts.update(cut for _, _, *span in marked for cut in span)
    cuts.update(cut for _, *span in named for cut in span)
    edges = sorted(cuts)
    for low, high in pairwise(edges):
        number, metric = next(((n, m) for n, m, s, e in marked if s <= low and high <= e), (None, None))
        entity = next((e for e, s, t in named if s <= low and high <= t), None)
        yield Run(
            text[low:high],
            number,
            metric is not None and low == max(metric.start, 0),
            tip(metric) if metric else (),
            entity.type if entity else None,
            _note(entity) if entity else "",
        )


def tip(metric: Metric) -> tuple[str, ...]:
    """Return what there is to say of a metric, a line each: indicator, value, unit, comparator, period, scope."""
    domains = "、".join(f"{names.label_zh('domains', label)} {english(label)}" for label in metric.domains)
    told = (
        ("指标 indicator", metric.indicator or "（未识别 not found）"),
        ("数值 value", quantity(metric)),
        ("单位 unit", metric.unit),
        ("比较 comparator", both("comparators", metric.comparator)),
        ("时间 period", metric.period),
        ("范围 scope", metric.scope),
        ("领域 domains", domains),
        ("可信度 score", f"{metric.score:.2f}"),
    )
    return tuple(f"{name}：{value}" for name, value in told if value)


def _note(entity: Entity) -> str:
    return " · ".join(part for part in (both("entities", entity.type), entity.normalized) if part)


def _labels(segment: Segment) -> frozenset[tuple[str, str]]:
    return frozenset((facet, label.label) for facet, labels in _facets(segment) for label in labels)


def _facets(segment: Segment) -> tuple[tuple[str, list[Label]], ...]:
    return ("domains", segment.domains), ("activities", segment.activities)


def _chips(segment: Segment, before: frozenset[tuple[str, str]]) -> Iterator[Chip]:
    for facet, labels in _facets(segment):
        for label in labels:
            repeated = (facet, label.label) in before
            yield Chip(facet, names.label_zh(facet, label.label), english(label.label), label.score, repeated)
