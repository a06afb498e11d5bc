"""``gongkai check``: do the tables of a report add up, and does the narrative agree with them?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongkai.pipeline.cli.options import ConfigOption, RecursiveOption, ReportsArgument, SetOption, flag
from gongkai.pipeline.cli.terminal import (
    EXIT_CHECK_FAILED,
    EXIT_NOTHING_TO_CHECK,
    console,
    guarded,
    one_line,
    print_error,
    write_stdout,
)
from gongkai.pipeline.errors import GongkaiError

if TYPE_CHECKING:  # heavy, see annotate
    from gongkai.pipeline.schema import Report


@dataclass(slots=True)
class _Outcome:
    failed_checks: int = 0
    without_table: int = 0
    errors: list[GongkaiError] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        if self.errors:
            return max(error.entry.exit_status for error in self.errors)
        if self.failed_checks:
            return EXIT_CHECK_FAILED
        return EXIT_NOTHING_TO_CHECK if self.without_table else 0


@guarded
def check(
    reports: ReportsArgument,
    recursive: RecursiveOption = False,
    as_json: Annotated[bool, flag("--json", help="Print a JSON array, an object a report. 输出JSON")] = False,
    everything: Annotated[bool, flag("--all", help="Name the passed checks too. 也列出通过的")] = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Check whether the statutory tables of reports add up. 核对法定表格的勾稽关系

    Reads the tables, and the counts the narrative tells of them (a summary .json will do as well). Names the
    tables found and, for each check that fails, the numbers that do not agree.

    [bold]Examples 示例[/bold]

      gongkai check report.docx                    [dim]# before publishing it[/dim]
      gongkai check reports/ -r                    [dim]# a whole folder[/dim]
      gongkai check out/*.json --json | jq .       [dim]# summaries, for a script[/dim]

    [bold]Exit status 退出码[/bold]

      0 all passed · 1 a check failed · 2 wrong call or missing file
      3 unreadable · 4 limit hit · 5 defect · 6 no statutory table found
      Of several reports the gravest counts: 5 4 3 2, then 1, then 6.
    """
    from gongkai.pipeline.cli.inputs import expand
    from gongkai.pipeline.cli.load import load_report
    from gongkai.pipeline.config import load_config

    settled = load_config(config, settings or ())

    def read(path: str) -> Report:
        from gongkai.pipeline.api import check_tables

        return check_tables(path, config=settled)

    outcome = _Outcome()
    records: list[dict[str, Any]] = []
    for item in expand(reports, recursive=recursive).items:
        try:
            if item.error is not None:
                raise item.error
            report = load_report(item.path, read)
        except GongkaiError as error:
            outcome.errors.append(error)
            print_error(one_line(error, item.path))
            records.append(_failure_record(item.path, error))
            continue
        outcome.failed_checks += sum(c.status == "failed" for c in report.checks)
        outcome.without_table += not report.tables
        if as_json:
            records.append(_record(item.path, report, everything=everything))
        else:
            _print(item.path, report, everything=everything)
    if as_json:
        text = json.dumps(records, ensure_ascii=False, indent=2)
        write_stdout(text.encode("utf-8", "backslashreplace") + b"\n")
    raise typer.Exit(outcome.exit_status)


def _failure_record(path: str, error: GongkaiError) -> dict[str, Any]:
    from gongkai.pipeline.schema import Failure

    return Failure(path=path, code=error.code, message=error.message, advice=error.entry.advice).model_dump()


def _record(path: str, report: Report, *, everything: bool) -> dict[str, Any]:
    failed = any(check.status == "failed" for check in report.checks)
    return {
        "path": path,
        "status": "failed" if failed else "passed" if report.tables else "no_table",
        "report": report.report.model_dump(),
        "tables": {
            name: {"strategy": table.strategy, "form": table.form, "rows": len(table.rows)}
            for name, table in report.tables.items()
        },
        "checks": [c.model_dump() for c in report.checks if everything or c.status == "failed"],
        "counts": {
            status: sum(c.status == status for c in report.checks) for status in ("passed", "failed", "not_applicable")
        },
        "diagnostics": [diagnostic.model_dump() for diagnostic in report.diagnostics],
    }


def _print(path: str, report: Report, *, everything: bool) -> None:
    from rich.text import Text

    from gongkai.pipeline.cli.terminal import safe
    from gongkai.pipeline.cli.textflow import hanging
    from gongkai.pipeline.cli.view_tables import check_counts, check_lines, table_title

    terminal = console()
    about = " · ".join(str(part) for part in (report.report.authority, report.report.year) if part is not None)
    terminal.print(Text.assemble(safe(path, "bold"), "  ", safe(about)), soft_wrap=True)
    if not report.tables:
        terminal.print(Text("  没有找到法定表格 no statutory table found: nothing was checked", "yellow"))
    for name, table in report.tables.items():
        terminal.print(hanging(table_title(name, table), Text("  ▦", "bold green"), 4, terminal.width))
    for found in report.checks:
        if everything or found.status == "failed":
            for line in check_lines(found, terminal.width, indent=2):
                terminal.print(line)
    terminal.print(Text("  ").append_text(check_counts(report.checks)), end="\n\n")
