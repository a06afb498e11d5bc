"""A worker process: tasks come and outcomes go over one connection, as JSON and bytes, nothing pickled.

It is started as ``python -m gongkai.pipeline.batch.worker CONNECTION LIFELINE``, by :mod:`gongkai.pipeline.batch.pool`
only, with SIGINT blocked from its first instruction on: Ctrl-C is for the run, which ends its workers.
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import json
import os
import resource
import select
import signal
import sys
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

from gongkai.pipeline.batch.messages import Message, Start, error_message, outcome_message, received_task
from gongkai.pipeline.batch.results import store_result
from gongkai.pipeline.batch.work import Annotator, Outcome, Task, result_bytes
from gongkai.pipeline.errors import GongkaiError


def main() -> None:
    """Run a worker; the arguments are the numbers of the connection and of the lifeline."""
    connection, lifeline = map(int, sys.argv[1:])
    _end_with(lifeline)
    serve(Connection(connection))


def _end_with(lifeline: int) -> None:
    """Have the system end this process as soon as the other end of a pipe closes, that is when the run has died.

    A thread that waits for it would not do: code that holds the interpreter's lock (a regular expression gone astray)
    would keep it from running, and an orphan would write into the folder of the next run.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:
        sys.exit(1)  # it died before it could be watched


def serve(connection: Connection) -> None:
    """Carry out tasks until the connection ends.

    The first message is a :class:`~gongkai.pipeline.batch.messages.Start`. The first answer says whether the models
    could be loaded: ``{}``, or the code and message of the error. Each task has two answers, see :func:`_answer`.
    """
    try:
        start = Start.received(json.loads(connection.recv_bytes()))
        annotator = Annotator(start.config, start.indent, own_process=True)
        try:
            annotator.load()
            gc.freeze()  # what is there now lasts; a twentieth of the time went into looking at it again
            _send(connection, {})
            while True:
                task = received_task(json.loads(connection.recv_bytes()))
                _answer(connection, task, annotator(task), start.folder)
        except GongkaiError as error:  # no further task could be carried out
            _send(connection, error_message(error))
    except (EOFError, ConnectionError):
        return  # the pool closed its end


def _send(connection: Connection, message: Message) -> None:
    connection.send_bytes(json.dumps(message).encode())


def _answer(connection: Connection, task: Task, outcome: Outcome, folder: Path | None) -> None:
    """Tell the outcome of a task, store its result, and tell that it is stored.

    Told first, for a worker that is killed in between has done its task: the pool finds the result by its hash.
    """
    data = result_bytes(outcome)
    sha256 = hashlib.sha256(data).hexdigest()
    _send(connection, {"outcome": outcome_message(outcome), "result_sha256": sha256})
    stored = None
    if folder is not None:
        stored = store_result(folder, str(task.report_id), data, sha256, failed=outcome.failure is not None)
    _send(connection, {"stored": asdict(stored) if stored else None, "memory": _memory()})
    connection.send_bytes(outcome.data if stored is None else b"")


def _memory() -> int:
    """Return the bytes of memory this process holds; where the system does not tell, the most it ever held."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
