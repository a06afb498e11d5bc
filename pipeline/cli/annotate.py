"""``gongkai annotate``: reports in, one summary JSON each out."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gongkai.pipeline.cli.inputs import Inputs, expand
from gongkai.pipeline.cli.options import (
    CandidatesOption,
    ConfigOption,
    EngineOption,
    MergeOption,
    MinScoreOption,
    ModelOption,
    RecursiveOption,
    ReportsArgument,
    SetOption,
    flag,
    labelling_settings,
)
from gongkai.pipeline.cli.terminal import console, guarded
from gongkai.pipeline.errors import GongkaiError

if TYPE_CHECKING:  # heavy: only a run needs them, the help must not wait
    from gongkai.pipeline.batch.run import Sink
    from gongkai.pipeline.batch.work import Runner
    from gongkai.pipeline.config import Config


class RunnerName(StrEnum):
    """What carries out a run: processes of this machine, or a Ray cluster."""

    local = "local"
    ray = "ray"


@guarded
def annotate(
    reports: ReportsArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Where the summaries go; made if missing. 输出文件夹"),
    ] = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    min_score: MinScoreOption = None,
    candidates: CandidatesOption = None,
    merge: MergeOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
    recursive: RecursiveOption = False,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", metavar="N", min=0, help="Processes; by default one a core. 进程数"),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", help="Give up on a report after this (300). 单份时限"),
    ] = None,
    runner: Annotated[
        RunnerName,
        typer.Option("--runner", metavar="NAME", help="local: this machine; ray: a Ray cluster. 本机或 Ray 集群"),
    ] = RunnerName.local,
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="HOST:PORT", help="The cluster; without, Ray starts here. 集群地址"),
    ] = None,
    jsonl: Annotated[bool, flag("--jsonl", help="A line a report: FOLDER/reports.jsonl, or stdout. 每行一份")] = False,
    keep: Annotated[
        bool | None,
        flag("--keep/--overwrite", help="Redo only what changed / redo all. 保留已有结果 / 全部重做"),
    ] = None,
    retry_failed: Annotated[bool, flag("--retry-failed", help="Redo what failed before. 重试失败的报告")] = False,
    quiet: Annotated[bool, flag("--quiet", "-q", help="Say nothing but what failed. 只报失败")] = False,
) -> None:
    """Read reports and write one summary JSON for each. 读取报告，逐份生成结构化摘要

    One report without -o goes to standard output. With -o, FOLDER/NAME.json holds the summary of NAME.txt (.md
    .html .htm .docx .pdf); reports of the same name get a short hash each, and a report whose NAME is taken
    there by a report of another path gets NAME-HASH. A report that cannot be read leaves FOLDER/NAME.failure.json
    and does not stop the others; its summary of an earlier run stays beside it, is named at the end as stale, and is
    left out by cross, export and report.

    FOLDER/manifest.sqlite knows what is done. The same command again, also after a crash, does the rest: new and
    changed reports, those that failed with --retry-failed, and all where settings, models or the version changed or
    with --overwrite. With --keep a summary is made anew only for changed reports, whatever the settings: it is
    kept if the report's bytes (SHA-256) are those it was made from. Files of the same content are annotated once.

    Many reports are read by several processes (--workers). One that dies or takes longer than --timeout for a report
    is replaced, and only that report has failed.

    With --runner ray (pip install 'gongkai\\[ray]') they are processes on the machines of a Ray cluster, by default one
    for each of its cores; what comes out is the same to the byte. Reports must stand on a file system that all machines
    share, under the same path. So should FOLDER, else all summaries travel to this machine, which alone needs it.

    [bold]Examples 示例[/bold]

      gongkai annotate report.pdf                 [dim]# one report, to standard output[/dim]
      gongkai annotate reports/ -r -o out         [dim]# a folder, again: the rest[/dim]
      gongkai annotate reports/ -r -o out --retry-failed [dim]# and what failed[/dim]
      gongkai annotate "20*/*.html" -o out -w 4   [dim]# by four processes[/dim]
      gongkai annotate reports/ -o out -e fast    [dim]# five times quicker, a little less exact[/dim]
      gongkai annotate reports/ -o out -m my-model [dim]# by an installed model, see gongkai models[/dim]
      gongkai annotate reports/ -r -o out --runner ray --address head:6379  [dim]# on a cluster[/dim]
      gongkai annotate @list.txt -o out --jsonl   [dim]# one file, a line a report[/dim]
      find . -name '*.pdf' | gongkai annotate @- -o out  [dim]# a list from standard input[/dim]
      curl -s URL | gongkai annotate - | jq .     [dim]# from standard input[/dim]

    [bold]Exit status 退出码[/bold]

      0 all fine · 1 some failed, now or before; the others are done · 130 interrupted
      Nothing done: 2 wrong call · 3 unreadable · 4 limit hit · 5 defect
    """
    from gongkai.pipeline.batch.results import LOG_NAME
    from gongkai.pipeline.batch.run import run
    from gongkai.pipeline.cli.progress import RunProgress
    from gongkai.pipeline.cli.run import closing, exit_status
    from gongkai.pipeline.config import load_config
    from gongkai.pipeline.writing import report_ids

    labelling = labelling_settings(engine, model, min_score, candidates, merge, settings)
    chosen = load_config(config, [*labelling, *_batch_settings(workers, timeout)])
    if address is not None and runner is not RunnerName.ray:
        raise typer.BadParameter("it is that of a Ray cluster: add --runner ray.", param_hint="--address")
    inputs = expand(reports, recursive=recursive)
    total = len(inputs.items)
    if not total:
        raise typer.BadParameter("the list names no report.", param_hint="REPORT")
    sink = _sink(inputs, out, chosen, jsonl=jsonl, keep=keep, retry_failed=retry_failed)
    ids = report_ids(item.path for item in inputs.items)
    try:
        with (
            RunProgress(total, quiet=quiet, lines=out is not None) as shown,
            _runner(runner, address, chosen, total, sink) as at_work,
        ):
            tally = run(inputs.items, total, ids, at_work, sink, shown)
    except GongkaiError:
        sink.close(complete=False)
        raise
    where = sink.close(complete=not tally.interrupted)
    if (out is not None and not quiet) or tally.interrupted:
        terminal = console(stderr=True)
        log = out / LOG_NAME if out is not None and tally.traced else None
        goes_on = out is not None and not jsonl
        told = closing(tally, where, inputs.left_out, log, terminal.width, workers=at_work.workers, goes_on=goes_on)
        terminal.print(told, soft_wrap=True)
    raise typer.Exit(exit_status(tally))


def _batch_settings(workers: int | None, timeout: float | None) -> list[str]:
    told = {"batch.workers": workers, "batch.timeout_s": timeout}
    return [f"{key}={value}" for key, value in told.items() if value is not None]


def _runner(
    name: RunnerName, address: str | None, config: Config, total: int, sink: Sink
) -> AbstractContextManager[Runner]:
    if name is RunnerName.ray:
        from gongkai.pipeline.batch.ray_runner import RayRunner

        return RayRunner(config, sink.indent, sink.folder, address=address, reports=total)
    from gongkai.pipeline.batch.pool import Pool, worker_count
    from gongkai.pipeline.batch.work import Annotator

    workers = worker_count(config.batch.workers, total)
    if workers > 1:
        return Pool(config, workers, sink.indent, sink.folder)
    return nullcontext(Annotator(config, sink.indent, sink.folder, own_process=True))


def _sink(
    inputs: Inputs, out: Path | None, config: Config, *, jsonl: bool, keep: bool | None, retry_failed: bool
) -> Sink:
    from gongkai.pipeline.batch.store import Rerun, Store
    from gongkai.pipeline.cli.sinks import JsonLinesSink, StdoutSink

    if jsonl or out is None:
        for wanted, option in ((keep, "--keep"), (retry_failed, "--retry-failed")):
            if wanted:
                raise typer.BadParameter("it needs a folder (-o) with a file for each report.", param_hint=option)
    if out is not None:
        if jsonl:
            return JsonLinesSink(out)
        rerun: Rerun = "resume" if keep is None else "keep" if keep else "overwrite"
        return Store(out, config, rerun=rerun, retry_failed=retry_failed)
    if len(inputs.items) > 1 and not jsonl:
        number = len(inputs.items)
        raise typer.BadParameter(
            f"{number} reports need a folder: add -o FOLDER (or --jsonl to print a line for each).", param_hint="--out"
        )
    return StdoutSink(lines=jsonl)
