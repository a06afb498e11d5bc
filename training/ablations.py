"""What each part is worth: the table of ablations in ``docs/accuracy.md``, by ``python -m gongkai.training.ablations``.

Trains the fast tagger with parts left out and on growing shares of the corpus, and scores each, the engines and the
accurate engine without context on the test split. Takes about ten minutes; nothing is kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus, default_folder, read_corpus
from gongkai.models.engines import make_extractor, make_tagger
from gongkai.models.linear import LinearTagger
from gongkai.pipeline.tagging.base import Tagger
from gongkai.training.config import LinearTraining, fast_tagger_training
from gongkai.training.data import shown
from gongkai.training.evaluation.labels import score_facets
from gongkai.training.evaluation.metrics import score_metrics
from gongkai.training.run import train_linear
from gongkai.training.targets import by_report, to_input

_SHARES = (0.1, 0.25, 0.5, 1.0)


def label_cells(tagger: Tagger, paragraphs: Sequence[CorpusParagraph]) -> list[str]:
    """Return micro- and macro-F1 of both facets as table cells."""
    found = [x for report in by_report(paragraphs) for p in tagger.predict([to_input(q) for q in report]) for x in p]
    cells = []
    for scores in score_facets(paragraphs, found).values():
        cells += [f"{scores['micro']['f1']:.3f}", f"{scores['macro_f1']:.3f}"]
    return cells


def engine_row(engine: str, paragraphs: Sequence[CorpusParagraph]) -> list[str]:
    """Return the cells of an engine: labels, then metrics by value and in full."""
    tagger = make_tagger(engine, None, 0, 0.0, None)
    extractor = make_extractor(engine, None, 0)
    metrics = [m for report in by_report(paragraphs) for m in extractor.extract([to_input(p) for p in report])]
    scores = score_metrics(paragraphs, metrics)
    return [*label_cells(tagger, paragraphs), *(f"{scores[k]['f1']:.3f}" for k in ("value", "full"))]


def tagger_row(corpus: Corpus, settings: LinearTraining) -> list[str]:
    """Train the fast tagger with changed settings and return its cells."""
    with tempfile.TemporaryDirectory() as folder:
        model = train_linear(settings, corpus, Path(folder), lambda _: None)
        return [*label_cells(LinearTagger(model), shown(corpus.paragraphs["test"], settings)), "", ""]


def main() -> None:
    """Print the table, line by line as it comes."""
    corpus = read_corpus(default_folder())
    test = corpus.paragraphs["test"]
    whole = fast_tagger_training()
    alone = shown(test, whole.model_copy(update={"context": False}))

    def line(name: str, cells: Sequence[str]) -> None:
        print(f"| {name} | {' | '.join(cells)} |", flush=True)

    line("on test", ["domains micro-F1", "macro", "activities micro-F1", "macro", "metrics: value", "full"])
    line("---", ["---"] * 6)
    for engine in ("rules", "fast", "accurate"):
        line(f"engine `{engine}`", engine_row(engine, test))
    line("`accurate`, each sentence alone", engine_row("accurate", alone))
    line(
        "fast tagger, trained and tested without context",
        tagger_row(corpus, whole.model_copy(update={"context": False})),
    )
    line("fast tagger, template sentences left out", tagger_row(corpus, whole.model_copy(update={"templates": False})))
    for share in _SHARES:
        line(
            f"fast tagger, {share:.0%} of the train reports",
            tagger_row(corpus, whole.model_copy(update={"train_share": share})),
        )


if __name__ == "__main__":
    main()
