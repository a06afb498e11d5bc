"""What an output set holds besides the summaries themselves: records of failures, and the checks between reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from gongkai.pipeline.cross.schema import CrossReport, Pair
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.outputs import CROSS_NAME, OutputSet, Place, is_cross_file
from gongkai.pipeline.schema import Failure, Report
from gongkai.pipeline.writing import display_path

_FAILURE = ".failure.json"


def scan(outputs: OutputSet) -> Iterator[tuple[Place, Report] | Failure | GongkaiError]:
    """Yield what an output set holds, one summary in memory at a time.

    Args:
        outputs: the output set.

    Yields:
        A summary with its place, but of one input (path and bytes) only the first; then the records of inputs that
        could not be read. An error stands for a file or line that is neither.
    """
    seen: set[tuple[str, str]] = set()
    for place in outputs.places():
        try:
            report = outputs.read(place)
        except GongkaiError as error:
            yield error
            continue
        key = (report.source.path, report.source.sha256)
        if key not in seen:
            seen.add(key)
            yield place, report
    for path in sorted(outputs.folder.rglob(f"*{_FAILURE}")):
        hidden = any(part.startswith(".") for part in path.relative_to(outputs.folder).parts)
        if path.is_file() and not hidden:
            yield _failure(path)


def _failure(path: Path) -> Failure | GongkaiError:
    name = display_path(str(path))
    try:
        return Failure.model_validate_json(path.read_bytes())
    except ValidationError:
        return GongkaiError("read.corrupt", f"{name} is not a failure record of Gongkai.")
    except OSError as error:
        return GongkaiError("input.permission", f"{name} cannot be read: {error.strerror or error}.")


def load_cross(folder: Path) -> dict[str, Pair]:
    """Return what ``gongkai cross`` found, by the place of the later report; empty where it was not run.

    Raises:
        GongkaiError: ``read.corrupt`` when ``cross.json`` is damaged, ``input.permission``.
    """
    path = folder / CROSS_NAME
    if not path.is_file() or not is_cross_file(path):  # it may be the summary of a report called "cross"
        return {}
    try:
        found = CrossReport.model_validate_json(path.read_bytes())
    except ValidationError:
        raise GongkaiError("read.corrupt", f"{CROSS_NAME} was not written by gongkai cross.") from None
    except OSError as error:
        raise GongkaiError("input.permission", f"{CROSS_NAME} cannot be read: {error.strerror or error}.") from error
    return {pair.current.file: pair for pair in found.pairs}
