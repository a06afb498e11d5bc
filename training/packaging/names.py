"""Names and versions that a package may have."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec

from packaging.version import InvalidVersion, Version

from gongkai.models.installed import GROUP, installed, normalised
from gongkai.pipeline.errors import GongkaiError

_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_MAX_NAME = 64  # pip's cache and some file systems take no long names


def package_name(name: str) -> str:
    """Return the name under which a model is installed and chosen, as PEP 503 writes it.

    Args:
        name: of the model.

    Raises:
        GongkaiError: ``package.invalid`` where no package may have that name, or installing it would put it in the
            place of another package or of a module of Python.
    """
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
        raise GongkaiError(
            "package.invalid",
            f"A package cannot be called {name[:_MAX_NAME]!r}: a name begins with a Latin letter and goes on with "
            f"letters, digits and - _ . between them, {_MAX_NAME} characters at most.",
        )
    found = normalised(name)
    module = module_name(found)
    if keyword.iskeyword(module) or module in sys.stdlib_module_names or _is_taken(found, module):
        raise GongkaiError("package.invalid", f"{found} is the name of another package or of a module of Python.")
    return found


def _is_taken(name: str, module: str) -> bool:
    """Tell whether what has this name here is anything but a packaged model."""
    try:
        entries = distribution(name).entry_points
    except PackageNotFoundError:
        spec = find_spec(module)
        # A folder that happens to lie on the path is found as a package without a file of its own.
        found = spec is not None and spec.origin is not None
        return found and module not in {model.module for model in installed()}
    return not any(entry.group == GROUP for entry in entries)


def module_name(name: str) -> str:
    """Return the name of the import package for a name of :func:`package_name`."""
    return name.replace("-", "_")


def package_version(version: str) -> str:
    """Return a version as PEP 440 writes it.

    Raises:
        GongkaiError: ``package.invalid`` where it is none.
    """
    try:
        return str(Version(version))
    except InvalidVersion as error:
        raise GongkaiError("package.invalid", f"{version!r} is no version that pip knows, as 1.0 or 2.1.3.") from error
