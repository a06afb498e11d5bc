"""Getting a :class:`Report` to show or to check: from a summary JSON, or by reading the report itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Failure, Report


def load_report(path: str, read: Callable[[str], Report]) -> Report:
    """Return the report at ``path``.

    Args:
        path: a summary ``.json``, else a report file or ``-``.
        read: makes a Report of a report file.

    Raises:
        GongkaiError: as ``read``; ``read.corrupt`` for a JSON file that is no summary; the recorded code for a
            failure record.
    """
    if Path(path).suffix.lower() != ".json":
        return read(path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise GongkaiError("input.not_found", f"{path} does not exist.") from None
    except IsADirectoryError:
        raise GongkaiError("input.not_a_file", f"{path} is a folder.") from None
    except OSError as error:
        raise GongkaiError("input.permission", f"{path} cannot be opened: {error.strerror or error}.") from error
    _raise_recorded_failure(data)
    try:
        return Report.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the top level"
        message = f"{path} is not a summary of Gongkai ({error.error_count()} differences; {place}: {first['msg']})."
        raise GongkaiError("read.corrupt", message) from None


def _raise_recorded_failure(data: bytes) -> None:
    try:
        failure = Failure.model_validate_json(data)
        recorded = GongkaiError(failure.code, f"{failure.path} could not be read: {failure.message}")
    except (ValidationError, KeyError):
        return
    raise recorded
