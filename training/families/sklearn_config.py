"""Settings of the scikit-learn family."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from gongkai.pipeline.config import Part
from gongkai.training.tasks.config import TaskTraining


class Ngrams(Part):
    """Features of one kind: n-grams of characters or of words.

    Attributes:
        unit: ``characters``, or ``words`` as jieba cuts them.
        field: which text they are taken from.
        ngrams: the shortest and the longest.
        vectoriser: ``tfidf`` keeps a vocabulary and weighs by rarity; ``hashing`` keeps nothing, for very large sets.
        min_texts: n-grams of fewer texts of train are left out (``tfidf``).
        max_features: at most so many, the most frequent ones (``tfidf``); None for all.
        buckets: number of hashes (``hashing``).
        sublinear: whether counts enter by their logarithm (``tfidf``).
    """

    unit: Literal["characters", "words"] = "characters"
    field: Literal["text", "context"] = "text"
    ngrams: tuple[int, int] = (1, 3)
    vectoriser: Literal["tfidf", "hashing"] = "tfidf"
    min_texts: int = Field(gt=0, default=2)
    max_features: int | None = Field(gt=0, default=None)
    buckets: int = Field(gt=0, default=2**20)
    sublinear: bool = True

    @field_validator("ngrams")
    @classmethod
    def _from_to(cls, ngrams: tuple[int, int]) -> tuple[int, int]:
        if not 1 <= ngrams[0] <= ngrams[1]:
            raise ValueError(f"must be [shortest, longest], at least 1, not {list(ngrams)}")
        return ngrams


class Logistic(Part):
    """Logistic regression.

    Attributes:
        kind: tells the estimators apart.
        regularisation: scikit-learn's ``C``: the larger, the less the weights are held down.
        max_iter: bound on the passes of the solver.
    """

    kind: Literal["logistic"] = "logistic"
    regularisation: float = Field(gt=0, default=10.0)
    max_iter: int = Field(gt=0, default=300)


class LinearSvc(Part):
    """A linear support vector machine; Platt's scaling, fitted on dev, makes its distances probabilities.

    Attributes:
        kind: tells the estimators apart.
        regularisation: scikit-learn's ``C``.
        max_iter: bound on the passes of the solver.
    """

    kind: Literal["linear_svc"]
    regularisation: float = Field(gt=0, default=1.0)
    max_iter: int = Field(gt=0, default=2000)


class NaiveBayes(Part):
    """Naive Bayes, for few texts and for comparison.

    Attributes:
        kind: tells the estimators apart.
        variant: ``complement`` serves classes of unequal size better than ``multinomial``.
        smoothing: scikit-learn's ``alpha``.
    """

    kind: Literal["naive_bayes"]
    variant: Literal["complement", "multinomial"] = "complement"
    smoothing: float = Field(gt=0, default=0.3)


class SklearnTraining(TaskTraining):
    """Training of a linear model on n-grams; for ``multi_class`` and ``multi_label``.

    Attributes:
        features: each kind of features; the default is characters of the text, 1 to 3.
        estimator: what learns.
        class_weight: ``balanced`` makes rare labels count as much as frequent ones; not for naive Bayes.
        tune_thresholds: whether each label of ``multi_label`` gets the threshold that serves F1 on dev, else 0.5.
    """

    family: Literal["sklearn"]
    features: tuple[Ngrams, ...] = Field(min_length=1, default=(Ngrams(),))
    estimator: Annotated[Logistic | LinearSvc | NaiveBayes, Field(discriminator="kind")] = Logistic()
    class_weight: Literal["balanced"] | None = None
    tune_thresholds: bool = True

    @model_validator(mode="after")
    def _labels_whole_texts(self) -> SklearnTraining:
        if self.data.task == "spans":
            raise ValueError("family sklearn labels whole texts; for task spans take crf, spacy or transformer")
        if self.class_weight and self.estimator.kind == "naive_bayes":
            raise ValueError("naive_bayes has no class_weight; its complement variant is made for unequal classes")
        return self
