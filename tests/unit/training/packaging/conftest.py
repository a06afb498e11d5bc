"""Small models as `gongkai train` leaves them: right settings and hashes, and files that no one runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gongkai.models.store import save_config, scheme_labels

MakeModel = Callable[..., Path]


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    def make(folder: str = "mine", *, card: bool = True, scores: Any = None, **settings: Any) -> Path:
        home = tmp_path / folder
        (home / "deep").mkdir(parents=True)
        for name in ("weights.npz", "deep/more.bin"):
            (home / name).write_bytes(name.encode() * 50)
        told = {"name": "my-model", "version": "1.0", "family": "linear", "labels": scheme_labels(), **settings}
        save_config(home, told, ["weights.npz", "deep/more.bin"])
        (home / "checkpoint.safetensors").write_bytes(b"left by the training")
        if card:
            (home / "README.md").write_text("# my-model 1.0\n\n## Labels\n\n中文卡片\n", encoding="utf-8")
        if scores is not None:
            (home / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
        return home

    return make
