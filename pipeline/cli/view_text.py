"""The narrative on the terminal: sections, paragraphs, segments with their labels, metrics marked in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from gongkai.pipeline import names
from gongkai.pipeline.cli.terminal import clean, safe
from gongkai.pipeline.cli.textflow import flow, hanging, pack
from gongkai.pipeline.schema import Label, LabelSummary, Metric, ParagraphOut, Report, SectionOut, Segment

DOMAIN = "cyan"
ACTIVITY = "magenta"
METRIC = "bold yellow"
FAILED = "bold red"
FAINT = "dim"

_COMPARATORS = {"eq": "=", "gt": ">", "gte": "≥", "lt": "<", "lte": "≤", "approx": "≈"}


def number(value: int | float | None) -> str:
    """Return a number with its thousands set off, "–" for none."""
    if value is None:
        return "–"
    if isinstance(value, int) or value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) >= 1e-4 else repr(value)


def quantity(metric: Metric) -> str:
    """Return comparator, value or range, and unit: "≥ 85 %", "= 30–50 项"."""
    value = number(metric.value)
    if metric.value_max is not None:
        value = f"{value}–{number(metric.value_max)}"
    return " ".join(part for part in (_COMPARATORS[metric.comparator], value, metric.unit) if part)


def section_heading(section: SectionOut, width: int) -> Text:
    """Return the heading of a section; statutory ones (level 1) span the whole width."""
    title = safe(section.title, "bold")
    if section.level > 1:
        return hanging(title, Text("  " * (section.level - 1)), 2 * (section.level - 1), width)
    title.stylize("bold white on blue" if section.kind != "unknown" else "bold reverse")
    line = Text.assemble(Text(" ", title.style), title, f"  {names.en('sections', section.kind)} ")
    line.stylize(FAINT, len(line) - len(names.en("sections", section.kind)) - 1)
    line.truncate(width)
    return Text.assemble(line, ("─" * max(width - line.cell_len, 0), FAINT), no_wrap=True, overflow="ignore")


def paragraph_lines(paragraph: ParagraphOut, metrics: Sequence[Metric], width: int, style: str) -> Iterator[Text]:
    """Yield a paragraph segment by segment, labels below where they change, then the metrics of each segment.

    Args:
        metrics: those of this paragraph.
        width: cells of a line.
        style: of the text.
    """
    marked = safe(paragraph.text, style)
    for metric in metrics:
        marked.stylize(METRIC, metric.start, metric.end)
    before: tuple[list[str], list[str]] | None = None
    for segment, start, end in _pieces(paragraph):
        text = marked[start:end]
        name = segment.id if segment else paragraph.id
        gutter = max(8, len(name) + 2)
        yield hanging(text, safe(name, FAINT), gutter, width)
        labels = None if segment is None else (_ids(segment.domains), _ids(segment.activities))
        if segment is not None and labels != before:
            yield from _label_lines(segment, gutter, width)
        before = labels
        for metric in metrics:
            if start <= metric.start < end:
                yield hanging(_metric_line(metric), Text(" " * gutter), gutter, width)


def _pieces(paragraph: ParagraphOut) -> Iterator[tuple[Segment | None, int, int]]:
    """Yield the segments and, so that no text is lost from view, what stands between them."""
    at = 0
    for segment in sorted(paragraph.segments, key=lambda s: s.start):
        if paragraph.text[at : segment.start].strip():
            yield None, at, segment.start
        yield segment, max(segment.start, at), segment.end
        at = max(at, segment.end)
    if paragraph.text[at:].strip() or not paragraph.segments:
        yield None, at, len(paragraph.text)


def _ids(labels: Iterable[Label]) -> list[str]:
    return [label.label for label in labels]


def _label_lines(segment: Segment, indent: int, width: int) -> Iterator[Text]:
    units = [
        Text.assemble(
            (f"{mark} {clean(names.label_zh(facet, label.label))} ", style),
            (f"{clean(label.label)} {label.score:.2f}", FAINT),
        )
        for facet, labels, style, mark in (
            ("domains", segment.domains, DOMAIN, "●"),
            ("activities", segment.activities, ACTIVITY, "○"),
        )
        for label in labels
    ]
    if units:
        yield pack(units, 3, indent, width)


def _metric_line(metric: Metric) -> Text:
    line = Text.assemble(
        ("◆ ", METRIC), safe(metric.indicator or "（指标未识别）"), " ", (clean(quantity(metric)), METRIC)
    )
    context = [part for part in (metric.period, metric.scope) if part]
    if context:
        line.append(f"  {clean(' · '.join(context))}", FAINT)
    return line


_MEDIUM, _WIDE = 70, 100  # cells of a line


def metrics_table(metrics: Sequence[Metric], width: int) -> Table:
    """Return metrics as a table; the wider the terminal, the more columns stand apart."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bold", pad_edge=False, padding=(0, 0, 0, 1))
    columns = [("数值 Value", 16, METRIC), ("段 In", 5, FAINT)]
    if width >= _MEDIUM:
        columns[1:1] = [("时间 · 范围", 14, FAINT)]
    if width >= _WIDE:
        columns[2:2] = [("领域 Domains", 18, DOMAIN), ("原文 Text", 12, "")]
    room = width - sum(cells + 2 for _, cells, _ in columns)
    columns.insert(0, ("指标 Indicator", room, ""))
    for title, cells, style in columns:
        table.add_column(title, width=cells, style=style, justify="right" if style == METRIC else "left")
    for metric in metrics:
        context = " · ".join(part for part in (metric.period, metric.scope) if part)
        indicator = metric.indicator or "–"
        row = [quantity(metric), metric.paragraph]
        if width >= _MEDIUM:
            row[1:1] = [context]
        elif context:
            indicator = f"{indicator} · {context}"
        if width >= _WIDE:
            row[2:2] = [" ".join(names.label_zh("domains", label) for label in metric.domains), metric.text]
        row.insert(0, indicator)
        flowed = [flow(safe(text), cells) for text, (_, cells, _) in zip(row, columns, strict=True)]
        table.add_row(*(Text("\n").join(lines) for lines in flowed))
    return table


def overview(report: Report, width: int) -> Table:
    """Return domains and activities by number of segments, side by side."""
    grid = Table.grid(padding=(0, 4, 0, 0))
    grid.add_row(
        _bars("领域 Domains", "domains", report.summary.domains, DOMAIN, width),
        _bars("环节 Activities", "activities", report.summary.activities, ACTIVITY, width),
    )
    return grid


_BAR = 10
_SHOWN_LABELS = 12


def _bars(title: str, facet: str, labels: Sequence[LabelSummary], style: str, width: int) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(Text(title, "bold"))
    most = max((label.segments for label in labels), default=1) or 1
    for label in labels[:_SHOWN_LABELS]:
        bar = Text("█" * max(1, round(_BAR * label.segments / most)), style)
        row = [safe(names.label_zh(facet, label.label)), bar, Text(str(label.segments), "bold", justify="right")]
        if width >= 110:
            row.append(safe(label.label, FAINT))
        grid.add_row(*row)
    if len(labels) > _SHOWN_LABELS:
        grid.add_row(Text(f"… {len(labels) - _SHOWN_LABELS} more", FAINT))
    return grid


def digest(report: Report, width: int) -> list[Text]:
    """Return the digest, broken into lines."""
    return flow(safe(report.summary.text), width)
