"""Results on disk: their names, and writing them so that a reader never sees half a file."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.pipeline.errors import GongkaiError

if TYPE_CHECKING:  # heavy, and the help does not need it
    from pydantic import BaseModel

STDIN = "-"
_MAX_ID_BYTES = 200  # file systems allow 255 bytes for a name, 85 Chinese characters; suffixes need room too


def report_ids(paths: Iterable[str]) -> dict[str, str]:
    """Name the reports of one run.

    A report is named by its file without suffix. Where two would share a name (also on file systems that fold
    case), each of them gets a hash of its own path, so names do not depend on the order of the inputs.

    Returns:
        The id by path; ids are distinct and fit in a file name.
    """
    paths = list(dict.fromkeys(paths))
    stems = {path: _stem(path) for path in paths}
    counts: dict[str, int] = {}
    for stem in stems.values():
        counts[_folded(stem)] = counts.get(_folded(stem), 0) + 1
    return {
        path: stem if counts[_folded(stem)] == 1 and _is_plain(stem) else _with_hash(stem, path)
        for path, stem in stems.items()
    }


def own_ids(path: str) -> tuple[str | None, str]:
    """Return the two names a report may bear: that of its file (None if unfit), and that with its path's hash."""
    stem = _stem(path)
    return stem if _is_plain(stem) else None, _with_hash(stem, path)


def _stem(path: str) -> str:
    return "stdin" if path == STDIN else Path(path).stem or "report"


def _folded(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).casefold()


def _is_plain(stem: str) -> bool:
    # "x.failure" would take the name of the failure record of "x"; "*" comes from a glob that matched nothing.
    readable = stem.isprintable() and not any(character in '*?"<>|:\\/' for character in stem)
    return readable and not stem.endswith(".failure") and len(os.fsencode(stem)) <= _MAX_ID_BYTES


def _with_hash(stem: str, path: str) -> str:
    digest = hashlib.sha256(os.fsencode(os.path.normpath(path))).hexdigest()[:8]
    allowed = "".join(c if c.isprintable() and c not in '*?"<>|:\\/' else "_" for c in stem)
    cut = allowed.encode("utf-8", "replace")[: _MAX_ID_BYTES - 9].decode("utf-8", "ignore")
    return f"{cut}-{digest}"


def display_path(path: str) -> str:
    """Return a path as valid Unicode; bytes of a name that are none show as backslash escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def to_json(model: BaseModel, *, indent: int | None = 2) -> bytes:
    """Return the model as UTF-8 JSON, Chinese as it is, with a final line feed."""
    from pydantic_core import PydanticSerializationError

    try:
        return model.model_dump_json(indent=indent).encode() + b"\n"
    except PydanticSerializationError:
        # A lone surrogate has no UTF-8, and as the escape \udXXX most JSON readers refuse it.
        text = json.dumps(model.model_dump(), ensure_ascii=False, indent=indent)
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode() + b"\n"


class PendingFile:
    """A file that comes to stand at its place only when it is whole.

    It is written under a hidden name in the folder of ``target``; :meth:`commit` syncs it and renames it over the
    target, which until then keeps what it held.

    Args:
        target: where it comes to stand.
        prefix: of the hidden name.
        sync: wait until the disk has it. Without, the end of a process costs nothing either, but a power failure may
            leave an empty file.

    Raises:
        GongkaiError: ``output.unwritable``, from each method but :meth:`discard`.
    """

    def __init__(self, target: Path, prefix: str = ".gongkai-", *, sync: bool = True):
        self.target = target
        self._sync = sync
        with _writing(target):
            handle, self._temporary = tempfile.mkstemp(dir=target.parent, prefix=prefix, suffix=".tmp")
            self._file = os.fdopen(handle, "wb")

    def write(self, data: bytes) -> None:
        """Append to the file."""
        with _writing(self.target):
            self._file.write(data)

    def commit(self, target: Path | None = None) -> None:
        """Put the file at its target, or at another place in the same folder."""
        with _writing(self.target):
            self._file.flush()
            if self._sync:
                os.fsync(self._file.fileno())
            self._file.close()
            Path(self._temporary).chmod(0o666 & ~_umask())  # mkstemp's 0600 would hide results from colleagues
            Path(self._temporary).replace(target or self.target)

    def discard(self) -> None:
        """Remove what was written; does nothing after :meth:`commit`."""
        with suppress(OSError):
            self._file.close()
        Path(self._temporary).unlink(missing_ok=True)


def write_atomically(target: Path, data: bytes, prefix: str = ".gongkai-", *, sync: bool = True) -> None:
    """Put ``data`` at ``target`` whole or not at all; arguments as for :class:`PendingFile`.

    Raises:
        GongkaiError: ``output.unwritable``.
    """
    pending = PendingFile(target, prefix, sync=sync)
    try:
        pending.write(data)
        pending.commit()
    finally:
        pending.discard()


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GongkaiError("output.unwritable", f"{target} cannot be written: {error.strerror or error}.") from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def make_folder(folder: Path) -> None:
    """Create the folder of the results and those above it.

    Raises:
        GongkaiError: ``output.unwritable``, also when a file stands in its place.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GongkaiError(
            "output.unwritable", f"{folder} cannot be made a folder: {error.strerror or error}."
        ) from error
