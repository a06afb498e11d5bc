"""Measure batch runs on a mixed corpus of synthetic reports through the real command, all in one run.

The parts (choose with --only, otherwise all):
  throughput  reports a second with one worker and with two, and what two gain
  memory      of all processes over the time of the run with two workers
  resume      the same command again when everything is done
  corrupt     that each damaged file is reported once, and as what
  core        reports a second on one core, text and web pages only
  steps       the share of each step; what manifest and writing cost
  rivals      what a user would otherwise run on the same texts (see rivals.py)
  kills       kill -9 again and again; nothing may be lost, doubled or different (see kills.py)

Rates are told beside a floor from the same run: jieba's own segmentation of such texts. Absolute rates of a shared
machine drift; the ratios hold. Nothing is asserted about time; the exit status is 1 if a file was lost, doubled,
different or not reported once.

  python tests/bench/batch.py                        # all, about fifteen minutes
  python tests/bench/batch.py --quick                # small, two minutes
  python tests/bench/batch.py --only kills --kills 5
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import kills
from figures import Row, shown
from floor import floor
from mixed import Corpus, mixed_corpus, text_of
from processes import Ran, watched
from rich.console import Console
from stopwatch import LOADING, STEPS, Stopwatch

COMMAND = str(Path(sys.executable).with_name("gongkai"))
LIBRARIES = ("gongkai", "spacy", "jieba", "onnxruntime", "pypdfium2", "pydantic", "scikit-learn")
PARTS = ("throughput", "memory", "resume", "corrupt", "core", "steps", "rivals", "kills")
ONE, TWO = 1, 2  # workers
MB = 2**20


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the command over the whole corpus: what was seen of it, and what it left."""

    ran: Ran
    out: Path
    told: str
    files: int

    @property
    def overall(self) -> float:
        """Reports a second, start-up included."""
        return self.files / self.ran.seconds

    @property
    def cpu(self) -> float:
        """Seconds of processor time of all processes."""
        return sum(self.ran.cpu.values())

    @property
    def steady(self) -> float:
        """Reports a second between the first twentieth and the last; the files themselves say when they were done."""
        return steady(self.out)


def results(out: Path) -> list[Path]:
    """Return the summaries and records of failures in a folder."""
    return sorted(out.glob("*.json"))


def steady(out: Path) -> float:
    """Return the results a second that a run wrote between its first twentieth and its last."""
    times = sorted(path.stat().st_mtime_ns for path in results(out))
    edge = len(times) // 20
    times = times[edge : len(times) - edge]
    return (len(times) - 1) / max((times[-1] - times[0]) / 1e9, 1e-9)


class Bench:
    """The parts of the benchmark; each returns its rows and leaves its figures in ``figures``.

    Args:
        arguments: of the command line.
        root: folder for what it writes.
    """

    def __init__(self, arguments: argparse.Namespace, root: Path):
        self._arguments = arguments
        self._root = root
        self._runs: dict[int, Run] = {}
        self.figures: dict[str, Any] = {}
        self.broken: list[str] = []

    @cached_property
    def corpus(self) -> Corpus:
        """The reports; made at first use."""
        return mixed_corpus(self._arguments.reports)

    @cached_property
    def texts(self) -> list[Path]:
        """Undamaged text reports, as many as are compared."""
        return self.corpus.sound(".txt")[: self._arguments.texts]

    @cached_property
    def floors(self) -> tuple[float, float]:
        """Texts a second that jieba cuts in one process and in two."""
        found = floor([text_of(path) for path in self.texts])
        self.figures["floor"] = {"texts": len(self.texts), "one": found[0], "two": found[1]}
        return found

    def _command(self, inputs: str, out: Path, workers: int) -> list[str]:
        # One thread a worker, also where there is one: its network would otherwise take all cores.
        rest = ["-e", self._arguments.engine, "-w", str(workers), "-s", "threads=1"]
        return [COMMAND, "annotate", inputs, "-o", str(out), *rest]

    def run(self, workers: int) -> Run:
        """Return the run with that many workers; it is done once."""
        if workers not in self._runs:
            out, told = self._root / f"out-{workers}", self._root / f"told-{workers}.txt"
            ran = watched(self._command(str(self.corpus.folder), out, workers), told)
            self._runs[workers] = Run(ran, out, told.read_text(encoding="utf-8"), len(self.corpus.paths))
        return self._runs[workers]

    def throughput(self) -> list[Row]:
        """Reports a second with one worker and two."""
        one, two = self.run(ONE), self.run(TWO)
        alone, together = self.floors
        self.figures["throughput"] = {
            str(workers): {"seconds": run.ran.seconds, "overall": run.overall, "steady": run.steady,
                           "cpu_seconds": run.cpu}
            for workers, run in self._runs.items()
        }  # fmt: skip
        part = "throughput"
        rows = [
            Row(
                part, f"{workers} worker(s), steady", f"{run.steady:.1f} /s", "", f"start-up included {run.overall:.1f}"
            )
            for workers, run in ((ONE, one), (TWO, two))
        ]
        # What two processes gain on this machine now, at work of another kind.
        machine = f"jieba in two processes: {together / alone:.2f}"
        return [
            *rows,
            Row(part, "2 workers : 1, steady", f"{two.steady / one.steady:.2f}", "≥ 1.8", machine),
            Row(part, "2 workers : 1, start-up included", f"{two.overall / one.overall:.2f}"),
            Row(part, "floor: jieba's cutting of a report : whole report", f"1 : {alone / one.steady:.1f}"),
            # More than 1: workers in each other's way at caches and memory; the rest of what two lack, they wait.
            Row(part, "processor time of the run, 2 workers : 1", f"{two.cpu / one.cpu:.2f}"),
            Row(part, "main process, share of the processor time", f"{two.ran.own_share:.1%}", "", "with 2 workers"),
        ]

    def memory(self) -> list[Row]:
        """Memory of all processes over the run with two workers."""
        ran = self.run(TWO).ran
        second, last = ran.quarter(2), ran.quarter(4)
        self.figures["memory"] = {
            "peak": ran.peak, "second_quarter": second, "last_quarter": last, "samples": len(ran.memory),
            "processes": ran.most, "over_time": [[round(at, 2), size] for at, size in ran.memory],
        }  # fmt: skip
        return [
            Row("memory", "peak, 2 workers", f"{ran.peak / MB:.0f} MB", "< 1,500 MB", f"{ran.most} processes"),
            Row("memory", "last quarter : second", f"{last / (second or 1):.2f}", "flat",
                f"{second / MB:.0f} and {last / MB:.0f} MB"),
        ]  # fmt: skip

    def resume(self) -> list[Row]:
        """The run with two workers again; nothing is left to do."""
        run = self.run(TWO)
        before = {path.name: path.stat().st_mtime_ns for path in results(run.out)}
        again = watched(self._command(str(self.corpus.folder), run.out, TWO), self._root / "told-again.txt")
        same = {path.name: path.stat().st_mtime_ns for path in results(run.out)} == before
        if not same:
            self.broken.append("resume wrote results again")
        self.figures["resume"] = {"seconds": again.seconds, "nothing_written": same}
        return [Row("resume", f"finished run of {run.files} files", f"{again.seconds:.2f} s", "≤ 3 s")]

    def corrupt(self) -> list[Row]:
        """Each damaged file has one result, and is told once where it failed."""
        run = self.run(TWO)
        lines = [line for line in run.told.splitlines() if "✗ failed" in line]
        told = Counter(found[0] for line in lines if (found := re.search(r"synthetic-\d+\.\w+", line)))
        names = Counter(path.name.split(".")[0] for path in results(run.out))
        became: dict[str, Counter[str]] = defaultdict(Counter)
        wrong = []
        for path, kind in self.corpus.corrupt.items():
            record = run.out / f"{path.stem}.failure.json"
            code = json.loads(record.read_bytes())["code"] if record.exists() else "read all the same"
            became[kind][code] += 1
            if names[path.stem] != 1 or told[path.name] != record.exists():
                wrong.append(f"{path.name} ({kind}): {names[path.stem]} results, told {told[path.name]} times")
        wrong += [f"{path.name} is sound and failed" for path in self.corpus.sound(".txt", ".html", ".docx", ".pdf")
                  if (run.out / f"{path.stem}.failure.json").exists()]  # fmt: skip
        missing = len(self.corpus.paths) - len(names)
        if missing:
            wrong.append(f"{missing} files have no result")
        self.broken += wrong
        self.figures["corrupt"] = {"kinds": {kind: dict(codes) for kind, codes in became.items()}, "wrong": wrong}
        return [
            *(Row("corrupt", kind, f"{codes.total()} files", "each once",
                  ", ".join(f"{code} {count}" for code, count in codes.most_common()))
              for kind, codes in sorted(became.items())),
            Row("corrupt", "files lost, doubled or not told once", str(len(wrong)), "0"),
        ]  # fmt: skip

    def core(self) -> list[Row]:
        """Reports a second on one core, text and web pages only."""
        paths = self.corpus.sound(".txt", ".html")[: self._arguments.core]
        names, out = self._root / "core.txt", self._root / "out-core"
        names.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
        ran = watched(self._command(f"@{names}", out, ONE), self._root / "told-core.txt")
        rate, alone = steady(out), self.floors[0]
        self.figures["core"] = {"reports": len(paths), "seconds": ran.seconds, "steady": rate}
        note = f"start-up included {len(paths) / ran.seconds:.1f}; jieba alone {alone:.0f} /s"
        return [Row("core", f"txt and html, one core, {self._arguments.engine}", f"{rate:.1f} /s", "≥ 20 /s", note)]

    def steps(self) -> list[Row]:
        """The share of each step in a run of one process."""
        from gongkai.pipeline.cli.main import app

        paths = self.corpus.paths[: self._arguments.steps]
        names = self._root / "steps.txt"
        names.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
        watch = Stopwatch()
        command = self._command(f"@{names}", self._root / "out-steps", ONE)[1:]
        with (self._root / "told-steps.txt").open("w") as told, contextlib.redirect_stderr(told), watch.running():
            app(command, standalone_mode=False)
        seconds = {step: watch.seconds[step] for step in STEPS}
        whole = sum(seconds.values())
        self.figures["steps"] = {"reports": len(paths), "seconds": seconds, "loading": watch.seconds[LOADING]}
        stored = sum(seconds[step] for step in ("write result", "manifest", "hash input")) / whole
        return [
            *(Row("steps", step, f"{took / whole:.1%}", "", f"{1000 * took / len(paths):.2f} ms a report")
              for step, took in seconds.items()),
            Row("steps", "manifest and writing", f"{stored:.1%}", "≤ 5 %", "write result, manifest, hash input"),
        ]  # fmt: skip

    def rivals(self) -> list[Row]:
        """What a user would otherwise run on the same texts, and this."""
        from gongkai.pipeline.api import annotate, load
        from gongkai.pipeline.config import load_config

        texts = [text_of(path) for path in self.texts]
        compared: list[tuple[str, float, str]] = []
        for engine in dict.fromkeys((self._arguments.engine, "rules")):
            config = load_config(settings=[f"engine={engine}", "threads=1"])
            nlp = load(config)
            annotate(self.texts[0], config=config, nlp=nlp)
            began = time.perf_counter()
            for path in self.texts:
                annotate(path, config=config, nlp=nlp)
            compared.append((f"gongkai {engine}, file to summary", time.perf_counter() - began, "one thread"))
        lacking = []
        try:
            from rivals import rows

            compared += rows(texts)
        except ImportError as error:  # they want the extra train, and packages of their own
            lacking.append(Row("rivals", "spaCy and JioNLP", "not run", "", str(error)))
        base = len(texts) / self.floors[0]
        compared.append(("jieba, segmentation only", base, "floor"))
        self.figures["rivals"] = [{"name": name, "seconds": took, "note": note} for name, took, note in compared]
        ours = compared[0][1]
        return [
            *(Row("rivals", name, f"{len(texts) / took:.1f} /s", "", f"{ours / took:.2f} × our speed; {note}")
              for name, took, note in compared),
            *lacking,
        ]  # fmt: skip

    def kills(self) -> list[Row]:
        """Kill a run again and again; compare what stands in the end with a run left alone."""
        asked = argparse.Namespace(
            kills=self._arguments.kills, workers=TWO, engine=self._arguments.kills_engine, seed=self._arguments.seed
        )
        root = self._root / "kills"
        root.mkdir()
        found = kills.measure(asked, root, self.corpus.folder)
        wrong = {key: found[key] for key in kills.FAULTS if found[key]}
        self.broken += [f"after kills: {number} {key}" for key, number in wrong.items()]
        self.figures["kills"] = found
        what = f"{found['kills']} kills of a run of {found['reports']} files"
        told = ", ".join(f"{found[key]} {key}" for key in ("lost", "doubled", "different"))
        return [Row("kills", what, told, "0", f"{asked.engine}, {TWO} workers")]


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the arguments; --quick sets the sizes that are not given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help="only this part; repeatable")
    parser.add_argument("--engine", default="fast", choices=("accurate", "fast", "rules"))
    parser.add_argument("--kills-engine", default="rules", choices=("accurate", "fast", "rules"))
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    sizes = {"reports": (2000, 60), "texts": (200, 8), "core": (400, 24), "steps": (300, 20), "kills": (20, 2)}
    for name, (full, quick) in sizes.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"how many (default {full}, quick {quick})")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of the kills")
    parser.add_argument("--json", type=Path, help="write the figures here")
    found = parser.parse_args(arguments)
    for name, choice in sizes.items():
        if getattr(found, name) is None:
            setattr(found, name, choice[found.quick])
    return found


def main() -> int:
    """Run the benchmark; return the exit status."""
    arguments = parsed()
    chosen = [part for part in PARTS if not arguments.only or part in arguments.only]
    progress, rows = Console(stderr=True), []
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as root:
        bench = Bench(arguments, Path(root))
        progress.print(f"corpus: {len(bench.corpus.paths)} files in {bench.corpus.folder}")
        for part in chosen:
            began = time.perf_counter()
            measure: Callable[[], list[Row]] = getattr(bench, part)
            rows += measure()
            progress.print(f"{part}: {time.perf_counter() - began:.0f} s")
    title = f"{arguments.reports} mixed files, engine {arguments.engine}, {os.cpu_count()} cores"
    Console(width=120).print(shown(rows, title))
    for told in bench.broken:
        progress.print(f"✗ {told}", style="red", markup=False)
    if arguments.json:
        sizes = {name: str(value) for name, value in vars(arguments).items()}
        about = {"arguments": sizes, "python": platform.python_version(), "machine": platform.machine(),
                 "cores": os.cpu_count(), "versions": {name: version(name) for name in LIBRARIES}}  # fmt: skip
        figures = {**about, "rows": [asdict(row) for row in rows], "broken": bench.broken, "figures": bench.figures}
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return int(bool(bench.broken))


if __name__ == "__main__":
    sys.exit(main())
