"""The interface every metric extractor stands behind: today's grammar and rules, tomorrow's trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from gongkai.pipeline.schema import Comparator
from gongkai.pipeline.tagging.base import ParagraphInput

QuantityKind = Literal["metric", "date", "document_number", "ordinal", "name", "contact", "marginal"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number mention in running text, normalised.

    Attributes:
        start, end: code-point offsets in the paragraph; ``text[start:end]`` is the surface incl. unit and comparator
            words that touch it ("约6.5万余人次", "1%以下", "不低于95%").
        value: in base units: 6.5万 -> 65000, 34831.93万元 -> 348319300 (unit 元), 三分之二 -> 0.6667.
        value_max: upper end of a range ("30-50" -> value 30, value_max 50), else None.
        unit: measure word as written without 万/亿 (项, 条, 人次, 元, %, 米/公顷), ``百分点`` for points, None if bare.
        comparator: by the words beside the number, see ``comparators.yaml``.
        kind: ``metric``, or why it is none; ``marginal`` are cases annotators leave optional (三级联动, 24小时内).
    """

    start: int
    end: int
    text: str
    value: float
    value_max: float | None
    unit: str | None
    comparator: Comparator
    kind: QuantityKind


@dataclass(frozen=True, slots=True)
class LinkedMetric:
    """A metric quantity with what it measures, when and where.

    Attributes:
        indicator: short noun phrase, understandable outside its sentence, at most 40 characters.
        indicator_span: (start, end) of the main words in the paragraph where they stand as one piece, else None.
        period, scope: as written, or None.
        score: confidence in [0, 1].
    """

    quantity: Quantity
    indicator: str | None
    indicator_span: tuple[int, int] | None
    period: str | None
    scope: str | None
    score: float


class MetricExtractor(Protocol):
    """Finds and links metrics. ``name`` identifies the extractor in the output's ``pipeline.models``."""

    name: str

    def extract(self, paragraphs: Sequence[ParagraphInput]) -> list[list[LinkedMetric]]:
        """Return the metrics of each paragraph, in reading order."""
        ...


@dataclass(frozen=True, slots=True)
class EntitySpan:
    """A named thing: code-point offsets into the paragraph, its type, surface and a normal form where there is one.

    Attributes:
        type: DOCUMENT, DOCUMENT_NUMBER, DATE, PLATFORM, ORG or PLACE.
        normalized: 国办发〔2019〕54号 for any brackets, ISO dates and intervals, the bare title of a document.
    """

    start: int
    end: int
    type: str
    text: str
    normalized: str | None = None


class EntityFinder(Protocol):
    """Finds named things. ``name`` identifies the finder in the output's ``pipeline.models``."""

    name: str

    def find(self, paragraphs: Sequence[ParagraphInput]) -> list[list[EntitySpan]]:
        """Return the named things of each paragraph, in order, not overlapping."""
        ...


class Linker(Protocol):
    """Links the metric quantities of one paragraph; a trained one replaces or re-ranks the rules."""

    name: str

    def link(self, paragraph: ParagraphInput, quantities: Sequence[Quantity]) -> list[LinkedMetric]:
        """Return one :class:`LinkedMetric` for every quantity of kind ``metric``."""
        ...
