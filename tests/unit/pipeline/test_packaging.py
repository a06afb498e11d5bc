"""The package list of pyproject.toml names every package there is, so that a wheel holds all of them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = ("pipeline", "models", "training", "corpora", "configs")


def test_every_package_is_listed():
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    found = {"gongkai"}
    for room in ROOMS:
        for init in (ROOT / room).rglob("__init__.py"):
            if "_gongkai" not in init.parts:
                found.add("gongkai." + ".".join(init.parent.relative_to(ROOT).parts))
    assert listed == found


def test_modules_stay_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 450
    }
    assert not long
