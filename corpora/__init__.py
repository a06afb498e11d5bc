"""Texts the project owns: bundled sample reports and the generator of synthetic ones."""

from __future__ import annotations

from pathlib import Path

__all__ = ["samples_dir"]


def samples_dir() -> Path:
    """Return the folder of the bundled sample reports; they are invented, see sources/README.md."""
    return Path(__file__).with_name("samples")
