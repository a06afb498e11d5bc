"""The sentences of a report as the search for copies compares them: words, figures and dates apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from gongkai.pipeline.cross.settings import CrossSettings
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.schema import Report
from gongkai.pipeline.segments import split_segments

# Dates and document numbers change with the year whatever the sentence says; ordinals and names (一是, “三公”) are
# words, unless they hold digits.
_DATES = ("date", "document_number")
_FIGURES = ("metric", "marginal")
_NO_WORD = re.compile(r"[\W_]+")
# Stand for what was taken out, so that "公开信息Ｎ" is not taken for "公开信息".
_DATE_MARK, _FIGURE_MARK = "Ｄ", "Ｎ"
_DIGITS = re.compile(r"[0-9]+")
_SHINGLE = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the narrative.

    Attributes:
        paragraph: id of its paragraph.
        text: as it stands in the report.
        words: without punctuation, a mark in place of each figure and each date.
        figures: the figures in order, as written but for white space and separators.
        dates: the dates and document numbers in order, likewise.
    """

    paragraph: str
    text: str
    words: str
    figures: tuple[str, ...]
    dates: tuple[str, ...]

    @property
    def shingles(self) -> frozenset[str]:
        """The trigrams of its words (the words themselves where they are shorter)."""
        last = max(len(self.words) - _SHINGLE + 1, 1)
        return frozenset(self.words[i : i + _SHINGLE] for i in range(last))


def sentences_of(report: Report, settings: CrossSettings) -> list[Sentence]:
    """Return the sentences of a report's narrative that count: its own words, long enough to say something.

    Headings are no paragraphs, so none of them is here; sentences that the Regulation or the form asks for are left
    out, as are sections and short sentences by the settings.

    Args:
        report: a summary; its paragraphs are cut anew, whatever its segments are.
        settings: what is left out.
    """
    return list(_counted(report, settings))


def _counted(report: Report, settings: CrossSettings) -> Iterator[Sentence]:
    chosen = settings.duplicate
    left_out = {section.id for section in report.sections if section.kind in chosen.sections_left_out}
    boilerplate = _boilerplate(settings.boilerplate)
    for paragraph in report.paragraphs:
        if paragraph.section in left_out:
            continue
        for start, end in split_segments(paragraph.text):
            text = paragraph.text[start:end]
            if boilerplate.search(text):
                continue
            sentence = read_sentence(paragraph.id, text)
            marks = len(sentence.figures) + len(sentence.dates)
            if len(sentence.words) - marks >= chosen.min_characters:
                yield sentence


@lru_cache(maxsize=4)
def _boilerplate(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")


def read_sentence(paragraph: str, text: str) -> Sentence:
    """Take a sentence apart.

    Args:
        paragraph: id of its paragraph.
        text: the sentence.
    """
    words: list[str] = []
    figures: list[str] = []
    dates: list[str] = []
    at = 0
    for quantity in find_quantities(text):
        if quantity.kind in _DATES:
            mark, taken = _DATE_MARK, dates
        elif quantity.kind in _FIGURES or _DIGITS.search(quantity.text):
            mark, taken = _FIGURE_MARK, figures
        else:
            continue
        words += [text[at : quantity.start], mark]
        taken.append(_NO_WORD.sub("", quantity.text) if mark == _DATE_MARK else _bare_figure(quantity.text))
        at = quantity.end
    words.append(text[at:])
    return Sentence(paragraph, text, _NO_WORD.sub("", "".join(words)), tuple(figures), tuple(dates))


def _bare_figure(text: str) -> str:
    # 1,204条 and 1204条 are one figure, 98.5% and 985% are not.
    return re.sub(r"[\s,，]+", "", text)
