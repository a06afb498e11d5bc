"""The summary JSON as pydantic models; ``gongkai schema`` prints the JSON Schema made from them.

Names and meanings are a contract with downstream tools: fields may be added, none renamed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gongkai.pipeline.document import Form, SectionKind

SCHEMA_VERSION = "1.0"

Comparator = Literal["eq", "gt", "gte", "lt", "lte", "approx"]
EntityType = Literal["ORG", "DOCUMENT", "DOCUMENT_NUMBER", "PLATFORM", "PLACE", "DATE"]
CheckStatus = Literal["passed", "failed", "not_applicable"]
Number = int | float


class Model(BaseModel):
    """Base of all parts: unknown fields are an error, so a typo never passes for data."""

    model_config = ConfigDict(extra="forbid", validate_assignment=False)


class ReportInfo(Model):
    """What the report says of itself; null means not stated."""

    id: str
    title: str | None = None
    authority: str | None = None
    region: str | None = None
    year: int | None = None
    published: str | None = Field(None, description="ISO date of publication")
    format: Form = "unknown"


class Source(Model):
    """Provenance of the bytes that were read."""

    path: str
    media_type: str
    encoding: str | None = None
    sha256: str
    bytes: int


class SectionOut(Model):
    """A section heading; ``parent`` is the id of the enclosing section."""

    id: str
    kind: SectionKind
    title: str
    level: int
    parent: str | None = None


class Label(Model):
    """A label with its score in [0, 1]."""

    label: str
    score: float


class Segment(Model):
    """A sentence-like span of its paragraph's text: code-point offsets, end exclusive."""

    id: str
    start: int
    end: int
    domains: list[Label] = []
    activities: list[Label] = []
    domain_candidates: list[Label] = Field([], description="labels not kept, if candidates were asked for")
    activity_candidates: list[Label] = Field([], description="labels not kept, if candidates were asked for")


class ParagraphOut(Model):
    """A narrative paragraph, the coordinate system of everything found in it."""

    id: str
    section: str
    path: list[str] = []
    text: str
    segments: list[Segment] = []


class Metric(Model):
    """A number that quantifies work or its result, normalised to base units (万 and 亿 resolved)."""

    id: str
    paragraph: str
    start: int
    end: int
    text: str
    indicator: str | None = None
    value: Number
    value_max: Number | None = None
    unit: str | None = None
    comparator: Comparator = "eq"
    period: str | None = None
    scope: str | None = None
    domains: list[str] = []
    score: float = 1.0


class Entity(Model):
    """A named thing: DOCUMENT, DOCUMENT_NUMBER, ORG, PLATFORM, PLACE, DATE."""

    type: str
    paragraph: str
    start: int
    end: int
    text: str
    normalized: str | None = None


class TableOut(Model):
    """One statutory table as canonical cells; null is a blank cell. ``strategy`` names the reading that won."""

    rows: dict[str, dict[str, Number | None]] = {}
    strategy: str | None = None
    form: str | None = None
    extra_rows: list[dict[str, str]] = Field(default=[], description="rows with no canonical name, as written")


class Check(Model):
    """The outcome of one rule at one place; operands and evidence say what it was computed from."""

    rule: str
    status: CheckStatus
    where: str | None = None
    expected: Number | None = None
    actual: Number | None = None
    message: str
    operands: dict[str, Number | None] = {}
    assumed_blank: int = Field(0, description="blank cells counted as 0")
    evidence: str | None = Field(None, description="the sentence or cells the check speaks of")
    paragraph: str | None = None


class LabelSummary(Model):
    """What the report says under one label, biggest first."""

    label: str
    zh: str
    segments: int
    characters: int
    metrics: list[str] = []
    highlight: str | None = Field(None, description="id of the most telling segment")


class Summary(Model):
    """The digest of the report."""

    domains: list[LabelSummary] = []
    activities: list[LabelSummary] = []
    headline: list[str] = Field(default=[], description="ids of the most telling metrics")
    text: str = Field("", max_length=300)


class DiagnosticOut(Model):
    """Something a user should know: what could not be read, what was guessed."""

    level: Literal["info", "warning", "error"]
    code: str
    message: str
    where: str | None = None


class PipelineInfo(Model):
    """What produced this file."""

    version: str
    config_sha256: str
    models: dict[str, str] = {}


class Report(Model):
    """One report, whole."""

    schema_version: str = SCHEMA_VERSION
    status: Literal["success", "partial_success"] = Field(
        "success", description="partial_success when a diagnostic of level error stands below"
    )
    report: ReportInfo
    source: Source
    sections: list[SectionOut] = []
    paragraphs: list[ParagraphOut] = []
    metrics: list[Metric] = []
    entities: list[Entity] = []
    tables: dict[str, TableOut] = {}
    checks: list[Check] = []
    summary: Summary = Summary()
    diagnostics: list[DiagnosticOut] = []
    pipeline: PipelineInfo


class Failure(Model):
    """The record written in place of a summary when an input could not be read."""

    schema_version: str = SCHEMA_VERSION
    status: Literal["failure"] = "failure"
    path: str
    code: str
    message: str
    advice: str
