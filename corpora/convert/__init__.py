"""Converters between the corpus and the forms other tools hold it in.

Every converter turns :class:`~gongkai.corpora.records.CorpusParagraph` into a file and, but for BIO, back without loss.
What a form cannot hold is refused with a message, never dropped.
"""

from __future__ import annotations

from typing import Literal

__all__ = ["Form"]

Form = Literal["doccano", "label-studio", "docbin", "bio", "jsonl"]
