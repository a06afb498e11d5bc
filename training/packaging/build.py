"""A trained model built into a wheel and a source archive, byte for byte the same each time.

A small project is laid out in a temporary folder and built by ``flit_core``, which leaves out all that differs from
machine to machine: owners, modes and times. Nothing is fetched.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from gongkai.models.installed import DATA, GROUP, META
from gongkai.models.store import REPORT_FAMILIES
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import make_folder
from gongkai.training.families.registry import FAMILIES
from gongkai.training.packaging.contents import Part, parts_of
from gongkai.training.packaging.describe import meta, readme
from gongkai.training.packaging.names import module_name, package_name, package_version

Kind = Literal["wheel", "sdist"]

_EPOCH = "315532800"  # 1980, the first year that a zip archive can tell; SOURCE_DATE_EPOCH overrides it
_README = "README.md"
_PROJECT = """\
[build-system]
requires = ["flit_core>=3.9"]
build-backend = "flit_core.buildapi"

[project]
name = {name}
version = {version}
description = {description}
readme = {readme}
requires-python = ">=3.11"
dependencies = [{requires}]
keywords = ["gongkai", "gongkai-model"]

[project.entry-points.{group}]
{name} = {target}

[tool.flit.module]
name = {module}
"""
_MODULE = '''\
"""The model {name} {version} for Gongkai; it holds data and no other code."""

from pathlib import Path

__version__ = "{version}"


def path() -> Path:
    """Return the folder of the model."""
    return Path(__file__).parent / "{data}"
'''


def package(
    folders: Sequence[Path], out: Path, name: str | None, release: str | None, kinds: Sequence[Kind]
) -> list[Path]:
    """Build a package of a trained model.

    Args:
        folders: see :func:`gongkai.training.packaging.contents.parts_of`.
        out: folder for what is built; made if missing, and a file of the same name there is replaced.
        name: of the package; None for the model's own, where it is one model.
        release: version of the package; None for the model's own.
        kinds: what to build.

    Returns:
        The files built, in the order of ``kinds``.

    Raises:
        GongkaiError: ``model.*`` where there is no whole model; ``package.invalid`` where name, version or models make
            no package; ``package.unavailable`` where the builder is not installed; ``output.unwritable``.
    """
    parts = parts_of(folders)
    called = package_name(name if name is not None else _own(parts, "name", "--name"))
    released = package_version(release if release is not None else _own(parts, "version", "--version"))
    _check_builder()
    make_folder(out)
    with _unwritable(out), tempfile.TemporaryDirectory(dir=out, prefix=".gongkai-") as scratch:
        project = Path(scratch) / "project"
        _lay_out(project, called, released, parts)
        built = [_build(project, kind, Path(scratch) / kind) for kind in kinds]
        return [path.replace(out / path.name) for path in built]


def _own(parts: Sequence[Part], key: str, option: str) -> str:
    found = sorted({str(part.model.config[key]) for part in parts})
    if len(found) > 1:
        raise GongkaiError("package.invalid", f"The models differ in {key} ({', '.join(found)}); say which: {option}.")
    return found[0]


def _check_builder() -> None:
    try:
        for module in ("build", "flit_core.buildapi"):
            import_module(module)
    except ImportError as error:
        raise GongkaiError("package.unavailable", f"The builder of packages is not installed: {error}.") from error


def _lay_out(project: Path, name: str, release: str, parts: Sequence[Part]) -> None:
    module = module_name(name)
    home = project / module
    for part in parts:
        for file in part.files:
            target = home / DATA / part.folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(part.model.folder / file, target)
    described = meta(name, release, parts)
    requires = requirement([part.model.config["family"] for part in parts])
    told = {
        "name": name,
        "version": release,
        "description": f"The model {name} for Gongkai, which reads Chinese government information-disclosure reports",
        "readme": _README,
        "requires": requires,
        "target": f"{module}:path",
        "module": module,
    }
    # A string of JSON with only ASCII in it is one of TOML too.
    quoted = {key: json.dumps(value) for key, value in told.items()}
    texts = {
        project / "pyproject.toml": _PROJECT.format(group=GROUP, **quoted),
        project / _README: readme(described, requires, parts),
        home / "__init__.py": _MODULE.format(name=name, version=release, data=DATA),
        home / META: json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")


def requirement(families: Sequence[str]) -> str:
    """Return what a package of models needs: this version of Gongkai or a later one, with the extras they need.

    Raises:
        GongkaiError: ``package.invalid`` for a family that is not known.
    """
    extras: set[str] = set()
    for family in families:
        if family in REPORT_FAMILIES:
            continue
        if family not in FAMILIES:
            raise GongkaiError("package.invalid", f"There is no family {family}; there are {', '.join(FAMILIES)}.")
        extras |= {FAMILIES[family].extra} - {""}
    wanted = f"[{','.join(sorted(extras))}]" if extras else ""
    return f"gongkai{wanted}>={version('gongkai')}"


def _build(project: Path, kind: Kind, target: Path) -> Path:
    from build import ProjectBuilder
    from pyproject_hooks import quiet_subprocess_runner

    def run(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        epoch = os.environ.get("SOURCE_DATE_EPOCH", _EPOCH)
        quiet_subprocess_runner(cmd, cwd, {"SOURCE_DATE_EPOCH": epoch, **(extra_environ or {})})

    return Path(ProjectBuilder(project, runner=run).build(kind, target))


@contextmanager
def _unwritable(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GongkaiError("output.unwritable", f"{out} cannot be written: {error.strerror or error}.") from error
