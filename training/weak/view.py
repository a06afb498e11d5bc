"""What ``gongkai weak`` tells on the terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table

from gongkai.pipeline.cli.terminal import console, safe
from gongkai.training.weak.run import Outcome

_COLUMNS = (
    "赞成\nfor",
    "反对\nagainst",
    "覆盖\ncoverage",
    "重叠\noverlap",
    "冲突\nconflict",
    "估计准确\nestimated",
    "开发集\ndev (n)",
)
_WAYS = {"any_for": "任一赞成 any function for", "label_model": "标签模型 label model"}


def tell(outcome: Outcome) -> None:
    """Print the table of functions, the scores where there is gold, and what was kept."""
    terminal = console()
    for label in dict.fromkeys(line.label for line in outcome.functions):
        terminal.print(_functions(outcome, label))
    for split, by_label in outcome.scores.items():
        for label, ways in by_label.items():
            for way, found in ways.items():
                told = f"P {found.precision:.3f}  R {found.recall:.3f}  F1 {found.f1:.3f}  n {found.support}"
                terminal.print(safe(f"{split} {label} {_WAYS[way]}: {told}"), soft_wrap=True)
    if outcome.kept is not None:
        positives = " ".join(f"{label} {number}" for label, number in (outcome.positives or {}).items())
        told = f"训练句 kept {outcome.kept}   其中 with label: {positives}   未定 undecided {outcome.undecided}"
        terminal.print(safe(told), soft_wrap=True)


def _functions(outcome: Outcome, label: str) -> Table:
    table = Table(title=safe(label), title_justify="left", box=SIMPLE_HEAD)
    table.add_column("函数\nfunction", overflow="fold")
    for title in _COLUMNS:
        table.add_column(title, justify="right", no_wrap=True)
    for line in outcome.functions:
        if line.label == label:
            on_dev = "" if line.dev_accuracy is None else f"{line.dev_accuracy:.2f} ({line.dev_votes})"
            cells = (
                line.function,
                str(line.votes_for),
                str(line.votes_against),
                f"{line.coverage:.4f}",
                f"{line.overlap:.4f}",
                f"{line.conflict:.4f}",
                "" if line.estimated_accuracy is None else f"{line.estimated_accuracy:.3f}",
                on_dev,
            )
            table.add_row(*map(safe, cells))
    return table
