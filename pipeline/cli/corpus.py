"""``gongkai corpus``: compile, check, measure, convert and compare annotated corpora."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from gongkai.corpora.convert import Form
from gongkai.pipeline.cli.options import Command, Group, flag, help_text
from gongkai.pipeline.cli.terminal import console, guarded, safe, write_stdout
from gongkai.pipeline.errors import GongkaiError

if TYPE_CHECKING:  # heavy, see annotate
    from gongkai.corpora.records import CorpusParagraph
    from gongkai.corpora.store import Corpus

app = typer.Typer(
    cls=Group, no_args_is_help=True, rich_markup_mode="rich", help="Annotated corpora: compile, check, convert. 语料库"
)

FolderArgument = Annotated[
    Path | None,
    typer.Argument(metavar="FOLDER", help="The corpus; default: corpora/disclosure of the checkout. 语料文件夹"),
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--corpus", metavar="FOLDER", help="The corpus; default: that of the checkout. 语料文件夹"),
]
# What a file of another shape raises in those who read it: text, JSON, schema, markup and conversion errors are
# ValueErrors; the others come from JSON that nests otherwise or endlessly, and from packed forms.
_MISSHAPEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError, zlib.error)


@contextmanager
def reading(what: Path) -> Iterator[None]:
    """Tell what keeps a corpus from being read with a code of the catalogue; put only reading inside.

    Args:
        what: the file or folder, named where an error does not name one itself.
    """
    try:
        yield
    except FileNotFoundError as error:
        message = f"{error.filename} does not exist." if error.filename else str(error)
        raise GongkaiError("input.not_found", message) from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise GongkaiError("input.not_a_file", f"{error.filename or what}: {error.strerror}.") from error
    except OSError as error:
        message = f"{error.filename or what} cannot be opened: {error.strerror or error}."
        raise GongkaiError("input.permission", message) from error
    except _MISSHAPEN as error:
        raise GongkaiError("read.corrupt", f"{what}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    """Return what is wrong in one line; of a schema error, which is a page, the first place and message."""
    from pydantic import ValidationError

    line = f"{error} is missing" if isinstance(error, KeyError) else (str(error).splitlines() or [""])[0]
    schema = error if isinstance(error, ValidationError) else error.__cause__
    if isinstance(schema, ValidationError):
        first = schema.errors(include_url=False)[0]
        line = f"{line}: {'.'.join(map(str, first['loc']))} {first['msg']}"
    return line or type(error).__name__


def _folder(folder: Path | None) -> Path:
    from gongkai.corpora.store import default_folder

    if folder is not None:
        return folder
    with reading(Path("corpora/disclosure")):
        return default_folder()


def open_corpus(folder: Path | None) -> Corpus:
    """Read a compiled corpus, that of the checkout if none is named."""
    return _corpus(_folder(folder))


def _corpus(folder: Path) -> Corpus:
    from gongkai.corpora.store import read_corpus

    with reading(folder):
        return read_corpus(folder)


def _paragraphs(path: Path) -> list[CorpusParagraph]:
    from gongkai.corpora.records import read_paragraphs

    with reading(path):
        return list(read_paragraphs(path))


@guarded
def compile_command(folder: FolderArgument = None) -> None:
    """Compile the written form (sources/SPLIT/ID.txt) to the JSONL that models read. 编译语料

    [bold]Example 示例[/bold]

      gongkai corpus compile          [dim]# after editing a source; the form is told in corpora/MARKUP.md[/dim]
    """
    from gongkai.corpora.store import files_of, read_sources
    from gongkai.pipeline.writing import write_atomically

    place = _folder(folder)
    with reading(place):
        corpus = read_sources(place)
    for name, content in files_of(corpus).items():
        write_atomically(place / name, content.encode())
    found = {split: len(paragraphs) for split, paragraphs in corpus.paragraphs.items()}
    typer.echo(f"{len(corpus.reports)} reports; paragraphs: {found}", err=True)


@guarded
def validate_command(folder: FolderArgument = None) -> None:
    """Check offsets, labels, sentences, ids, and that no split leaks into another. 校验语料

    Exit status: 0 nothing found, 1 problems found.
    """
    from gongkai.corpora.validate import validate

    problems = validate(open_corpus(folder))
    for problem in problems:
        typer.echo(safe(f"{problem.code}  {problem.where}  {problem.message}").plain)
    typer.echo(f"{len(problems)} problem(s)", err=True)
    raise typer.Exit(1 if problems else 0)


@guarded
def stats_command(
    folder: FolderArgument = None,
    as_json: Annotated[bool, flag("--json", help="Print JSON. 输出JSON")] = False,
    gold: Annotated[
        Path | None,
        typer.Option("--gold", metavar="FILE", help="Gold annotation to compare with. 金标注"),
    ] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", metavar="FOLDER", help="Draw bar charts here (needs matplotlib). 作图")
    ] = None,
) -> None:
    """Count reports, sentences, labels, metrics, copies and agreement. 统计语料

    [bold]Examples 示例[/bold]

      gongkai corpus stats
      gongkai corpus stats --json | jq .domains
      gongkai corpus stats --plots plots
    """
    from gongkai.corpora.agreement import recorded_agreement
    from gongkai.corpora.statistics import gold_counts, statistics

    place = _folder(folder)
    figures = statistics(_corpus(place))
    with reading(place / "agreement"):
        figures["agreement"] = recorded_agreement(place / "agreement")
    if gold:
        with reading(gold):
            figures["gold"] = gold_counts(gold)
    if plots:
        from gongkai.corpora.plots import draw

        draw(figures, plots)
    if as_json:
        write_stdout(json.dumps(figures, ensure_ascii=False, indent=2).encode() + b"\n")
    else:
        _print_stats(figures)


def _print_stats(figures: dict[str, Any]) -> None:
    from rich import box
    from rich.table import Table

    from gongkai.pipeline.config import taxonomy

    terminal = console()
    for key in ("reports", "sentences", "metrics", "units", "template_share", "near_duplicate_share"):
        terminal.print(f"{key:<22}{figures[key]}", highlight=False)
    for key in ("comparators", "splits", "eras", "levels", "entities", "agreement"):
        terminal.print(safe(f"{key:<22}{json.dumps(figures[key], ensure_ascii=False)}"))
    for facet in ("domains", "activities"):
        table = Table(box=box.SIMPLE_HEAD, title=facet, title_justify="left")
        table.add_column("标签 Label")
        table.add_column("中文 Chinese")
        table.add_column("句 Sentences", justify="right")
        if "gold" in figures:
            table.add_column("金 Gold", justify="right")
        for label, count in sorted(figures[facet].items(), key=lambda item: -item[1]):
            row = [label, taxonomy()[facet][label]["zh"], str(count)]
            table.add_row(*row, *([str(figures["gold"][facet][label])] if "gold" in figures else []))
        terminal.print(table)


_FORMS = ", ".join(get_args(Form))


@guarded
def convert_command(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="Paragraphs (JSONL) or a tool's export. 语料或标注工具导出的文件")
    ],
    to: Annotated[Form, typer.Option("--to", metavar="FORM", help=f"The form to write: {_FORMS}. 目标格式")],
    origin: Annotated[
        Form, typer.Option("--from", metavar="FORM", help="The form of FILE, any of these but bio. 来源格式")
    ] = "jsonl",
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write; - for stdout. 输出文件")
    ] = Path("-"),
) -> None:
    """Convert to and from the forms of labelling tools. 转换格式

    [bold]Examples 示例[/bold]

      gongkai corpus convert corpora/disclosure/dev.jsonl --to label-studio -o tasks.json
      gongkai corpus convert exported.json --from label-studio --to jsonl -o dev.jsonl
    """
    from gongkai.corpora.convert.forms import ConversionError, read_form, write_form
    from gongkai.pipeline.writing import write_atomically

    if origin == "bio":
        raise typer.BadParameter("BIO holds tags only and cannot be read back.", param_hint="--from")
    with reading(source):
        paragraphs = read_form(source.read_bytes(), origin)
    try:
        data = write_form(paragraphs, to)
    except ConversionError as error:
        raise typer.BadParameter(str(error)) from error
    if str(out) == "-":
        write_stdout(data)
    else:
        write_atomically(out, data)


@guarded
def diff_command(
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="JSONL of paragraphs. 第一份")],
    second: Annotated[Path, typer.Argument(metavar="SECOND", help="The same paragraphs, annotated otherwise. 第二份")],
    as_json: Annotated[bool, flag("--json", help="Print the agreement as JSON. 输出JSON")] = False,
) -> None:
    """Show where two annotations of the same text differ, and how far they agree. 比较两份标注

    Exit status: 0 the labels agree everywhere, 1 they differ.
    """
    from gongkai.corpora.agreement import agreement, disagreements

    ours, theirs = _paragraphs(first), _paragraphs(second)
    try:
        figures = agreement(ours, theirs)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    found = disagreements(ours, theirs)
    if as_json:
        write_stdout(json.dumps(figures, ensure_ascii=False, indent=2).encode() + b"\n")
    else:
        for place, sentence, left, right in found:
            for name, a, b in zip(("domains", "activities"), left, right, strict=True):
                if a != b:
                    typer.echo(safe(f"{place} {name}: {sorted(a - b)} against {sorted(b - a)}  {sentence}").plain)
        typer.echo(json.dumps(figures, ensure_ascii=False))
    raise typer.Exit(1 if found else 0)


@guarded
def probe_command(
    folder: FolderArgument = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Also annotate this report with the probe. 标注一份报告"),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where that report's summary goes. 摘要文件")
    ] = Path("probe.json"),
) -> None:
    """Train the fast tagger on train, and score dev and test: can a plain model learn from it? 探测

    Prints JSON: micro- and macro-F1 per split and facet. Takes some minutes.

    [bold]Example 示例[/bold]

      gongkai corpus probe --report report.txt -o probe.json      [dim]# to score against a gold of it[/dim]
    """
    from gongkai.pipeline.writing import to_json, write_atomically
    from gongkai.training.probe import annotate_with, score_probe, train_probe

    corpus = open_corpus(folder)
    probe = train_probe(corpus)
    if report:
        write_atomically(out, to_json(annotate_with(probe, report)))
    write_stdout(json.dumps(score_probe(probe, corpus), indent=2).encode() + b"\n")


@guarded
def labelling_interface_command() -> None:
    """Print the labelling interface of Label Studio (XML) that converted tasks are made for. 输出标注界面

    [bold]Example 示例[/bold]

      gongkai corpus labelling-interface > interface.xml    [dim]# Settings, Labeling Interface, Code[/dim]
    """
    from gongkai.corpora.convert.label_studio import labelling_interface

    write_stdout(labelling_interface().encode())


for _name, _command in (
    ("compile", compile_command),
    ("validate", validate_command),
    ("stats", stats_command),
    ("convert", convert_command),
    ("labelling-interface", labelling_interface_command),
    ("diff", diff_command),
    ("probe", probe_command),
):
    app.command(_name, cls=Command, help=help_text(_command))(_command)
