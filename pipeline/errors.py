"""Errors a user can meet, each with a stable code.

Codes are part of the interface: scripts branch on them, so a code is never renamed or reused. The catalogue is
``error_codes.yaml`` beside this module; it gives every code its exit status and the advice printed with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One entry of the catalogue: its ``code``, the process ``exit_status`` and the ``advice`` (what to do next)."""

    code: str
    exit_status: int
    advice: str


@cache
def catalogue() -> dict[str, ErrorCode]:
    """Return every known error code by name."""
    raw = yaml.safe_load((Path(__file__).with_name("error_codes.yaml")).read_text(encoding="utf-8"))
    return {code: ErrorCode(code, entry["exit_status"], entry["advice"]) for code, entry in raw.items()}


class GongkaiError(Exception):
    """A failure that costs one input, with a stable code and advice.

    Args:
        code: a key of ``error_codes.yaml``, e.g. ``"read.scanned_pdf"``.
        message: what is wrong with this input, in one sentence.
    """

    def __init__(self, code: str, message: str):
        self.entry = catalogue()[code]
        self.code = code
        self.message = message
        super().__init__(f"{message} [{code}] {self.entry.advice}")

    def __reduce__(self) -> tuple[type[GongkaiError], tuple[str, str]]:
        # Exceptions cross process boundaries in batch runs; the default would call __init__ with one argument.
        return (type(self), (self.code, self.message))
