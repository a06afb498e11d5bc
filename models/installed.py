"""Models installed as packages (``gongkai package`` makes them): found by name, and checked before they are used.

A package says in its entry point of group ``gongkai_models`` which import package holds the model, and in that
package's ``meta.json`` what the model is. Neither is imported to find out: an entry point is only read.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, EntryPoint, distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from gongkai.models.store import CONFIG, REPORT_FAMILIES, ModelFolder, labels_sha256, read_config
from gongkai.pipeline.errors import GongkaiError

GROUP = "gongkai_models"
META = "meta.json"
META_FORMAT = 1
# The folder of an import package that holds the model, as `gongkai train` left it.
DATA = "model"


def normalised(name: str) -> str:
    """Return a package's name in the form in which names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class InstalledModel:
    """A model that came with a package.

    Attributes:
        name: by which it is chosen.
        version: of the package.
        module: the import package that holds it.
        needs: what the package asks of Gongkai, as ``gongkai>=0.1``; empty where it asks for nothing.
    """

    name: str
    version: str
    module: str
    needs: str

    @cached_property
    def home(self) -> Path:
        """Where the import package lies.

        Raises:
            GongkaiError: ``model.unavailable`` where its files are gone.
        """
        spec = find_spec(self.module)
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        if not places:
            raise GongkaiError("model.unavailable", f"The package of the model {self.name} has no files any more.")
        return Path(places[0])

    @property
    def folder(self) -> Path:
        """The model's folder."""
        return self.home / DATA

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The contents of ``meta.json``.

        Raises:
            GongkaiError: ``model.incompatible`` where it cannot be read or is of another format.
        """
        try:
            meta = json.loads((self.home / META).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise GongkaiError("model.incompatible", f"{self.home / META} cannot be read: {error}") from error
        if not isinstance(meta, dict) or meta.get("format") != META_FORMAT:
            raise GongkaiError(
                "model.incompatible",
                f"The package of the model {self.name} is not of format {META_FORMAT}, which this version reads.",
            )
        return meta

    def check(self) -> None:
        """Tell whether this version of Gongkai may use the model, and whether it is the one that was packaged.

        The files are not read: they are checked against ``config.json`` when the model is opened.

        Raises:
            GongkaiError: ``model.incompatible`` where it needs another version of Gongkai or is not what was packaged.
        """
        ours = version("gongkai")
        if self.needs and not Requirement(self.needs).specifier.contains(ours, prereleases=True):
            raise GongkaiError(
                "model.incompatible", f"The model {self.name} {self.version} needs {self.needs}; this is {ours}."
            )
        for part in self.meta["parts"]:
            found = ModelFolder(self.folder / part["folder"], read_config(self.folder / part["folder"]))
            scheme = labels_sha256(found.config.get("labels", []))
            if (found.sha256, scheme) != (part["sha256"], part["label_scheme_sha256"]):
                raise GongkaiError(
                    "model.incompatible",
                    f"{found.folder / CONFIG} is not the one that was packaged as {self.name} {self.version}.",
                )

    @property
    def reads_reports(self) -> bool:
        """Whether ``gongkai annotate`` can use it."""
        return all(part["family"] in REPORT_FAMILIES for part in self.meta["parts"])


def installed() -> list[InstalledModel]:
    """Return the installed models by name; of several packages of one name the first on the path counts."""
    found: dict[str, InstalledModel] = {}
    for distribution in distributions():
        for entry in distribution.entry_points:
            if entry.group == GROUP:
                found.setdefault(normalised(entry.name), _model(distribution, entry))
    return [found[name] for name in sorted(found)]


def _model(distribution: Distribution, entry: EntryPoint) -> InstalledModel:
    needs = ""
    for text in distribution.requires or ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if normalised(requirement.name) == "gongkai":
            needs = f"gongkai{requirement.specifier}"
    return InstalledModel(entry.name, distribution.version, entry.module.partition(".")[0], needs)


def locate(reference: str) -> Path:
    """Return the folder of a model.

    Args:
        reference: an installed model's name, else a folder. A name is compared as pip compares names. What has a
            separator in it (``./my``) is always a folder.

    Raises:
        GongkaiError: ``model.unavailable`` where there is no such model; ``model.incompatible``, see
            :meth:`InstalledModel.check`.
    """
    is_path = any(separator and separator in reference for separator in ("/", os.sep, os.altsep))
    known = [] if is_path else installed()
    for model in known:
        if normalised(model.name) == normalised(reference):
            model.check()
            return model.folder
    folder = Path(reference)
    if not folder.is_dir():
        names = f", and none of that name is installed ({', '.join(m.name for m in known) or 'none is'})"
        raise GongkaiError("model.unavailable", f"There is no model at {reference}{'' if is_path else names}.")
    return folder
