"""Settings of the family ``spacy``; spaCy itself is not imported here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gongkai.training.tasks.config import TaskTraining


class SpacyTraining(TaskTraining):
    """Training of a spaCy pipeline from one of the templates in ``configs/training/spacy``.

    A pipeline sees a text alone; ``data.fields.context`` is not looked at.

    Attributes:
        family: tells the families apart.
        tokenizer: ``characters`` (every span falls on tokens) or ``jieba`` (spaCy's own Chinese words; spans that cut
            through a word cannot be learnt and are told).
        spans: how spans are learnt: ``ner`` (none overlaps), ``spancat`` (they may), or ``auto``: ``spancat`` where
            spans of the train split overlap, else ``ner``.
        span_share: share of the train split's spans whose lengths ``spancat`` looks at; the longest are left out,
            because the time grows with every length.
        epochs: passes over the train split at most; dev is scored after each.
        patience: passes without a gain on dev after which training stops; 0 never stops before ``epochs``.
        batch_tokens: of one step; left out, what the template has, or less so that a pass has twenty steps.
        learning_rate: of Adam. ``textcat_multilabel`` learns by squared error and stays stuck at rates much higher.
        dropout: left out, what the template has.
        device: ``auto`` takes a GPU where spaCy finds one (``pip install spacy[cuda12x]``), ``cuda`` insists on it.
        overrides: anything else of spaCy's configuration, by dotted names as on the command line of ``spacy train``:
            ``components.ner.model.tok2vec.encode.depth: 6``.
    """

    family: Literal["spacy"]
    tokenizer: Literal["characters", "jieba"] = "characters"
    spans: Literal["auto", "ner", "spancat"] = "auto"
    span_share: float = Field(gt=0, le=1, default=0.99)
    epochs: int = Field(gt=0, default=20)
    patience: int = Field(ge=0, default=3)
    batch_tokens: int | None = Field(gt=0, default=None)
    learning_rate: float = Field(gt=0, default=0.001)
    dropout: float | None = Field(ge=0, lt=1, default=None)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    overrides: dict[str, Any] = Field(default_factory=dict)
