"""What a user names on the command line: files, folders, globs, ``@list`` files and standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import STDIN


@dataclass(frozen=True, slots=True)
class Input:
    """One input; ``error`` says why nothing can be read from it."""

    path: str
    error: GongkaiError | None = None


@dataclass(slots=True)
class Inputs:
    """All inputs of a run, without repetition; ``left_out`` counts files of folders by their foreign suffix."""

    items: list[Input] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def expand(arguments: Iterable[str], *, recursive: bool = False) -> Inputs:
    """Turn arguments into inputs.

    Args:
        arguments: paths of files and folders, quoted globs, ``@file`` with one of these a line (``@-``
            reads the list from standard input), or ``-``.
        recursive: enter the folders inside folders.

    Returns:
        The inputs in the order given, the files of a folder by name. What names nothing is an input with an error.
    """
    found = Inputs()
    seen: set[str] = set()
    for argument in arguments:
        for item in _expand_argument(argument, recursive, found.left_out):
            key = STDIN if item.path == STDIN else os.path.realpath(item.path)
            if key not in seen:
                seen.add(key)
                found.items.append(item)
    return found


def _expand_argument(argument: str, recursive: bool, left_out: Counter[str]) -> Iterator[Input]:
    if argument.startswith("@"):
        try:
            entries = _read_list(argument[1:])
        except GongkaiError as error:
            yield Input(argument, error)
            return
        for entry in entries:
            yield from _expand_path(entry, recursive, left_out)
    else:
        yield from _expand_path(argument, recursive, left_out)


def _read_list(path: str) -> list[str]:
    try:
        data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except FileNotFoundError:
        raise GongkaiError("input.not_found", f"The list {path} does not exist.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise GongkaiError("input.permission", f"The list {path} cannot be read as UTF-8: {error}.") from error
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _expand_path(path: str, recursive: bool, left_out: Counter[str]) -> Iterator[Input]:
    if path != STDIN and not Path(path).exists() and glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - keeps the path as the user wrote it
        if not matches:
            yield Input(path, GongkaiError("input.not_found", f"No file matches {path}."))
        for match in matches:
            yield from _expand_one(match, recursive, left_out)
    else:
        yield from _expand_one(path, recursive, left_out)


def _expand_one(path: str, recursive: bool, left_out: Counter[str]) -> Iterator[Input]:
    if path == STDIN or not Path(path).is_dir():
        yield Input(path)  # a file that is missing or no file at all is the reader's to refuse
        return
    files = _files_in(path, recursive, left_out)
    yield from map(Input, files)
    if not files:
        hint = "" if recursive else " (its subfolders are entered with --recursive)"
        message = f"The folder {path} holds no report{hint}."
        yield Input(path, GongkaiError("input.not_found", message))


def _files_in(folder: str, recursive: bool, left_out: Counter[str]) -> list[str]:
    from gongkai.pipeline.readers.formats import (
        CONVERT_FIRST,
        SUPPORTED_SUFFIXES,
    )  # heavy, and the help does not need it

    files: list[str] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if recursive and not name.startswith("."))
        for name in sorted(names):
            if name.startswith((".", "~$")):  # hidden files, and the locks Word leaves beside an open document
                continue
            suffix = Path(name).suffix.lower()
            if name.lower().startswith("readme."):  # speaks of the reports and is none
                left_out["README"] += 1
            elif suffix not in (*SUPPORTED_SUFFIXES, *CONVERT_FIRST):
                left_out[suffix or "no suffix"] += 1
            elif not Path(path := os.path.join(parent, name)).is_file():  # noqa: PTH118 - keeps "./" as given
                left_out["no plain file"] += 1  # a pipe would be waited for without end
            else:
                files.append(path)
    return files
