"""Puts a trained model where the package ships it: ``python -m gongkai.training.ship FOLDER TARGET``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from gongkai.models.store import CONFIG, open_folder
from gongkai.training.card import CARD


def ship(folder: Path, target: Path) -> None:
    """Copy what a model is made of, and nothing that its training left beside it.

    Args:
        folder: a finished training.
        target: where the model goes; replaced.
    """
    family = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["family"]
    model = open_folder(folder, family)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in (*model.config["files"], CONFIG, CARD):
        shutil.copyfile(folder / name, target / name)


if __name__ == "__main__":
    ship(Path(sys.argv[1]), Path(sys.argv[2]))
