"""``gongkai export``: an output set as tables for the tools people use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gongkai.pipeline.cli.options import flag
from gongkai.pipeline.cli.terminal import console, guarded, one_line, write_stdout

if TYPE_CHECKING:  # heavy, see annotate
    from rich.text import Text

    from gongkai.pipeline.export.results import Entry, Results
    from gongkai.pipeline.export.run import Tally


@guarded
def export(
    out: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="The folder that annotate -o wrote to. 摘要文件夹", show_default=False),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--to", "-t", metavar="FORM", help="parquet, csv, xlsx, duckdb or jsonl. 格式")
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="TARGET", help="File (xlsx, duckdb) or folder (the others). 输出位置"),
    ] = None,
    dictionary: Annotated[
        bool, flag("--dictionary", help="Print the data dictionary (Markdown) instead. 输出数据字典")
    ] = False,
    quiet: Annotated[bool, flag("--quiet", "-q", help="Say nothing but what is damaged. 只报损坏")] = False,
) -> None:
    """Turn summaries into tables for Excel, DuckDB, pandas and others. 把摘要导出为数据表

    Tables of reports, sections, paragraphs, segments and their labels, figures, entities, cells of the statutory
    tables, checks (those of gongkai cross too), diagnostics and failures; --dictionary tells every column. All forms
    hold the same rows. An earlier export at TARGET is replaced once the new one is whole; anything else there is left
    alone and the export refused. A damaged file in OUT costs one line here and one row of the table failures. Parquet,
    xlsx and duckdb need pip install 'gongkai\\[export]'.

    [bold]Examples 示例[/bold]

      gongkai export out --to xlsx -o reports.xlsx     [dim]# Chinese headers, failed checks in red[/dim]
      gongkai export out --to parquet -o tables        [dim]# tables/metrics.parquet and the others[/dim]
      gongkai export out --to duckdb -o reports.duckdb
      duckdb reports.duckdb "FROM failed_checks_by_authority"
      gongkai export --dictionary > data-dictionary.md

    [bold]Exit status 退出码[/bold]

      0 all fine · 1 some results were damaged, the others are exported · 130 interrupted
      Nothing done: 2 wrong call, missing package or unwritable target · 3 unreadable · 5 defect
    """
    if dictionary:
        from gongkai.pipeline.export.dictionary import dictionary as page

        write_stdout(page().encode())
        return
    if out is None or form is None or target is None:
        raise typer.BadParameter("name the three of them: gongkai export OUT --to FORM -o TARGET.", param_hint="OUT")
    _check_call(out, form, target)
    from gongkai.pipeline.export.results import Results
    from gongkai.pipeline.export.run import export as run

    tally = run(_told(Results(out), quiet=quiet), form, target)
    if not quiet:
        console(stderr=True).print(_closing(tally, target), soft_wrap=True)
    raise typer.Exit(tally.exit_status)


def _told(results: Results, *, quiet: bool) -> Iterator[Entry]:
    """Pass the results on, with a line for each damaged one, and one of progress on a terminal."""
    from rich.progress import track
    from rich.text import Text

    from gongkai.pipeline.cli.terminal import safe

    terminal = console(stderr=True, cap=None)
    hidden = quiet or not terminal.is_terminal
    total = None if hidden else results.count()
    for entry in track(results, "导出 Exporting", total, console=terminal, transient=True, disable=hidden):
        if entry.error is not None:
            line = Text.assemble(("✗ ", "bold red"), safe(one_line(entry.error, entry.name)))
            terminal.print(line, soft_wrap=True)
        yield entry


def _check_call(out: Path, form: str, target: Path) -> None:
    from gongkai.pipeline.export.forms import FORMS

    if form not in FORMS:
        raise typer.BadParameter(f"{form} is none of {', '.join(FORMS)}.", param_hint="--to")
    if form == "xlsx" and target.suffix.lower() != ".xlsx":
        raise typer.BadParameter("Excel opens a workbook only by a name that ends in .xlsx.", param_hint="--out")
    if form == "jsonl" and target.resolve().is_relative_to(out.resolve()):
        raise typer.BadParameter(
            "the tables would be taken for summaries; choose a place outside OUT.", param_hint="--out"
        )


def _closing(tally: Tally, target: Path) -> Text:
    from rich.text import Text

    from gongkai.pipeline.cli.terminal import safe

    line = Text("  ")
    for number, title, style in (
        (tally.reports, "报告 reports", "green"),
        (tally.failures, "失败记录 failures", "yellow"),
        (tally.repeated, "重复 repeated", "cyan"),
        (tally.damaged, "损坏 damaged", "red"),
        (tally.rows.total(), "行 rows", "bold"),
    ):
        if number or title == "报告 reports":
            line.append(f"{number:,} ", f"bold {style}" if style != "bold" else style).append(title + "   ")
    line.rstrip()
    return line.append("\n  结果 Results           ").append_text(safe(target, "bold"))
