"""Settings of the CRF family."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from gongkai.training.tasks.config import TaskTraining

Layer = Literal["character", "type", "word", "lexicon"]
Places = tuple[tuple[int, ...], ...]


@cache
def template() -> dict[str, Any]:
    """Return the shipped features and character types, ``crf_template.yaml``."""
    return yaml.safe_load(Path(__file__).with_name("crf_template.yaml").read_text(encoding="utf-8"))


def _shipped_features() -> dict[Layer, Places]:
    return {layer: tuple(map(tuple, places)) for layer, places in template()["features"].items()}


class CrfTraining(TaskTraining):
    """Training of a conditional random field over characters (CRFsuite, L-BFGS); for ``spans``.

    It sees the text alone, not the context, and its model is the same whatever the seed.

    Attributes:
        features: layer → the places whose values make one feature each, see ``crf_template.yaml``; left out, the ones
            that stand there.
        words: whether there is the layer ``word``.
        lexicon: a file with a phrase a line, or a phrase, a tab and its class; gives the layer ``lexicon``.
        scheme: of the tags: ``bioes`` or ``bio``, which learns faster where there are many labels.
        c1, c2: weights of the L1 and L2 penalties.
        max_iterations: bound on the passes.
        min_count: features met less often in train are left out.
    """

    PATHS: ClassVar[tuple[str, ...]] = (*TaskTraining.PATHS, "lexicon")

    family: Literal["crf"]
    features: dict[Layer, Places] = Field(default_factory=_shipped_features)
    words: bool = False
    lexicon: str | None = None
    scheme: Literal["bioes", "bio"] = "bioes"
    c1: float = Field(ge=0, default=0.05)
    c2: float = Field(ge=0, default=0.01)
    max_iterations: int = Field(gt=0, default=100)
    min_count: int = Field(gt=0, default=1)

    @field_validator("features")
    @classmethod
    def _some_features(cls, features: dict[Layer, Places]) -> dict[Layer, Places]:
        if not any(features.values()) or not all(place for places in features.values() for place in places):
            raise ValueError("needs at least one list of places, and none that is empty")
        return features

    @model_validator(mode="after")
    def _marks_spans(self) -> CrfTraining:
        if self.data.task != "spans":
            raise ValueError("family crf marks spans; for labels of whole texts take sklearn, spacy or transformer")
        return self
