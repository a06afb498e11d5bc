"""The scikit-learn family: linear models on n-grams, kept as arrays and JSON; nothing is pickled."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.svm import LinearSVC

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import write_atomically
from gongkai.training.calibration import best_thresholds, platt
from gongkai.training.families.base import Prediction, Progress, Tell
from gongkai.training.families.ngrams import Features
from gongkai.training.families.sklearn_config import LinearSvc, Logistic, Ngrams, SklearnTraining
from gongkai.training.tasks.dataset import Dataset, Item, Task

MODEL, WEIGHTS = "sklearn.json", "weights.npz"

Link = Literal["softmax", "sigmoid", "shares"]
Floats = NDArray[np.floating]

_BATCH = 2000  # texts at a time, so that their scores for many labels do not fill the memory
# Score of a label that no text of train has, and with the other sign of one that every text has.
_NEVER = -30.0


@dataclass(frozen=True)
class LinearModel:
    """A linear model on n-grams.

    Attributes:
        task: what it says of a text.
        labels: in the order of its columns.
        features: of a text.
        weights, bias: (F, L) and (L,).
        link: from scores to probabilities: ``softmax`` over the labels, a ``sigmoid`` for each, or sigmoids as
            ``shares`` of their sum.
        slope, intercept: of Platt's scaling before a sigmoid.
        thresholds: (L,) probability from which a label is kept; ``multi_label`` only.
    """

    task: Task
    labels: tuple[str, ...]
    features: Features
    weights: Floats
    bias: Floats
    link: Link
    slope: float
    intercept: float
    thresholds: NDArray[np.float64]

    def logits(self, items: Sequence[Item]) -> NDArray[np.float64]:
        """Return (N, L): the scores of texts before they are made probabilities."""
        return np.asarray(self.features(items) @ self.weights + self.bias, np.float64)

    def probabilities(self, items: Sequence[Item]) -> NDArray[np.float64]:
        """Return (N, L): the probabilities of the labels of texts."""
        logits = self.logits(items)
        if self.link == "softmax":
            return softmax(logits, axis=1)
        each = expit(self.slope * logits + self.intercept)
        return each if self.link == "sigmoid" else each / each.sum(axis=1, keepdims=True)

    def predict(self, items: Sequence[Item]) -> list[Prediction]:
        """Return a prediction for each text, in order."""
        found: list[Prediction] = []
        for start in range(0, len(items), _BATCH):
            found += [self._prediction(row) for row in self.probabilities(items[start : start + _BATCH])]
        return found

    def _prediction(self, row: NDArray[np.float64]) -> Prediction:
        scores = dict(zip(self.labels, map(float, row), strict=True))
        if self.task == "multi_class":
            return Prediction(scores, (self.labels[int(row.argmax())],))
        kept = np.flatnonzero(row >= self.thresholds)
        return Prediction(scores, tuple(self.labels[k] for k in sorted(kept, key=lambda k: -row[k])))


class SklearnFamily:
    """Learns a :class:`LinearModel`."""

    def fit(
        self, settings: SklearnTraining, dataset: Dataset, folder: Path, seed: int, tell: Tell, progress: Progress
    ) -> None:
        """Learn the train split; see :class:`gongkai.training.families.base.Family`.

        There are no passes to report: the solvers run to their end.

        Raises:
            GongkaiError: ``data.empty`` where the texts have no n-gram of a kind that is asked for, ``data.labels``
                where ``multi_class`` has a single label.
        """
        features = Features(settings.features)
        try:
            rows = features.fit(dataset.train)
        except ValueError as error:
            raise GongkaiError("data.empty", f"The texts of train have no such features: {error}.") from error
        tell(f"{rows.shape[0]} texts, {rows.shape[1]} features")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            weights, bias = (_classes if dataset.task == "multi_class" else _each_label)(
                rows, dataset, settings, seed, tell
            )
        if any(issubclass(w.category, ConvergenceWarning) for w in caught):
            tell("the solver stopped at estimator.max_iter before it had converged")
        # What is judged on dev is what will be read: weights in single precision.
        model = LinearModel(
            dataset.task,
            dataset.labels,
            features,
            weights.astype(np.float32),
            bias.astype(np.float32),
            _link(settings),
            1.0,
            0.0,
            np.full(len(dataset.labels), 0.5),
        )
        _save(_calibrated(model, dataset, settings), folder)

    def open(self, folder: Path) -> LinearModel:
        """Return the model that :meth:`fit` left in a folder."""
        return _load(folder)


def _estimator(settings: SklearnTraining, seed: int) -> Any:
    chosen = settings.estimator
    if isinstance(chosen, Logistic):
        common = {"C": chosen.regularisation, "max_iter": chosen.max_iter, "class_weight": settings.class_weight}
        if settings.data.task == "multi_class":
            return LogisticRegression(**common)
        # One label at a time the dual is the same in a third of the time: there are more features than texts.
        return LogisticRegression(solver="liblinear", dual=True, random_state=seed, **common)
    if isinstance(chosen, LinearSvc):
        return LinearSVC(
            C=chosen.regularisation, max_iter=chosen.max_iter, class_weight=settings.class_weight, random_state=seed
        )
    return (ComplementNB if chosen.variant == "complement" else MultinomialNB)(alpha=chosen.smoothing)


def _linear(estimator: Any) -> tuple[Floats, Floats]:
    """Return the weights (F, C) and bias (C,) of a fitted estimator; of two classes, as a score of the second."""
    if isinstance(estimator, MultinomialNB):
        weights, bias = estimator.feature_log_prob_.T, estimator.class_log_prior_
    elif isinstance(estimator, ComplementNB):
        weights, bias = estimator.feature_log_prob_.T, np.zeros(len(estimator.classes_))
    else:
        return estimator.coef_.T, np.broadcast_to(estimator.intercept_, estimator.coef_.shape[:1])
    if len(estimator.classes_) == 2:
        return weights[:, 1:] - weights[:, :1], bias[1:] - bias[:1]
    return weights, bias


def _classes(rows: Any, dataset: Dataset, settings: SklearnTraining, seed: int, tell: Tell) -> tuple[Floats, Floats]:
    target = np.array([dataset.labels.index(item.labels[0]) for item in dataset.train])
    present = np.unique(target)
    if len(present) < 2:
        raise GongkaiError("data.labels", "All texts of train have one label. Write data.fields.labels.")
    weights = np.zeros((rows.shape[1], len(dataset.labels)))
    # A label that only the configuration knows can never be the best one.
    bias = np.full(len(dataset.labels), _NEVER * 100)
    found, own = _linear(_estimator(settings, seed).fit(rows, target))
    if len(present) == 2:
        # One score z tells two classes apart: softmax over (0, z) is the sigmoid of z, and shares want (-z, z).
        first = 0.0 if _link(settings) == "softmax" else -1.0
        found, own = np.hstack([first * found, found]), np.hstack([first * own, own])
    weights[:, present], bias[present] = found, own
    return weights, bias


def _each_label(rows: Any, dataset: Dataset, settings: SklearnTraining, seed: int, tell: Tell) -> tuple[Floats, Floats]:
    weights = np.zeros((rows.shape[1], len(dataset.labels)))
    bias = np.zeros(len(dataset.labels))
    for k, held in enumerate(_truth(dataset.train, dataset.labels).T):
        if held.all() or not held.any():
            bias[k] = -_NEVER if held.all() else _NEVER
        else:
            found, own = _linear(_estimator(settings, seed).fit(rows, held))
            weights[:, k], bias[k] = found[:, 0], own[0]
        if (k + 1) % 10 == 0 or k + 1 == len(dataset.labels):
            tell(f"{k + 1}/{len(dataset.labels)} labels")
    return weights, bias


def _truth(items: Sequence[Item], labels: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([[label in item.labels for label in labels] for item in items], dtype=bool)


def _link(settings: SklearnTraining) -> Link:
    if settings.data.task == "multi_label":
        return "sigmoid"
    return "shares" if isinstance(settings.estimator, LinearSvc) else "softmax"


def _calibrated(model: LinearModel, dataset: Dataset, settings: SklearnTraining) -> LinearModel:
    truth = _truth(dataset.dev, model.labels)
    if isinstance(settings.estimator, LinearSvc):
        held = _truth(dataset.train, model.labels)
        scored = held.any(axis=0) & ~held.all(axis=0)  # the score of the others is made up
        slope, intercept = platt(model.logits(dataset.dev)[:, scored], truth[:, scored])
        model = replace(model, slope=slope, intercept=intercept)
    if model.task == "multi_label" and settings.tune_thresholds:
        model = replace(model, thresholds=best_thresholds(model.probabilities(dataset.dev), truth))
    return model


def _save(model: LinearModel, folder: Path) -> None:
    used = np.flatnonzero(model.weights.any(axis=1))  # most hashes are those of no n-gram
    arrays: dict[str, Any] = {f"idf_{k}": idf for k, idf in enumerate(model.features.idf) if idf is not None}
    np.savez_compressed(
        folder / WEIGHTS, rows=used, weights=model.weights[used], bias=model.bias, size=len(model.weights), **arrays
    )
    held = {
        "task": model.task,
        "labels": model.labels,
        "link": model.link,
        "slope": model.slope,
        "intercept": model.intercept,
        "thresholds": [round(float(cut), 4) for cut in model.thresholds],
        "features": [part.model_dump(mode="json") for part in model.features.parts],
        "terms": model.features.terms,
    }
    write_atomically(folder / MODEL, json.dumps(held, ensure_ascii=False).encode())


def _load(folder: Path) -> LinearModel:
    held = json.loads((folder / MODEL).read_text(encoding="utf-8"))
    parts = [Ngrams.model_validate(part) for part in held["features"]]
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        weights = np.zeros((int(arrays["size"]), len(held["labels"])), np.float32)
        weights[arrays["rows"]] = arrays["weights"]
        idf = [arrays[f"idf_{k}"] if terms is not None else None for k, terms in enumerate(held["terms"])]
        bias = arrays["bias"]
    return LinearModel(
        held["task"],
        tuple(held["labels"]),
        Features(parts, held["terms"], idf),
        weights,
        bias,
        held["link"],
        held["slope"],
        held["intercept"],
        np.array(held["thresholds"]),
    )
