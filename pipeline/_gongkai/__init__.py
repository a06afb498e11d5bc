"""Gongkai (公开): Chinese government information-disclosure annual reports as structured data.

    >>> import gongkai
    >>> report = gongkai.annotate("report.html")      # -> gongkai.Report
    >>> nlp = gongkai.load()                          # -> spacy.language.Language

The namespace itself holds no code: names are loaded on first use, so that ``import gongkai`` stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gongkai.pipeline.api import annotate, load
    from gongkai.pipeline.errors import GongkaiError
    from gongkai.pipeline.schema import Report

__all__ = ["GongkaiError", "Report", "annotate", "load"]

_HOMES = {
    "annotate": "gongkai.pipeline.api",
    "load": "gongkai.pipeline.api",
    "Report": "gongkai.pipeline.schema",
    "GongkaiError": "gongkai.pipeline.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gongkai' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
