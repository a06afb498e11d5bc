"""Puts a trained model where the package ships it: ``python -m gongkai.training.ship FOLDER TARGET``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from gongkai.training.packaging.contents import open_part


def ship(folder: Path, target: Path) -> None:
    """Copy what a model is made of, and nothing that its training left beside it.

    Args:
        folder: a finished training.
        target: where the model goes; replaced.
    """
    names = open_part(folder).files
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in names:
        shutil.copyfile(folder / name, target / name)


if __name__ == "__main__":
    ship(Path(sys.argv[1]), Path(sys.argv[2]))
