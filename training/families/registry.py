"""Every family of models by its name, imported when it is used: most bring heavy libraries."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.families.base import Family
from gongkai.training.tasks.config import TaskTraining

_HERE = "gongkai.training.families"


@dataclass(frozen=True, slots=True)
class Registered:
    """Where a family stands.

    Attributes:
        settings: ``module:Class`` of its part of the configuration, light to import.
        family: ``module:Class`` of the family itself.
        extra: what to install for it; "" for families that need nothing more than the package does.
    """

    settings: str
    family: str
    extra: str = ""


FAMILIES = {
    "sklearn": Registered(f"{_HERE}.sklearn_config:SklearnTraining", f"{_HERE}.sklearn:SklearnFamily"),
    "crf": Registered(f"{_HERE}.crf_config:CrfTraining", f"{_HERE}.crf:CrfFamily", "crf"),
    "spacy": Registered(f"{_HERE}.spacy_config:SpacyTraining", f"{_HERE}.spacy:SpacyFamily"),
    "transformer": Registered(
        f"{_HERE}.transformer_config:TransformerTraining", f"{_HERE}.transformer:TransformerFamily", "train"
    ),
}


def settings_class(name: str) -> type[TaskTraining]:
    """Return the class of a family's settings.

    Raises:
        KeyError: there is no such family.
    """
    return _load(FAMILIES[name].settings)


def get_family(name: str) -> Family:
    """Return a family.

    Raises:
        GongkaiError: ``model.unavailable`` where there is no such family or what it needs is not installed.
    """
    registered = FAMILIES.get(name)
    if registered is None:
        raise GongkaiError("model.unavailable", f"There is no family {name}; there are {', '.join(FAMILIES)}.")
    try:
        return _load(registered.family)()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("gongkai"):
            raise
        wanted = f"; pip install 'gongkai[{registered.extra}]'" if registered.extra else ""
        raise GongkaiError("model.unavailable", f"Family {name} needs {error.name}{wanted}.") from error


def _load(where: str) -> Any:
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)
