"""What the overview tells of a whole output set, gathered report by report; a report leaves a small row behind."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.outputs import Place
from gongkai.pipeline.report.vocabulary import domains, vocabulary
from gongkai.pipeline.schema import Check, Failure, Number, Report, TableOut
from gongkai.pipeline.tables.identities import APPLICANTS

Year = int | None


@dataclass(slots=True)
class Row:
    """A report in the table of all reports.

    Attributes:
        place: where its summary stands.
        applications: applications newly received, None without the table.
        domains: number of segments by domain, in the order of the label scheme.
        file: name of its page without suffix, where pages are files of their own.
        page: address of its page, set when all reports are known like the two around it.
        slug: prefix of the anchors on its page.
    """

    place: Place
    id: str
    title: str | None
    authority: str | None
    region: str | None
    year: Year
    form: str
    status: str
    segments: int
    metrics: int
    cells: int
    applications: Number | None
    failed: int
    passed: int
    warnings: int
    domains: array[int]
    file: str = ""
    page: str = ""
    slug: str = ""

    @property
    def order(self) -> tuple[bool, str, int, str]:
        """Return the key that sorts reports by authority and year, those that name none last."""
        return self.authority is None, self.authority or "", self.year or 0, self.id


@dataclass(slots=True)
class RuleTally:
    """The outcomes of one rule over all reports; ``reports`` is how many it failed in."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reports: int = 0


@dataclass(slots=True)
class Flow:
    """The applications of one year over all reports with the table: what came in and what became of it."""

    reports: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Statistics:
    """Everything the overview shows.

    Attributes:
        failures: the records of inputs that could not be read.
        unreadable: files and lines of the output set that are no summaries.
    """

    rows: list[Row] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unreadable: list[GongkaiError] = field(default_factory=list)
    rules: dict[str, RuleTally] = field(default_factory=dict)
    flows: dict[Year, Flow] = field(default_factory=dict)
    paragraphs: int = 0
    entities: int = 0

    def add(self, place: Place, report: Report, cross: Iterable[Check]) -> None:
        """Count a report.

        Args:
            place: where its summary stands.
            report: the summary.
            cross: what the checks between reports say of it.
        """
        checks = [*report.checks, *cross]
        self._count_checks(checks)
        self.paragraphs += len(report.paragraphs)
        self.entities += len(report.entities)
        table = report.tables.get("applications")
        if table is not None:
            self._count_flow(report.report.year, table)
        info = report.report
        outcomes = Counter(check.status for check in checks)
        self.rows.append(
            Row(
                place=place,
                id=info.id,
                title=info.title,
                authority=info.authority,
                region=info.region,
                year=info.year,
                form=info.format,
                status=report.status,
                segments=sum(len(paragraph.segments) for paragraph in report.paragraphs),
                metrics=len(report.metrics),
                cells=sum(len(row) for t in report.tables.values() for row in t.rows.values()),
                applications=_total(table, "new_received") if table else None,
                failed=outcomes["failed"],
                passed=outcomes["passed"],
                warnings=sum(diagnostic.level != "info" for diagnostic in report.diagnostics),
                domains=_domains(report),
            )
        )

    def _count_checks(self, checks: Iterable[Check]) -> None:
        failing = set()
        for check in checks:
            self.rules.setdefault(check.rule, RuleTally()).outcomes[check.status] += 1
            if check.status == "failed":
                failing.add(check.rule)
        for rule in failing:
            self.rules[rule].reports += 1

    def _count_flow(self, year: Year, table: TableOut) -> None:
        flow = self.flows.setdefault(year, Flow())
        flow.reports += 1
        known = vocabulary()["flows"]
        for row in table.rows:
            # The rows of a result are named after it: denied_state_secret, refused_petition.
            group = row if row in known else row.split("_")[0]
            if group in known:
                flow.counts[group] += round(magnitude(_total(table, row)))

    def total(self, outcome: str) -> int:
        """Return how many checks of all rules had an outcome."""
        return sum(tally.outcomes[outcome] for tally in self.rules.values())

    @property
    def authorities(self) -> int:
        """Return how many authorities report."""
        return len({row.authority for row in self.rows if row.authority})

    @property
    def years(self) -> list[int]:
        """Return the years reported on, first to last."""
        return sorted({row.year for row in self.rows if row.year is not None})


def _total(table: TableOut, row: str) -> Number | None:
    cells = table.rows.get(row, {})
    if cells.get("total") is not None:
        return cells["total"]
    parts = [cells[column] for column in APPLICANTS if cells.get(column) is not None]
    return sum(magnitude(part) for part in parts) if parts else None


def magnitude(value: Number | None) -> float:
    """Return a number fit for plotting: 0 for none, for negative ones and for what no float can hold."""
    try:
        number = float(value or 0)
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) and number > 0 else 0.0


def _domains(report: Report) -> array[int]:
    counts = {label.label: label.segments for label in report.summary.domains}
    return array("L", (min(max(counts.get(label, 0), 0), 2**31) for label in domains()))
