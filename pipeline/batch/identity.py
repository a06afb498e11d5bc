"""What a result depends on, as hashes: the bytes of the file, and the code, vocabulary and models at work."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from gongkai.pipeline.config import Config

# A file written to within this time of being hashed may be written to again without its time stamp telling (the
# clock of a file system is as coarse as two seconds), so its stamp is not trusted. Git calls such files racy.
_RACY_S = 2.0
_SOURCES = ("gongkai.pipeline", "gongkai.models", "gongkai.configs")
# Parts of the pipeline that read summaries or hand them on, and make none.
_NOT_ANNOTATING = frozenset({"batch", "cli", "cross", "export", "report"})


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file.

    Attributes:
        sha256: their hash.
        stamp: size and times of the file that held them; empty where these would not tell a change.
    """

    sha256: str
    stamp: str


def stamp_of(status: os.stat_result) -> str:
    """Return size, times and number of a file as one string, to be compared only."""
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"


def content_of(path: str | Path, max_bytes: int, known: Content | None = None) -> Content | None:
    """Return what a file holds.

    Args:
        path: the file.
        max_bytes: a larger file is not hashed, the reader will refuse it.
        known: what it held some time ago; not read again if size and times are those of then.

    Returns:
        The content; None for what is no plain file (its bytes may be read only once), too large or unreadable.
    """
    try:
        before = os.stat(path)  # noqa: PTH116 - one call for a string or a Path, 50,000 times
        if not stat.S_ISREG(before.st_mode) or before.st_size > max_bytes:
            return None
        if known is not None and known.stamp == stamp_of(before):
            return known
        with Path(path).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            after = os.fstat(file.fileno())
    except (OSError, ValueError):
        return None
    racy = time.time() - after.st_mtime < _RACY_S
    return Content(sha256, "" if racy or stamp_of(before) != stamp_of(after) else stamp_of(after))


def engine_sha256(config: Config) -> str:
    """Return a hash of all that makes a summary of a report beside its bytes and the settings.

    It covers the version, the code and vocabulary of the pipeline, and the models at work by their
    ``config.json``, which holds the hashes of their files and is checked against them when they load.

    Raises:
        GongkaiError: ``model.unavailable`` or ``model.incompatible`` where the model that is named cannot be used.
    """
    from gongkai.models.engines import folders
    from gongkai.models.store import CONFIG

    digest = hashlib.sha256(_code_sha256().encode())
    for folder in folders(config.engine, config.model):
        settings = folder / CONFIG
        digest.update(settings.read_bytes() if settings.is_file() else b"")
        digest.update(b"\0")
    return digest.hexdigest()


@cache
def _code_sha256() -> str:
    digest = hashlib.sha256(version("gongkai").encode())
    for package in _SOURCES:
        root = Path(str(files(package)))
        for source in sorted(path for pattern in ("*.py", "*.yaml") for path in root.rglob(pattern)):
            if package == "gongkai.pipeline" and source.relative_to(root).parts[0] in _NOT_ANNOTATING:
                continue
            digest.update(f"\0{package}/{source.relative_to(root).as_posix()}\0".encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()
