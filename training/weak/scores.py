"""Labelling functions that ask a model: the tagger of an engine, or one that was trained on a data set of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gongkai.models.engines import make_tagger
from gongkai.models.store import FACETS
from gongkai.pipeline.config import load_config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.tagging.base import SegmentLabels, Tagger
from gongkai.training.tasks.dataset import Item
from gongkai.training.tasks.predict import open_model
from gongkai.training.weak.function_settings import ModelFunction, TaggerFunction
from gongkai.training.weak.sentences import SourceReport
from gongkai.training.weak.votes import ABSTAIN, SIDES, Votes
from gongkai.training.weak.words import in_sections

Scores = list[dict[str, float]]


class Scorer(Protocol):
    """What gives each sentence of a report a score for each of its labels."""

    name: str

    def scores(self, report: SourceReport) -> Scores:
        """Return label → score for each sentence; what is not there scores 0."""
        ...


class ScoreFunction:
    """Casts one vote wherever the highest score of some labels is beyond a bound.

    Args:
        settings: vote, sections, labels and bound.
        scorer: shared by all functions that ask the same model.
    """

    def __init__(self, settings: TaggerFunction | ModelFunction, scorer: Scorer) -> None:
        self._settings = settings
        self._scorer = scorer

    @property
    def asks(self) -> str:
        """Name and version of the model."""
        return self._scorer.name

    def vote(self, report: SourceReport) -> Votes:
        """Return a vote on each sentence of a report."""
        settings = self._settings
        best = _highest(self._scorer.scores(report), settings.labels)
        above, below = settings.above, settings.below  # its settings hold one of the two
        beyond = best >= above if above is not None else best <= (below or 0.0)
        asked = [in_sections(s, settings.sections) for s in report.sentences]
        return np.where(beyond & np.array(asked, dtype=bool), SIDES[settings.vote], ABSTAIN).astype(np.int8)


def _highest(scores: Scores, labels: Sequence[str]) -> NDArray[np.float64]:
    return np.array([max(found.get(label, 0.0) for label in labels) for found in scores])


class _LastReport:
    """Remembers the scores of one report, because every function votes on it before the next one comes."""

    def __init__(self, compute: Callable[[SourceReport], Scores]) -> None:
        self._compute = compute
        self._report: SourceReport | None = None
        self._scores: Scores = []

    def scores(self, report: SourceReport) -> Scores:
        if self._report is not report:
            self._scores = self._compute(report)
            self._report = report
        return self._scores


class TaggerScorer(_LastReport):
    """The tagger of an engine.

    Raises:
        GongkaiError: ``model.unavailable`` or ``model.incompatible``.
    """

    def __init__(self, engine: str, weights: str | None) -> None:
        config = load_config(settings=[f"engine={engine}", "tagging.candidates=0.0"])
        self._tagger: Tagger = make_tagger(
            config.engine, weights, config.threads, config.tagging.min_score, config.tagging.candidates
        )
        self.name = self._tagger.name
        super().__init__(self._ask)

    def _ask(self, report: SourceReport) -> Scores:
        return [_by_label(segment) for found in self._tagger.predict(report.inputs) for segment in found]


def _by_label(segment: SegmentLabels) -> dict[str, float]:
    kept = {"domains": segment.domains, "activities": segment.activities}
    unsure = {"domains": segment.domain_candidates, "activities": segment.activity_candidates}
    return {f"{facet}/{scored.label}": scored.score for facet in FACETS for scored in (*kept[facet], *unsure[facet])}


class ModelScorer(_LastReport):
    """A model of one of the families that learn any data set.

    Raises:
        GongkaiError: ``model.unavailable`` or ``model.incompatible``; ``config.invalid`` for a label it does not know.
    """

    def __init__(self, folder: str) -> None:
        model = open_model(Path(folder))
        self._labels: list[str] = model.folder.config["labels"]
        self._predictor = model.predictor
        self.name = model.folder.name
        super().__init__(self._ask)

    def check(self, labels: Sequence[str]) -> None:
        """Make sure that the model knows some labels."""
        unknown = [label for label in labels if label not in self._labels]
        if unknown:
            raise GongkaiError(
                "config.invalid",
                f"The model {self.name} has no label {', '.join(unknown)}; it has {', '.join(self._labels)}.",
            )

    def _ask(self, report: SourceReport) -> Scores:
        items = [Item(s.id, s.text, s.context) for s in report.sentences]
        return [dict(prediction.scores) for prediction in self._predictor.predict(items)]


class Scorers:
    """Opens each model once."""

    def __init__(self) -> None:
        self._tagger = cache(TaggerScorer)
        self._model = cache(ModelScorer)

    def function(self, settings: TaggerFunction | ModelFunction) -> ScoreFunction:
        """Return the labelling function of some settings.

        Raises:
            GongkaiError: as :class:`TaggerScorer` and :class:`ModelScorer`.
        """
        if isinstance(settings, TaggerFunction):
            return ScoreFunction(settings, self._tagger(settings.engine, settings.weights))
        scorer = self._model(settings.folder)
        scorer.check(settings.labels)
        return ScoreFunction(settings, scorer)
