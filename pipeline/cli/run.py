"""The closing summary of ``gongkai annotate``: what became of the inputs, where the results are, what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gongkai.pipeline.batch.run import Tally
from gongkai.pipeline.cli.terminal import EXIT_INTERRUPTED, EXIT_SOME_FAILED, safe
from gongkai.pipeline.cli.textflow import hanging
from gongkai.pipeline.errors import catalogue

_TITLE = 16  # cells before what hangs below a title


def exit_status(tally: Tally) -> int:
    """Return the exit status of a run: 0 all fine, 1 some failed; where all failed the gravest of their codes."""
    if tally.interrupted:
        return EXIT_INTERRUPTED
    if not tally.failed:
        return 0
    if tally.ok + tally.partial + tally.kept:
        return EXIT_SOME_FAILED
    return max(catalogue()[code].exit_status for code in tally.failed)


def closing(
    tally: Tally,
    where: str | None,
    left_out: dict[str, int],
    log: Path | None,
    width: int,
    *,
    workers: int,
    goes_on: bool,
) -> Group:
    """Return the closing summary of a run for the terminal.

    Args:
        tally: what became of the inputs.
        where: where the results are, None for standard output.
        left_out: files of folders that were not read, by suffix.
        log: where tracebacks went, None where there are none.
        width: cells of a line.
        workers: processes that took part.
        goes_on: the same command would do what is left.
    """
    parts: list[RenderableType] = []
    if tally.interrupted:
        again = " The same command goes on from there." if goes_on else ""
        parts.append(Text(f"Interrupted after {tally.done} of {tally.total}.{again}", "bold yellow"))
    parts.append(_counts(tally, workers))
    if tally.linked:
        linked = f"{tally.linked} made from the result of a file of the same content"
        parts.append(Text(f"  重复 Linked            {linked}"))
    if tally.failed_checks:
        checks = f"{tally.failed_checks} in {tally.reports_with_failed_checks} report(s)"
        parts.append(Text.assemble("  核对未过 Checks failed  ", (checks, "red")))
        parts.append(Text("                          look: gongkai show SUMMARY.json --checks", "dim"))
    if left_out:
        kinds = ", ".join(f"{suffix} {count}" for suffix, count in sorted(left_out.items()))
        parts.append(safe(f"  未读 Left out          {sum(left_out.values())} file(s): {kinds}"))
    if where is not None:
        parts.append(_path("  结果 Results           ", where))
    if log is not None:
        parts.append(_path("  日志 Log               ", str(log)))
    if tally.failures:
        parts.extend(_failures(tally, width))
    if tally.stale:
        shown = "、".join(tally.stale_names) + (" …" if tally.stale > len(tally.stale_names) else "")
        told = f"{tally.stale} summary(ies) of what failed stand from an earlier run: {shown}"
        parts.append(hanging(safe(told), Text("  旧摘要 Stale  ", "yellow"), _TITLE, width))
    return Group(*parts)


def _path(title: str, path: str) -> Text:
    # Not broken into lines, so that it can be copied.
    return Text(title, no_wrap=True, overflow="ignore").append_text(safe(path, "bold"))


def _counts(tally: Tally, workers: int) -> Table:
    """Return what became of the inputs as a table, with the time it took in the last line."""
    table = Table(box=box.SIMPLE, show_footer=True, padding=0, header_style="dim", footer_style="bold")
    table.add_column("份 Reports", f"{tally.total:,}", justify="right", no_wrap=True)
    table.add_column("结局 Outcome", "合计 total", no_wrap=True, min_width=15)
    table.add_column("说明 Note", _time(tally, workers), overflow="fold")
    before = f"{tally.failed_before} in an earlier run; again: --retry-failed" if tally.failed_before else ""
    for number, title, style, note in (
        (tally.ok, "成功 ok", "green", ""),
        (tally.partial, "部分 partial", "yellow", "not all could be read, see their diagnostics"),
        (tally.kept, "保留 kept", "cyan", "results of an earlier run that stand"),
        (tally.failed.total(), "失败 failed", "red", before),
        (tally.total - tally.done, "未做 not done", "bold yellow", ""),
    ):
        if number or title == "成功 ok":
            table.add_row(Text(f"{number:,}", f"bold {style}"), Text(title, style), note)
    return table


def _time(tally: Tally, workers: int) -> str:
    if tally.made < 2:
        return ""
    rate = tally.made / tally.seconds if tally.seconds else 0.0
    processes = f" · {workers} workers" if workers > 1 else ""
    return f"{duration(tally.seconds)} · {rate:.1f} reports/s{processes}"


def duration(seconds: float) -> str:
    """Return a span of time as a person reads it: ``8.4 s``, ``3:05``, ``1:02:33``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _failures(tally: Tally, width: int) -> Iterator[Text]:
    """Yield each code with its advice once, and below it the files it befell."""
    yield Text("\n  失败的文件 What failed, and what to do", "bold")
    for code, befallen in tally.failures.items():
        advice = catalogue()[code].advice
        line = Text.assemble((code, "red"), (f" × {tally.failed[code]}  ", "dim"), safe(advice))
        yield hanging(line, Text(), 2, width)
        for failure in befallen:
            yield hanging(safe(failure.path), Text(), 4, width)
        if tally.failed[code] > len(befallen):
            yield Text(f"    … {tally.failed[code] - len(befallen)} more", "dim")
