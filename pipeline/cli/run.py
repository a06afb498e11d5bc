"""The run behind ``gongkai annotate``: one report at a time, a failing one never stops the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Group
from rich.text import Text

from gongkai.pipeline.cli.inputs import Input
from gongkai.pipeline.cli.output import display_path
from gongkai.pipeline.cli.progress import RunProgress
from gongkai.pipeline.cli.sinks import Sink
from gongkai.pipeline.cli.terminal import EXIT_SOME_FAILED, one_line, safe
from gongkai.pipeline.cli.textflow import hanging
from gongkai.pipeline.errors import GongkaiError, catalogue
from gongkai.pipeline.schema import Failure, Report

Annotate = Callable[[str], Report]

_SHOWN_FAILURES = 10


@dataclass(slots=True)
class Tally:
    """What became of the inputs."""

    total: int
    ok: int = 0
    partial: int = 0
    kept: int = 0
    failed_checks: int = 0
    reports_with_failed_checks: int = 0
    failures: list[Failure] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)  # summaries of an earlier run whose reports failed now
    interrupted: bool = False

    @property
    def done(self) -> int:
        """Inputs that had their turn."""
        return self.ok + self.partial + self.kept + len(self.failures)

    @property
    def exit_status(self) -> int:
        """0 all fine, 1 some failed, and where all failed the gravest exit status of their codes."""
        if not self.failures:
            return 0
        if self.ok + self.partial + self.kept:
            return EXIT_SOME_FAILED
        return max(catalogue()[failure.code].exit_status for failure in self.failures)

    def count(self, report: Report) -> str:
        """Count a summary; return its status in a word."""
        failed = sum(check.status == "failed" for check in report.checks)
        self.failed_checks += failed
        self.reports_with_failed_checks += bool(failed)
        if report.status == "success":
            self.ok += 1
            return "ok"
        self.partial += 1
        return "partial"


def run(
    inputs: Sequence[Input], ids: dict[str, str], annotate: Annotate, sink: Sink, progress: RunProgress, *, keep: bool
) -> Tally:
    """Annotate the inputs in order.

    Args:
        ids: report id by path.
        annotate: makes the summary of a path.
        keep: leave inputs alone whose summary, made from the same bytes, is there already.

    Returns:
        The tally; ``interrupted`` when Ctrl-C ended the run early.

    Raises:
        GongkaiError: ``output.unwritable``; it would meet every further report as well.
    """
    tally = Tally(len(inputs))
    try:
        for item in inputs:
            _one(item, ids[item.path], annotate, sink, progress, tally, keep=keep)
    except KeyboardInterrupt:
        tally.interrupted = True
    return tally


def _one(
    item: Input, report_id: str, annotate: Annotate, sink: Sink, progress: RunProgress, tally: Tally, *, keep: bool
) -> None:
    name = display_path(item.path)
    report_id = sink.name(item.path, report_id)
    if keep and item.error is None and sink.holds(report_id, item.path):
        tally.kept += 1
        progress.done("kept", name)
        return
    progress.begin(name)
    try:
        if item.error is not None:
            raise item.error
        _refuse_json(item.path)
        report = annotate(item.path)
        report.report.id = report_id
        report.source.path = display_path(report.source.path)
        sink.write(report_id, report)
    except BrokenPipeError:
        raise
    except GongkaiError as error:
        if error.code == "output.unwritable":
            raise
        _fail(name, report_id, error, sink, progress, tally)
        return
    except Exception as error:
        sink.log(name, traceback.format_exc())
        defect = GongkaiError("internal", f"{type(error).__name__}: {error}")
        _fail(name, report_id, defect, sink, progress, tally)
        return
    progress.done(tally.count(report), name)


def _refuse_json(path: str) -> None:
    # Its text would be read as that of a report, and the summary of a summary looks like a result.
    if Path(path).suffix.lower() == ".json" and Path(path).exists():
        message = f"{display_path(path)} is no report; a summary is looked at with: gongkai show SUMMARY.json."
        raise GongkaiError("read.unknown_type", message)


def _fail(name: str, report_id: str, error: GongkaiError, sink: Sink, progress: RunProgress, tally: Tally) -> None:
    failure = Failure(path=name, code=error.code, message=error.message, advice=error.entry.advice)
    stale = sink.fail(report_id, failure)
    if stale is not None:
        tally.stale.append(stale)
    tally.failures.append(failure)
    progress.done("failed", one_line(error, name))


def closing(tally: Tally, where: str | None, left_out: dict[str, int], log: Path | None, width: int) -> Group:
    """Return the closing summary of a run for the terminal.

    Args:
        where: where the results are, None for standard output.
        left_out: files of folders that were not read, by suffix.
        log: where tracebacks went.
        width: cells of a line.
    """
    parts: list[Text] = []
    if tally.interrupted:
        parts.append(Text(f"Interrupted after {tally.done} of {tally.total}. Go on with --keep.", "bold yellow"))
    parts.append(_counts(tally))
    if tally.failed_checks:
        checks = f"{tally.failed_checks} in {tally.reports_with_failed_checks} report(s)"
        parts.append(Text.assemble("  核对未过 Checks failed  ", (checks, "red")))
        parts.append(Text("                          look: gongkai show SUMMARY.json --checks", "dim"))
    if left_out:
        kinds = ", ".join(f"{suffix} {count}" for suffix, count in sorted(left_out.items()))
        parts.append(safe(f"  未读 Left out          {sum(left_out.values())} file(s): {kinds}"))
    if where is not None:
        parts.append(_path("  结果 Results           ", where))
    if log is not None and any(failure.code == "internal" for failure in tally.failures):
        parts.append(_path("  日志 Log               ", str(log)))
    if tally.failures:
        parts.extend(_failures(tally.failures, width))
    if tally.stale:
        shown = "、".join(tally.stale[:_SHOWN_FAILURES]) + (" …" if len(tally.stale) > _SHOWN_FAILURES else "")
        told = f"{len(tally.stale)} summary(ies) of what failed stand from an earlier run: {shown}"
        parts.append(hanging(safe(told), Text("  旧摘要 Stale  ", "yellow"), 16, width))
    return Group(*parts)


def _path(title: str, path: str) -> Text:
    # Not broken into lines, so that it can be copied.
    return Text(title, no_wrap=True, overflow="ignore").append_text(safe(path, "bold"))


def _counts(tally: Tally) -> Text:
    line = Text("  ")
    for number, title, style in (
        (tally.ok, "成功 ok", "green"),
        (tally.partial, "部分 partial", "yellow"),
        (tally.kept, "保留 kept", "cyan"),
        (len(tally.failures), "失败 failed", "red"),
    ):
        if number or title == "成功 ok":
            line.append(f"{number} ", f"bold {style}").append(title + "   ")
    line.rstrip()
    return line


def _failures(failures: list[Failure], width: int) -> Iterator[Text]:
    """Yield each code with its advice once, and below it the files it befell."""
    yield Text("\n  失败的文件 What failed, and what to do", "bold")
    by_code: dict[str, list[Failure]] = {}
    for failure in failures:
        by_code.setdefault(failure.code, []).append(failure)
    for code, befallen in by_code.items():
        line = Text.assemble((code, "red"), (f" × {len(befallen)}  ", "dim"), safe(befallen[0].advice))
        yield hanging(line, Text(), 2, width)
        for failure in befallen[:_SHOWN_FAILURES]:
            yield hanging(safe(failure.path), Text(), 4, width)
        if len(befallen) > _SHOWN_FAILURES:
            yield Text(f"    … {len(befallen) - _SHOWN_FAILURES} more", "dim")
