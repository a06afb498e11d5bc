"""One report as its page shows it: narrative with marks, tables with failed checks beside them, all metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gongkai.pipeline.cross.schema import Pair
from gongkai.pipeline.report.grids import Grid, grid, table_of
from gongkai.pipeline.report.marking import Line, Numbered, lines
from gongkai.pipeline.schema import Check, Entity, Report, SectionOut


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph with the failed checks that speak of its sentences; ``heading`` when it is the title of a section."""

    id: str
    lines: tuple[Line, ...]
    heading: bool
    failed: tuple[Check, ...]


@dataclass(slots=True)
class Part:
    """A statutory section (None for text outside all): its paragraphs, then the table that belongs to it."""

    section: SectionOut | None
    passages: list[Passage] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Article:
    """A report with all that its page shows.

    Attributes:
        slug: prefix of the anchors of this report.
        parts: in the order of the report.
        failed: failed checks that belong to no table and no paragraph.
        outcomes: checks by rule and outcome.
        between: the checks against last year's report, None where there is no such report.
        headline: the most telling metrics with their positions.
    """

    report: Report
    slug: str
    parts: tuple[Part, ...]
    failed: tuple[Check, ...]
    outcomes: dict[str, Counter[str]]
    between: Pair | None
    headline: tuple[Numbered, ...]


def article(report: Report, slug: str, between: Pair | None = None) -> Article:
    """Return a report arranged for its page.

    Args:
        report: the summary.
        slug: prefix of its anchors, unique on the page.
        between: what the checks against last year's report found.
    """
    by_table, by_paragraph, rest = _allot_checks(report)
    parts = _parts(report, by_paragraph)
    homes: dict[str, Part] = {part.section.kind: part for part in parts if part.section}
    for name, table in report.tables.items():
        home = homes.get(name)
        if home is None:
            parts.append(home := Part(None))
        home.grids.append(grid(name, table, by_table.get(name, ())))
    outcomes: dict[str, Counter[str]] = {}
    for check in report.checks:
        outcomes.setdefault(check.rule, Counter())[check.status] += 1
    positions = {metric.id: number for number, metric in enumerate(report.metrics)}
    told = [positions[name] for name in report.summary.headline if name in positions]
    headline = tuple((number, report.metrics[number]) for number in told)
    return Article(report, slug, tuple(parts), tuple(rest), outcomes, between, headline)


def _allot_checks(report: Report) -> tuple[dict[str, list[Check]], dict[str, list[Check]], list[Check]]:
    """Return the failed checks by table, by paragraph, and those that stand alone; each is in one place."""
    known = {paragraph.id for paragraph in report.paragraphs}
    by_table: dict[str, list[Check]] = {}
    by_paragraph: dict[str, list[Check]] = {}
    rest = []
    for check in report.checks:
        if check.status != "failed":
            continue
        table = table_of(check)
        if table in report.tables:
            by_table.setdefault(str(table), []).append(check)
        elif check.paragraph in known:
            by_paragraph.setdefault(str(check.paragraph), []).append(check)
        else:
            rest.append(check)
    return by_table, by_paragraph, rest


def _parts(report: Report, failed: dict[str, list[Check]]) -> list[Part]:
    """Return the statutory sections in their order, each with its paragraphs; text outside all comes first."""
    tops = _top_sections(report.sections)
    parts: dict[str | None, Part] = {None: Part(None)}
    parts.update({s.id: Part(s) for s in report.sections if tops[s.id] == s.id})
    titles = {section.title for section in report.sections}
    metrics: dict[str, list[Numbered]] = {}
    for number, metric in enumerate(report.metrics):
        metrics.setdefault(metric.paragraph, []).append((number, metric))
    entities: dict[str, list[Entity]] = {}
    for entity in report.entities:
        entities.setdefault(entity.paragraph, []).append(entity)
    for paragraph in report.paragraphs:
        marked = lines(paragraph, metrics.get(paragraph.id, []), entities.get(paragraph.id, []))
        own = tuple(failed.get(paragraph.id, ()))
        parts[tops.get(paragraph.section)].passages.append(
            Passage(paragraph.id, tuple(marked), paragraph.text in titles, own)
        )
    return [part for part in parts.values() if part.section or part.passages]


def _top_sections(sections: Iterable[SectionOut]) -> dict[str, str]:
    """Return the outermost section around each section, by id; a section whose parent is unknown is outermost."""
    parents = {section.id: section.parent for section in sections}
    tops: dict[str, str] = {}
    for start in parents:
        at, seen = start, {start}
        while (parent := parents[at]) in parents and parent not in seen and parent is not None:
            at = parent
            seen.add(at)
        tops[start] = at if parents[at] not in seen else start  # a ring of parents has no outermost section
    return tops
