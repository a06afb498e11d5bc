"""From a path or bytes to a :class:`SourceDocument`: one module per format, chosen by content, then by suffix."""

from __future__ import annotations

import hashlib
import stat
import sys
from importlib import import_module
from pathlib import Path, PurePath
from typing import BinaryIO

from gongkai.pipeline.config import Limits
from gongkai.pipeline.document import Diagnostic, SourceDocument, SourceInfo
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.readers.content import Content
from gongkai.pipeline.readers.formats import CONVERT_FIRST, SUPPORTED_SUFFIXES, Format, detect

__all__ = ["SUPPORTED_SUFFIXES", "read", "read_bytes"]


def read(path: str | Path, limits: Limits) -> SourceDocument:
    """Read a report from a file.

    Args:
        path: the file; ``"-"`` reads standard input.
        limits: bounds on the input, checked before the file is read as a whole.

    Returns:
        The report's blocks in reading order.

    Raises:
        GongkaiError: ``input.*`` when the file cannot be opened, ``limit.*`` past a bound, ``read.*`` when it cannot
            be read.
    """
    if str(path) == "-":
        return read_bytes(_bounded(sys.stdin.buffer, limits), "-", limits)
    return read_bytes(_load(Path(path), limits), str(path), limits)


def read_bytes(data: bytes, name: str, limits: Limits) -> SourceDocument:
    """Read a report from memory.

    Args:
        data: the whole file.
        name: its name; the suffix is a hint where the content does not tell the format.
        limits: bounds on the input.

    Returns:
        The report's blocks in reading order.

    Raises:
        GongkaiError: ``limit.*`` past a bound, ``read.*`` when the bytes cannot be read.
    """
    if len(data) > limits.max_bytes:
        raise GongkaiError("limit.bytes", f"The input holds {len(data)} bytes or more.")
    if not data.strip(b"\0\t\n\r\x0b\x0c "):
        raise GongkaiError("read.empty", "The input holds nothing but white space." if data else "The input is empty.")
    suffix = PurePath(name).suffix.lower()
    found = detect(data, suffix)
    content = _run_reader(found, data, limits)
    if not content.blocks:
        raise GongkaiError("read.empty", "The input holds no text.")
    source = SourceInfo(name, found.media_type, content.encoding, hashlib.sha256(data).hexdigest(), len(data))
    return SourceDocument(source, content.blocks, content.meta, _mismatch(suffix, found) + content.diagnostics)


def _run_reader(found: Format, data: bytes, limits: Limits) -> Content:
    try:
        reader = getattr(import_module(found.module), found.function)
        return Content(*reader(data, limits))
    except GongkaiError:
        raise
    except Exception as error:  # whatever a parser trips over, the user has a file that cannot be read
        kind = type(error).__name__
        raise GongkaiError("read.corrupt", f"The {found.name} file cannot be read ({kind}: {error}).") from error


def _mismatch(suffix: str, found: Format) -> list[Diagnostic]:
    if not suffix or suffix in found.suffixes or suffix not in KNOWN_SUFFIXES:
        return []
    message = f"The file is named {suffix} but holds {found.name}; it was read as what it holds."
    return [Diagnostic("info", "read.suffix_mismatch", message)]


KNOWN_SUFFIXES = frozenset((*SUPPORTED_SUFFIXES, *CONVERT_FIRST, ".xls", ".xlsx", ".mht"))


def _load(path: Path, limits: Limits) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise GongkaiError("input.not_a_file", f"{path} is a folder.")
        if status.st_size > limits.max_bytes:
            raise GongkaiError("limit.bytes", f"{path} holds {status.st_size} bytes.")
        with path.open("rb") as stream:
            return _bounded(stream, limits)
    except FileNotFoundError as error:
        raise GongkaiError("input.not_found", f"{path} does not exist.") from error
    except PermissionError as error:
        raise GongkaiError("input.permission", f"{path} may not be read.") from error
    except (OSError, ValueError) as error:  # a name too long or with a NUL, a broken disk
        raise GongkaiError("input.not_found", f"{path} cannot be opened: {error}.") from error


def _bounded(stream: BinaryIO, limits: Limits) -> bytes:
    # One byte more than allowed tells a stream that is too long; it need not be read to its end.
    data = stream.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        raise GongkaiError("limit.bytes", f"The input holds more than {limits.max_bytes} bytes.")
    return data
