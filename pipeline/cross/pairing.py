"""Which summaries of an output set are of one authority on consecutive years; only who and when is kept of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from gongkai.pipeline.cross.identity import Identity, Unresolved, identify
from gongkai.pipeline.cross.schema import Reason, ReportRef, Unpaired
from gongkai.pipeline.outputs import Place
from gongkai.pipeline.schema import Report

_YEARS = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class Entry:
    """A summary whose authority and year are known."""

    identity: Identity
    year: int
    place: Place
    report_id: str
    authority: str
    region: str | None
    sha256: str

    def shown(self) -> ReportRef:
        """Return the summary as ``cross.json`` names it."""
        return ReportRef(
            file=str(self.place), id=self.report_id, authority=self.authority, region=self.region, year=self.year
        )


@dataclass(slots=True)
class Index:
    """The summaries of an output set by authority and year.

    Attributes:
        entries: those whose authority and year are known.
        summaries: how many were added.
        told: those that are not compared with one on the year before, by their place.
    """

    entries: list[Entry] = field(default_factory=list)
    summaries: int = 0
    told: dict[Place, Unpaired] = field(default_factory=dict)

    @property
    def unpaired(self) -> list[Unpaired]:
        """Reports that are not compared with one on the year before, in the order of the output set."""
        return [unpaired for _, unpaired in sorted(self.told.items(), key=lambda item: item[0])]

    def add(self, place: Place, report: Report) -> None:
        """Take note of a summary; nothing of its text is kept."""
        self.summaries += 1
        info = report.report
        ref = ReportRef(file=str(place), id=info.id, authority=info.authority, region=info.region, year=info.year)
        if info.year is None or info.year not in _YEARS:
            self._tell(place, ref, "no_year", "报告没有写明年度" if info.year is None else f"年度 {info.year} 不可信")
            return
        identity = identify(info.authority, info.region)
        if isinstance(identity, Unresolved):
            self._tell(place, ref, identity.reason, identity.message)
            return
        authority = info.authority or ""
        entry = Entry(identity, info.year, place, info.id, authority, info.region, report.source.sha256)
        self.entries.append(entry)

    def _tell(self, place: Place, ref: ReportRef, reason: Reason, message: str) -> None:
        self.told[place] = Unpaired(report=ref, reason=reason, message=message)

    def chains(self) -> Iterator[list[Entry]]:
        """Yield, for each authority in order of code and name, its reports on consecutive years, first year first.

        A year of which there are several different reports breaks a chain: which of them is meant is not guessed.
        What is left out, and reports without one on the year before, are told in :attr:`unpaired`.
        """
        self.entries.sort(key=lambda entry: (entry.identity, entry.year, entry.place))
        for _, of_one in groupby(self.entries, key=lambda entry: entry.identity):
            chain: list[Entry] = []
            for _, of_year in groupby(of_one, key=lambda entry: entry.year):
                entry = self._only(list(of_year))
                if entry is None or (chain and entry.year != chain[-1].year + 1):
                    yield from self._whole(chain)
                    chain = []
                if entry is not None:
                    chain.append(entry)
            yield from self._whole(chain)

    def _whole(self, chain: list[Entry]) -> Iterator[list[Entry]]:
        if chain:
            first = chain[0]
            message = f"没有该机关{first.year - 1}年的报告可供比较"
            self._tell(first.place, first.shown(), "no_previous_year", message)
        if len(chain) > 1:
            yield chain

    def _only(self, entries: list[Entry]) -> Entry | None:
        """Return the one report of an authority on a year; copies of one file are one report."""
        first = entries[0]
        if len({entry.sha256 for entry in entries}) > 1:
            for entry in entries:
                others = "、".join(str(other.place) for other in entries if other is not entry)
                self._tell(entry.place, entry.shown(), "several_reports", f"同一机关同一年度还有不同的报告：{others}")
            return None
        for entry in entries[1:]:
            self._tell(entry.place, entry.shown(), "same_content", f"与 {first.place} 出自同一份文件")
        return first
