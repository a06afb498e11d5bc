"""What a user would otherwise run on the texts of reports, timed one after the other in one process.

spaCy   its Chinese pipeline with jieba's words, textcat_multilabel for the labels and ner for the metrics, trained on
        the train split of the project's corpus by `family: spacy`; the model is kept in ``build/bench``, and a training
        that was interrupted goes on with what is missing. A Doc is a line of the report.
JioNLP  its extraction of times and of amounts of money, the nearest it has to metrics; line by line too.

Both get text that has been read for them; Gongkai reads files, their tables and sections, and checks them besides.
As a command it trains what is missing and times the sample reports.
"""

from __future__ import annotations

import contextlib
import io
import logging
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import spacy
from selectolax.lexbor import LexborHTMLParser
from spacy.language import Language

from gongkai.training.families.spacy_config import SpacyTraining
from gongkai.training.families.spacy_pipeline import load_pipeline
from gongkai.training.tasks.run import train_task

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench" / "rivals"
# How fast a pipeline is does not hang on how long it learnt; what it finds is told by its score on dev.
EPOCHS = 3
TASKS = {
    "labels": {"task": "multi_label", "form": "corpus", "target": "labels"},
    "metrics": {"task": "spans", "form": "corpus", "target": "metrics"},
}


def rows(texts: list[str]) -> list[tuple[str, float, str]]:
    """Time every rival on the same texts.

    Args:
        texts: of reports, plain or HTML; what stands between the marks of HTML is taken out before the clock starts.

    Returns:
        (name, seconds for all texts, note); a rival that is not installed is left out, with a line on the terminal.
    """
    lines = [_lines(text) for text in texts]
    nlp, scores = spacy_pipeline()
    found = [(f"spaCy {spacy.__version__}: zh with jieba, textcat_multilabel, ner", _seconds(nlp.pipe, lines), scores)]
    try:
        known = version("jionlp")
    except PackageNotFoundError:
        print("JioNLP is not installed and is left out; pip install 'gongkai[bench]'")
        return found
    with contextlib.redirect_stdout(io.StringIO()):  # it greets
        from jionlp import ner

    def both(batch: list[str]) -> list[Any]:
        return [(ner.extract_time(line), ner.extract_money(line)) for line in batch]

    logging.disable(logging.ERROR)  # it logs a traceback wherever what looked like a time was none
    try:
        seconds = _seconds(both, lines)
    finally:
        logging.disable(logging.NOTSET)
    return [*found, (f"JioNLP {known}: times and amounts of money", seconds, "rules, no labels, no counts")]


def _lines(text: str) -> list[str]:
    if "<html" in text[:2000].lower():
        page = LexborHTMLParser(text)
        page.strip_tags(["script", "style"])
        body = page.body
        text = body.text(separator="\n") if body is not None else ""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _seconds(work: Callable[[list[str]], Any], reports: list[list[str]]) -> float:
    """Return the time that all reports take, each handed over whole, after one that is not counted."""
    list(work(reports[0]))
    began = time.perf_counter()
    for report in reports:
        list(work(report))
    return time.perf_counter() - began


def spacy_pipeline() -> tuple[Language, str]:
    """Return one pipeline with both components, trained if they are not there, and what they scored on dev."""
    pipelines, scores = [], []
    for target, data in TASKS.items():
        settings = SpacyTraining.model_validate(
            {
                "family": "spacy",
                "name": f"rival-{target}",
                "version": "1",
                "data": data,
                "tokenizer": "jieba",
                "spans": "ner",
                "epochs": EPOCHS,
                "device": "cpu",
            }
        )
        dev = train_task(settings, BUILD / target, print)["dev"]
        pipelines.append(load_pipeline(BUILD / target / "model-best"))
        scores.append(f"{target} F1 {dev['micro']['f1']:.3f}")
    nlp, other = pipelines
    nlp.add_pipe("ner", source=other)
    return nlp, f"on dev: {', '.join(scores)}"


if __name__ == "__main__":
    samples = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpora" / "samples").glob("*.txt"))]
    for name, seconds, note in rows(samples):
        print(f"{name}: {len(samples) / seconds:.1f} reports/s; {note}")
