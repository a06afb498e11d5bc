"""What choosing is worth: ``python -m gongkai.training.labelling.simulate`` plays the loop, the corpus answering.

The train split's labels are hidden; a strategy asks for some of them, the fast tagger learns what it got, chooses the
next batch, and so on. Each strategy starts with the same paragraphs, drawn at random; what it has learnt after each
batch is scored on the test split. Thresholds come from dev, for every strategy alike. Nothing is kept.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus, default_folder, read_corpus
from gongkai.models.linear import Features
from gongkai.models.store import scheme_labels
from gongkai.training.calibration import calibrate
from gongkai.training.config import LinearTraining, fast_tagger_training
from gongkai.training.labelling.candidates import Candidate, sentence_texts
from gongkai.training.labelling.held_out import HeldOut
from gongkai.training.labelling.selection import Policy, Pool, choose
from gongkai.training.labelling.strategies import Strategy
from gongkai.training.linear import fit
from gongkai.training.run import truth
from gongkai.training.targets import to_input

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A tagger that was trained on what has been labelled so far.

    Attributes:
        f1: micro-F1 over the labels of both facets on test.
        thresholds: (L,) of its labels.
        probabilities: of the labels of a paragraph's sentences, (S, L).
    """

    f1: float
    thresholds: Floats
    probabilities: Callable[[CorpusParagraph], Floats]


class Simulation:
    """A corpus whose train labels are told when asked for.

    Args:
        corpus: the corpus.
        settings: of the tagger that learns.
    """

    def __init__(self, corpus: Corpus, settings: LinearTraining) -> None:
        self._labels = scheme_labels()
        self._settings = settings
        self._held_out = HeldOut([corpus])
        self._train = corpus.paragraphs["train"]
        self._authorities = {report.id: report.authority for report in corpus.reports}
        self._splits = {split: self._rows(corpus.paragraphs[split]) for split in ("dev", "test")}
        self._features = self._by_paragraph(self._train)

    def play(self, strategy: Strategy, seed: int, steps: Sequence[int]) -> dict[int, float]:
        """Label by a strategy.

        Args:
            strategy: how each batch but the first is chosen.
            seed: of the first batch and of what is drawn.
            steps: sentences labelled after each batch.

        Returns:
            By number of labelled sentences, micro-F1 on test.
        """
        first = self._choose(Policy("random", steps[0], seed), [], None)
        labelled, scores = first, {}
        for size, after in zip(steps, (*steps[1:], None), strict=True):
            learnt = self._learn(labelled)
            scores[size] = learnt.f1
            if after is not None:
                policy = Policy(strategy, after - size, seed, thresholds=learnt.thresholds)
                labelled = labelled + self._choose(policy, labelled, learnt)
        return scores

    def _choose(
        self, policy: Policy, labelled: Sequence[CorpusParagraph], learnt: Learnt | None
    ) -> list[CorpusParagraph]:
        known = {paragraph.id for paragraph in labelled}
        pool = Pool(policy)
        for paragraph in self._train:
            if paragraph.id not in known:
                pool.add(self._candidate(paragraph, learnt))
        chosen = choose(pool, [text for p in labelled for text in sentence_texts(p)], self._held_out)
        return [candidate.paragraph for _, candidate in chosen.items]

    def _candidate(self, paragraph: CorpusParagraph, learnt: Learnt | None) -> Candidate:
        shape = len(paragraph.sentences), len(self._labels)
        probabilities = learnt.probabilities(paragraph) if learnt is not None else np.zeros(shape)
        origin = {"report": paragraph.report, "authority": self._authorities[paragraph.report]}
        return Candidate(paragraph, probabilities.astype(np.float32), (), "", origin)

    def _learn(self, paragraphs: Sequence[CorpusParagraph]) -> Learnt:
        weights, bias = fit(paragraphs, self._labels, self._settings, lambda _: None)
        dev, held = self._splits["dev"]
        decisions = calibrate(dev @ weights + bias, held, self._labels)
        test, wanted = self._splits["test"]
        told = decisions.probabilities(test @ weights + bias) >= decisions.thresholds
        both = (told & wanted).sum()
        return Learnt(
            float(2 * both / max(1, told.sum() + wanted.sum())),
            decisions.thresholds,
            lambda paragraph: decisions.probabilities(self._features[paragraph.id] @ weights + bias),
        )

    def _rows(self, paragraphs: Sequence[CorpusParagraph]) -> tuple[csr_matrix, NDArray[np.bool_]]:
        return Features()(map(to_input, paragraphs)), truth(paragraphs, self._labels)

    def _by_paragraph(self, paragraphs: Sequence[CorpusParagraph]) -> dict[str, csr_matrix]:
        rows = Features()(map(to_input, paragraphs))
        ends = np.cumsum([len(p.sentences) for p in paragraphs])
        return {p.id: rows[end - len(p.sentences) : end] for p, end in zip(paragraphs, ends, strict=True)}


def table(scores: dict[str, list[dict[int, float]]], steps: Sequence[int]) -> list[str]:
    """Return the curves as lines of a Markdown table: mean over the seeds, ± their standard deviation."""
    lines = ["| labelled sentences | " + " | ".join(map(str, steps)) + " |", "|---" * (len(steps) + 1) + "|"]
    for strategy, runs in scores.items():
        cells = []
        for step in steps:
            found = [run[step] for run in runs]
            cells.append(f"{mean(found):.3f} ± {stdev(found) if len(found) > 1 else 0:.3f}")
        lines.append(f"| {strategy} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    """Print the curves of all strategies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="starts to average over")
    parser.add_argument("--steps", type=int, nargs="+", default=[100, 200, 300, 400, 500], help="sentences labelled")
    args = parser.parse_args()
    simulation = Simulation(read_corpus(default_folder()), fast_tagger_training())
    scores: dict[str, list[dict[int, float]]] = defaultdict(list)
    for seed in range(args.seeds):
        for strategy in get_args(Strategy):
            scores[strategy].append(simulation.play(strategy, seed, args.steps))
            print(f"seed {seed}, {strategy}: {scores[strategy][-1]}", flush=True)
    print("\n".join(table(scores, args.steps)))


if __name__ == "__main__":
    main()
