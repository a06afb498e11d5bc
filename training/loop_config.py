"""The settings of the training loop and of losses, shared by every family that torch trains; torch is not imported."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from gongkai.pipeline.config import Part


class EarlyStopping(Part):
    """When a training ends before its last epoch; the weights of the best epoch are the ones kept.

    Attributes:
        patience: epochs in a row without a better figure after which it ends.
        metric: the dev figure that is watched, by the name it has in the log; one that ends in ``loss`` should fall,
            any other rise.
    """

    patience: int = Field(gt=0, default=2)
    metric: str = "dev_micro_f1"


class LoopSettings(Part):
    """How a network is trained (see :mod:`gongkai.training.loop`).

    Attributes:
        epochs: passes over the train split.
        learning_rate: of what is trained from scratch.
        weight_decay: of AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101).
        warmup: share of the steps in which the rates rise; after that they fall to 0 in a line.
        precision: of the forward pass: ``bf16`` or ``fp16`` with float32 weights, or ``fp32``. A CPU takes ``bf16`` for
            ``fp16``, an older GPU ``fp16`` for ``bf16``. On a CPU without AVX512-BF16 or AMX ``fp32`` is the fastest.
        device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.
        accumulate: batches whose gradients make one step, for steps larger than memory.
        clip: norm to which a step's gradient is cut back.
        early_stopping: when to end early; left out, all epochs are run and the last weights kept.
        compile: whether torch compiles the network before training: a third less time for a transformer, but the first
            step waits for a minute, and a C++ compiler must be there.
    """

    epochs: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    warmup: float = Field(ge=0, lt=1)
    precision: Literal["bf16", "fp16", "fp32"]
    device: Literal["auto", "cpu", "cuda"] = "auto"
    accumulate: int = Field(gt=0, default=1)
    clip: float = Field(gt=0, default=1.0)
    early_stopping: EarlyStopping | None = None
    compile: bool = False


class BinaryCrossEntropy(Part):
    """Each label for itself, all alike."""

    kind: Literal["bce"] = "bce"


class CrossEntropy(Part):
    """One class of several.

    Attributes:
        smoothing: share of the truth that is spread over all classes (Szegedy et al. 2016, arXiv:1512.00567).
    """

    kind: Literal["cross_entropy"] = "cross_entropy"
    smoothing: float = Field(ge=0, lt=1, default=0.0)


class Focal(Part):
    """What is told well already counts less (Lin et al. 2017, arXiv:1708.02002).

    Attributes:
        gamma: how much less; 0 is plain cross-entropy.
        alpha: weight of what a label is true of, ``1 - alpha`` of the rest; left out, both count 1. Not for classes.
    """

    kind: Literal["focal"] = "focal"
    gamma: float = Field(ge=0, default=2.0)
    alpha: float | None = Field(gt=0, lt=1, default=None)


class ClassBalanced(Part):
    """Rare labels count more, by the effective number of their examples (Cui et al. 2019, arXiv:1901.05555).

    Attributes:
        beta: how much more: 0 not at all, towards 1 by the inverse of their frequency.
        gamma: of a focal loss on top; 0 for none.
    """

    kind: Literal["class_balanced"] = "class_balanced"
    beta: float = Field(ge=0, lt=1, default=0.999)
    gamma: float = Field(ge=0, default=0.0)


def _by_name(value: Any) -> Any:
    """Let ``focal`` stand for ``{kind: focal}``."""
    return {"kind": value} if isinstance(value, str) else value


LabelLoss = Annotated[
    Annotated[BinaryCrossEntropy | Focal | ClassBalanced, Field(discriminator="kind")], BeforeValidator(_by_name)
]
Loss = Annotated[
    Annotated[BinaryCrossEntropy | CrossEntropy | Focal | ClassBalanced, Field(discriminator="kind")],
    BeforeValidator(_by_name),
]
