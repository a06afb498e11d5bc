"""Quick starts of processes that run models and train none."""

from __future__ import annotations

import sys


def import_spacy() -> None:
    """Import spaCy without torch, which it would take in wherever it is installed, for a second and 180 MB.

    No model of ours runs on torch. Only for processes of our own: in one that is not, somebody else may want a spaCy
    that knows torch. Does nothing where either is imported.
    """
    if "spacy" in sys.modules or "torch" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment]  # Python's own way to say that there is no such module
    try:
        import spacy  # noqa: F401
    finally:
        del sys.modules["torch"]  # whoever needs it later may have it
