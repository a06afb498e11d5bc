"""Bar charts of what a corpus holds; needs matplotlib (the extra ``plots``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(figures: dict[str, Any], folder: Path) -> list[Path]:
    """Draw the label counts, and the gold's beside them where given.

    Args:
        figures: as :func:`gongkai.corpora.statistics.statistics` returns them, perhaps with ``gold``.
        folder: where ``domains.png``, ``activities.png`` and ``comparators.png`` go; made if missing.

    Returns:
        The files written.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for key in ("domains", "activities", "comparators"):
        counts = sorted(figures[key].items(), key=lambda item: item[1])
        names = [name for name, _ in counts]
        figure, axes = pyplot.subplots(figsize=(7, 0.8 + 0.26 * len(names)))
        total = sum(figures[key].values()) or 1
        # Labels stay in English: a machine without a Chinese font would draw boxes.
        axes.barh(names, [100 * count / total for _, count in counts], label="corpus")
        gold = figures.get("gold", {}).get(key)
        if gold:
            whole = sum(gold.values()) or 1
            axes.plot([100 * gold[name] / whole for name in names], names, "k|", markersize=10, label="gold")
            axes.legend()
        axes.set_xlabel("% of labels")
        axes.set_title(f"{key}: {total}")
        figure.tight_layout()
        path = folder / f"{key}.png"
        figure.savefig(path, dpi=110)
        pyplot.close(figure)
        written.append(path)
    return written
