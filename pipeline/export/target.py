"""Where an export goes: it is built beside its target and takes the target's place only when it is whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.export.definitions import tables
from gongkai.pipeline.export.forms import Form
from gongkai.pipeline.writing import make_folder


@contextmanager
def staged(target: Path, form: Form) -> Iterator[Path]:
    """Give a place to write to; what is there at the end replaces an earlier export at the target.

    Args:
        target: the folder or file that the export is to be.
        form: decides which of them.

    Yields:
        An empty folder, or the path of a file that is not there yet.

    Raises:
        GongkaiError: ``output.unwritable``, also when something stands at the target that is no export of the form.
    """
    target = target.resolve()
    _refuse_what_is_no_export(target, form)
    make_folder(target.parent)
    try:
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=".gongkai-", suffix=".tmp"))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        place = staging / target.name
        if form.folder:
            place.mkdir()
        yield place
        _sync(place)
        _put(place, target)
    except BrokenPipeError:  # of the terminal, not of the target
        raise
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _refuse_what_is_no_export(target: Path, form: Form) -> None:
    """Refuse a target that holds anything else: replacing it would cost someone their files."""
    kind = "a folder" if form.folder else "a file"
    if target.exists() and target.is_dir() != form.folder:
        raise GongkaiError("output.unwritable", f"{target} is there, and an export to {form.name} is {kind}.")
    if form.folder and target.is_dir():
        own = {f"{name}{form.suffix}" for name in tables()}
        foreign = sorted(path.name for path in target.iterdir() if path.name not in own or not path.is_file())
        if foreign:
            raise GongkaiError(
                "output.unwritable", f"The folder {target} holds {foreign[0]!r}, which is no part of an export."
            )
    log = target.with_name(f"{target.name}.wal")
    if form.name == "duckdb" and log.exists():
        # DuckDB would play the log of the old file into the new one.
        raise GongkaiError("output.unwritable", f"{target} is open in another program ({log.name} stands beside it).")


def _sync(place: Path) -> None:
    for path in place.iterdir() if place.is_dir() else (place,):
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _put(place: Path, target: Path) -> None:
    if not target.is_dir():
        place.replace(target)
        return
    earlier = place.with_name(f"{place.name}.earlier")
    target.rename(earlier)
    try:
        place.rename(target)
    except OSError:
        earlier.rename(target)
        raise


def _unwritable(target: Path, error: OSError) -> GongkaiError:
    return GongkaiError("output.unwritable", f"{target} cannot be written: {error.strerror or error}.")
