"""``gongkai train``: a configuration in, a model with its card out."""

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
    """Train a model on the corpus and write it with its card. 训练模型

    Training goes on where an interrupted one in FOLDER stopped; an epoch is the smallest step. The finished
    FOLDER holds the weights (ONNX or npz), config.json with calibration, thresholds and hashes, and README.md, the
    model card with scores on dev and test. The test split is read for the card only.

    [bold]Examples 示例[/bold]

      gongkai train configs/training/fast-tagger.yaml -o my/fast-tagger     [dim]# minutes[/dim]
      gongkai train configs/training/accurate.yaml -o my/accurate           [dim]# about an hour on two cores[/dim]
      gongkai annotate reports -o out --engine accurate --set weights=my    [dim]# use what was trained[/dim]
    """
    from gongkai.training.config import load_training
    from gongkai.training.run import train as run

    settings = load_training(config)
    corpus = open_corpus(folder)
    model = run(settings, corpus, out, lambda line: typer.echo(safe(line).plain, err=True))
    typer.echo(safe(f"{model.name}: {out}; the card is {out / 'README.md'}").plain, err=True)
