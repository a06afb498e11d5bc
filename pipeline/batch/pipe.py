"""``gongkai.pipe``: many reports from Python."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sized
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from gongkai.pipeline.batch.pool import Pool, worker_count
from gongkai.pipeline.batch.work import Annotator, Task
from gongkai.pipeline.config import Config, load_config
from gongkai.pipeline.schema import Failure, Report

AnyPath = TypeVar("AnyPath", str, Path)

_log = logging.getLogger("gongkai.batch")


def pipe(
    paths: Iterable[AnyPath], *, config: Config | None = None, workers: int | None = None, ordered: bool = True
) -> Iterator[tuple[AnyPath, Report | Failure]]:
    """Annotate many reports, on all cores unless told otherwise.

    A script that calls this must do so below ``if __name__ == "__main__":``, for the processes it starts import it.

    Args:
        paths: as for :func:`gongkai.annotate`; drawn as there is room for them, so they may be without end.
        config: settings of the run; the shipped defaults if left out.
        workers: processes; 1 is this process alone, 0 one for each core, by default as ``batch.workers`` says.
        ordered: yield in the order of ``paths``, else as completed.

    Yields:
        Each path, as given, with its :class:`~gongkai.pipeline.schema.Report`, or the
        :class:`~gongkai.pipeline.schema.Failure` that says why there is none. Tracebacks of what was not foreseen go
        to the logger ``gongkai.batch``.

    Raises:
        GongkaiError: ``config.invalid``; while iterating ``model.*`` or ``worker.start``.
    """
    config = config or load_config()
    wanted = config.batch.workers if workers is None else workers
    number = worker_count(wanted, len(paths) if isinstance(paths, Sized) else None)
    return _piped(paths, config, number, ordered)


def _piped(
    paths: Iterable[AnyPath], config: Config, workers: int, ordered: bool
) -> Iterator[tuple[AnyPath, Report | Failure]]:
    given: dict[Task, AnyPath] = {}

    def tasks() -> Iterator[Task]:
        for path in paths:
            task = Task(str(path))
            given[task] = path
            yield task

    with Pool(config, workers, None) if workers > 1 else nullcontext(Annotator(config, None)) as runner:
        for task, outcome in runner.run(tasks(), ordered=ordered):
            if outcome.trace is not None:
                _log.error("%s: %s", task.path, outcome.trace)
            yield given.pop(task), outcome.failure or Report.model_validate_json(outcome.data)
