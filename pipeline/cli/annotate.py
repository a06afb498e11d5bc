"""``gongkai annotate``: reports in, one summary JSON each out."""

from __future__ import annotations

from functools import cached_property
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
    RecursiveOption,
    ReportsArgument,
    SetOption,
    flag,
    labelling_settings,
)
from gongkai.pipeline.cli.terminal import EXIT_INTERRUPTED, console, guarded
from gongkai.pipeline.errors import GongkaiError

if TYPE_CHECKING:  # heavy: only a run needs them, the help must not wait
    from spacy import Language

    from gongkai.pipeline.cli.sinks import Sink
    from gongkai.pipeline.config import Config
    from gongkai.pipeline.schema import Report


class _Annotator:
    """Annotates with one configuration; the models load at the first report that needs them."""

    def __init__(self, config: Config):
        self._config = config

    @cached_property
    def _nlp(self) -> Language:
        from gongkai.pipeline.api import load

        return load(self._config)

    def __call__(self, path: str) -> Report:
        from gongkai.pipeline.api import annotate

        return annotate(path, config=self._config, nlp=self._nlp)


@guarded
def annotate(
    reports: ReportsArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Where the summaries go; made if missing. 输出文件夹"),
    ] = None,
    engine: EngineOption = None,
    min_score: MinScoreOption = None,
    candidates: CandidatesOption = None,
    merge: MergeOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
    recursive: RecursiveOption = False,
    jsonl: Annotated[bool, flag("--jsonl", help="A line a report: FOLDER/reports.jsonl, or stdout. 每行一份")] = False,
    keep: Annotated[
        bool,
        flag("--keep/--overwrite", help="Skip reports whose summary (same path, same bytes) is there. 保留已有结果"),
    ] = False,
    quiet: Annotated[bool, flag("--quiet", "-q", help="Say nothing but what failed. 只报失败")] = False,
) -> None:
    """Read reports and write one summary JSON for each. 读取报告，逐份生成结构化摘要

    One report without -o goes to standard output. With -o, FOLDER/NAME.json holds the summary of NAME.txt (.md
    .html .htm .docx .pdf); reports of the same name get a short hash each, and a report whose NAME is taken
    there by a report of another path gets NAME-HASH. A summary of the same path is overwritten; with --keep it is
    kept if the report's bytes (SHA-256) are those it was made from. A report that cannot be read leaves
    FOLDER/NAME.failure.json and does not stop the others; its summary of an earlier run stays and is named at the
    end as stale.

    [bold]Examples 示例[/bold]

      gongkai annotate report.pdf                 [dim]# one report, to standard output[/dim]
      gongkai annotate reports/ -r -o out         [dim]# a folder and those inside it[/dim]
      gongkai annotate "20*/*.html" -o out --keep [dim]# only what is not done yet[/dim]
      gongkai annotate reports/ -o out -e fast    [dim]# five times quicker, a little less exact[/dim]
      gongkai annotate @list.txt -o out --jsonl   [dim]# one file, a line a report[/dim]
      curl -s URL | gongkai annotate - | jq .     [dim]# from standard input[/dim]

    [bold]Exit status 退出码[/bold]

      0 all fine · 1 some failed, the others are done · 130 interrupted
      Nothing done: 2 wrong call · 3 unreadable · 4 limit hit · 5 defect
    """
    from gongkai.pipeline.cli.output import report_ids
    from gongkai.pipeline.cli.progress import RunProgress
    from gongkai.pipeline.cli.run import closing, run
    from gongkai.pipeline.cli.sinks import LOG_NAME
    from gongkai.pipeline.config import load_config

    chosen = load_config(config, labelling_settings(engine, min_score, candidates, merge, settings))
    annotator = _Annotator(chosen)
    inputs = expand(reports, recursive=recursive)
    if not inputs.items:
        raise typer.BadParameter("the list names no report.", param_hint="REPORT")
    sink = _sink(inputs, out, jsonl=jsonl, keep=keep)
    ids = report_ids(item.path for item in inputs.items)
    try:
        with RunProgress(len(inputs.items), quiet=quiet, lines=out is not None) as progress:
            tally = run(inputs.items, ids, annotator, sink, progress, keep=keep)
    except GongkaiError:
        sink.close(complete=False)
        raise
    where = sink.close(complete=not tally.interrupted)
    if (out is not None and not quiet) or tally.interrupted:
        terminal = console(stderr=True)
        log = out / LOG_NAME if out is not None else None
        terminal.print(closing(tally, where, inputs.left_out, log, terminal.width), soft_wrap=True)
    raise typer.Exit(EXIT_INTERRUPTED if tally.interrupted else tally.exit_status)


def _sink(inputs: Inputs, out: Path | None, *, jsonl: bool, keep: bool) -> Sink:
    from gongkai.pipeline.cli.sinks import FolderSink, JsonLinesSink, StdoutSink

    if keep and (jsonl or out is None):
        raise typer.BadParameter("it needs a folder (-o) with a file for each report.", param_hint="--keep")
    if out is not None:
        return JsonLinesSink(out) if jsonl else FolderSink(out)
    if len(inputs.items) > 1 and not jsonl:
        number = len(inputs.items)
        raise typer.BadParameter(
            f"{number} reports need a folder: add -o FOLDER (or --jsonl to print a line for each).", param_hint="--out"
        )
    return StdoutSink(lines=jsonl)
