"""The interface every tagger stands behind: the phrase lists of today, the trained models of tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gongkai.pipeline.document import SectionKind


@dataclass(frozen=True, slots=True)
class ParagraphInput:
    """One paragraph as a model sees it.

    Attributes:
        text: the paragraph.
        segments: (start, end) of its segments, code points into ``text``, in order.
        path: headings above it, outermost first; a heading run into the paragraph itself ("四是…") comes last.
        section: kind of the statutory section it stands in.
    """

    text: str
    segments: tuple[tuple[int, int], ...]
    path: tuple[str, ...] = ()
    section: SectionKind = "unknown"


@dataclass(frozen=True, slots=True)
class Scored:
    """A label and its score in [0, 1]."""

    label: str
    score: float


@dataclass(slots=True)
class SegmentLabels:
    """Labels of one segment, best first: those kept, and those a model is unsure of where they were asked for."""

    domains: list[Scored] = field(default_factory=list)
    activities: list[Scored] = field(default_factory=list)
    domain_candidates: list[Scored] = field(default_factory=list)
    activity_candidates: list[Scored] = field(default_factory=list)


class Tagger(Protocol):
    """Labels segments. ``name`` identifies the model and its version in the output's ``pipeline.models``."""

    name: str

    def predict(self, paragraphs: Sequence[ParagraphInput]) -> list[list[SegmentLabels]]:
        """Label a batch.

        Args:
            paragraphs: the paragraphs of one report, in reading order (context may be taken from earlier ones).

        Returns:
            For each paragraph one :class:`SegmentLabels` per segment, in order.
        """
        ...
