"""What the place of a sentence says: list heads, preamble, and how section five tells shortcomings from remedies."""

from __future__ import annotations

import re
from typing import Literal

from gongkai.pipeline.tagging.evidence import Evidence, Reading, Span
from gongkai.pipeline.tagging.vocabulary import Vocabulary

Mode = Literal["problems", "improvements"]
MODES: tuple[Mode, Mode] = ("problems", "improvements")

_NUMERAL = "[一二三四五六七八九十]{1,3}"
# The kinds of list head, outermost form first; a new head of one kind ends the one before it.
_MARKERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("section", re.compile(rf"{_NUMERAL}、")),
    ("bracket", re.compile(rf"（{_NUMERAL}）")),
    ("is", re.compile(rf"{_NUMERAL}(?:是|要)")),
    ("ordinal", re.compile(rf"第{_NUMERAL}[，、是]|(?:首先|其次|再次|最后)[，是]")),
    ("number", re.compile(r"\d{1,2}[.．、](?!\d)")),
    ("bracket_number", re.compile(r"（\d{1,2}）|[①-⑳]")),
)
_HEAD_LENGTH = 34
_SENTENCE_END = "。；！？："


def marker(text: str) -> str | None:
    """Return the kind of list head a squeezed sentence opens with, if any."""
    for kind, pattern in _MARKERS:
        if pattern.match(text):
            return kind
    return None


def is_heading(reading: Reading) -> bool:
    """Tell whether a sentence with a list head is only a heading ("一是加强组织领导。")."""
    text = reading.text.rstrip(_SENTENCE_END)
    return len(text) <= _HEAD_LENGTH and "。" not in text and text.count("，") <= 1 and not reading.has("count")


def is_silent(reading: Reading) -> bool:
    """Front matter inside the narrative: how the report was drawn up, where to write, what it consists of."""
    return reading.has("context.silence")


def is_boilerplate(reading: Reading, vocabulary: Vocabulary) -> bool:
    """Political preamble or praise in which nothing was done or counted (guideline: activities 5, domains 5)."""
    if reading.has("context.concrete", "count"):
        return False
    loyal = len(reading.groups.get("context.loyal", ()))
    praise = len(reading.groups.get("context.praise", ()))
    political = reading.has("context.political")
    many: int = vocabulary.context["preamble_at_least"]
    return political or loyal + praise >= many


def is_praise(reading: Reading) -> bool:
    """A sentence that praises and counts nothing inherits nothing either."""
    return reading.has("context.praise") and not reading.has("context.concrete", "count")


def heading_mode(reading: Reading) -> Mode | None:
    """Return whether a heading announces shortcomings or remedies; one that announces both says nothing."""
    said = [mode for mode in MODES if reading.has(f"mode.{mode}")]
    return said[0] if len(said) == 1 else None


def problem_labels(
    reading: Reading, section_five: bool, mode: Mode | None, vocabulary: Vocabulary
) -> tuple[list[Evidence], Mode | None]:
    """Decide between ``problems`` and ``improvements`` for one sentence.

    Args:
        reading: the sentence.
        section_five: it stands in the section on shortcomings and remedies, or under a heading that says so.
        mode: what the heading, or else the sentences before, were telling.
        vocabulary: the vocabulary.

    Returns:
        The evidence for either label or both, and the mode that holds for the next sentence.
    """
    found = {label: [e for e in reading.activities if e.label == label] for label in MODES}
    if not section_five:
        # Outside that section a shortcoming must be called one: "不足" alone is also "less than".
        kept = [e for label in MODES for e in found[label] if e.phrase in vocabulary.activities[label].anywhere]
        return kept, mode
    quoted = _quoted_span(reading)
    lacking = [e for e in found["problems"] if not _only_within(reading.text, e.phrase, quoted)]
    plans = [e for e in found["improvements"] if e.strong]
    works = [e for e in found["improvements"] if not e.strong]
    chosen = _choose(reading, lacking, plans, works, mode, quoted is not None)
    section = Evidence("activity", "", "", vocabulary.weights["medium"], "section", True)
    evidence = [e for label in chosen for e in (found[label] or [section._replace(label=label)])]
    if evidence and not any(e.weight >= section.weight for e in evidence):
        evidence.append(section._replace(label=chosen[-1]))
    return evidence, (chosen[-1] if chosen else mode)


def _choose(
    reading: Reading,
    lacking: list[Evidence],
    plans: list[Evidence],
    works: list[Evidence],
    mode: Mode | None,
    quoted: bool,
) -> list[Mode]:
    if plans or quoted:
        first_plan = min((reading.text.find(e.phrase) for e in plans), default=0)
        before = any(0 <= reading.text.find(e.phrase) < first_plan for e in lacking)
        return ["problems", "improvements"] if before and mode != "improvements" else ["improvements"]
    if mode == "improvements":
        return ["problems"] if lacking and not works else ["improvements"]
    if lacking:
        return ["problems"]
    if mode == "problems":
        return ["problems"] if not is_praise(reading) else []
    return ["improvements"] if works else []


def _quoted_span(reading: Reading) -> Span | None:
    """Return the span of "针对…的问题", in which a shortcoming is quoted and not told."""
    for start, end in reading.groups.get("quoted.open", ()):
        close = next((c for c in reading.groups.get("quoted.close", ()) if c[0] >= end), None)
        if close is None:
            return None
        if "。" not in reading.text[end : close[0]]:
            return start, close[1]
    return None


def _only_within(text: str, phrase: str, span: Span | None) -> bool:
    if span is None or "…" in phrase:
        return False
    at = text.find(phrase)
    while at >= 0:
        if not (span[0] <= at and at + len(phrase) <= span[1]):
            return False
        at = text.find(phrase, at + 1)
    return True
