"""Reports of a few sentences to vote on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from gongkai.pipeline.schema import TableOut
from gongkai.pipeline.tagging.base import ParagraphInput
from gongkai.training.weak.function_settings import AnyFunction
from gongkai.training.weak.functions import make_function
from gongkai.training.weak.scores import Scorers
from gongkai.training.weak.sentences import SourceReport

Vote = Callable[..., list[int]]


def _report(*sentences: str, path: tuple[str, ...] = (), section: Any = "overview", tables: Any = None) -> SourceReport:
    """Return a report of one paragraph."""
    starts = [sum(map(len, sentences[:k])) for k in range(len(sentences))]
    segments = tuple((start, start + len(text)) for start, text in zip(starts, sentences, strict=True))
    paragraph = ParagraphInput("".join(sentences), segments, path, section)
    ids = tuple(f"r/p1/{start}" for start in starts)
    return SourceReport(
        ((ids, paragraph),), {name: TableOut.model_validate(table) for name, table in (tables or {}).items()}
    )


@pytest.fixture
def report() -> Callable[..., SourceReport]:
    """Return what makes a report of one paragraph from its sentences."""
    return _report


@pytest.fixture
def vote() -> Vote:
    """Return the votes of a function, given as in a configuration, on a report."""

    def cast(settings: dict[str, Any], *sentences: str, **place: Any) -> list[int]:
        function: Any = TypeAdapter(AnyFunction).validate_python({"name": "f", **settings})
        return make_function(function, Scorers()).vote(_report(*sentences, **place)).tolist()

    return cast
