"""Print the cost model of ``docs/scaling.md``: what a million reports take, from what the batch benchmark measured.

  python tests/bench/batch.py --engine fast --json fast.json
  python tests/bench/batch.py --engine accurate --json accurate.json
  python tests/bench/scaling.py fast.json accurate.json --out OUT

OUT is the output folder of any run; the sizes of summaries and of the manifest are taken from it. What is printed is
Markdown: the measured inputs, then hours by number of cores and engine.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from gongkai.pipeline.batch.manifest import MANIFEST_NAME, Manifest
from gongkai.pipeline.batch.ray_runner import ROUND

CORES = (2, 8, 32, 128)
GB = 10**9
# What the process of the run does for each report while the workers read, so that no number of workers makes it less.
SERIAL = ("hash input", "manifest")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine takes.

    Attributes:
        engine: its name.
        core_s: seconds of a core for a report.
        efficiency: what two workers do, as a share of twice what one does.
        serial_s: seconds of the one process that keeps the manifest, for a report.
        worker_bytes: memory of a process at most.
        load_s: seconds in which a worker loads the models.
    """

    engine: str
    core_s: float
    efficiency: float
    serial_s: float
    worker_bytes: float
    load_s: float

    @classmethod
    def read(cls, path: Path) -> Measured:
        """Return what ``batch.py --json`` wrote, of the parts throughput, memory and steps."""
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        figures = told["figures"]
        one, two = (figures["throughput"][workers]["steady"] for workers in ("1", "2"))
        steps, memory = figures["steps"], figures["memory"]
        return cls(
            engine=told["arguments"]["engine"],
            core_s=1 / one,
            efficiency=min(1.0, two / (2 * one)),
            serial_s=sum(steps["seconds"][step] for step in SERIAL) / steps["reports"],
            worker_bytes=memory["peak"] / memory["processes"],
            load_s=steps["loading"],
        )

    def hours(self, reports: int, cores: int, start_s: float = 0.0) -> float:
        """Return what a run takes.

        Args:
            reports: how many.
            cores: one worker each.
            start_s: seconds in which Ray starts its actors, once a round; 0 for one machine, whose workers stay.
        """
        rounds = -(-reports // (cores * ROUND))
        starts = rounds * (start_s + self.load_s) if start_s else self.load_s
        return (max(reports * self.core_s / (cores * self.efficiency), reports * self.serial_s) + starts) / 3600

    @property
    def most_cores(self) -> int:
        """From so many cores on the process that keeps the manifest is what the others wait for."""
        return int(self.core_s / self.efficiency / self.serial_s)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes a report leaves on disk, and as a row of the manifest."""

    summary: float
    row: float

    @classmethod
    def read(cls, out: Path) -> Sizes:
        """Return the means of a folder of results."""
        with Manifest(out / MANIFEST_NAME) as manifest:
            rows = sum(1 for _ in manifest.entries())
        summaries = [path.stat().st_size for path in out.glob("*.json") if not path.name.endswith(".failure.json")]
        return cls(fmean(summaries), (out / MANIFEST_NAME).stat().st_size / rows)


def page(found: list[Measured], sizes: Sizes, reports: int, start_s: float) -> str:
    """Return the figures as Markdown."""
    names = [measured.engine for measured in found]
    rows = [
        ("seconds of a core for a report, *s*", [f"{m.core_s:.3f}" for m in found]),
        ("efficiency of two workers, *e*", [f"{m.efficiency:.2f}" for m in found]),
        ("seconds of the run's own process for a report, *m*", [f"{m.serial_s:.4f}" for m in found]),
        ("memory of a worker, at most", [f"{m.worker_bytes / 2**20:.0f} MB" for m in found]),
        ("seconds to load the models, *l*", [f"{m.load_s:.1f}" for m in found]),
        ("cores that the run's own process keeps busy", [f"{m.most_cores}" for m in found]),
    ]
    told = _table(["measured", *names], [[title, *cells] for title, cells in rows])
    titles = ["cores", *(f"{name}, {runner}" for name in names for runner in ("local", "Ray"))]
    hours = [
        [str(cores), *(f"{m.hours(reports, cores, start):.1f} h" for m in found for start in (0.0, start_s))]
        for cores in CORES
    ]
    disk = (
        f"A summary has {sizes.summary / 1000:.1f} kB on average and its row in the manifest {sizes.row:.0f} bytes: "
        f"{reports:,} reports leave {reports * (sizes.summary + sizes.row) / GB:.0f} GB."
    )
    return "\n\n".join([told, _table(titles, hours), disk])


def _table(titles: list[str], rows: list[list[str]]) -> str:
    lines = [titles, ["---", *("---:" for _ in titles[1:])], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="+", type=Path, help="what batch.py --json wrote, one for each engine")
    parser.add_argument("--out", required=True, type=Path, help="output folder of a run, for the sizes")
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--ray-start", type=float, default=5.0, help="seconds in which Ray starts its actors")
    told = parser.parse_args()
    print(page([Measured.read(path) for path in told.figures], Sizes.read(told.out), told.reports, told.ray_start))


if __name__ == "__main__":
    main()
