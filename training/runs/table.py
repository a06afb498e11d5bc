"""Trainings side by side: as a table for the terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

from gongkai.pipeline.cli.terminal import clean, safe
from gongkai.pipeline.export.to_csv import guard
from gongkai.pipeline.writing import display_path
from gongkai.training.runs.collect import Collected, Group, differing

if TYPE_CHECKING:  # only the terminal needs it
    from rich.table import Table

_HASH = 8  # characters of a hash that are shown
# What is shown unless figures are named; those that no training has are left out.
_METRICS = (
    "dev.micro_f1",
    "dev.macro_f1",
    "test.micro_f1",
    "test.macro_f1",
    "dev.domains.micro_f1",
    "dev.activities.micro_f1",
    "dev.metrics.value.f1",
    "dev.metrics.full.f1",
)
_STATUS = {
    "finished": "完成 finished",
    "running": "进行中 running",
    "interrupted": "中断 interrupted",
    "pruned": "提前放弃 pruned",
    "failed": "失败 failed",
}


def known_metrics(groups: Sequence[Group]) -> list[str]:
    """Return the names of all figures that some training has."""
    return list(dict.fromkeys(name for group in groups for name in group.figures))


def default_metrics(groups: Sequence[Group]) -> list[str]:
    """Return the figures that are shown where none is named."""
    known = set(known_metrics(groups))
    return [name for name in _METRICS if name in known]


def table(groups: Sequence[Group], metrics: Sequence[str], *, settings: bool) -> Table:
    """Return the table for the terminal.

    Args:
        groups: in the order of the rows.
        metrics: a column each.
        settings: whether the settings that differ get a column each.
    """
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD)
    shown.add_column("文件夹\nFolder", overflow="fold")
    for title in ("方法\nFamily", "模型\nModel"):
        shown.add_column(title, overflow="fold")
    shown.add_column("种子\nSeeds", justify="right")
    shown.add_column("数据\nData", no_wrap=True)
    for metric in metrics:
        split, _, name = metric.partition(".")
        shown.add_column(safe(split).append("\n").append_text(safe(name)), justify="right", no_wrap=True)
    shown.add_column("每种子用时\nTime a seed", justify="right", no_wrap=True)
    if any(group.status != "finished" for group in groups):
        shown.add_column("状态\nStatus", no_wrap=True)
    keys = differing(groups) if settings else []
    for key in keys:
        shown.add_column(safe(key), overflow="fold")
    for group in groups:
        cells = [
            display_path(str(group.folder)),
            group.first.family,
            f"{group.first.name} {group.first.version}",
            _seeds(group),
            group.first.data_sha256[:_HASH],
            *(str(group.figures.get(metric, "–")) for metric in metrics),
            str(timedelta(seconds=round(group.seconds.mean))),
            *([_STATUS[group.status]] if len(shown.columns) > 6 + len(metrics) + len(keys) else []),
            *(group.settings.get(key, "–") for key in keys),
        ]
        shown.add_row(*map(safe, cells))
    return shown


def _seeds(group: Group) -> str:
    told = " ".join(map(str, group.seeds))
    return told if len(group.seeds) <= 3 else f"{len(group.seeds)}"


def as_json(collected: Collected, groups: Sequence[Group]) -> dict[str, Any]:
    """Return all that is known of the trainings but their histories."""
    return {
        "runs": [
            {
                "folder": display_path(str(group.folder)),
                "family": group.first.family,
                "name": group.first.name,
                "version": group.first.version,
                "seeds": list(group.seeds),
                "data_sha256": group.first.data_sha256,
                "commit": group.first.code.commit,
                "device": group.first.device,
                "status": group.status,
                "seconds": group.seconds.mean,
                "figures": {
                    name: {"mean": figure.mean, "sd": figure.sd, "values": list(figure.values)}
                    for name, figure in group.figures.items()
                },
                "settings": group.first.settings,
            }
            for group in groups
        ],
        "differing_settings": differing(groups),
        "broken": [{"folder": display_path(str(folder)), "error": error.code} for folder, error in collected.broken],
    }


def as_csv(groups: Sequence[Group], metrics: Sequence[str], *, settings: bool) -> str:
    """Return a row for each training: mean and standard deviation of the figures, and the settings that differ."""
    keys = differing(groups) if settings else []
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = ["folder", "family", "name", "version", "seeds", "data_sha256", "status", "seconds"]
    writer.writerow([*heads, *(head for metric in metrics for head in (metric, f"{metric}_sd")), *keys])
    for group in groups:
        first = group.first
        row: list[object] = [display_path(str(group.folder)), first.family, first.name, first.version]
        row += [" ".join(map(str, group.seeds)), first.data_sha256, group.status, group.seconds.mean]
        for metric in metrics:
            figure = group.figures.get(metric)
            row += ["", ""] if figure is None else [figure.mean, "" if figure.sd is None else figure.sd]
        row += [group.settings.get(key, "") for key in keys]
        writer.writerow([guard(clean(cell)) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()
