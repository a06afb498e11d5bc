"""Arguments and options that several commands share, and how help texts are written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup


def flag(*names: str, help: str) -> Any:
    """Return a switch; its empty metavar spares the reader a ``<bool>`` in the help."""
    return typer.Option(*names, help=help, metavar="")


class _PlainHelp:
    """Spares the help option the ``<bool>`` that typer prints behind every switch without a metavar."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option ``--help``."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.metavar = ""
        return option


class Command(_PlainHelp, TyperCommand):
    """A command with a plain help option."""


class Group(_PlainHelp, TyperGroup):
    """A group of commands with a plain help option."""


def help_text(command: Callable[..., None]) -> str:
    """Return a command's docstring for its help: prose as one line a paragraph, indented examples as they are."""
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(text if text.startswith(" ") else text.replace("\n", " ") for text in paragraphs)


ReportsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="REPORT",
        help="Files, folders, quoted globs, @list.txt or @- (a path a line), - for stdin. 报告文件、文件夹或列表",
        show_default=False,
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="YAML with any keys of configs/pipeline.yaml. 配置文件"),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="KEY=VALUE", help="One setting: limits.max_pages=500. May be repeated. 设置"),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine", "-e", metavar="NAME", help="accurate (a transformer), fast (no transformer) or rules. 引擎"
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", metavar="NAME|FOLDER", help="An installed model or a trained one, not an engine's. 自有模型"
    ),
]
RecursiveOption = Annotated[bool, flag("--recursive", "-r", help="Enter the folders inside folders. 含子文件夹")]
MinScoreOption = Annotated[
    float | None,
    typer.Option("--min-score", metavar="P", help="Drop labels less probable than P (0 to 1). 标签最低概率"),
]
CandidatesOption = Annotated[
    float | None,
    typer.Option("--candidates", metavar="P", help="List labels that were not kept from P on as candidates. 候选标签"),
]
MergeOption = Annotated[
    bool, flag("--merge-segments", help="Join neighbouring segments with the same labels. 合并标签相同的相邻句段")
]


def labelling_settings(
    engine: str | None,
    model: str | None,
    min_score: float | None,
    candidates: float | None,
    merge: bool,
    settings: Sequence[str] | None,
) -> list[str]:
    """Return the options on labelling as settings; what ``--set`` says comes last and wins.

    Raises:
        typer.BadParameter: both an engine and a model are named.
    """
    if engine is not None and model is not None:
        raise typer.BadParameter(
            "a model takes the place of an engine: name one of them.", param_hint="--model, --engine"
        )
    quoted = None if model is None else "'" + model.replace("'", "''") + "'"
    told = {"engine": engine, "model": quoted, "tagging.min_score": min_score, "tagging.candidates": candidates}
    found = [f"{key}={value}" for key, value in told.items() if value is not None]
    return [*found, *(["segments.merge=true"] if merge else []), *(settings or ())]
