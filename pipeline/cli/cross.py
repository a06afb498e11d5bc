"""``gongkai cross``: do the reports of one authority on two years agree, and was last year's text copied?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gongkai.pipeline.cli.options import flag
from gongkai.pipeline.cli.terminal import (
    EXIT_CHECK_FAILED,
    EXIT_NOTHING_TO_CHECK,
    console,
    guarded,
    print_error,
)
from gongkai.pipeline.errors import GongkaiError, catalogue

if TYPE_CHECKING:  # heavy, see annotate
    from pydantic import BaseModel

    from gongkai.pipeline.cli.view_cross import Findings
    from gongkai.pipeline.cross.pairing import Index
    from gongkai.pipeline.cross.schema import Pair, Unreadable
    from gongkai.pipeline.writing import PendingFile

T = TypeVar("T")


@guarded
def cross(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="The folder that annotate -o wrote to. 摘要所在的文件夹", show_default=False
        ),
    ],
    max_copied: Annotated[
        float | None,
        typer.Option(
            "--max-copied", metavar="P", min=0, max=1, help="Share of copied sentences allowed (0.5). 允许的雷同比例"
        ),
    ] = None,
    everything: Annotated[bool, flag("--all", help="List each failed check, not the first 20. 列出全部")] = False,
    quiet: Annotated[bool, flag("--quiet", "-q", help="Say nothing but what is unreadable. 只报错误")] = False,
) -> None:
    """Compare the reports of one authority on consecutive years. 核对同一机关相邻两年的报告

    Reads all summaries in OUT (NAME.json, reports.jsonl), pairs each report with that of the same authority on the
    year before, and writes OUT/cross.json. Authorities are told apart by the official division code (GB/T 2260) and
    the name of the body; a report whose authority cannot be told from others is named, never guessed.

    [bold]Checks 核对项[/bold]

      cross_year.carry_over   [dim]# last year's 结转下年度 is this year's 上年结转[/dim]
      cross_year.normative    [dim]# in force last year + issued - abolished = in force[/dim]
      duplicate.text          [dim]# sentences copied from last year's report[/dim]

    [bold]Examples 示例[/bold]

      gongkai annotate reports/ -r -o out && gongkai cross out
      gongkai cross out --max-copied 0.3           [dim]# stricter on copied text[/dim]
      gongkai cross out -q && echo fine            [dim]# only the exit status[/dim]
      jq '.pairs[].checks[] | select(.status == "failed")' out/cross.json

    [bold]Exit status 退出码[/bold]

      0 all passed · 1 a check failed · 2 wrong call or no summary in OUT
      3 a summary is unreadable (the others are compared) · 5 defect
      6 no two reports of one authority on consecutive years
      The gravest counts: 5 3 2, then 1, then 6.
    """
    from gongkai.pipeline.cli.view_cross import SHOWN_FAILURES, Findings, findings_view
    from gongkai.pipeline.cross.run import compare_years, index_outputs
    from gongkai.pipeline.cross.settings import default_settings
    from gongkai.pipeline.outputs import CROSS_NAME, OutputSet, is_cross_file
    from gongkai.pipeline.writing import PendingFile

    settings = default_settings().with_max_share(max_copied)
    outputs = OutputSet(out)
    target = out / CROSS_NAME
    if target.exists() and not is_cross_file(target):
        # The summary of a report called cross.html must not be lost.
        raise GongkaiError("output.unwritable", f"{target} is there and is no result of gongkai cross; rename it.")
    index, unreadable = index_outputs(outputs, _told(outputs.places(), "读取 Reading", quiet=quiet))
    findings = Findings(limit=None if everything else SHOWN_FAILURES)
    pending = PendingFile(target)
    try:
        pairs = _told(compare_years(outputs, index, settings), "核对 Comparing", quiet=quiet)
        _write(pending, settings.sha256, findings.counting(pairs), index, unreadable)
        pending.commit()
    finally:
        pending.discard()
    for bad in unreadable:
        print_error(f"{bad.message} [{bad.code}]")
    if not quiet:
        terminal = console()
        terminal.print(findings_view(findings, index, str(target), terminal.width))
    raise typer.Exit(_exit_status(findings, unreadable))


def _told(items: Iterable[T], task: str, *, quiet: bool) -> Iterable[T]:
    """Pass items on, with a line of progress on a terminal."""
    from rich.progress import track

    terminal = console(stderr=True)
    return track(items, task, console=terminal, transient=True, disable=quiet or not terminal.is_terminal)


def _write(
    pending: PendingFile, settings_sha256: str, pairs: Iterable[Pair], index: Index, unreadable: list[Unreadable]
) -> None:
    """Write a :class:`~gongkai.pipeline.cross.schema.CrossReport` piece by piece, so that none of it is kept."""
    from importlib.metadata import version

    from gongkai.pipeline.cross.schema import CROSS_SCHEMA_VERSION

    head = {
        "schema_version": CROSS_SCHEMA_VERSION,
        "version": version("gongkai"),
        "settings_sha256": settings_sha256,
    }
    pending.write(json.dumps(head, indent=2).encode().removesuffix(b"\n}"))
    _write_list(pending, "pairs", pairs)
    # Only now is it known which reports found none to be compared with.
    _write_list(pending, "unpaired", index.unpaired)
    _write_list(pending, "unreadable", unreadable)
    pending.write(b"\n}\n")


def _write_list(pending: PendingFile, name: str, items: Iterable[BaseModel]) -> None:
    from gongkai.pipeline.writing import to_json

    pending.write(f',\n  "{name}": ['.encode())
    separator = b"\n    "
    for item in items:
        pending.write(separator + to_json(item, indent=None).rstrip(b"\n"))
        separator = b",\n    "
    pending.write(b"]")


def _exit_status(findings: Findings, unreadable: list[Unreadable]) -> int:
    if unreadable:
        return max(catalogue()[bad.code].exit_status for bad in unreadable)
    if findings.failures:
        return EXIT_CHECK_FAILED
    return 0 if findings.pairs else EXIT_NOTHING_TO_CHECK
