"""Unlabelled reports as labelling functions see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from gongkai.pipeline.document import SectionKind
from gongkai.pipeline.schema import TableOut
from gongkai.pipeline.tagging.base import ParagraphInput

# Which text beside a sentence is looked at: itself, the headings above it, or the sentences right before and after it.
Where = Literal["sentence", "heading", "neighbours"]

_JOINER = " / "


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in its place.

    Attributes:
        id: the same in every run over the same source.
        text: as it stands there.
        path: headings above it, outermost first.
        section: kind of the statutory section.
        before, after: the sentences beside it in its paragraph; "" where there is none.
    """

    id: str
    text: str
    path: tuple[str, ...] = ()
    section: SectionKind = "unknown"
    before: str = ""
    after: str = ""

    @property
    def context(self) -> str:
        """The headings above and the sentence before: what models that learn from the corpus are shown, too."""
        return "\n".join(filter(None, (_JOINER.join(self.path), self.before)))

    def look(self, where: Where) -> tuple[str, ...]:
        """Return the texts that stand at a place."""
        if where == "sentence":
            return (self.text,)
        return self.path if where == "heading" else (self.before, self.after)


@dataclass(frozen=True)
class SourceReport:
    """A report whose sentences are voted on.

    Attributes:
        paragraphs: (ids of its sentences, paragraph) in reading order, as models see them.
        tables: its statutory tables by name; empty where a source has none.
    """

    paragraphs: tuple[tuple[tuple[str, ...], ParagraphInput], ...]
    tables: Mapping[str, TableOut] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> tuple[ParagraphInput, ...]:
        """The paragraphs."""
        return tuple(paragraph for _, paragraph in self.paragraphs)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in reading order."""
        return tuple(s for ids, paragraph in self.paragraphs for s in _sentences(ids, paragraph))


def _sentences(ids: tuple[str, ...], paragraph: ParagraphInput) -> list[Sentence]:
    texts = [paragraph.text[start:end] for start, end in paragraph.segments]
    return [
        Sentence(
            id=name,
            text=texts[k],
            path=paragraph.path,
            section=paragraph.section,
            before=texts[k - 1] if k else "",
            after=texts[k + 1] if k + 1 < len(texts) else "",
        )
        for k, name in enumerate(ids)
    ]
