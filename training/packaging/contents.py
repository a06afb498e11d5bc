"""What a trained model is made of: its files, card and scores, and nothing that the training left beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from gongkai.models.engines import FAST_METRICS, FAST_TAGGER
from gongkai.models.store import CARD, CONFIG, LINEAR, NETWORK, SCORES, ModelFolder, open_folder, read_config
from gongkai.pipeline.errors import GongkaiError


@dataclass(frozen=True)
class Part:
    """A model of a package.

    Attributes:
        model: the model, its files checked.
        folder: where it lies in the package's folder of models; ``.`` where it is the only one.
    """

    model: ModelFolder
    folder: str = "."

    @property
    def files(self) -> list[str]:
        """The files it is made of, from its folder."""
        beside = [name for name in (CARD, SCORES) if (self.model.folder / name).is_file()]
        return [*self.model.config["files"], CONFIG, *beside]

    @property
    def card(self) -> str:
        """The model card, empty where none was written."""
        path = self.model.folder / CARD
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    @cached_property
    def scores(self) -> dict[str, Any]:
        """The scores that the training measured, empty where none were kept.

        Raises:
            GongkaiError: ``model.incompatible`` where they cannot be read.
        """
        path = self.model.folder / SCORES
        try:
            scores = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (OSError, ValueError) as error:
            raise GongkaiError("model.incompatible", f"{path} cannot be read: {error}") from error
        if not isinstance(scores, dict):
            raise GongkaiError("model.incompatible", f"{path} holds no scores.")
        return scores


def parts_of(folders: Sequence[Path]) -> list[Part]:
    """Return the models that make up one package.

    Args:
        folders: one model; a tagger and a network for metrics; or one folder that holds these two.

    Raises:
        GongkaiError: ``model.*``, see :func:`gongkai.models.store.open_folder`; ``package.invalid`` where the models
            are no whole together.
    """
    if len(folders) == 1 and not (folders[0] / CONFIG).is_file():
        pair = [folders[0] / name for name in (FAST_TAGGER, FAST_METRICS)]
        if any((folder / CONFIG).is_file() for folder in pair):
            folders = pair
    found = [open_part(folder) for folder in folders]
    families = [part.model.config["family"] for part in found]
    if sorted(families) == [LINEAR, NETWORK]:
        models = {part.model.config["family"]: part.model for part in found}
        return [Part(models[LINEAR], FAST_TAGGER), Part(models[NETWORK], FAST_METRICS)]
    if len(found) != 1:
        raise GongkaiError(
            "package.invalid",
            f"Only a tagger and a network for metrics make a package together; these are {', '.join(families)}.",
        )
    if families == [NETWORK] and not found[0].model.labels:
        raise GongkaiError(
            "package.invalid", f"{folders[0]} finds metrics and gives no labels; package it with a tagger."
        )
    return found


def open_part(folder: Path) -> Part:
    """Return one model, whatever it answers.

    Args:
        folder: where it lies.

    Raises:
        GongkaiError: ``model.*``, see :func:`gongkai.models.store.open_folder`; ``package.invalid`` where it claims a
            file outside its folder.
    """
    config = read_config(folder)
    for name in config["files"]:
        path = PurePosixPath(name)
        inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name
        if not inside or not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise GongkaiError("package.invalid", f"{folder / CONFIG} names a file outside the folder: {name!r}.")
    return Part(open_folder(folder, config["family"]))
