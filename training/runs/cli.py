"""``gongkai runs``: trainings side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gongkai.pipeline.cli.options import flag
from gongkai.pipeline.cli.terminal import (
    EXIT_SOME_FAILED,
    console,
    guarded,
    one_line,
    print_error,
    safe,
    write_stdout,
)

if TYPE_CHECKING:  # heavy, see annotate
    from gongkai.training.runs.collect import Group
    from gongkai.training.runs.curves import Point

_WIDE = 240  # columns where nobody looks at a terminal: a file, a pipe


@guarded
def runs(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FOLDER",
            help="Folders that train -o wrote to, or above them; default: here. 训练文件夹",
            show_default=False,
        ),
    ] = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option("--metric", "-m", metavar="NAME", help="A figure to show; the first one sorts. Repeatable. 指标"),
    ] = None,
    settings: Annotated[bool, flag("--settings", "-s", help="Show the settings that differ. 不同的设置")] = False,
    trials: Annotated[bool, flag("--trials", help="Show the trials of searches too. 含搜索中的试验")] = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the first figure: .svg, .png or .pdf. 作图"),
    ] = None,
    as_json: Annotated[bool, flag("--json", help="Print all that is known as JSON. 输出JSON")] = False,
    as_csv: Annotated[bool, flag("--csv", help="Print the table as CSV. 输出CSV")] = False,
) -> None:
    """Compare trainings in a table, the best first. 比较各次训练

    Every training leaves run.json in its folder: settings, seed, hash of the data, code version and commit, libraries,
    device, time, figures on dev and test, and a history by pass. Seeds of one training (seed-1, seed-2 …) are one row:
    mean ± standard deviation. Figures are only comparable where the hash of the data is the same.

    Figures have names such as dev.micro_f1, dev.macro_f1, test.accuracy, dev.domains.micro_f1; --json lists them all.
    --plot draws the first one: against the share of the training data where trainings with several train_share are
    given, otherwise by pass. Each training has plots of its own in its folder, plots/.

    [bold]Examples 示例[/bold]

      gongkai runs models/                               [dim]# all trainings below a folder[/dim]
      gongkai runs a b -m test.macro_f1 -m dev.macro_f1  [dim]# by these figures, sorted by the first[/dim]
      gongkai runs models/ --settings                    [dim]# and the settings in which they differ[/dim]
      gongkai runs tuned --trials -s                     [dim]# what a search tried[/dim]
      gongkai runs share-* --plot learning-curve.svg     [dim]# does more data help?[/dim]
      gongkai runs models/ --csv > runs.csv

    [bold]Exit status 退出码[/bold]

      0 all fine · 1 some folders hold no run or a damaged one, the others are shown
      Nothing shown: 2 wrong call or missing package · 3 no run can be read · 5 defect
    """
    from gongkai.training.runs.collect import collect, ranked
    from gongkai.training.runs.table import as_csv as csv_of
    from gongkai.training.runs.table import as_json as json_of
    from gongkai.training.runs.table import default_metrics, known_metrics, table

    if as_json and as_csv:
        raise typer.BadParameter("one of them is enough.", param_hint="--json, --csv")
    collected = collect(folders or [Path()], trials=trials)
    for folder, error in collected.broken:
        print_error(one_line(error, str(folder)))
    if not collected.groups:
        raise typer.Exit(collected.broken[0][1].entry.exit_status)
    known = known_metrics(collected.groups)
    if unknown := [name for name in metrics or () if name not in known]:
        raise typer.BadParameter(
            f"no training has {', '.join(unknown)}; there are {', '.join(known)}.", param_hint="--metric"
        )
    chosen = metrics or default_metrics(collected.groups) or known[:4]
    groups = ranked(collected.groups, chosen[0]) if chosen else list(collected.groups)
    if as_json:
        write_stdout(json.dumps(json_of(collected, groups), ensure_ascii=False, indent=1).encode() + b"\n")
    elif as_csv:
        write_stdout(csv_of(groups, chosen, settings=settings).encode("utf-8", "replace"))
    else:
        terminal = console(cap=None)
        if not terminal.is_terminal:
            terminal.width = max(terminal.width, _WIDE)
        terminal.print(table(groups, chosen, settings=settings))
    if plot is not None:
        _draw(groups, chosen[0] if chosen else "dev.micro_f1", plot)
    raise typer.Exit(EXIT_SOME_FAILED if collected.broken else 0)


def _draw(groups: list[Group], metric: str, path: Path) -> None:
    from gongkai.training.runs.curves import by_pass, draw_passes, draw_shares
    from gongkai.training.runs.drawing import FORMS

    if path.suffix.lower() not in FORMS:
        raise typer.BadParameter(f"the file must end in {', '.join(FORMS)}.", param_hint="--plot")
    if len({group.train_share for group in groups}) > 1:
        draw_shares(_lines(groups, metric), metric, path)
    else:
        by_name = {str(group.folder): group.runs for group in groups}
        name = metric.replace(".", "_")  # as histories call it
        told = {title: runs for title, runs in by_name.items() if by_pass(runs, name)}
        if not told:
            raise typer.BadParameter(
                f"no training tells {name} by pass, and all learnt the same share.", param_hint="--plot"
            )
        draw_passes(told, name, path)
    console(stderr=True).print(safe(f"图 plot {path}"), soft_wrap=True)


def _lines(groups: list[Group], metric: str) -> dict[str, list[Point]]:
    """Return a line for each family and name: the figure by share, over all runs with that share."""
    from gongkai.training.runs.figures import spread

    values: dict[str, dict[float, list[float]]] = {}
    for group in groups:
        if metric in group.figures:
            line = values.setdefault(f"{group.first.family} {group.first.name}", {})
            line.setdefault(group.train_share, []).extend(group.figures[metric].values)
    return {name: [(share, spread(found)) for share, found in line.items()] for name, line in values.items()}
