"""Worker processes that survive their files: one that dies or hangs is replaced, and only its file has failed.

Every engine runs in workers of one thread each, also the transformer: of a second thread only the network's own
products make use (the sample reports take 2.15 s on one thread and 1.41 s on two), so two workers have less idle
time. A batch of a network is formed within one report, never across reports: 8-bit activations are scaled by what is
in the batch, so a result would depend on its neighbours and no run would come out the same twice. The number of
threads changes no byte (``tests/unit/batch/test_work.py``).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing import connection as connections
from pathlib import Path

from gongkai.pipeline.batch.messages import Message, Start, checked, received_outcome, task_message
from gongkai.pipeline.batch.results import Stored, left_result
from gongkai.pipeline.batch.work import Annotator, Outcome, Task, failed
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError

_REPORTS_A_WORKER = 8  # a process starts in one to three seconds; for fewer reports it gains nothing
_AHEAD = 2  # tasks a worker is given: the one it does, and the next, so that it never waits for the pool
_WINDOW = 16  # finished outcomes a worker that wait for an earlier one, where order is asked for
_START_S = 600.0  # what a worker may take to load its models, on a machine busy with starting many
_STARTS = 3  # workers in a row that die before they are ready, and the run is given up
_POLL_S = 1.0
_MODULE = "gongkai.pipeline.batch.worker"


def cores() -> int:
    """Return the number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(wanted: int, reports: int | None = None) -> int:
    """Return how many processes a run takes; 1 is this process alone.

    Args:
        wanted: as asked for; 0 takes one for each core, as far as each has enough to do to be worth its start.
        reports: how many there are; None where it is not known.
    """
    if os.name != "posix":
        return 1  # a worker is bound to its run by means that other systems lack
    if reports is None:
        return wanted or cores()
    return max(1, min(wanted, reports) if wanted else min(cores(), reports // _REPORTS_A_WORKER))


class _Worker:
    """A process and the tasks it was given and has not answered; the first of them is the one it does."""

    def __init__(self, start: Start):
        self.connection, theirs = connections.Pipe()
        lifeline, self._lifeline = os.pipe()  # its end tells the worker that this process has died
        passed = (theirs.fileno(), lifeline)
        # Not multiprocessing's own way: it runs the caller's main module again, and lets SIGINT in while it starts.
        command = [sys.executable, "-P", "-m", _MODULE, *map(str, passed)]
        with _interrupts_held_back():
            self.process = subprocess.Popen(
                command, pass_fds=passed, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        theirs.close()  # else the end of the process would not end the connection
        os.close(lifeline)
        self.tasks: deque[Task] = deque()
        self.ready = False
        self.since = time.monotonic()  # it began to start, or the first of its tasks
        self._growth = start.config.batch.growth_mb * 2**20
        self._folder = start.folder
        self._told: tuple[Outcome, str] | None = None  # of its first task: the outcome, hash of the result to store
        self._memory: int | None = None  # after its first report
        self.swollen = False
        self._send(start.message())

    def _send(self, message: Message) -> None:
        with suppress(ConnectionError):  # it died; the pool will read so from the connection
            self.connection.send_bytes(json.dumps(message).encode())

    def _receive(self) -> Message:
        return checked(json.loads(self.connection.recv_bytes()))

    def begin(self) -> None:
        """Take its word that it is ready.

        Raises:
            EOFError, OSError: it died.
            GongkaiError: ``model.*``, why it is not.
        """
        self._receive()
        self.ready = True

    def give(self, task: Task) -> None:
        """Give it a task."""
        if not self.tasks:
            self.since = time.monotonic()
        self.tasks.append(task)
        self._send(task_message(task))

    def received(self) -> tuple[Task, Outcome] | None:
        """Take what it has sent; return its first task and the outcome once that is stored.

        Raises:
            EOFError, OSError: it died.
            GongkaiError: ``output.unwritable``; it would meet every further task as well.
        """
        message = self._receive()
        if self._told is None:
            self._told = received_outcome(message["outcome"]), message["result_sha256"]
            return None
        stored = Stored(**message["stored"]) if message["stored"] else None
        outcome = replace(self._told[0], stored=stored, data=self.connection.recv_bytes())
        memory = message["memory"]
        self._memory = memory if self._memory is None else self._memory
        self.swollen = memory - self._memory > self._growth
        self.since = time.monotonic()
        self._told = None
        return self.tasks.popleft(), outcome

    def left(self) -> Outcome | None:
        """Return the outcome of its first task if it was ended after storing it and before it could tell so."""
        if self._told is None or self._folder is None:
            return None
        outcome, sha256 = self._told
        report_id = str(self.tasks[0].report_id)
        stored = left_result(self._folder, report_id, sha256, failed=outcome.failure is not None)
        return None if stored is None else replace(outcome, stored=stored)

    def end(self) -> None:
        """End it at once; it holds nothing that could be left half done."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        os.close(self._lifeline)


class Pool:
    """A :class:`~gongkai.pipeline.batch.work.Runner` on several processes; a context manager that ends them.

    Processes start when there are tasks for them. Each loads the models once and runs them on one thread unless
    ``threads`` of the configuration says otherwise, which enters no result.

    Args:
        config: settings of the run; ``batch.timeout_s`` is what one task may take.
        workers: number of processes.
        indent: of the summaries.
        folder: where the workers write results; None hands the bytes over.
    """

    def __init__(self, config: Config, workers: int, indent: int | None = 2, folder: Path | None = None):
        own = config.model_copy(update={"threads": config.threads or 1})
        self._start = Start(own, indent, folder)
        self._size = workers
        self._timeout_s = config.batch.timeout_s
        self._here = Annotator(config, indent, folder)
        self._workers: list[_Worker] = []
        self._waiting: deque[Task] = deque()  # for a worker
        self._failed_starts = 0

    @property
    def workers(self) -> int:
        """See :class:`~gongkai.pipeline.batch.work.Runner`."""
        return self._size

    @property
    def processes(self) -> list[int]:
        """Ids of the worker processes."""
        return [worker.process.pid for worker in self._workers]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers, whatever they do."""
        self._waiting.clear()
        for worker in self._workers:
            worker.process.kill()  # all first, so that none goes on while another is waited for
        while self._workers:
            self._workers.pop().end()

    def run(self, tasks: Iterable[Task], *, ordered: bool) -> Iterator[tuple[Task, Outcome]]:
        """See :class:`~gongkai.pipeline.batch.work.Runner`."""
        source = iter(tasks)
        taken: deque[Task] = deque()  # drawn and not yet yielded, in order
        done: dict[Task, Outcome] = {}
        while True:
            while self._room() and len(taken) < self._size * _WINDOW and (drawn := next(source, None)) is not None:
                taken.append(drawn)
                if drawn.portable:
                    self._waiting.append(drawn)
                    self._distribute()
                else:
                    done[drawn] = self._here(drawn)
            self._distribute()
            while done and (task := taken[0] if ordered else next(iter(done))) in done:
                taken.remove(task)
                yield task, done.pop(task)
            if not taken:
                return
            done.update(self._collect())

    def _room(self) -> bool:
        given = sum(len(worker.tasks) for worker in self._workers) + len(self._waiting)
        return given < self._size * _AHEAD

    def _distribute(self) -> None:
        """Give waiting tasks to the workers with the least to do, and start workers that are lacking.

        A worker whose memory has grown past the bound is given none, and ended when it has done what it was given.
        """
        for worker in [worker for worker in self._workers if worker.swollen and not worker.tasks]:
            worker.end()
            self._workers.remove(worker)
        ready = [worker for worker in self._workers if worker.ready]
        while self._waiting and ready:
            worker = min(ready, key=lambda worker: (worker.swollen, len(worker.tasks)))
            if worker.swollen or len(worker.tasks) >= _AHEAD:
                break
            worker.give(self._waiting.popleft())
        starting = len(self._workers) - len(ready)
        while len(self._workers) < self._size and starting < len(self._waiting):
            self._workers.append(_Worker(self._start))
            starting += 1

    def _collect(self) -> Iterator[tuple[Task, Outcome]]:
        """Wait until something happens; yield the tasks that are done by it."""
        open_ends = {worker.connection: worker for worker in self._workers}
        for ready in connections.wait(list(open_ends), self._patience()):
            worker = open_ends[ready]  # type: ignore[index]
            try:
                if not worker.ready:
                    worker.begin()
                    self._failed_starts = 0
                elif (done := worker.received()) is not None:
                    yield done
            except (EOFError, OSError):
                yield from self._replace(worker, "worker.died", _manner_of_death(worker.process))
        for worker in [worker for worker in self._workers if self._overdue(worker) and not worker.connection.poll()]:
            if not worker.ready:
                raise GongkaiError("worker.start", f"A worker was not ready after {_START_S:g} s.")
            told = f"The report was not done after {self._timeout_s:g} s; its worker was ended."
            yield from self._replace(worker, "worker.timeout", told)

    def _replace(self, worker: _Worker, code: str, told: str) -> Iterator[tuple[Task, Outcome]]:
        """End a worker; the task it was at has failed unless its result stands, the others are done by others."""
        worker.end()
        self._workers.remove(worker)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts == _STARTS:
                raise GongkaiError("worker.start", f"{_STARTS} workers in a row did not come to work. {told}")
        if worker.tasks:
            left = worker.left()
            task = worker.tasks.popleft()
            self._waiting.extendleft(reversed(worker.tasks))
            trace = f"{code} (process {worker.process.pid}): {told}"
            yield task, left or failed(task.path, GongkaiError(code, told), trace)

    def _overdue(self, worker: _Worker) -> bool:
        return time.monotonic() > self._due(worker)

    def _due(self, worker: _Worker) -> float:
        if not worker.ready:
            return worker.since + _START_S
        return worker.since + self._timeout_s if worker.tasks else float("inf")

    def _patience(self) -> float:
        due = min(map(self._due, self._workers), default=0.0)
        return max(0.0, min(due - time.monotonic(), _POLL_S))


def _manner_of_death(process: subprocess.Popen[bytes]) -> str:
    status = None
    with suppress(subprocess.TimeoutExpired):
        status = process.wait(_POLL_S)  # its connection ends a moment before it does
    if status is not None and status < 0:
        name = signal.Signals(-status).name
        hint = " (perhaps memory ran out)" if name == "SIGKILL" else ""
        return f"The process that read it was ended by {name}{hint}."
    return f"The process that read it ended with exit status {status}."


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let a process that starts here be born with SIGINT blocked: Ctrl-C is for the run, which ends its workers."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
