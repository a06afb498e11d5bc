"""What a family of models has to offer: learn a data set into a folder, and predict from that folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gongkai.training.tasks.dataset import Dataset, Item, Span

Tell = Callable[[str], None]
# Is told after every pass what is known: {"step": 3, "train_loss": 0.2, "dev_micro_f1": 0.8}; learning curves come of
# it.
Progress = Callable[[Mapping[str, float]], None]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one text.

    Attributes:
        scores: label → probability, for every label of the set; empty for spans.
        labels: those that it keeps; exactly one for ``multi_class``.
        spans: its spans, none of which overlaps another of the same label.
    """

    scores: Mapping[str, float] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


class Predictor(Protocol):
    """A trained model."""

    def predict(self, items: Sequence[Item]) -> list[Prediction]:
        """Return a prediction for each text, in order; labels and spans of the items are not looked at."""
        ...


class Family(Protocol):
    """A way of learning; one module of :mod:`gongkai.training.families` each, found by its name in ``registry``."""

    def fit(self, settings: Any, dataset: Dataset, folder: Path, seed: int, tell: Tell, progress: Progress) -> None:
        """Learn the train split; choose thresholds and when to stop on dev; never look at test.

        Args:
            settings: the family's own part of the configuration (a subclass of ``TaskTraining``).
            dataset: the data.
            folder: gets the model's files, no pickle among them; an interrupted training goes on from what lies there.
            seed: of everything drawn at random; one seed, one model.
            tell: is told a line of progress now and then.
            progress: is told figures after every pass.
        """
        ...

    def open(self, folder: Path) -> Predictor:
        """Return the model that ``fit`` left in a folder."""
        ...
