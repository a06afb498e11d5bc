"""What a check sees, and the registry of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gongkai.pipeline.schema import Check, Form, Metric, ParagraphOut, TableOut


@dataclass(frozen=True, slots=True)
class CheckInput:
    """The parts of one report that checks compare.

    Attributes:
        form: which official form the tables follow.
        tables: canonical cells by table name; a table or row that is missing was not found, null cells are blank.
        paragraphs: the narrative with its segments.
        metrics: the linked metrics, offsets into those paragraphs.
        year: the reporting year, if known.
    """

    form: Form
    tables: dict[str, TableOut]
    paragraphs: list[ParagraphOut] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    year: int | None = None


Rule = Callable[[CheckInput], Iterable[Check]]
RULES: dict[str, Rule] = {}


def rule(rule_id: str) -> Callable[[Rule], Rule]:
    """Register a rule under its id; every :class:`Check` it yields carries that id."""

    def register(function: Rule) -> Rule:
        RULES[rule_id] = function
        return function

    return register
