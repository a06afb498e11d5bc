"""What ``cross.json`` holds, as pydantic models; its version is its own, the summaries stay as they are."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gongkai.pipeline.schema import Check, Model

CROSS_SCHEMA_VERSION = "1.0"

# verbatim: the same words, figures and dates; new_date: only dates or document numbers differ; new_figures: this
# year's figures in last year's words; edited: nearly the same words, no new figure.
CopyKind = Literal["verbatim", "new_date", "edited", "new_figures"]
Reason = Literal[
    "no_year",
    "no_authority",
    "no_division",
    "ambiguous_division",
    "conflicting_division",
    "several_reports",
    "same_content",
    "no_previous_year",
]


class ReportRef(Model):
    """One summary of the output set: where it is and what it says of its report."""

    file: str = Field(description="file in the output folder; reports.jsonl:7 is the seventh line of that file")
    id: str
    authority: str | None = None
    region: str | None = None
    year: int | None = None


class Authority(Model):
    """An authority as the pairing knows it."""

    code: str | None = Field(description="division code of six digits (GB/T 2260); null for bodies outside the list")
    division: str | None = Field(description="the division written out, province first")
    body: str = Field(description="the name without its division, in one form")


class Copy(Model):
    """A sentence of this year's report and the one of last year's report that it repeats."""

    kind: CopyKind
    overlap: float = Field(description="Jaccard overlap of the trigrams, figures and dates taken out")
    paragraph: str
    text: str
    previous_paragraph: str
    previous_text: str


class Pair(Model):
    """The reports of one authority on two consecutive years, and what the checks between them say."""

    authority: Authority
    previous: ReportRef
    current: ReportRef
    checks: list[Check] = Field(default_factory=list)
    copies: list[Copy] = Field(default_factory=list, description="the longest copied sentences, longest first")


class Unpaired(Model):
    """A report that was compared with none of the year before, and why."""

    report: ReportRef
    reason: Reason
    message: str


class Unreadable(Model):
    """A file or line of the output set that is no summary."""

    file: str
    code: str
    message: str


class CrossReport(Model):
    """The whole of ``cross.json``."""

    schema_version: str = CROSS_SCHEMA_VERSION
    version: str = Field(description="version of Gongkai")
    settings_sha256: str
    pairs: list[Pair] = Field(default_factory=list)
    unpaired: list[Unpaired] = Field(default_factory=list)
    unreadable: list[Unreadable] = Field(default_factory=list)
