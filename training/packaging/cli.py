"""``gongkai package``: a trained model in, a package for pip out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from gongkai.pipeline.cli.terminal import guarded, safe


@guarded
def package(
    models: Annotated[
        list[Path], typer.Argument(metavar="MODEL", help="A folder that gongkai train left, or a pair. 模型文件夹")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the package goes; made if missing. 输出文件夹")
    ] = Path("dist"),
    name: Annotated[
        str | None, typer.Option("--name", "-n", metavar="NAME", help="Of the package; else the model's. 包名")
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="Of the package; else the model's. 版本")
    ] = None,
    build: Annotated[
        str, typer.Option("--build", "-b", metavar="KINDS", help="wheel, sdist or both with a comma. 打包形式")
    ] = "wheel,sdist",
) -> None:
    """Make a package of a trained model that pip installs. 把模型打成可安装的包

    FOLDER gets a wheel and a source archive with the model's files, its card as the README, and meta.json with its
    scores and the hashes of the model and its label scheme. Installed, it is chosen by its name. What the training
    left beside the model stays out. The same model gives the same bytes.

    A tagger of labels (family: linear) and a network for metrics go together: name both folders, or the one that holds
    them as fast-tagger/ and fast-metrics/, and give the package a name.

    [bold]Examples 示例[/bold]

      gongkai package my/accurate                              [dim]# into dist/, by the model's own name[/dim]
      gongkai package my -o dist --name my-fast                [dim]# my/fast-tagger with my/fast-metrics[/dim]
      pip install "$(gongkai package my/accurate -b wheel)"    [dim]# what is built goes to standard output[/dim]
      gongkai annotate reports/ -r -o out --model my-fast      [dim]# use it, here or elsewhere[/dim]
      gongkai models                                           [dim]# what is installed[/dim]

    [bold]Exit status 退出码[/bold]

      0 built · 2 no whole model, a name or version that no package may have, or no builder · 5 defect
    """
    from gongkai.training.packaging.build import Kind
    from gongkai.training.packaging.build import package as run

    kinds: list[Kind] = []
    for word in build.split(","):
        kind = next((known for known in get_args(Kind) if known == word.strip()), None)
        if kind is None:
            raise typer.BadParameter(f"{word.strip()!r} is none of wheel, sdist.", param_hint="--build")
        kinds.append(kind)
    for path in run(models, out, name, version, list(dict.fromkeys(kinds))):
        typer.echo(safe(path).plain)
