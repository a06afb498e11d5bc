"""Gongkai (公开): Chinese government information-disclosure annual reports as structured data.

    >>> import gongkai
    >>> report = gongkai.annotate("report.html")      # -> gongkai.Report
    >>> nlp = gongkai.load()                          # -> spacy.language.Language
    >>> for path, result in gongkai.pipe(paths): ...  # many reports, on all cores

The namespace itself holds no code: names are loaded on first use, so that ``import gongkai`` stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gongkai.pipeline.api import annotate, load
    from gongkai.pipeline.batch.pipe import pipe
    from gongkai.pipeline.errors import GongkaiError
    from gongkai.pipeline.schema import Failure, Report

__all__ = ["Failure", "GongkaiError", "Report", "annotate", "load", "pipe"]

_HOMES = {
    "annotate": "gongkai.pipeline.api",
    "load": "gongkai.pipeline.api",
    "pipe": "gongkai.pipeline.batch.pipe",
    "Failure": "gongkai.pipeline.schema",
    "Report": "gongkai.pipeline.schema",
    "GongkaiError": "gongkai.pipeline.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gongkai' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
