"""The command ``gongkai``."""

from __future__ import annotations

from typing import Annotated

import typer

from gongkai.pipeline.cli.annotate import annotate
from gongkai.pipeline.cli.check import check
from gongkai.pipeline.cli.corpus import app as corpus
from gongkai.pipeline.cli.cross import cross
from gongkai.pipeline.cli.evaluate import evaluate
from gongkai.pipeline.cli.export import export
from gongkai.pipeline.cli.models import models
from gongkai.pipeline.cli.options import Command, Group, help_text
from gongkai.pipeline.cli.predict import predict
from gongkai.pipeline.cli.report import report
from gongkai.pipeline.cli.schema import labels, schema
from gongkai.pipeline.cli.show import show
from gongkai.pipeline.cli.terminal import prepare_streams
from gongkai.pipeline.cli.train import train
from gongkai.training.labelling.cli import app as label
from gongkai.training.packaging.cli import package
from gongkai.training.runs.cli import runs
from gongkai.training.weak.cli import weak

app = typer.Typer(
    name="gongkai",
    cls=Group,
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"gongkai {version('gongkai')}")
        raise typer.Exit


@app.callback()
def gongkai(
    version: Annotated[
        bool,
        typer.Option("--version", "-V", metavar="", callback=_version, is_eager=True, help="Print the version. 版本"),
    ] = False,
) -> None:
    """Read 政府信息公开工作年度报告 (txt md html docx pdf) into structured data. 把年度报告读成结构化数据

    [bold]Start here 从这里开始[/bold]

      gongkai show report.html                [dim]# look at what is found in a report[/dim]
      gongkai check report.docx               [dim]# do its tables add up?[/dim]
      gongkai annotate reports/ -r -o out     [dim]# one summary JSON for each report[/dim]
      gongkai report out -o report.html       [dim]# one page to read, print and pass on[/dim]
    """


_NEED_ARGUMENTS = (annotate, show, check, cross, export, report, train, predict, package, weak)
_ALONE = (labels, schema, evaluate, models, runs)
for _command in (*_NEED_ARGUMENTS, *_ALONE):
    app.command(cls=Command, help=help_text(_command), no_args_is_help=_command in _NEED_ARGUMENTS)(_command)
app.add_typer(corpus, name="corpus")
app.add_typer(label, name="label")


def main() -> None:
    """Run the command line."""
    prepare_streams()
    app()
