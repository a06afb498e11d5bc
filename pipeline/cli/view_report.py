"""The parts of ``gongkai show``: header, narrative with its tables, metrics, checks, diagnostics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gongkai.pipeline import names
from gongkai.pipeline.cli.terminal import safe
from gongkai.pipeline.cli.textflow import flow, hanging
from gongkai.pipeline.cli.view_tables import check_counts, check_lines, statutory_table, table_title
from gongkai.pipeline.cli.view_text import (
    FAILED,
    FAINT,
    METRIC,
    metrics_table,
    overview,
    paragraph_lines,
    quantity,
    section_heading,
)
from gongkai.pipeline.schema import ParagraphOut, Report, SectionOut

_LEVELS = {"error": FAILED, "warning": "yellow", "info": FAINT}


def header(report: Report, width: int) -> Iterator[RenderableType]:
    """Yield who reports on what, the digest, the labels by weight and the headline metrics."""
    info, source = report.report, report.source
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=FAINT, no_wrap=True)
    grid.add_column(overflow="fold")
    form = f"{names.zh('forms', info.format)} {names.en('forms', info.format)}"
    origin = [source.path, source.media_type, source.encoding, f"{source.bytes:,} bytes", source.sha256[:12]]
    sizes = (len(report.sections), len(report.paragraphs), len(report.metrics))
    counts = "{} 节 sections · {} 段 paragraphs · {} 指标 metrics".format(*sizes)
    for title, value in (
        ("机关 Authority", info.authority),
        ("地区 Region", info.region),
        ("年度 Year", info.year),
        ("发布 Published", info.published),
        ("格式 Form", form),
        ("来源 Source", " · ".join(part for part in origin if part)),
        ("内容 Content", counts),
    ):
        if value is not None:
            grid.add_row(title, safe(value))
    grid.add_row("核对 Checks", check_counts(report.checks))
    if report.status == "partial_success":
        grid.add_row("状态 Status", Text("部分成功 partial: see the diagnostics at the end", "bold yellow"))
    name = safe(info.title or "（未识别标题 no title found）", "bold")
    yield Panel(Group(*flow(name, width - 6), Text(), grid), box=box.ROUNDED, padding=(0, 2), border_style="blue")
    if report.summary.text:
        yield _title("摘要 Digest")
        yield hanging(safe(report.summary.text), Text(), 2, width)
    if report.summary.domains or report.summary.activities:
        yield Text()
        yield Padding(overview(report, width), (0, 0, 0, 2))
    yield from _headline(report, width)


def _title(text: str) -> Text:
    return Text(f"\n{text}", "bold")


def _headline(report: Report, width: int) -> Iterator[RenderableType]:
    by_id = {metric.id: metric for metric in report.metrics}
    chosen = [by_id[name] for name in report.summary.headline if name in by_id]
    if not chosen:
        return
    yield _title("要数 Headline metrics")
    for metric in chosen:
        line = Text.assemble(safe(metric.indicator or metric.text), "  ", safe(quantity(metric), METRIC))
        yield hanging(line, Text("  ◆ ", METRIC), 4, width)


def narrative(report: Report, sections: Sequence[SectionOut], width: int) -> Iterator[RenderableType]:
    """Yield each section with its paragraphs, and the statutory table at the end of the section it belongs to."""
    last_of_kind = {section.kind: section.id for section in sections}
    paragraphs = _allotted(report, sections)
    for section in sections:
        own = paragraphs.get(section.id, [])
        if section.level == 1 or (own and own[0].text != section.title):
            yield Text()
            yield section_heading(section, width)
        yield from _paragraphs(report, own, width)
        if last_of_kind.get(section.kind) == section.id:
            yield from _table(report, section.kind, width)
    if len(sections) == len(report.sections):
        known = {section.id for section in sections}
        yield from _paragraphs(report, [p for p in report.paragraphs if p.section not in known], width)
        for name in report.tables:
            if name not in last_of_kind:
                yield from _table(report, name, width)


def _allotted(report: Report, sections: Sequence[SectionOut]) -> dict[str, list[ParagraphOut]]:
    """Give each paragraph to the first of the sections that it stands in, by section id.

    A paragraph names its statutory section; that it also stands under a heading within shows in its ``path``, and
    the heading itself is a paragraph whose text is the heading's title.
    """
    parents = {section.id: section.parent for section in report.sections}

    def stands_in(paragraph: ParagraphOut, section: SectionOut) -> bool:
        if paragraph.section == section.id:
            return True
        below = section.title in (*paragraph.path, paragraph.text)
        return below and paragraph.section in _ancestors(section.id, parents)

    allotted: dict[str, list[ParagraphOut]] = {}
    for paragraph in report.paragraphs:
        home = next((section.id for section in sections if stands_in(paragraph, section)), None)
        if home is not None:
            allotted.setdefault(home, []).append(paragraph)
    return allotted


def _ancestors(section: str, parents: dict[str, str | None]) -> set[str]:
    found: set[str] = set()
    parent = parents.get(section)
    while parent is not None and parent not in found:
        found.add(parent)
        parent = parents.get(parent)
    return found


def _paragraphs(report: Report, paragraphs: Sequence[ParagraphOut], width: int) -> Iterator[RenderableType]:
    headings = {section.title for section in report.sections}
    for paragraph in paragraphs:
        own = [metric for metric in report.metrics if metric.paragraph == paragraph.id]
        yield Text()
        yield from paragraph_lines(paragraph, own, width, "bold" if paragraph.text in headings else "")


def tables(report: Report, sections: Sequence[SectionOut], width: int) -> Iterator[RenderableType]:
    """Yield the statutory tables of the sections, all of them when these are all sections."""
    kinds = {section.kind for section in sections}
    everything = len(sections) == len(report.sections)
    found = [name for name in report.tables if everything or name in kinds]
    if not found:
        yield Text("没有找到法定表格 no statutory table found", "yellow")
    for name in found:
        yield from _table(report, name, width)


def _table(report: Report, name: str, width: int) -> Iterator[RenderableType]:
    table = report.tables.get(name)
    if table is None:
        return
    yield Text()
    yield hanging(table_title(name, table), Text("▦", "bold green"), 2, width)
    yield statutory_table(name, table, report.checks, width)
    for extra in table.extra_rows:
        cells = " · ".join(f"{key} {value}" if key else value for key, value in extra.items())
        yield hanging(safe(cells, FAINT), Text("  + ", FAINT), 4, width)


def metrics(report: Report, sections: Sequence[SectionOut], width: int) -> Iterator[RenderableType]:
    """Yield the metrics that stand in the sections as one table."""
    chosen = report.metrics
    if len(sections) < len(report.sections):
        shown = {p.id for paragraphs in _allotted(report, sections).values() for p in paragraphs}
        chosen = [metric for metric in report.metrics if metric.paragraph in shown]
    if chosen:
        yield metrics_table(chosen, width)
    yield Text(f"{len(chosen)} 指标 metrics", FAINT)


def checks(report: Report, width: int, *, everything: bool) -> Iterator[RenderableType]:
    """Yield the failed checks and the counts; ``everything`` also names the passed ones, by rule."""
    yield _title("核对 Checks")
    for check in report.checks:
        if check.status == "failed":
            yield from check_lines(check, width)
    if everything:
        passed: dict[str, int] = {}
        for check in report.checks:
            if check.status == "passed":
                passed[check.rule] = passed.get(check.rule, 0) + 1
        for rule, count in passed.items():
            yield Text.assemble(("✓ ", "green"), safe(names.zh("rules", rule)), " ", safe(rule, FAINT), f"  × {count}")
    yield check_counts(report.checks)


def diagnostics(report: Report, width: int) -> Iterator[RenderableType]:
    """Yield what a reader should know of how the report was read, and what it was read with."""
    if report.diagnostics:
        yield _title("诊断 Diagnostics")
    for diagnostic in report.diagnostics:
        style = _LEVELS[diagnostic.level]
        line = Text.assemble(
            safe(diagnostic.code, style), "  ", safe(diagnostic.message), safe(f"  {diagnostic.where or ''}", FAINT)
        )
        yield hanging(line, Text("! ", style), 2, width)
    models = " · ".join(f"{key} {value}" for key, value in report.pipeline.models.items())
    origin = f"gongkai {report.pipeline.version} · {models} · config {report.pipeline.config_sha256[:12]}"
    yield Text()
    yield hanging(safe(origin, FAINT), Text(), 0, width)
