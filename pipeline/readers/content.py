"""What every reader returns, before the registry wraps it into a :class:`SourceDocument`."""

from __future__ import annotations

from typing import NamedTuple

from gongkai.pipeline.document import Block, Diagnostic


class Content(NamedTuple):
    """The blocks of one input in reading order, what the format says of itself, and what went wrong.

    Attributes:
        blocks: text and grid blocks, repaired.
        meta: document metadata with lower-case keys.
        diagnostics: what could not be read or was left out.
        encoding: the character encoding, ``None`` for binary formats.
    """

    blocks: list[Block]
    meta: dict[str, str]
    diagnostics: list[Diagnostic]
    encoding: str | None = None
