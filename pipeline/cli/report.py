"""``gongkai report``: an output set as an HTML page to read, print and pass on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gongkai.pipeline.cli.options import flag
from gongkai.pipeline.cli.terminal import EXIT_SOME_FAILED, console, guarded, one_line, print_error, safe


@guarded
def report(
    results: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", exists=True, file_okay=False, help="The folder that gongkai annotate -o wrote. 结果文件夹"
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="The page to write; OUT/report.html by default. 输出网页"),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Title of the page; OUT's name by default. 标题")
    ] = None,
    single_page_limit: Annotated[
        int,
        typer.Option(
            "--single-page-limit", metavar="N", min=0, help="More reports than N: a file for each. 单页最多份数"
        ),
    ] = 50,
    quiet: Annotated[bool, flag("--quiet", "-q", help="Say nothing but what failed. 只报失败")] = False,
) -> None:
    """Write an HTML page on all reports of an output set. 生成可离线查看的网页报告

    The page has an overview with plots (domains by year and by authority, failed checks by rule, the flow of
    applications), a table of all reports to sort and filter, and for each report its text with metrics, labels and
    entities marked, its tables with the cells that do not add up in red, and all its metrics. It loads nothing from
    the network, opens from the disk and prints. With more than 50 reports each one gets a page of its own in the
    folder FILE-pages beside the overview; keep them together. What gongkai cross found (OUT/cross.json) is shown too.

    [bold]Examples 示例[/bold]

      gongkai annotate reports/ -r -o out      [dim]# first the summaries[/dim]
      gongkai report out -o report.html        [dim]# one page with everything[/dim]
      gongkai report out --title 江西省2022     [dim]# out/report.html, under this title[/dim]
      gongkai report out -o web/index.html --single-page-limit 0   [dim]# always a file for each[/dim]

    [bold]Exit status 退出码[/bold]

      0 all fine · 1 written, but some files of OUT are no summaries · 130 interrupted
      Nothing written: 2 wrong call or no summaries there · 3 unreadable · 5 defect
    """
    from gongkai.pipeline.cli.progress import RunProgress
    from gongkai.pipeline.report.write import survey, write_report
    from gongkai.pipeline.writing import display_path

    target = out if out is not None else results / "report.html"
    if target.suffix.lower() not in (".html", ".htm"):  # else a slip could overwrite a summary
        raise typer.BadParameter("the page needs a name that ends in .html.", param_hint="--out")
    found = survey(results)
    reports = len(found.statistics.rows)
    for error in found.statistics.unreadable:
        print_error(one_line(error))
    with RunProgress(reports, quiet=quiet, lines=False) as progress:
        folder = write_report(
            found,
            target,
            single_page_limit=single_page_limit,
            title=title,
            done=lambda name: progress.done("ok", name),
        )
    if not quiet:
        pages = f"，{display_path(str(folder))}" if folder else ""
        line = f"{reports} 份报告 reports → {display_path(str(target))}{pages}"
        console(stderr=True).print(safe(line), soft_wrap=True)
    if found.statistics.unreadable:
        raise typer.Exit(EXIT_SOME_FAILED)
