"""How long each step of a run takes, measured in the real command: each function of the pipeline is timed where it is
called, without what other timed functions take within it."""

from __future__ import annotations

import functools
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

# Steps in the order of a report's way; what of the run belongs to none is "rest".
STEPS = (
    "read", "locate tables", "structure", "read tables", "make Doc", "segments", "tagging", "metrics", "entities",
    "narrative", "checks", "summary", "JSON", "write result", "manifest", "hash input", "rest",
)  # fmt: skip
LOADING = "loading"


class Stopwatch:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._within: list[float] = []  # of each timed call that is going on, what timed calls within it have taken

    def timed(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed as part of a step."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            self._within.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                took = time.perf_counter() - began
                self.seconds[step] += took - self._within.pop()
                if self._within:
                    self._within[-1] += took

        return call

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time all steps of what is done meanwhile in this process; the time itself is part of ``rest``."""
        with ExitStack() as stack:
            for step, function in _functions():
                for module in [module for name, module in sys.modules.items() if name.startswith("gongkai.")]:
                    if vars(module).get(function.__name__) is function:
                        stack.enter_context(mock.patch.object(module, function.__name__, self.timed(step, function)))
            for step, kind, names in _methods():
                for name in names:
                    stack.enter_context(mock.patch.object(kind, name, self.timed(step, vars(kind)[name])))
            began = time.perf_counter()
            yield
            self.seconds["rest"] = time.perf_counter() - began - self.seconds.total()


def _functions() -> list[tuple[str, Callable[..., Any]]]:
    from gongkai.pipeline import api, components, summary, writing
    from gongkai.pipeline.batch import identity, results

    return [
        (LOADING, api.load), ("read", api.read), ("locate tables", api.locate), ("structure", api.build_outline),
        ("read tables", api.read_tables), ("make Doc", components.doc_from_outline),
        ("narrative", api.narrative_from_doc), ("checks", summary.run_checks), ("summary", api.assemble),
        ("JSON", writing.to_json), ("write result", results.store_result), ("hash input", identity.content_of),
    ]  # fmt: skip


def _methods() -> list[tuple[str, type, tuple[str, ...]]]:
    from gongkai.pipeline import components
    from gongkai.pipeline.batch.store import Store

    return [
        ("segments", components.Segmenter, ("__call__",)),
        ("tagging", components.TaggerComponent, ("__call__",)),
        ("metrics", components.MetricsComponent, ("__call__",)),
        ("entities", components.EntitiesComponent, ("__call__",)),
        (LOADING, Store, ("__init__",)),  # it hashes the code and the models once
        ("manifest", Store, ("task", "standing", "linked", "write", "close")),
    ]
