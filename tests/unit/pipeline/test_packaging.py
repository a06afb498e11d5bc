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
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert not long


def test_every_data_file_of_a_package_goes_into_the_wheel():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = settings["package-data"]
    missing = []
    for package in settings["packages"]:
        folder = ROOT / settings["package-dir"].get(package, package.removeprefix("gongkai.").replace(".", "/"))
        wanted = patterns["*"] + patterns.get(package, [])
        for path in folder.iterdir():
            code_or_prose = path.suffix in {".py", ".md"} or path.name == "__pycache__"
            if path.is_file() and not code_or_prose and not any(path.match(p) for p in wanted):
                missing.append(str(path.relative_to(ROOT)))
    assert not missing
