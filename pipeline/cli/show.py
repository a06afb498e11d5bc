"""``gongkai show``: a report or its summary on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from gongkai.pipeline.cli.options import ConfigOption, EngineOption, ModelOption, SetOption, flag, labelling_settings
from gongkai.pipeline.cli.terminal import console, guarded

if TYPE_CHECKING:  # heavy, see annotate
    from rich.console import RenderableType

    from gongkai.pipeline.schema import Report, SectionOut


@guarded
def show(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A report, its summary .json, or - for standard input. 报告或其摘要")
    ],
    section: Annotated[
        str | None,
        typer.Option("--section", metavar="WORD", help="One section: its id, kind or words of its title. 只看一节"),
    ] = None,
    metrics: Annotated[bool, flag("--metrics-only", help="Only the metrics. 只看指标")] = False,
    tables: Annotated[bool, flag("--tables", help="Only the statutory tables. 只看表格")] = False,
    checks: Annotated[bool, flag("--checks", help="Only the checks, failed ones first. 只看核对")] = False,
    width: Annotated[
        int | None,
        typer.Option("--width", "-w", min=40, metavar="N", help="Columns; the terminal's, at most 120. 宽度"),
    ] = None,
    no_colour: Annotated[
        bool, flag("--no-colour", "--no-color", help="No escape sequences; so does NO_COLOR=1. 不用颜色")
    ] = False,
    engine: EngineOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Show a report: sections, labels, metrics, tables, failed checks. 在终端查看报告及其标注

    Metrics are marked in the text and spelt out below it (◆), domains (●) and activities (○) stand under the
    sentences they belong to, cells and checks that do not add up are red.

    [bold]Examples 示例[/bold]

      gongkai show report.html                       [dim]# read and show it[/dim]
      gongkai show out/report.json --section 依申请  [dim]# one section of a summary[/dim]
      gongkai show report.pdf --metrics-only         [dim]# a table of all numbers[/dim]
      gongkai show report.docx --tables --checks     [dim]# what does not add up[/dim]
      FORCE_COLOR=1 gongkai show FILE | less -R      [dim]# page through in colour[/dim]
    """
    from gongkai.pipeline.cli.load import load_report
    from gongkai.pipeline.config import load_config

    settled = load_config(config, labelling_settings(engine, model, None, None, False, settings))

    def read(path: str) -> Report:
        from gongkai.pipeline.api import annotate

        return annotate(path, config=settled)

    report = load_report(file, read)
    wanted = _sections(report, section)
    terminal = console(width=width, colour=not no_colour)
    parts = Parts.chosen(metrics=metrics, tables=tables, checks=checks, section=section is not None)
    for piece in render(report, wanted, parts, terminal.width):
        terminal.print(piece)


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of a report to show."""

    header: bool = True
    text: bool = True
    metrics: bool = False
    tables: bool = True
    checks: bool = True
    closing: bool = True

    @classmethod
    def chosen(cls, *, metrics: bool, tables: bool, checks: bool, section: bool) -> Parts:
        """Everything, unless filters name parts; a single section comes without header and closing."""
        if metrics or tables or checks:
            return cls(False, False, metrics, tables, checks, False)
        return cls(header=not section, checks=not section, closing=not section)


def render(report: Report, sections: list[SectionOut], parts: Parts, width: int) -> Iterator[RenderableType]:
    """Yield what to print, piece by piece.

    Args:
        sections: those whose text, metrics and tables are wanted.
        width: cells of a line.
    """
    from gongkai.pipeline.cli import view_report as view

    if parts.header:
        yield from view.header(report, width)
    if parts.metrics:
        yield from view.metrics(report, sections, width)
    if parts.text:
        yield from view.narrative(report, sections, width)
    elif parts.tables:
        yield from view.tables(report, sections, width)
    if parts.checks:
        yield from view.checks(report, width, everything=not parts.text)
    if parts.closing:
        yield from view.diagnostics(report, width)


def _sections(report: Report, wanted: str | None) -> list[SectionOut]:
    """Return the sections asked for, with those below them; all without a wish."""
    if wanted is None:
        return report.sections
    needle = wanted.strip().casefold()
    hits = {
        section.id
        for section in report.sections
        if needle in (section.id.casefold(), section.kind) or (needle and needle in section.title.casefold())
    }
    for section in report.sections:
        if section.parent in hits:
            hits.add(section.id)
    if not hits:
        known = "; ".join(f"{s.id} {s.title}" for s in report.sections if s.level == 1) or "none"
        raise typer.BadParameter(f"no section {wanted!r}. There are: {known}", param_hint="--section")
    return [section for section in report.sections if section.id in hits]
