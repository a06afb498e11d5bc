"""The summary JSON assembled: what every step found, checks run, and a digest that a person can read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.pipeline.checks.base import CheckInput
from gongkai.pipeline.checks.run import run_checks
from gongkai.pipeline.config import Config, SummaryConfig, taxonomy
from gongkai.pipeline.document import Outline, SourceDocument
from gongkai.pipeline.schema import (
    Check,
    DiagnosticOut,
    Entity,
    Label,
    LabelSummary,
    Metric,
    Number,
    ParagraphOut,
    PipelineInfo,
    Report,
    ReportInfo,
    SectionOut,
    Segment,
    Source,
    Summary,
)
from gongkai.pipeline.segments import split_segments
from gongkai.pipeline.tables.read import TablesResult

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

_DIGEST = 300
_SURE = 0.5  # score from which a metric may head the digest before one that counts more


@dataclass(slots=True)
class Narrative:
    """The annotated narrative in the form of the summary JSON."""

    paragraphs: list[ParagraphOut]
    metrics: list[Metric] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)


def narrative_from_outline(outline: Outline) -> Narrative:
    """Return the paragraphs and segments of a report without labels, metrics or entities."""
    paragraphs = []
    for p in outline.paragraphs:
        segments = [
            Segment(id=f"{p.id}.{i}", start=start, end=end) for i, (start, end) in enumerate(split_segments(p.text), 1)
        ]
        paragraphs.append(ParagraphOut(id=p.id, section=p.section, path=p.path, text=p.text, segments=segments))
    return Narrative(paragraphs)


def narrative_from_doc(doc: Doc, outline: Outline) -> Narrative:
    """Return the narrative of a report annotated by the pipeline.

    Args:
        doc: made by :func:`gongkai.pipeline.components.doc_from_outline` from ``outline``.
        outline: gives the paragraphs their ids and sections.
    """
    narrative = Narrative(
        [ParagraphOut(id=p.id, section=p.section, path=p.path, text=p.text) for p in outline.paragraphs]
    )
    where = _Places(doc, narrative.paragraphs)
    for span in doc.spans["segments"]:
        paragraph, start = where(span)
        paragraph.segments.append(
            Segment(
                id=f"{paragraph.id}.{len(paragraph.segments) + 1}",
                start=start,
                end=start + len(span),
                **{
                    facet: [Label(label=label, score=round(score, 4)) for label, score in getattr(span._, facet) or []]
                    for facet in ("domains", "activities", "domain_candidates", "activity_candidates")
                },
            )
        )
    where = _Places(doc, narrative.paragraphs)
    for span in doc.spans["metrics"]:
        paragraph, start = where(span)
        narrative.metrics.append(_metric(span, paragraph, start, len(narrative.metrics) + 1))
    where = _Places(doc, narrative.paragraphs)
    for span in doc.spans["entities"]:
        paragraph, start = where(span)
        narrative.entities.append(
            Entity(
                type=span.label_,
                paragraph=paragraph.id,
                start=start,
                end=start + len(span),
                text=span.text,
                normalized=span._.normalized,
            )
        )
    return narrative


class _Places:
    """Turns spans of the Doc, given in reading order, into (paragraph, offset in it)."""

    def __init__(self, doc: Doc, paragraphs: list[ParagraphOut]):
        self.bounds = [(span.start, span.end) for span in doc.spans["paragraphs"]]
        self.paragraphs = paragraphs
        self.at = 0

    def __call__(self, span: Span) -> tuple[ParagraphOut, int]:
        while span.start >= self.bounds[self.at][1]:
            self.at += 1
        return self.paragraphs[self.at], span.start - self.bounds[self.at][0]


def _metric(span: Span, paragraph: ParagraphOut, start: int, number: int) -> Metric:
    linked, quantity = span._.metric, span._.metric.quantity
    segment = _segment_at(paragraph, start)
    domains = [label.label for label in segment.domains] if segment else []
    return Metric(
        id=f"m{number}",
        paragraph=paragraph.id,
        start=start,
        end=start + len(span),
        text=quantity.text,
        indicator=linked.indicator,
        value=_plain(quantity.value),
        value_max=None if quantity.value_max is None else _plain(quantity.value_max),
        unit=quantity.unit,
        comparator=quantity.comparator,
        period=linked.period,
        scope=linked.scope,
        domains=domains,
        score=round(linked.score, 4),
    )


def _segment_at(paragraph: ParagraphOut, offset: int) -> Segment | None:
    """Return the segment of a paragraph that holds an offset."""
    at = bisect_right(paragraph.segments, offset, key=lambda segment: segment.start) - 1
    return paragraph.segments[at] if at >= 0 and offset < paragraph.segments[at].end else None


def _plain(value: float) -> Number:
    """Write whole numbers without a decimal point."""
    return int(value) if float(value).is_integer() else value


def assemble(
    document: SourceDocument,
    outline: Outline,
    tables: TablesResult,
    narrative: Narrative,
    config: Config,
    models: dict[str, str],
) -> Report:
    """Put the summary of one report together and run the checks.

    Args:
        document, outline, tables, narrative: what the steps found.
        config: the settings it was made with.
        models: name and version of each model used.
    """
    form = tables.form if tables.form != "unknown" else outline.form
    checks = run_checks(CheckInput(form, tables.tables, narrative.paragraphs, narrative.metrics, outline.year))
    diagnostics = [*document.diagnostics, *outline.diagnostics, *tables.diagnostics]
    source = document.source
    return Report(
        status="partial_success" if any(d.level == "error" for d in diagnostics) else "success",
        report=ReportInfo(
            id="stdin" if source.path == "-" else Path(source.path).stem,
            title=outline.title,
            authority=outline.authority,
            region=outline.region,
            year=outline.year,
            published=outline.published,
            format=form,
        ),
        source=Source(
            path=source.path,
            media_type=source.media_type,
            encoding=source.encoding,
            sha256=source.sha256,
            bytes=source.bytes,
        ),
        sections=[
            SectionOut(id=s.id, kind=s.kind, title=s.title, level=s.level, parent=s.parent) for s in outline.sections
        ],
        paragraphs=narrative.paragraphs,
        metrics=narrative.metrics,
        entities=narrative.entities,
        tables=tables.tables,
        checks=checks,
        summary=_summarise(outline, narrative, tables, checks, config),
        diagnostics=[DiagnosticOut(level=d.level, code=d.code, message=d.message, where=d.where) for d in diagnostics],
        pipeline=PipelineInfo(version=version("gongkai"), config_sha256=config.sha256, models=models),
    )


def _summarise(
    outline: Outline, narrative: Narrative, tables: TablesResult, checks: list[Check], config: Config
) -> Summary:
    domains = _by_label("domains", narrative)
    headline = _headline(narrative, config.summary)
    return Summary(
        domains=domains,
        activities=_by_label("activities", narrative),
        headline=[m.id for m in headline],
        text=_digest(outline, domains, headline, tables, checks),
    )


def _by_label(facet: str, narrative: Narrative) -> list[LabelSummary]:
    """Sum up one facet: segments, characters, metrics and the most telling segment of each label."""
    found: dict[str, LabelSummary] = {}
    best: dict[str, tuple[bool, float, int]] = {}
    names = taxonomy()[facet]
    by_segment = _metrics_by_segment(narrative)
    for paragraph in narrative.paragraphs:
        for segment in paragraph.segments:
            inside = by_segment.get(segment.id, [])
            for label in getattr(segment, facet):
                entry = found.setdefault(
                    label.label,
                    LabelSummary(label=label.label, zh=names[label.label]["zh"], segments=0, characters=0),
                )
                entry.segments += 1
                entry.characters += segment.end - segment.start
                entry.metrics.extend(inside)
                # The most telling segment holds a figure, is surest, and says most.
                rank = (bool(inside), label.score, segment.end - segment.start)
                if rank > best.get(label.label, (False, -1.0, 0)):
                    best[label.label] = rank
                    entry.highlight = segment.id
    return sorted(found.values(), key=lambda e: (-e.segments, -e.characters, e.label))


def _metrics_by_segment(narrative: Narrative) -> dict[str, list[str]]:
    paragraphs = {paragraph.id: paragraph for paragraph in narrative.paragraphs}
    found: dict[str, list[str]] = {}
    for metric in narrative.metrics:
        segment = _segment_at(paragraphs[metric.paragraph], metric.start)
        if segment:
            found.setdefault(segment.id, []).append(metric.id)
    return found


def _headline(narrative: Narrative, config: SummaryConfig) -> list[Metric]:
    """Choose the metrics that tell most: sure ones that have an indicator, totals and large counts first."""

    def rank(metric: Metric) -> tuple[bool, bool, float]:
        total = any(word in (metric.indicator or "") for word in config.total_words)
        return (total, metric.score >= _SURE, abs(float(metric.value)))

    named = [m for m in narrative.metrics if m.indicator]
    return sorted(named, key=rank, reverse=True)[: config.headline]


def _digest(
    outline: Outline,
    domains: list[LabelSummary],
    headline: list[Metric],
    tables: TablesResult,
    checks: list[Check],
) -> str:
    """Write the readable digest, whole sentences only, at most 300 characters."""
    year = f"{outline.year}年" if outline.year else ""
    named = f"{outline.authority or ''}{year}政府信息公开工作年度报告"
    parts = [f"{(outline.authority and named) or outline.title or named}。"]
    if domains:
        parts.append(f"主要涉及{'、'.join(d.zh for d in domains[:4])}等{len(domains)}个领域。")
    parts.extend(_table_sentences(tables))
    failed = [c for c in checks if c.status == "failed"]
    ran = sum(c.status != "not_applicable" for c in checks)
    if ran:
        parts.append(f"核对{ran}项，{f'{len(failed)}项不符' if failed else '全部相符'}。")
    parts.extend(f"{m.indicator}：{m.text}。" for m in headline)
    text = ""
    for part in parts:
        if len(text) + len(part) <= _DIGEST:
            text += part
    return text


def _table_sentences(tables: TablesResult) -> Iterable[str]:
    applications = tables.tables.get("applications")
    if applications:
        new = (applications.rows.get("new_received") or {}).get("total")
        done = (applications.rows.get("total") or {}).get("total")
        if new is not None and done is not None:
            yield f"新收政府信息公开申请{new}件，办结{done}件。"
    review = tables.tables.get("review_litigation")
    if review:
        total = (review.rows.get("review") or {}).get("total")
        if total:
            yield f"行政复议{total}件。"
