"""What runs on a Ray cluster: an actor with a pool of one process, which holds the models and reads the files.

Two processes rather than one, for a Ray actor cannot be timed out and dies with what it does: the process in the pool
is ended when a file takes too long and replaced when one kills it, exactly as on one machine, and the records of
failures are the same to the byte. The actor itself loads nothing and is idle while the process works; when it dies, its
process ends too (``worker._end_with``).

No name of Ray's is used here, so that this is tested without it.
"""

from __future__ import annotations

import json
import os
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.pipeline.batch.identity import engine_sha256
from gongkai.pipeline.batch.messages import (
    Message,
    Start,
    error_message,
    outcome_message,
    received_task,
    task_message,
)
from gongkai.pipeline.batch.pool import Pool
from gongkai.pipeline.batch.work import Outcome, Task
from gongkai.pipeline.errors import GongkaiError

if TYPE_CHECKING:  # with Ray: an extra
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What must be alike where a run is started and where its tasks are carried out.

    Attributes:
        folder: the current one, to which relative paths relate.
        engine: see :func:`~gongkai.pipeline.batch.identity.engine_sha256`.
        mark: name of a file in the folder of results; None where the run has none.
    """

    folder: bytes
    engine: str
    mark: str | None


def row_of(number: int, task: Task) -> Message:
    """Return a task as a row for :class:`RayWorker`."""
    seen = task.content is not None or Path(task.path).exists()
    return {"number": number, "task": json.dumps({**task_message(task), "seen": seen}).encode()}


class RayWorker:
    """Carries out blocks of tasks; Ray Data makes one for each actor and calls it with one block after the other.

    Args:
        start: as :meth:`~gongkai.pipeline.batch.messages.Start.message` made it.
        surroundings: those of the run.
        begin: notes that a block is begun, named by the number of its first task, and says for the how manieth time.
        tries: so often a block may be begun; after that an actor hands it back.
    """

    def __init__(self, start: Message, surroundings: Surroundings, begin: Callable[[int], int], tries: int):
        self._start = start
        self._surroundings = surroundings
        self._begin = begin
        self._tries = tries

    def __call__(self, block: pa.Table) -> pa.Table:
        """Return for each row of :func:`row_of` its number, what there is to tell, and the bytes of the summary.

        What is told is one of ``{"outcome": …}``; ``{"back": …}`` for a block that was begun before; ``{"unseen":
        HOST}`` for a file that the run sees and this machine does not; ``{"code": …, "message": …}`` for what keeps it
        from carrying out any further task, which Ray would wrap in errors of its own if it were raised.
        """
        import pyarrow as pa

        told = list(self._told(block["number"].to_pylist(), block["task"].to_pylist()))
        return pa.table(
            {
                "number": pa.array([number for number, _, _ in told], pa.int64()),
                "told": pa.array([json.dumps(message).encode() for _, message, _ in told], pa.binary()),
                "data": pa.array([data for _, _, data in told], pa.large_binary()),
            }
        )

    def close(self) -> None:
        """End the process."""
        if "_pool" in self.__dict__:
            self._pool.close()

    def _told(self, numbers: list[int], rows: list[bytes]) -> Iterator[tuple[int, Message, bytes]]:
        try:
            begun = self._begin(numbers[0])
            if begun > self._tries:
                yield from ((number, {"back": begun}, b"") for number in numbers)
                return
            for number, outcome in self._outcomes(dict(zip(numbers, map(json.loads, rows), strict=True))):
                if outcome is None:
                    yield number, {"unseen": socket.gethostname()}, b""
                else:
                    yield number, {"outcome": outcome_message(outcome)}, outcome.data
        except GongkaiError as error:
            yield -1, error_message(error), b""
        except Exception as error:
            defect = GongkaiError("internal", f"{type(error).__name__}: {error}\n{traceback.format_exc()}")
            yield -1, error_message(defect), b""

    def _outcomes(self, messages: dict[int, Message]) -> Iterator[tuple[int, Outcome | None]]:
        pool = self._pool
        numbers = {}
        for number, message in messages.items():
            task = received_task(message)
            if message["seen"] and not self._sees(task.path):
                yield number, None
            else:
                numbers[task] = number
        for task, outcome in pool.run(numbers, ordered=True):
            yield numbers[task], outcome

    def _sees(self, path: str) -> bool:
        return (self._at_home or Path(path).is_absolute()) and Path(path).exists()

    @cached_property
    def _at_home(self) -> bool:
        """Go to the folder that relative paths relate to; False where it is not here."""
        with suppress(OSError):
            os.chdir(self._surroundings.folder)
            return True
        return False

    @cached_property
    def _pool(self) -> Pool:
        start, around = Start.received(self._start), self._surroundings
        here = self._at_home  # first, for the folders of models and results may be relative too
        if engine_sha256(start.config) != around.engine:
            message = (
                f"Gongkai or its models on {socket.gethostname()} are not those of the machine that started the run."
            )
            raise GongkaiError("ray.unlike", message)
        folder = start.folder
        if folder is not None and around.mark is not None:
            shared = (here or folder.is_absolute()) and (folder / around.mark).exists()
            folder = folder if shared else None  # then the bytes go to the run
        return Pool(start.config, 1, start.indent, folder)
