"""Time one report through the pipeline, step by step, as ratios to a floor measured in the same run.

The floor is jieba's own segmentation of the report's text: what any Chinese text tool pays before it thinks.
Absolute times of a shared machine drift; the ratios hold. Both engines are timed on a text report, the default one on a
six-page PDF too. Usage: ``bench.py [REPORT] [--json FILE]``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jieba
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT.parent / "shared" / "reports" / "anyuan-2019.txt"
LIBRARIES = ("gongkai", "spacy", "jieba", "pypdfium2", "selectolax", "onnxruntime", "tokenizers", "scikit-learn")


def milliseconds(function: Callable[[], Any], runs: int) -> float:
    """Return the median time of a call, after one call that is not counted."""
    function()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


ENGINES = ("fast", "accurate")


def steps(report: Path, runs: int, engine: str) -> dict[str, float]:
    """Time every step of the way of one report, each on the output of the one before.

    A network runs once for the components that share it; alone each of them pays for it.
    """
    from gongkai.pipeline.api import load
    from gongkai.pipeline.components import doc_from_outline
    from gongkai.pipeline.config import load_config
    from gongkai.pipeline.readers import read
    from gongkai.pipeline.structure.build import build_outline
    from gongkai.pipeline.summary import assemble, narrative_from_doc
    from gongkai.pipeline.tables.locate import locate
    from gongkai.pipeline.tables.read import read_tables

    config = load_config(settings=[f"engine={engine}"])
    nlp = load(config)
    times = {"read": milliseconds(lambda: read(report, config.limits), runs)}
    document = read(report, config.limits)
    times["locate tables"] = milliseconds(lambda: locate(document.blocks), runs)
    document.blocks = locate(document.blocks)
    times["structure"] = milliseconds(lambda: build_outline(document), runs)
    outline = build_outline(document)
    times["read tables"] = milliseconds(lambda: read_tables(outline), runs)
    tables = read_tables(outline)
    times["make Doc"] = milliseconds(lambda: doc_from_outline(nlp, outline), runs)
    doc = doc_from_outline(nlp, outline)
    # A network keeps its last analysis for the components that share it; two texts in turn make it run every time.
    other = doc_from_outline(nlp, outline)
    other.spans["paragraphs"] = list(other.spans["paragraphs"])[:-1]
    for each in (doc, other):
        nlp.get_pipe("gongkai_segmenter")(each)
    turn = itertools.cycle((other, doc))
    models = [nlp.get_pipe(f"gongkai_{name}") for name in ("tagger", "metrics", "entities")]

    def label(chosen: list[Any]) -> None:
        text = next(turn)
        for component in chosen:
            component(text)

    times["segmenter"] = milliseconds(lambda: nlp.get_pipe("gongkai_segmenter")(doc), runs)
    times["tagger, metrics, entities"] = milliseconds(lambda: label(models), runs)
    for name, component in zip(("tagger", "metrics", "entities"), models, strict=True):
        times[f"{name} alone"] = milliseconds(lambda component=component: label([component]), runs)
    label(models)
    for component in models:
        component(doc)
    narrative = narrative_from_doc(doc, outline)
    times["checks and summary"] = milliseconds(
        lambda: assemble(document, outline, tables, narrative_from_doc(doc, outline), config, {}), runs
    )
    result = assemble(document, outline, tables, narrative, config, {})
    times["write JSON"] = milliseconds(lambda: result.model_dump_json(indent=2), runs)
    times["whole"] = sum(took for step, took in times.items() if not step.endswith(" alone"))
    return times


def loading(runs: int = 3) -> float:
    """Return the seconds a fresh process takes until it can annotate (imports and ``gongkai.load()``)."""
    code = "import time; t = time.perf_counter(); import gongkai; gongkai.load(); print(time.perf_counter() - t)"
    found = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(runs)
    ]
    return statistics.median(found)


def six_page_pdf(folder: Path) -> Path:
    """Write a synthetic report whose overview is lengthened with that of others until its PDF has six pages."""
    import pypdfium2

    from gongkai.corpora.synthetic.generate import generate
    from gongkai.corpora.synthetic.render import render

    report = generate(0, form="2021")
    overview = next(section for section in report.sections if section.kind == "overview")
    for seed in range(1, 50):
        data = render(report, "pdf")
        with pypdfium2.PdfDocument(data) as pdf:
            if len(pdf) >= 6:
                path = folder / "six-pages.pdf"
                path.write_bytes(data)
                return path
        others = generate(seed, form="2021").sections
        overview.parts += next(section for section in others if section.kind == "overview").parts
    raise SystemExit("the synthetic report does not grow to six pages")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", nargs="?", type=Path, help="a report; default: the seed report or a bundled sample")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args()
    from gongkai.corpora import samples_dir

    report = args.report or (SEED if SEED.exists() else sorted(samples_dir().glob("*.txt"))[0])
    text = report.read_text(encoding="utf-8", errors="replace") if report.suffix in {".txt", ".html"} else ""
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    floor = milliseconds(lambda: tokenizer.lcut(text), args.runs)
    times = {engine: steps(report, args.runs, engine) for engine in ENGINES}
    with tempfile.TemporaryDirectory() as folder:
        pdf = steps(six_page_pdf(Path(folder)), args.runs, ENGINES[-1])
    load_seconds = loading()

    table = Table(title=f"{report.name}: {len(text)} characters; floor: jieba {floor:.1f} ms = 1.00")
    table.add_column("step")
    for engine in ENGINES:
        table.add_column(f"{engine} ms", justify="right")
        table.add_column("x floor", justify="right")
    table.add_column("accurate : fast", justify="right")
    table.add_column("PDF ms", justify="right")
    for step in times["accurate"]:
        row = [cell for e in ENGINES for cell in (f"{times[e][step]:.1f}", f"{times[e][step] / floor:.2f}")]
        ratio = times["accurate"][step] / max(times["fast"][step], 1e-6)
        table.add_row(step, *row, f"{ratio:.1f}", f"{pdf[step]:.1f}", style="bold" if step == "whole" else None)
    console = Console(width=120)
    console.print(table)
    console.print(f"loading (fresh process, imports and gongkai.load()): {load_seconds:.2f} s")
    if args.json:
        figures = {
            "report": report.name, "characters": len(text), "floor_ms": floor, "steps_ms": times, "pdf_ms": pdf,
            "load_s": load_seconds, "python": platform.python_version(), "machine": platform.machine(),
            "versions": {name: version(name) for name in LIBRARIES},
        }  # fmt: skip
        args.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
