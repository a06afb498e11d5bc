"""Labelling functions made from their settings, and the votes they cast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.weak.config import WeakLabel
from gongkai.training.weak.function_settings import (
    AnyFunction,
    PhraseFunction,
    PythonFunction,
    RegexFunction,
    SectionFunction,
    TableFunction,
)
from gongkai.training.weak.registry import make
from gongkai.training.weak.scores import ScoreFunction, Scorers
from gongkai.training.weak.sentences import Sentence, SourceReport
from gongkai.training.weak.votes import ABSTAIN, AGAINST, FOR, Votes
from gongkai.training.weak.words import (
    TableVotes,
    WordFunction,
    always,
    in_sections,
    phrase_condition,
    regex_condition,
)


class LabellingFunction(Protocol):
    """What votes on the sentences of a report."""

    def vote(self, report: SourceReport) -> Votes:
        """Return (N,): a vote on each sentence, in order."""
        ...


class _PythonVotes:
    def __init__(self, settings: PythonFunction) -> None:
        self._settings = settings
        self._vote = make(settings.function, settings.options)

    def vote(self, report: SourceReport) -> Votes:
        """Return a vote on each sentence of a report."""
        sections = self._settings.sections
        said = [self._vote(s, report) if in_sections(s, sections) else ABSTAIN for s in report.sentences]
        strange = next((vote for vote in said if vote not in (FOR, AGAINST, ABSTAIN)), None)
        if strange is not None:
            raise GongkaiError(
                "config.invalid",
                f"The labelling function {self._settings.function} said {strange!r}, which is neither FOR ({FOR}), "
                f"AGAINST ({AGAINST}) nor ABSTAIN ({ABSTAIN}).",
            )
        return np.array(said, dtype=np.int8)


def make_function(settings: AnyFunction, scorers: Scorers) -> LabellingFunction:
    """Return a labelling function.

    Args:
        settings: of the function.
        scorers: opens the models that functions ask.

    Raises:
        GongkaiError: ``config.invalid``, ``model.unavailable`` or ``model.incompatible``.
    """
    if isinstance(settings, PhraseFunction):
        return WordFunction(settings, phrase_condition(settings))
    if isinstance(settings, RegexFunction):
        return WordFunction(settings, regex_condition(settings))
    if isinstance(settings, SectionFunction):
        return WordFunction(settings, always)
    if isinstance(settings, TableFunction):
        return TableVotes(settings)
    if isinstance(settings, PythonFunction):
        return _PythonVotes(settings)
    return scorers.function(settings)


@dataclass(frozen=True)
class Voted:
    """The sentences of a source with what was said of them.

    Attributes:
        sentences: in order.
        votes: by label, (N, F) in the order of the label's functions.
    """

    sentences: tuple[Sentence, ...]
    votes: dict[str, Votes]


class Functions:
    """All labelling functions of a configuration.

    Args:
        labels: of the configuration.

    Raises:
        GongkaiError: as :func:`make_function`.
    """

    def __init__(self, labels: dict[str, WeakLabel]) -> None:
        scorers = Scorers()
        self._made: dict[str, list[LabellingFunction]] = {
            label: [make_function(settings, scorers) for settings in weak.voters] for label, weak in labels.items()
        }

    @property
    def models(self) -> list[str]:
        """Names and versions of the models that functions ask."""
        made = (function for functions in self._made.values() for function in functions)
        return sorted({function.asks for function in made if isinstance(function, ScoreFunction)})

    def vote(self, reports: Iterable[SourceReport]) -> Voted:
        """Let every function vote on every sentence; one report is looked at at a time."""
        sentences: list[Sentence] = []
        rows: dict[str, list[Votes]] = {label: [] for label in self._made}
        for report in reports:
            sentences += report.sentences
            for label, functions in self._made.items():
                rows[label].append(_table([function.vote(report) for function in functions]))
        votes = {
            label: np.concatenate(found) if found else np.empty((0, len(self._made[label])), dtype=np.int8)
            for label, found in rows.items()
        }
        return Voted(tuple(sentences), votes)


def _table(columns: Sequence[Votes]) -> Votes:
    return np.stack(columns, axis=1)
