"""A worker process: tasks come and outcomes go over one connection, as JSON and bytes, nothing pickled.

It is started as ``python -m gongkai.pipeline.batch.worker CONNECTION LIFELINE``, by :mod:`gongkai.pipeline.batch.pool`
only, with SIGINT blocked from its first instruction on: Ctrl-C is for the run, which ends its workers.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import select
import signal
import sys
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from gongkai.pipeline.batch.results import Stored
from gongkai.pipeline.batch.work import Annotator, Outcome, Task
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Failure


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

    The first message says how (see :func:`send_start`). The first answer says whether the models could be loaded:
    ``{}``, or the code and message of the error.
    """
    try:
        told = json.loads(connection.recv_bytes())
        folder = None if told["folder"] is None else Path(os.fsdecode(bytes.fromhex(told["folder"])))
        annotator = Annotator(Config.model_validate(told["config"]), told["indent"], folder)
        try:
            annotator.load()
            _send(connection, {})
            while True:
                _send_outcome(connection, annotator(_received_task(connection)))
        except GongkaiError as error:  # no further task could be carried out
            _send(connection, {"code": error.code, "message": error.message})
    except (EOFError, ConnectionError):
        return  # the pool closed its end


def _send(connection: Connection, message: object) -> None:
    connection.send_bytes(json.dumps(message).encode())


def send_start(connection: Connection, config: Config, indent: int | None, folder: Path | None) -> None:
    """Tell a worker the settings, the indentation of summaries, and the folder to write them to."""
    named = None if folder is None else os.fsencode(folder).hex()
    _send(connection, {"config": config.model_dump(mode="json"), "indent": indent, "folder": named})


def send_task(connection: Connection, task: Task) -> None:
    """Send a task to a worker."""
    _send(connection, {"path": task.path, "report_id": task.report_id})


def _received_task(connection: Connection) -> Task:
    return Task(**json.loads(connection.recv_bytes()))


def received_start(connection: Connection) -> None:
    """Take the word of a worker that it is ready.

    Raises:
        GongkaiError: ``model.*``, why it is not.
    """
    _checked(json.loads(connection.recv_bytes()))


def _send_outcome(connection: Connection, outcome: Outcome) -> None:
    """Send an outcome to the pool: what is known of the summary, then its bytes as they are."""
    failure = outcome.failure.model_dump() if outcome.failure else None
    stored = asdict(outcome.stored) if outcome.stored else None
    told = {name: getattr(outcome, name) for name in ("status", "sha256", "failed_checks", "trace", "seconds")}
    _send(connection, {**told, "failure": failure, "stored": stored, "memory": _memory()})
    connection.send_bytes(outcome.data)


def received_outcome(connection: Connection) -> tuple[Outcome, int]:
    """Return the outcome that a worker sent, and the bytes of memory it holds.

    Raises:
        GongkaiError: ``output.unwritable``; it would meet every further task as well.
    """
    message = _checked(json.loads(connection.recv_bytes()))
    memory = message.pop("memory")
    failure = Failure.model_validate(message["failure"]) if message["failure"] else None
    stored = Stored(**message["stored"]) if message["stored"] else None
    return Outcome(**{**message, "failure": failure, "stored": stored, "data": connection.recv_bytes()}), memory


def _checked(message: dict[str, Any]) -> dict[str, Any]:
    if "code" in message:
        raise GongkaiError(message["code"], message["message"])
    return message


def _memory() -> int:
    """Return the bytes of memory this process holds; where the system does not tell, the most it ever held."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
