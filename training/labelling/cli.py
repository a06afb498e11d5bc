"""``gongkai label``: what to label next, out to a labelling tool, and its annotations back into a corpus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongkai.pipeline.cli.corpus import FolderOption, open_corpus, reading
from gongkai.pipeline.cli.inputs import expand
from gongkai.pipeline.cli.options import (
    Command,
    ConfigOption,
    EngineOption,
    Group,
    ModelOption,
    RecursiveOption,
    ReportsArgument,
    SetOption,
    flag,
    help_text,
    labelling_settings,
)
from gongkai.pipeline.cli.terminal import console, guarded, one_line, print_error, write_stdout

if TYPE_CHECKING:  # heavy, see annotate
    from gongkai.corpora.store import Corpus
    from gongkai.training.labelling.export import Tool
    from gongkai.training.labelling.record import Said

app = typer.Typer(
    cls=Group, no_args_is_help=True, rich_markup_mode="rich", help="The labelling loop: export, import, agreement. 标注"
)

_TOOLS = ("label-studio", "doccano")
_STRATEGIES = ("uncertainty", "margin", "diversity", "random")
_TAKES = ("newest", "existing", "majority")

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Exports of the tool (JSON, JSONL). 导出文件", show_default=False)
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="TOOL", help="label-studio or doccano; default: by the suffix. 标注工具"),
]
NamesOption = Annotated[
    list[str] | None,
    typer.Option("--annotator", metavar="ID=NAME", help="Who a user of the tool is. May be repeated. 标注员"),
]


def _one_of(value: str | None, known: tuple[str, ...], option: str) -> Any:
    if value is not None and value not in known:
        raise typer.BadParameter(f"{value} is none of {', '.join(known)}.", param_hint=option)
    return value


@guarded
def export_command(
    reports: ReportsArgument,
    tool: Annotated[str, typer.Option("--to", "-t", metavar="TOOL", help="label-studio or doccano. 标注工具")],
    strategy: Annotated[
        str, typer.Option("--strategy", metavar="NAME", help="uncertainty, margin, diversity or random. 选取策略")
    ] = "uncertainty",
    number: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Sentences in the batch. 句数")] = 200,
    project: Annotated[
        Path, typer.Option("--project", "-p", metavar="FOLDER", help="Ledger and batches; made if missing. 项目文件夹")
    ] = Path("labelling"),
    pooling: Annotated[
        str | None,
        typer.Option("--over-labels", metavar="HOW", help="mean or max; default: mean, for margin max. 标签间合并"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of what is drawn. 随机种子")] = 0,
    folder: FolderOption = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    settings: SetOption = None,
    recursive: RecursiveOption = False,
    quiet: Annotated[bool, flag("--quiet", "-q", help="Say nothing but what failed. 只报失败")] = False,
) -> None:
    """Choose what to label next from unlabelled reports, and write it with an engine's labels to correct. 选取待标注句

    FOLDER/batch-001.json (doccano: .jsonl) holds whole paragraphs of N sentences together, each sentence a task with
    the labels, figures and entities that the engine found, their scores and the model. Beside it stands what the tool
    needs to know of the labels: interface.xml (Label Studio: Settings, Labeling Interface, Code) or category-types.json
    and span-types.json (doccano: Labels, Import). FOLDER/ledger.jsonl keeps what was given out; it is not given out
    again. Left out too: what mostly repeats labelled sentences (train of --corpus) or others of the batch, and what
    repeats a sentence or comes from an authority of dev or test.

    [bold]Strategies 策略[/bold]

      uncertainty  highest entropy of the labels' probabilities, mean of the sentences
      margin       a label's probability closest to the threshold from which it is kept
      diversity    far from all that is labelled and from each other (k-means++)
      random       drawn evenly, to compare with

    [bold]Examples 示例[/bold]

      gongkai label export reports/ --to label-studio -n 200 -p round    [dim]# the most uncertain 200 sentences[/dim]
      gongkai label export reports/ --to doccano --strategy diversity    [dim]# for a first batch[/dim]
      gongkai label export reports/ --to label-studio --model my         [dim]# by a model of one's own[/dim]

    [bold]Exit status 退出码[/bold]

      0 all fine · 1 some reports failed, or nothing was left to choose · 130 interrupted
      Nothing done: 2 wrong call · 3 unreadable ledger or corpus · 5 defect
    """
    chosen_tool = _one_of(tool, _TOOLS, "--to")
    chosen_strategy = _one_of(strategy, _STRATEGIES, "--strategy")
    chosen_pooling = _one_of(pooling, ("mean", "max"), "--over-labels")
    from gongkai.pipeline.config import load_config
    from gongkai.training.labelling.export import NEEDED_SETTINGS, export, thresholds
    from gongkai.training.labelling.ledger import Ledger
    from gongkai.training.labelling.selection import Policy
    from gongkai.training.labelling.view import tell_batch

    chosen = load_config(config, [*labelling_settings(engine, model, None, None, False, settings), *NEEDED_SETTINGS])
    if chosen.engine == "rules" and strategy in ("uncertainty", "margin"):
        raise typer.BadParameter(
            f"{strategy} needs probabilities, which the rules do not give; take --engine accurate or fast.",
            param_hint="--strategy",
        )
    inputs = expand(reports, recursive=recursive)
    if not inputs.items:
        raise typer.BadParameter("the list names no report.", param_hint="REPORT")
    policy = Policy(chosen_strategy, number, seed, chosen_pooling, thresholds(chosen) if strategy == "margin" else None)
    missing = [(item.path, item.error) for item in inputs.items if item.error is not None]
    for path, error in missing:
        print_error(one_line(error, path))
    paths = [item.path for item in inputs.items if item.error is None]
    with reading(project):
        ledger = Ledger(project)
    shipped = _shipped()
    corpora = [*([open_corpus(folder)] if folder is not None else []), *([shipped] if shipped is not None else [])]
    batch = export(
        _told(paths, quiet=quiet),
        chosen,
        policy,
        ledger,
        chosen_tool,
        corpora,
        lambda path, error: print_error(one_line(error, path)),
    )
    if not quiet:
        tell_batch(batch)
    raise typer.Exit(1 if missing or batch.failed or batch.path is None else 0)


def _told(paths: list[str], *, quiet: bool) -> Any:
    from rich.progress import track

    terminal = console(stderr=True, cap=None)
    hidden = quiet or not terminal.is_terminal
    return track(paths, "标注 Reading", console=terminal, transient=True, disable=hidden)


@guarded
def import_command(
    files: FilesArgument,
    corpus: Annotated[
        Path, typer.Option("--corpus", metavar="FOLDER", help="The corpus to merge into; made if missing. 语料文件夹")
    ],
    take: Annotated[
        str, typer.Option("--take", metavar="RULE", help="newest, existing or majority, see above. 取舍规则")
    ] = "newest",
    tool: FromOption = None,
    annotators: NamesOption = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Where the report goes; default: FOLDER/import-report.json. 报告"
        ),
    ] = None,
    dry_run: Annotated[bool, flag("--dry-run", help="Write nothing but --report. 只检查")] = False,
) -> None:
    """Merge the annotations of a labelling tool into the train split of a corpus. 合并标注

    FOLDER holds reports.jsonl and train.jsonl, dev.jsonl and test.jsonl, as gongkai train --corpus FOLDER reads them;
    to train on new labels beside the shipped ones, begin with a copy of the four. FOLDER/annotations.jsonl records
    every annotation: who, when, in which tool, on which model's prediction, whether that was changed, and whether the
    corpus holds just that. A paragraph goes in once all its sentences are annotated; the same import again changes
    nothing. A figure marked in the tool gets value, unit and indicator by the rules.

    Where annotators differ, or an annotation differs from what stands in the corpus, both stand in the report, and

      newest    takes the last word
      existing  leaves what stands in the corpus; else the last word
      majority  takes each label and span that more than half give; what nobody on record gave and stands in the
                corpus has a voice; a tie goes to the last word

    Refused, and told with the reason: what repeats a sentence or comes from an authority of a dev or test split (of
    FOLDER and of the shipped corpus), and what does not hold together.

    [bold]Examples 示例[/bold]

      gongkai label import export.json --corpus my-corpus
      gongkai label import anna.jsonl bo.jsonl --corpus my-corpus --take majority  [dim]# doccano: a file a user[/dim]
      gongkai label import export.json --corpus my-corpus --annotator 1=anna   [dim]# who is user 1[/dim]
      gongkai label import export.json --corpus my-corpus --dry-run --report conflicts.json

    [bold]Exit status 退出码[/bold]

      0 all fine · 1 conflicts, or something was refused or is not finished; see the report
      Nothing done: 2 wrong call · 3 unreadable · 5 defect
    """
    rule = _one_of(take, _TAKES, "--take")
    from gongkai.pipeline.writing import write_atomically
    from gongkai.training.labelling.imports import import_annotations, write
    from gongkai.training.labelling.record import read_record
    from gongkai.training.labelling.view import tell_import

    if (corpus / "sources").is_dir():
        raise typer.BadParameter(
            f"{corpus} is compiled from its sources, and compiling would drop what is imported; give another folder, "
            "for example one with a copy of its .jsonl files.",
            param_hint="--corpus",
        )
    said = _read(files, _one_of(tool, _TOOLS, "--from"), annotators)
    with reading(corpus):
        recorded = read_record(corpus)
    after, record, outcome = import_annotations(said, recorded, _existing(corpus), _shipped(), rule)
    target = report or (None if dry_run else corpus / "import-report.json")
    if not dry_run:
        write(corpus, after, record)
    if target is not None:
        text = json.dumps(outcome.to_json(rule), ensure_ascii=False, indent=1) + "\n"
        write_atomically(target, text.encode())
    tell_import(outcome, target)
    raise typer.Exit(1 if outcome.conflicts or outcome.refused or outcome.unfinished else 0)


def _read(files: list[Path], tool: Tool | None, annotators: list[str] | None) -> list[Said]:
    from gongkai.training.labelling.record import now, read_export

    names = dict(item.partition("=")[::2] for item in annotators or ())
    if not all(names.values()):
        raise typer.BadParameter("it reads ID=NAME.", param_hint="--annotator")
    moment = now()
    said: list[Said] = []
    for path in files:
        with reading(path):
            said += read_export(path, tool, names, moment)
    return said


def _existing(folder: Path) -> Corpus:
    from gongkai.corpora.store import SPLITS, Corpus

    return open_corpus(folder) if (folder / "reports.jsonl").exists() else Corpus([], {split: [] for split in SPLITS})


def _shipped() -> Corpus | None:
    """Return the corpus whose dev and test splits must not be trained on; None where only the wheel is installed."""
    from gongkai.corpora.store import default_folder, read_corpus

    try:
        place = default_folder()
    except FileNotFoundError:
        return None
    with reading(place):
        return read_corpus(place)


@guarded
def agreement_command(
    files: FilesArgument,
    tool: FromOption = None,
    annotators: NamesOption = None,
    as_json: Annotated[bool, flag("--json", help="Print the figures as JSON. 输出JSON")] = False,
) -> None:
    """Tell how far annotators agree on the sentences that both annotated. 标注一致性

    Of one FILE every two annotators in it; of several FILES every two files, the last word on each sentence. Told: F1,
    Cohen's kappa and Krippendorff's alpha of domains and activities, F1 of the figures' spans, values and indicators,
    and each sentence whose labels differ.

    [bold]Examples 示例[/bold]

      gongkai label agreement export.json --annotator 1=anna --annotator 2=bo
      gongkai label agreement anna.jsonl bo.jsonl --json

    [bold]Exit status 退出码[/bold]

      0 the labels agree everywhere · 1 they differ
      Nothing done: 2 wrong call, or no two share a sentence · 3 unreadable · 5 defect
    """
    from gongkai.training.labelling.compare import by_annotator, newest, pairs
    from gongkai.training.labelling.view import tell_agreement

    chosen = _one_of(tool, _TOOLS, "--from")
    if len(files) == 1:
        sides = by_annotator(_read(files, chosen, annotators))
    else:
        sides = {str(path): newest(_read([path], chosen, annotators)) for path in files}
    found = pairs(sides)
    if not found:
        raise typer.BadParameter("no two of them annotated the same sentence.", param_hint="FILE")
    if as_json:
        told = [{"first": p.first, "second": p.second, **p.figures} for p in found]
        write_stdout(json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n")
    else:
        tell_agreement(found)
    raise typer.Exit(1 if any(pair.differences for pair in found) else 0)


for _name, _command in (("export", export_command), ("import", import_command), ("agreement", agreement_command)):
    app.command(_name, cls=Command, help=help_text(_command), no_args_is_help=True)(_command)
