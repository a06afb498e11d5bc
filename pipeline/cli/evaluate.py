"""``gongkai evaluate``: an engine or a model scored on the corpus or on gold of a real report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongkai.pipeline.cli.corpus import FolderOption, open_corpus, reading
from gongkai.pipeline.cli.options import ConfigOption, EngineOption, ModelOption, SetOption, flag, labelling_settings
from gongkai.pipeline.cli.terminal import console, guarded, safe, write_stdout
from gongkai.pipeline.errors import GongkaiError

if TYPE_CHECKING:
    from gongkai.pipeline.config import Config


@guarded
def evaluate(
    folder: FolderOption = None,
    split: Annotated[str, typer.Option("--split", metavar="SPLIT", help="train, dev or test. 数据划分")] = "test",
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="A real report, to score on its gold. 真实报告")
    ] = None,
    gold: Annotated[
        Path | None, typer.Option("--gold", metavar="FILE", help="The gold annotation of --report (JSON). 金标注")
    ] = None,
    sentences: Annotated[
        Path | None,
        typer.Option("--sentences", metavar="FILE", help="The gold's sentences; default: GOLD.sentences.jsonl. 句子"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Write scores.json and index.html there. 输出文件夹"),
    ] = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    settings: SetOption = None,
    as_json: Annotated[bool, flag("--json", help="Print all scores as JSON. 输出JSON")] = False,
) -> None:
    """Score an engine or a model on a split of the corpus, or on the gold annotation of a real report. 评测

    Tells precision, recall and F1 of every label, micro and macro, which labels are taken for which, how far scores
    are probabilities, the metrics by detection, value, comparator and indicator, and the same for groups of reports.
    With -o FOLDER, FOLDER/index.html is one page to read, with plots where matplotlib is installed.

    [bold]Examples 示例[/bold]

      gongkai evaluate                                        [dim]# the default engine on the test split[/dim]
      gongkai evaluate --engine fast --split dev -o evaluation
      gongkai evaluate --model my/accurate                    [dim]# what gongkai train left in my/accurate[/dim]
      gongkai evaluate --report r.txt --gold r.json           [dim]# on a real report[/dim]
    """
    from gongkai.pipeline.config import load_config

    chosen = load_config(config, labelling_settings(engine, model, None, None, False, settings))
    if (report is None) != (gold is None):
        raise typer.BadParameter("a real report and its gold go together.", param_hint="--report, --gold")
    if report is not None and gold is not None:
        result = _on_gold(report, gold, sentences, chosen)
    else:
        result = _on_split(folder, split, chosen)
    if out is not None:
        _write(result, out)
    if as_json:
        write_stdout(json.dumps(result, ensure_ascii=False, indent=1).encode() + b"\n")
    else:
        _print(result)


def _on_split(folder: Path | None, split: str, config: Config) -> dict[str, Any]:
    from gongkai.corpora.store import SPLITS
    from gongkai.training.evaluation.run import evaluate_split

    if split not in SPLITS:
        raise typer.BadParameter(f"{split} is none of {', '.join(SPLITS)}.", param_hint="--split")
    return evaluate_split(open_corpus(folder), split, config)


def _on_gold(report: Path, gold: Path, sentences: Path | None, config: Config) -> dict[str, Any]:
    from gongkai.pipeline.api import annotate
    from gongkai.training.evaluation.gold import score_gold

    summary = annotate(report, config=config)
    with reading(gold):
        scores = score_gold(summary, gold, sentences or gold.with_suffix(".sentences.jsonl"))
    return {"report": report.name, "engine": config.engine or config.model, "models": summary.pipeline.models, **scores}


def _write(result: dict[str, Any], out: Path) -> None:
    from gongkai.pipeline.writing import write_atomically
    from gongkai.training.evaluation.page import page

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GongkaiError("output.unwritable", f"{out} cannot be made: {error.strerror}.") from error
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    write_atomically(out / "scores.json", text.encode())
    write_atomically(out / "index.html", page(result).encode())


def _print(result: dict[str, Any]) -> None:
    from rich import box
    from rich.table import Table

    from gongkai.training.evaluation.tables import label_rows, main_figures

    terminal = console()
    models = "  ".join(f"{kind} {name}" for kind, name in result["models"].items())
    where = result.get("report") or result["split"]
    terminal.print(safe(f"{where}: {result['sentences']} sentences, {result['engine']}  {models}"))
    for zh, en, figure in main_figures(result):
        terminal.print(safe(f"  {figure:<28}{zh}  {en}"))
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("标签 Label", "中文 Chinese"):
        table.add_column(title)
    for title in ("P", "R", "F1", "句 Support"):
        table.add_column(title, justify="right")
    for _, label, zh, scores in label_rows(result):
        if scores["support"]:
            figures = [f"{scores[k]:.2f}" for k in ("precision", "recall", "f1")]
            table.add_row(label, zh, *figures, str(scores["support"]))
    terminal.print(table)
