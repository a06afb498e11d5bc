"""Write folders of synthetic reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from gongkai.corpora.synthetic.corrupt import CORRUPTIONS, damage
from gongkai.corpora.synthetic.generate import generate
from gongkai.corpora.synthetic.render import FORMATS, render


def write_corpus(
    folder: str | Path,
    n: int,
    seed: int = 0,
    formats: Sequence[str] = FORMATS,
    corrupt_share: float = 0.0,
    inconsistent_share: float = 0.0,
) -> list[Path]:
    """Write ``n`` reports, each in one format in turn, with its truth beside it as ``NAME.truth.json``.

    Equal arguments give equal bytes.

    Args:
        folder: made if missing.
        n: number of reports.
        seed: of the whole corpus; report ``i`` is drawn from ``seed + i``.
        formats: taken in turn.
        corrupt_share: share of files, in [0, 1], that are damaged; their truth is ``{"corrupt": kind}``.
        inconsistent_share: share of reports whose narrative contradicts a table.

    Returns:
        The reports' files, without the truth files.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(n):
        rng = Random(f"corpus {seed} {index}")
        consistent = rng.random() >= inconsistent_share
        report = generate(seed + index, consistent=consistent)
        file_format = suffix = formats[index % len(formats)]
        data = render(report, file_format)
        truth: dict[str, Any] = report.truth()
        if rng.random() < corrupt_share:
            kind = rng.choice(list(CORRUPTIONS))
            data, suffix = damage(data, file_format, kind, rng)
            truth = {"corrupt": kind}
        path = target / f"{report.id}.{suffix}"
        path.write_bytes(data)
        path.with_name(f"{path.name}.truth.json").write_text(as_json(truth), encoding="utf-8")
        paths.append(path)
    return paths


def as_json(truth: dict[str, Any]) -> str:
    """Write a truth as readable JSON."""
    return json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
