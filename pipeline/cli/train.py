"""``gongkai train``: a configuration in, a model with its scores out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gongkai.pipeline.cli.corpus import FolderOption, open_corpus
from gongkai.pipeline.cli.terminal import guarded, safe


@guarded
def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML, see configs/training. 训练配置")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the model goes. 模型文件夹")],
    folder: FolderOption = None,
) -> None:
    """Train a model: one that reads reports, or one for texts and labels of your own. 训练模型

    CONFIG says by its family what is trained. network and linear read reports; they learn from the corpus (--folder),
    and FOLDER gets a model card. sklearn, crf, spacy and transformer learn any data set that CONFIG names: labels of
    whole texts or spans, in JSON, CSV or CoNLL files; see docs/own-data.md.

    Training goes on where an interrupted one in FOLDER stopped. The finished FOLDER holds the weights, config.json
    with hashes, scores.json and run.json; with several seeds in seed-N each, and scores.json with mean and spread. The
    test split is only scored, never learnt from.

    [bold]Examples 示例[/bold]

      gongkai train configs/training/examples/letters.yaml -o my/letters    [dim]# your own labels, seconds[/dim]
      gongkai predict my/letters new.txt -o predictions.jsonl               [dim]# use it[/dim]
      gongkai train configs/training/fast-tagger.yaml -o my/fast-tagger     [dim]# minutes[/dim]
      gongkai train configs/training/accurate.yaml -o my/accurate           [dim]# about an hour on two cores[/dim]
      gongkai annotate reports -o out --model my/accurate                   [dim]# use what was trained[/dim]

    [bold]Exit status 退出码[/bold]

      0 all fine · 130 interrupted: the same command goes on
      Nothing done: 2 wrong call or CONFIG · 3 data unreadable · 5 defect
    """
    from gongkai.training.config import load_training
    from gongkai.training.tasks.config import TaskTraining

    settings = load_training(config)
    if isinstance(settings, TaskTraining):
        from gongkai.training.tasks.run import train_task

        train_task(settings, out, _tell)
        _tell(f"{settings.name}-{settings.version}: {out}; the scores are {out / 'scores.json'}")
        return
    from gongkai.training.run import train as run

    model = run(settings, open_corpus(folder), out, _tell)
    _tell(f"{model.name}: {out}; the card is {out / 'README.md'}")


def _tell(line: str) -> None:
    typer.echo(safe(line).plain, err=True)
