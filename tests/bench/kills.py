"""Kill a batch run again and again at random moments; what stands in the end must be that of a run left alone.

Makes a folder of text reports, annotates it once undisturbed, then into another folder with ``kill -9`` of the run as
often as asked, then to the end. Compares every byte and what the manifest holds. The exit status is 1 if anything is
lost, doubled or different. Usage: ``python tests/bench/kills.py [--reports 2000] [--kills 20] [--workers 2]
[--engine rules] [--seed 1] [--json FILE]``.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gongkai.pipeline.batch.manifest import MANIFEST_NAME, Manifest

SAMPLES = Path(__file__).resolve().parents[2] / "corpora" / "samples"
COMMAND = str(Path(sys.executable).with_name("gongkai"))
FAULTS = ("lost", "doubled", "different", "not_in_manifest", "halves_left")  # each must be 0
BROKEN = {"broken.pdf": b"%PDF-1.4 and nothing more", "broken.docx": b"PK\x03\x04 and nothing more", "empty.txt": b""}


def make_reports(folder: Path, number: int) -> None:
    """Write that many different reports, a copy among each fifty, and some files that cannot be read."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt"))]
    for i in range(number):
        own = i - 1 if i % 50 == 49 else i
        (folder / f"r{i:05}.txt").write_text(f"{texts[own % len(texts)]}\n附注第{own}号。\n", encoding="utf-8")
    for name, data in BROKEN.items():
        (folder / name).write_bytes(data)


def results(out: Path) -> dict[str, bytes]:
    """Return the results in a folder."""
    return {path.name: path.read_bytes() for path in out.glob("*.json")}


def killed_run(command: list[str], out: Path, share: int, chance: random.Random) -> bool:
    """Start a run, kill it some time after it has left ``share`` results; return whether it was still going on."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None and sum(1 for _ in out.glob("*.json")) < share:
        time.sleep(0.02)
    time.sleep(chance.uniform(0, 0.5))
    lives = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return lives


def measure(arguments: argparse.Namespace, root: Path, source: Path) -> dict[str, Any]:
    """Carry out the runs; return what was found.

    Args:
        arguments: ``kills``, ``workers``, ``engine`` and ``seed``.
        root: a folder for the results.
        source: the reports.
    """
    chance = random.Random(arguments.seed)
    alone, out = root / "alone", root / "killed"
    rest = ["-e", arguments.engine, "-w", str(arguments.workers), "-q"]
    began = time.perf_counter()
    subprocess.run([COMMAND, "annotate", str(source), "-o", str(alone), *rest], stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    command = [COMMAND, "annotate", str(source), "-o", str(out), *rest]
    expected = results(alone)
    kills = sum(
        killed_run(command, out, len(expected) * kill // (arguments.kills + 1), chance)
        for kill in range(arguments.kills)
    )
    last = subprocess.run(command, stderr=subprocess.DEVNULL).returncode
    found = results(out)
    with Manifest(out / MANIFEST_NAME) as manifest:
        noted = [entry.result_name for entry in manifest.entries()]
    return {
        "reports": len(expected),
        "kills": kills,
        "seconds_undisturbed": round(seconds, 1),
        "exit_status": last,
        "lost": len(expected.keys() - found.keys()),
        "doubled": len(found.keys() - expected.keys()) + len(noted) - len(set(noted)),
        "different": sum(found[name] != data for name, data in expected.items() if name in found),
        "not_in_manifest": len(set(expected) - set(noted)),
        "halves_left": sum(1 for _ in out.glob(".gongkai-*")),
    }


def main() -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", default="rules")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        source = Path(root) / "reports"
        source.mkdir()
        make_reports(source, arguments.reports)
        found = measure(arguments, Path(root), source)
    text = json.dumps(found, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n")
    return int(any(found[key] for key in FAULTS))


if __name__ == "__main__":
    sys.exit(main())
