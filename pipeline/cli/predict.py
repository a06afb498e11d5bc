"""``gongkai predict``: a model of one's own on a file of texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from gongkai.pipeline.cli.terminal import console, guarded, safe, write_stdout
from gongkai.pipeline.errors import GongkaiError

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_ROWS = 60


@guarded
def predict(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Installed model, or its folder. 模型名或文件夹")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Texts: jsonl json csv tsv conll txt. 文本文件")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where the predictions go; by default stdout. 输出文件"),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--form", "-f", metavar="FORM", help="Of FILE: jsonl json csv tsv conll. 文件格式"),
    ] = None,
) -> None:
    """Label texts with a model trained on your own data. 用自己训练的模型标注文本

    FILE is read as the data was that MODEL learnt from: the same fields, label names and offsets. Its name may say
    another form (.jsonl .json .csv .tsv .conll), or --form does; .txt holds one text a line, unless MODEL learnt from a
    .txt file. One line of JSON comes out for each text: id, text, and labels with scores, or spans with start, end (the
    character after the last) and label. Where FILE has labels they stand beside as gold, and scores are printed.

    [bold]Examples 示例[/bold]

      gongkai train configs/training/examples/letters.yaml -o my/letters    [dim]# a model of your own[/dim]
      gongkai predict my/letters new.txt -o predictions.jsonl               [dim]# a text a line[/dim]
      gongkai predict my/letters test.csv -o predictions.jsonl              [dim]# with labels: scores too[/dim]
      gongkai predict my/notices test.txt --form conll | jq .spans          [dim]# to standard output[/dim]

    [bold]Exit status 退出码[/bold]

      0 all fine · 130 interrupted
      Nothing done: 2 wrong call, or a MODEL that was changed · 3 FILE unreadable · 5 defect
    """
    from gongkai.models.installed import locate
    from gongkai.pipeline.writing import PendingFile
    from gongkai.training.tasks.predict import forms, open_model, predict_file

    if form is not None and form not in forms():
        raise typer.BadParameter(f"{form} is none of {', '.join(forms())}.", param_hint="--form")
    if not file.is_file():
        raise GongkaiError("input.not_found", f"{file} does not exist.")
    opened = open_model(locate(model))

    def run(write: Callable[[bytes], None]) -> dict[str, Any] | None:
        return predict_file(opened, file, form, write, _tell)  # type: ignore[arg-type]  # one of forms()

    if out is None:
        scores = run(write_stdout)
    else:
        pending = PendingFile(out)
        try:
            scores = run(pending.write)
            pending.commit()
        finally:
            pending.discard()
        _tell(f"{opened.folder.name}: {out}")
    if scores is not None:
        console(stderr=True).print(_table(scores))


def _tell(line: str) -> None:
    typer.echo(safe(line).plain, err=True)


def _table(scores: dict[str, Any]) -> Table:
    """Return the scores as a table: the means, then the labels, the most frequent first."""
    table = Table("label 标签", "P", "R", "F1", "texts or spans 数量", box=None, title_justify="left")
    for name in ("accuracy", "subset_accuracy", "exact_texts"):
        if name in scores:
            table.add_row(safe(name.replace("_", " ")), "", "", f"{scores[name]:.4f}", str(scores["items"]))
    rows = [("micro", scores["micro"]), ("macro", scores["macro"])]
    rows += sorted(scores["labels"].items(), key=lambda item: -item[1]["support"])[:_MAX_ROWS]
    for name, figures in rows:
        shown = [f"{figures[key]:.4f}" for key in ("precision", "recall", "f1")]
        table.add_row(safe(name), *shown, str(figures.get("support", "")))
    return table
