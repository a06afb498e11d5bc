"""Typed settings of the checks between reports; the data is ``cross.yaml`` beside this module."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from gongkai.pipeline.config import Part
from gongkai.pipeline.cross.schema import CopyKind
from gongkai.pipeline.document import SectionKind


class DuplicateSettings(Part):
    """How copied sentences are found, and how many are too many; ``cross.yaml`` says what each is for."""

    similarity: float = Field(gt=0, le=1)
    bands: int = Field(gt=0)
    rows: int = Field(gt=0)
    seed: int = Field(ge=0)
    min_characters: int = Field(gt=0)
    min_sentences: int = Field(gt=0)
    max_share: float = Field(ge=0, le=1)
    counted: tuple[CopyKind, ...]
    evidence: int = Field(ge=0)
    sections_left_out: tuple[SectionKind, ...]


class CrossSettings(Part):
    """All settings of ``gongkai cross``."""

    duplicate: DuplicateSettings
    boilerplate: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Hash of the canonical JSON of all settings, written into ``cross.json``."""
        canonical = json.dumps(self.model_dump(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def with_max_share(self, max_share: float | None) -> CrossSettings:
        """Return the settings with another share of copied sentences as the limit; ``None`` changes nothing."""
        if max_share is None:
            return self
        return self.model_copy(update={"duplicate": self.duplicate.model_copy(update={"max_share": max_share})})


@cache
def default_settings() -> CrossSettings:
    """Return the shipped settings."""
    raw = yaml.safe_load(Path(__file__).with_name("cross.yaml").read_text(encoding="utf-8"))
    return CrossSettings.model_validate(raw)
