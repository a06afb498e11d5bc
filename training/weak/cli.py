"""``gongkai weak``: labelling functions in, their figures and a training set out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gongkai.pipeline.cli.options import flag
from gongkai.pipeline.cli.terminal import guarded, safe


@guarded
def weak(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML, see docs/weak-supervision.md. 配置")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the results go. 输出文件夹")],
    code: Annotated[
        list[Path] | None,
        typer.Option(
            "--code", metavar="FILE", help="Python that registers functions; it is run. May be repeated. 代码"
        ),
    ] = None,
    table_only: Annotated[
        bool, flag("--table-only", help="Stop at the table of functions; learn nothing. 只列函数表")
    ] = False,
    quiet: Annotated[bool, flag("--quiet", "-q", help="Print nothing but errors. 只报错误")] = False,
) -> None:
    """Make a training set for a label that has no gold yet, from functions that vote on sentences. 弱监督

    CONFIG lists labelling functions: phrases, regular expressions, sections, table facts, what a tagger or a trained
    model says, or Python. Each votes for a label, against it, or abstains. A label model learns from where they agree
    how far each can be trusted; sentences it is sure of become FOLDER/train.jsonl, which gongkai train reads
    (form: jsonl, task: multi_label), with probabilities and weights.

    FOLDER also holds functions.csv and functions.json (coverage, overlap, conflict, accuracy), dev.jsonl and test.jsonl
    where CONFIG names gold, scores.json, and provenance.json with settings, versions and hashes.

    [bold]Examples 示例[/bold]

      gongkai weak configs/training/examples/transport-weak.yaml -o weak --table-only   [dim]# while writing them[/dim]
      gongkai weak configs/training/examples/transport-weak.yaml -o weak                [dim]# the training set[/dim]
      gongkai weak my.yaml -o weak --code functions.py                      [dim]# with functions of one's own[/dim]

    [bold]Exit status 退出码[/bold]

      0 all fine · 130 interrupted
      Nothing done: 2 wrong call or CONFIG · 3 unreadable source or gold · 5 defect
    """
    from gongkai.training.weak.config import load_weak
    from gongkai.training.weak.registry import run_code
    from gongkai.training.weak.run import supervise
    from gongkai.training.weak.view import tell

    for path in code or ():
        run_code(path)
    settings = load_weak(config)
    outcome = supervise(settings, out, (lambda line: None) if quiet else _tell, table_only=table_only)
    if not quiet:
        tell(outcome)


def _tell(line: str) -> None:
    typer.echo(safe(line).plain, err=True)
