"""Names that only the HTML report needs, from ``names.yaml``; all others are those of the other views."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from gongkai.pipeline.config import taxonomy


@cache
def vocabulary() -> dict[str, dict[str, dict[str, str]]]:
    """Return ``{group: {key: {"zh", "en"}}}``."""
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).with_name("names.yaml").read_text(encoding="utf-8")
    )
    return loaded


def both(group: str, key: str) -> str:
    """Return Chinese and English name side by side, the key itself where it has none."""
    entry = vocabulary()[group].get(key)
    return f"{entry['zh']} {entry['en']}" if entry else key


def english(key: str) -> str:
    """Return an id as English words: ``poverty_relief`` is "poverty relief"."""
    return key.replace("_", " ")


@cache
def domains() -> tuple[str, ...]:
    """Return the domains in the order of the label scheme."""
    return tuple(taxonomy()["domains"])
