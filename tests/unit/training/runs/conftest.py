"""A family that learns in no time and can be told how well it does, fails, or is stopped."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import Field

from gongkai.pipeline.config import Part
from gongkai.training.families import registry
from gongkai.training.families.base import Prediction
from gongkai.training.runs.record import Recorder, Run
from gongkai.training.tasks.config import TaskTraining


class Loss(Part):
    kind: Literal["bce", "focal"] = "bce"


class Big(Part):
    kind: Literal["big"] = "big"
    size: int = 3
    depth: int = 1


class Small(Part):
    kind: Literal["small"] = "small"
    size: int = 1


class ToyTraining(TaskTraining):
    """The model is right about the first ``quality`` of ten texts, one text more each pass."""

    family: Literal["toy"]
    quality: int = Field(ge=0, le=10, default=5)
    epochs: int = Field(gt=0, default=3)
    rate: float = Field(gt=0, default=0.1)
    loss: Loss = Loss()
    body: Annotated[Big | Small, Field(discriminator="kind")] = Big(depth=2)


class ToyFamily:
    """Keeps in ``fits`` what it was asked to learn; ``stop`` is called before each pass."""

    fits: ClassVar[list[dict[str, Any]]] = []
    stop: ClassVar[Callable[[ToyTraining, Path, int], None]] = staticmethod(lambda settings, folder, step: None)

    def fit(self, settings, dataset, folder, seed, tell, progress):
        assert dataset.test == ()
        type(self).fits.append({"settings": settings, "folder": folder, "seed": seed})
        for step in range(1, settings.epochs + 1):
            type(self).stop(settings, folder, step)
            reached = settings.quality * step / settings.epochs / 10
            progress({"step": step, "train_loss": 1 / step + seed / 100, "dev_micro_f1": reached})
        (folder / "toy.json").write_text(json.dumps({"quality": settings.quality, "labels": dataset.labels}))

    def open(self, folder):
        return ToyPredictor(json.loads((folder / "toy.json").read_text()))


class ToyPredictor:
    def __init__(self, model):
        self.model = model

    def predict(self, items):
        return [Prediction({}, (self._label(i, item),)) for i, item in enumerate(items)]

    def _label(self, i, item):
        right = item.labels[0]
        return right if i % 10 < self.model["quality"] else next(x for x in self.model["labels"] if x != right)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Return a way of making settings of the toy family; ``toy.family`` is the family."""
    module = types.ModuleType("toy_family")
    module.ToyTraining, module.ToyFamily = ToyTraining, ToyFamily  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "toy_family", module)
    registered = registry.Registered("toy_family:ToyTraining", "toy_family:ToyFamily")
    monkeypatch.setitem(registry.FAMILIES, "toy", registered)
    monkeypatch.setattr(ToyFamily, "fits", [])
    monkeypatch.setattr(ToyFamily, "stop", staticmethod(lambda settings, folder, step: None))
    for split, start in (("train", 0), ("dev", 100), ("test", 200)):
        lines = [{"text": f"第{start + i}句", "label": ("教育", "医疗")[i % 2]} for i in range(10)]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (tmp_path / f"{split}.jsonl").write_text(text, encoding="utf-8")

    def make(**more) -> ToyTraining:
        data = {
            "task": "multi_class",
            "form": "jsonl",
            **{s: str(tmp_path / f"{s}.jsonl") for s in ("train", "dev", "test")},
        }
        known = {"family": "toy", "name": "toy", "version": "1", "data": data}
        return ToyTraining.model_validate({**known, **more})

    make.family = ToyFamily  # type: ignore[attr-defined]
    return make


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """Return a way of making what is known at the start of a training."""

    def make(**more) -> Run:
        known = {"name": "m", "version": "1", "family": "toy", "seed": 1, "settings": {"a": 1}, "data_sha256": "d" * 64}
        return Run(**{**known, **more})

    return make


@pytest.fixture
def left(make_run) -> Callable[..., Path]:
    """Return a way of leaving the record of a finished training in a folder."""

    def leave(folder: Path, f1: float = 0.5, passes: int = 3, labels=("教育", "医疗"), **more) -> Path:
        with Recorder(folder, make_run(**more)) as recorder:
            for step in range(1, passes + 1):
                recorder.progress({"step": step, "train_loss": 1 / step, "dev_micro_f1": f1 * step / passes})
            each = {x: {"precision": f1, "recall": f1, "f1": f1, "support": 3 + i} for i, x in enumerate(labels)}
            score = {"items": 10, "accuracy": f1, "micro": {"f1": f1}, "macro": {"f1": f1 / 2}, "labels": each}
            recorder.score({"dev": score, "test": score})
        return folder

    return leave
