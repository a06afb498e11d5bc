"""Plots of trainings: figures by pass, figures of each label, and how they grow with the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gongkai.pipeline.config import taxonomy
from gongkai.training.runs.drawing import drawable, drawing, plain, save
from gongkai.training.runs.figures import Spread, spread
from gongkai.training.runs.record import PLOTS, LabelFigures, Run

Point = tuple[float, Spread]
Line = Sequence[Point]

_MOST_LABELS = 100  # of a plot; the others are rarer than these
_MOST_TICKS = 10
_SCORES = {"precision": ("精确率 P", "P"), "recall": ("召回率 R", "R"), "f1": ("F1", "F1")}


def draw_runs(runs: Sequence[Run], folder: Path) -> list[Path]:
    """Draw what a training was like, and what each label scores.

    Args:
        runs: one, or the same training with several seeds; then their mean with their range as a band.
        folder: of the training; its ``plots/`` gets ``learning.svg``, ``labels-dev.svg`` and ``labels-test.svg``.

    Returns:
        The files written.
    """
    written = []
    with drawing() as figures:
        made = {"learning": _learning(figures, runs)}
        for split in ("dev", "test"):
            made[f"labels-{split}"] = _labels(figures, [run.labels.get(split, {}) for run in runs], split)
        for name, figure in made.items():
            if figure is not None:
                written.append(save(figure, folder / PLOTS / f"{name}.svg"))
    return written


def draw_shares(lines: Mapping[str, Line], metric: str, path: Path) -> Path:
    """Draw a figure against the share of the train split that was learnt.

    Args:
        lines: name → (share, figure over seeds), one line each.
        metric: what is drawn.
        path: the file; its suffix says the form.
    """
    with drawing() as figures:
        figure, axes = _one_plot(figures)
        for name, line in lines.items():
            _line(axes, sorted(line, key=lambda point: point[0]), plain_or(name, "?"))
        shares = sorted({share for line in lines.values() for share, _ in line})
        axes.set_xscale("log")
        axes.set_xticks(shares, [f"{share:.3g}" for share in shares])
        axes.minorticks_off()
        axes.set_xlabel(both("训练数据占比", "share of the train split"))
        axes.set_ylabel(metric)
        axes.legend()
        return save(figure, path)


def draw_passes(groups: Mapping[str, Sequence[Run]], metric: str, path: Path) -> Path:
    """Draw a figure on dev by pass for several trainings.

    Args:
        groups: name → the runs of a training, one for each seed.
        metric: what is drawn, as histories call it.
        path: the file; its suffix says the form.
    """
    with drawing() as figures:
        figure, axes = _one_plot(figures)
        for name, runs in groups.items():
            _line(axes, by_pass(runs, metric), plain_or(name, "?"))
        _passes(axes)
        axes.set_ylabel(plain(metric))
        axes.legend()
        return save(figure, path)


def both(zh: str, en: str) -> str:
    """Return a caption in both languages, in English alone where no font has the Chinese."""
    return f"{zh} {en}" if drawable(zh) else en


def plain_or(text: str, otherwise: str) -> str:
    """Return a text to be drawn, or something else where no font has its characters."""
    return plain(text) if drawable(text) else otherwise


def by_pass(runs: Sequence[Run], name: str) -> list[Point]:
    """Return a figure by pass over the runs that tell it; values that are no number are left out."""
    found: dict[float, list[float]] = {}
    for run in runs:
        for entry in run.history:
            if math.isfinite(entry.get(name, math.nan)):
                found.setdefault(entry["step"], []).append(entry[name])
    return [(step, spread(values)) for step, values in sorted(found.items())]


def _one_plot(figures: type[Any]) -> tuple[Any, Any]:
    figure = figures(figsize=(7, 4.5), layout="constrained")
    return figure, figure.subplots()


def _learning(figures: type[Any], runs: Sequence[Run]) -> Any | None:
    names = list(dict.fromkeys(name for run in runs for entry in run.history for name in entry if name != "step"))
    losses = [name for name in names if "loss" in name]
    scores = [name for name in names if name.startswith("dev") and name not in losses]
    panels = [(title, own) for title, own in ((both("损失", "loss"), losses), (both("开发集", "dev"), scores)) if own]
    if not panels:
        return None
    figure = figures(figsize=(5.5 * len(panels), 4), layout="constrained")
    for axes, (title, own) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for name in own:
            _line(axes, by_pass(runs, name), plain(name))
        _passes(axes)
        axes.set_title(title)
        axes.legend()
    return figure


def _passes(axes: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(_MOST_TICKS, integer=True))
    axes.set_xlabel(both("轮次", "pass"))


def _line(axes: Any, line: Line, name: str) -> None:
    """Draw means as a line and, where there are several values, their range as a band."""
    at = [x for x, _ in line]
    (drawn,) = axes.plot(at, [figure.mean for _, figure in line], marker="o", markersize=3, label=name)
    if any(len(figure.values) > 1 for _, figure in line):
        low, high = ([side(figure.values) for _, figure in line] for side in (min, max))
        axes.fill_between(at, low, high, color=drawn.get_color(), alpha=0.2, linewidth=0)


def _labels(figures: type[Any], runs: Sequence[LabelFigures], split: str) -> Any | None:
    """Draw precision, recall and F1 of each label as bars, the best F1 at the top; whiskers tell the range of seeds."""
    shared = [label for label in runs[0] if all(label in run for run in runs)]
    if not shared:
        return None
    support = {label: int(max(run[label].get("support", 0) for run in runs)) for label in shared}
    kept = sorted(shared, key=lambda label: -support[label])[:_MOST_LABELS]
    kept.sort(key=lambda label: (spread([run[label].get("f1", 0.0) for run in runs]).mean, support[label]))
    figure = figures(figsize=(8, 1.2 + 0.42 * len(kept)), layout="constrained")
    axes = figure.subplots()
    for k, (score, (zh, en)) in enumerate(_SCORES.items()):
        found = [spread([run[label].get(score, 0.0) for run in runs]) for label in kept]
        means = [figure.mean for figure in found]
        # A mean of equal values may lie beyond them by its rounding, and a whisker's length must not be negative.
        ranges = [[max(0.0, m - min(s.values)) for m, s in zip(means, found, strict=True)],
                  [max(0.0, max(s.values) - m) for m, s in zip(means, found, strict=True)]]  # fmt: skip
        places = [row + 0.26 * (1 - k) for row in range(len(kept))]
        axes.barh(places, means, 0.24, label=zh if drawable(zh) else en)
        if len(runs) > 1:
            axes.errorbar(means, places, xerr=ranges, fmt="none", ecolor="0.3", elinewidth=0.8, capsize=1.5)
    numbers = {label: number for number, label in enumerate(shared, 1)}
    axes.set_yticks(range(len(kept)), [f"{_named(x, numbers[x])}  ({support[x]})" for x in kept], fontsize="small")
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.6, len(kept) - 0.4)
    axes.grid(False, axis="y")
    left_out = f", {len(kept)}/{len(shared)}" if len(kept) < len(shared) else ""
    axes.set_title(f"{split}: {both('各标签（样本数）', 'labels (support)')}{left_out}", pad=26)
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def _named(label: str, number: int) -> str:
    """Return how a label is called in a plot: with its Chinese name if it has one, by number if it cannot be drawn."""
    facet, _, name = label.rpartition(".")
    for known in (taxonomy().get(facet, {}),) if facet else taxonomy().values():
        if name in known and drawable(known[name]["zh"]):
            return plain(f"{known[name]['zh']} {label}")
    return plain_or(label, f"#{number}")
