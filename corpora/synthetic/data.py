"""The generator's YAML files, each read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def material(name: str) -> dict[str, Any]:
    """Return the mapping in ``<name>.yaml`` beside this module; callers must not change it."""
    text = files("gongkai.corpora.synthetic").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
