"""A report as the flat sequence of pieces that every renderer writes down one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gongkai.corpora.synthetic.layout import LayoutTable, lay_out
from gongkai.corpora.synthetic.model import Heading, Passage, SyntheticReport


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading (``level`` 1 or 2), a paragraph, or a line of the sign-off."""

    text: str
    kind: Literal["heading", "paragraph", "signature"]
    level: int = 0


def story(report: SyntheticReport) -> Iterator[Piece | LayoutTable]:
    """Yield what stands below the title, in reading order."""
    for section in report.sections:
        if section.title:
            yield Piece(section.title, "heading", 1)
        for part in section.parts:
            if isinstance(part, Passage):
                yield Piece(part.text, "paragraph")
            elif isinstance(part, Heading):
                yield Piece(part.text, "heading", part.level)
            else:
                yield lay_out(report, part.name)
    if report.style.date_place == "end":
        day = date.fromisoformat(report.published)
        yield Piece(report.authority, "signature")
        yield Piece(f"{day.year}年{day.month}月{day.day}日", "signature")


def top_date(report: SyntheticReport) -> str | None:
    """Return the line with the date that stands below the title, if the style puts one there."""
    return f"发布日期：{report.published}" if report.style.date_place == "top" else None
