"""What is said between a run and its workers, as JSON and bytes: whoever reads it runs no code that came with it."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gongkai.pipeline.batch.results import Stored
from gongkai.pipeline.batch.work import Outcome, Task
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Failure

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """How a worker is to carry out tasks.

    Attributes:
        config: settings of the run.
        indent: of the summaries.
        folder: where it is to store results; None has it hand over their bytes.
    """

    config: Config
    indent: int | None
    folder: Path | None

    def message(self) -> Message:
        """Return it as it is sent; a folder's name may be no text, so its bytes are."""
        folder = None if self.folder is None else os.fsencode(self.folder).hex()
        return {"config": self.config.model_dump(mode="json"), "indent": self.indent, "folder": folder}

    @classmethod
    def received(cls, message: Message) -> Start:
        """Return what was sent."""
        folder = None if message["folder"] is None else Path(os.fsdecode(bytes.fromhex(message["folder"])))
        return cls(Config.model_validate(message["config"]), message["indent"], folder)


def task_message(task: Task) -> Message:
    """Return a task as it is sent; the content of its file is for the run."""
    return {"path": task.path, "report_id": task.report_id}


def received_task(message: Message) -> Task:
    """Return the task that was sent."""
    return Task(message["path"], message["report_id"])


def outcome_message(outcome: Outcome) -> Message:
    """Return an outcome as it is sent, without the bytes of the summary."""
    failure = outcome.failure.model_dump() if outcome.failure else None
    stored = asdict(outcome.stored) if outcome.stored else None
    told = {name: getattr(outcome, name) for name in ("status", "sha256", "failed_checks", "trace", "seconds")}
    return {**told, "failure": failure, "stored": stored}


def received_outcome(message: Message, data: bytes = b"") -> Outcome:
    """Return the outcome that was sent.

    Args:
        message: as :func:`outcome_message` made it.
        data: the bytes of the summary, where they came with it.
    """
    failure = Failure.model_validate(message["failure"]) if message["failure"] else None
    stored = Stored(**message["stored"]) if message["stored"] else None
    return Outcome(**{**message, "failure": failure, "stored": stored, "data": data})


def error_message(error: GongkaiError) -> Message:
    """Return, as it is sent, what keeps a worker from carrying out any further task."""
    return {"code": error.code, "message": error.message}


def checked(message: Message) -> Message:
    """Return a message unless it is that of an error.

    Raises:
        GongkaiError: the error that was sent.
    """
    if "code" in message:
        raise GongkaiError(message["code"], message["message"])
    return message
