"""A data set as every family sees it: texts with labels or with labelled spans, in three splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Task = Literal["multi_label", "multi_class", "spans"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A labelled stretch of a text: code-point offsets, end exclusive, whatever the file had."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One text of a data set.

    Attributes:
        id: names it in predictions and records.
        text: as it is.
        context: what a model may see of its surroundings (headings, the text before); "" where there is none.
        labels: its labels; exactly one for ``multi_class``, empty for ``spans``.
        spans: its spans, in order; empty for the two others.
    """

    id: str
    text: str
    context: str = ""
    labels: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set.

    Attributes:
        task: what is to be learnt.
        labels: the label set, in a fixed order; for spans the span labels.
        train, dev, test: the splits; dev is never empty, test may be.
        sha256: over all splits and the label set; two data sets with one hash give one training.
    """

    task: Task
    labels: tuple[str, ...]
    train: tuple[Item, ...]
    dev: tuple[Item, ...]
    test: tuple[Item, ...]
    sha256: str
