"""Reads the markup in which the corpus is written (``corpora/MARKUP.md``)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import cast, get_args

from gongkai.corpora.records import (
    CorpusParagraph,
    CorpusReport,
    EntityMention,
    EntityType,
    MetricMention,
    Sentence,
    Split,
)
from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.document import SectionKind
from gongkai.pipeline.schema import Comparator, Number

_LINE = re.compile(
    r"(?P<flags>[~*]*)\s*(?P<domains>[a-z_,\s-]+?)\s*/\s*(?P<activities>[a-z_,\s-]+?)\s*:\s?(?P<text>.+)"
)
_MARK = re.compile(r"\{([^{}]*)\}|\[([owlt]):([^\[\]{}]*)\]")
_DOCUMENT = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
_DOCUMENT_NUMBER = re.compile(r"[一-鿿]{1,12}〔\d{4}〕\d{1,4}号")
_PLAIN = re.compile(r"(?P<number>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>[^\d\s.,万亿]*)")
# Words that bound a number and belong to its mention; they are taken off only where the annotator gave c=.
_BOUNDS = re.compile(
    r"超过|突破|不低于|不少于|不超过|不足|不到|低于|高于|大于|少于|至少|至多|大约|约为|及以上|以上|以下|以内|左右|上下|[余多近约超逾内]"
)
_ENTITY_TYPES: dict[str, EntityType] = {"o": "ORG", "w": "PLATFORM", "l": "PLACE", "t": "DATE"}
_UNIT_FORMS = {"个百分点": "百分点", "％": "%", "℅": "%"}
_KEYS = frozenset("vxucpswo")
_BREAK = "⏎"


class MarkupError(ValueError):
    """A file does not follow the markup; the message names file and line."""

    def __init__(self, name: str, line: int, message: str):
        super().__init__(f"{name}:{line}: {message}")


@dataclass(slots=True)
class _Draft:
    """A paragraph being read: its text so far and what is marked in it."""

    line: int
    text: str = ""
    sentences: list[Sentence] = field(default_factory=list)
    metrics: list[tuple[MetricMention, str | None]] = field(default_factory=list)
    entities: list[EntityMention] = field(default_factory=list)


def parse(markup: str, name: str, split: Split) -> tuple[CorpusReport, list[CorpusParagraph]]:
    """Compile one report.

    Args:
        markup: the file's text.
        name: the file's stem, which must be the report's id; used in messages.
        split: the split it is kept in.

    Raises:
        MarkupError: the first thing that does not hold, with its line.
    """
    lines = markup.splitlines()
    body = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    report = _head(lines[:body], name, split)
    section: SectionKind = "unknown"
    path: list[str] = []
    paragraphs: list[CorpusParagraph] = []
    draft: _Draft | None = None

    def close() -> None:
        if draft is not None:
            paragraphs.append(_finish(draft, report.id, f"p{len(paragraphs) + 1}", section, path, name))

    for number, line in enumerate(lines[body:], body + 1):
        text = line.strip()
        if not text or text.startswith("#"):
            close()
            draft = None
        if text.startswith("# "):
            section, path = _section(text, name, number), []
        elif text.startswith("#"):
            depth = len(text) - len(text.lstrip("#")) - 2
            if depth > len(path):
                raise MarkupError(name, number, f"heading {text!r} skips a level")
            path = [*path[:depth], text.lstrip("# ").strip()]
        elif text:
            draft = draft or _Draft(number)
            _add_sentence(draft, text, name, number)
    close()
    return report, paragraphs


def _head(lines: list[str], name: str, split: Split) -> CorpusReport:
    fields: dict[str, str] = {"split": split}
    for number, line in enumerate(lines, 1):
        key, colon, value = line.partition(":")
        if not colon:
            raise MarkupError(name, number, f"{line!r} is not of the form key: value")
        fields[key.strip()] = re.sub(r"\s+#.*", "", value).strip()
    try:
        report = CorpusReport.model_validate(fields)
    except ValueError as error:
        raise MarkupError(name, 1, f"the head is wrong: {error}") from error
    if report.id != name:
        raise MarkupError(name, 1, f"the id is {report.id!r}, the file's name {name!r}")
    return report


def _section(line: str, name: str, number: int) -> SectionKind:
    kind = line[2:].partition("|")[0].strip()
    if kind not in get_args(SectionKind):
        raise MarkupError(name, number, f"{kind!r} is no kind of section")
    return cast(SectionKind, kind)


@cache
def _labels(facet: str) -> frozenset[str]:
    return frozenset(taxonomy()[facet])


def _add_sentence(draft: _Draft, line: str, name: str, number: int) -> None:
    match = _LINE.fullmatch(line)
    if not match:
        raise MarkupError(name, number, "a sentence line reads DOMAINS / ACTIVITIES: TEXT")
    labels = {}
    for facet in ("domains", "activities"):
        found = [x.strip() for x in match[facet].split(",") if x.strip() not in ("", "-")]
        unknown = [x for x in found if x not in _labels(facet)]
        if unknown or len(set(found)) < len(found):
            raise MarkupError(name, number, f"unknown or repeated {facet}: {unknown or found}")
        labels[facet] = found
    start = len(draft.text)
    _add_text(draft, match["text"].strip(), name, number)
    draft.sentences.append(
        Sentence(
            start=start,
            end=len(draft.text),
            domains=labels["domains"],
            activities=labels["activities"],
            enumeration="*" in match["flags"],
            template="~" in match["flags"],
        )
    )


def _add_text(draft: _Draft, text: str, name: str, number: int) -> None:
    at = 0
    for mark in _MARK.finditer(text):
        _add_plain(draft, text[at : mark.start()], name, number)
        start = len(draft.text)
        if mark[2]:
            draft.text += mark[3]
            kind = _ENTITY_TYPES[mark[2]]
            draft.entities.append(EntityMention(start=start, end=len(draft.text), text=mark[3], type=kind))
        else:
            draft.metrics.append(_metric(mark[1], start, name, number))
            draft.text += draft.metrics[-1][0].text
        at = mark.end()
    _add_plain(draft, text[at:], name, number)


def _add_plain(draft: _Draft, text: str, name: str, number: int) -> None:
    stray = re.search(r"[{}\[\]|]", text)
    if stray:
        raise MarkupError(name, number, f"stray {stray.group()!r} in {text!r}")
    draft.text += text.replace(_BREAK, "\n")


def _metric(inside: str, start: int, name: str, number: int) -> tuple[MetricMention, str | None]:
    mention, _, rest = inside.partition("|")
    indicator, _, keys = rest.partition("|")
    values: dict[str, str] = {}
    for item in filter(None, keys.split(";")):
        key, equals, value = item.partition("=")
        if key.strip() not in _KEYS or not equals or not value.strip():
            raise MarkupError(name, number, f"{item!r} is no key=value of a metric in {inside!r}")
        values[key.strip()] = value.strip()
    if not mention or not indicator.strip():
        raise MarkupError(name, number, f"a metric reads {{MENTION|INDICATOR|…}}: {inside!r}")
    bare = _BOUNDS.sub("", mention) if "c" in values else mention
    plain = _PLAIN.fullmatch(bare)
    if bare == mention and _BOUNDS.search(mention) and not ("v" in values and "c" in values):
        raise MarkupError(name, number, f"{mention!r} holds a word that bounds the number: give c=")
    if plain is None and not ("v" in values and "u" in values):
        raise MarkupError(name, number, f"{mention!r} is not plain digits and a unit: give v= and u=")
    unit = values["u"] if "u" in values else plain["unit"] if plain else ""
    unit = _UNIT_FORMS.get(unit, unit)
    comparator = values.get("c", "eq")
    if comparator not in get_args(Comparator):
        raise MarkupError(name, number, f"{comparator!r} is no comparator")
    try:
        figure = _number(values["v"] if "v" in values else plain["number"] if plain else "")
        value_max = _number(values["x"]) if "x" in values else None
    except ValueError as error:
        raise MarkupError(name, number, f"{inside!r}: {error}") from error
    metric = MetricMention(
        start=start,
        end=start + len(mention),
        text=mention,
        indicator=indicator.strip(),
        value=figure,
        value_max=value_max,
        unit=None if unit in ("", "-") else unit,
        comparator=cast(Comparator, comparator),
        period=values.get("p"),
        scope=values.get("s"),
        optional="o" in values,
    )
    return metric, values.get("w", indicator.strip())


def _number(text: str) -> Number:
    value = float(text.replace(",", ""))
    return int(value) if value.is_integer() else value


def _finish(
    draft: _Draft, report: str, paragraph: str, section: SectionKind, path: list[str], name: str
) -> CorpusParagraph:
    for kind, pattern in (("DOCUMENT", _DOCUMENT), ("DOCUMENT_NUMBER", _DOCUMENT_NUMBER)):
        for match in pattern.finditer(draft.text):
            found = {"start": match.start(), "end": match.end(), "text": match.group(), "type": kind}
            draft.entities.append(EntityMention.model_validate(found))
    metrics = []
    for metric, words in draft.metrics:
        span = _nearest(draft.text, words, metric.start) if words else None
        metrics.append(metric.model_copy(update={"words": span}))
    return CorpusParagraph(
        report=report,
        paragraph=paragraph,
        section=section,
        path=path,
        text=draft.text,
        sentences=draft.sentences,
        metrics=metrics,
        entities=sorted(draft.entities, key=lambda e: (e.start, -e.end)),
    )


def _nearest(text: str, words: str, position: int) -> tuple[int, int] | None:
    """Return the occurrence of the indicator's words nearest to its number, or ``None`` if they stand nowhere."""
    starts = [m.start() for m in re.finditer(re.escape(words), text)]
    if not starts:
        return None
    start = min(starts, key=lambda s: abs(s - position))
    return start, start + len(words)
