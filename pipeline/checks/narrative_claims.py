"""Counts told in the narrative, each with the table cells it speaks of. The wordings are data: ``narrative.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gongkai.pipeline.metrics.base import Quantity
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.schema import ParagraphOut

_SEPARATORS = "，,；;。：:！!？?（()）、\n"
_YEAR = re.compile(r"((?:19|20)[0-9]{2})\s*年")
_TOPICS = re.compile("复议|诉讼|规范性文件|行政许可|行政处罚|行政强制")
_REVIEW_TOPIC = re.compile("信息公开|依申请公开|政务公开")
_PROCEEDING = re.compile("未经复议直接起诉|复议后起诉|复议|诉讼")
_PROCEEDING_ROW = {
    "复议": "review",
    "未经复议直接起诉": "litigation_direct",
    "复议后起诉": "litigation_after_review",
    "诉讼": None,
}
_OWN_CASES = re.compile("审理|承办|受理(?:的)?(?:各类)?行政复议|办理(?:的)?(?:各类)?行政复议|应诉|审结(?!的?#)|代理")
_ZERO_APPLICATION = re.compile("(?:依申请公开|申请)(?:公开)?(?:件|事项|的?情况|信息|的?案件)?$")
_ZERO_VETO = re.compile(
    "投诉|举报|收费|复议|诉讼|超期|逾期|网上|信函|当面|邮寄|传真|不予|第三方|撤|延期|重复|的[^申]{1,6}$"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A count in words against cells.

    Attributes:
        kind: id of the wording, for the message.
        cells: alternatives, each a sum of ``table.row.column`` with ``*`` for all rows of a kind.
        value: what the narrative says.
        text: the words of the count.
        sure: a disagreement is worth reporting; else only agreement is.
        paragraph, sentence: where it stands.
    """

    kind: str
    cells: tuple[str, ...]
    value: float
    text: str
    sure: bool
    paragraph: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Wording:
    id: str
    cells: tuple[str, ...]
    topic: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    units: frozenset[str]
    leading: tuple[str, ...]
    trailing: tuple[str, ...]
    phrases: dict[str, tuple[str, ...]]
    counts: tuple[_Wording, ...]
    application_topic: re.Pattern[str]
    plain_received: re.Pattern[str]
    skip_clause: re.Pattern[str]
    doubtful: re.Pattern[str]
    negation: re.Pattern[str]


@cache
def _rules() -> _Rules:
    raw: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("narrative.yaml").read_text(encoding="utf-8"))
    return _Rules(
        units=frozenset(raw["units"]),
        leading=tuple(sorted(raw["leading"], key=len, reverse=True)),
        trailing=tuple(sorted(raw["trailing"], key=len, reverse=True)),
        phrases={word: tuple(entry["cells"]) for entry in raw["phrases"] for word in entry["words"]},
        counts=tuple(
            _Wording(e["id"], tuple(e["cells"]), e.get("topic", "applications"), tuple(e["patterns"]))
            for e in raw["counts"]
        ),
        application_topic=re.compile(raw["application_topic"]),
        plain_received=re.compile(raw["plain_received"]),
        skip_clause=re.compile(raw["skip_clause"]),
        doubtful=re.compile(raw["doubtful"]),
        negation=re.compile(raw["negation"]),
    )


@cache
def _compiled(year: int | None) -> tuple[tuple[_Wording, tuple[re.Pattern[str], ...]], ...]:
    """Compile the wordings; NEXT stands for the number of the coming year, so 结转至2023年 is understood in 2022."""
    coming = f"{year + 1}" if year else "[0-9]{4}"
    return tuple((w, tuple(re.compile(p.replace("NEXT", coming)) for p in w.patterns)) for w in _rules().counts)


@dataclass(slots=True)
class _Place:
    """A number in its sentence, with the words around it inside its clause (``#`` is the number)."""

    quantity: Quantity
    sentence: str
    before: str
    after: str
    context: str
    shared: bool

    @property
    def clause(self) -> str:
        return f"{self.before}#{self.after}"


def find_claims(paragraph: ParagraphOut, year: int | None) -> Iterator[Claim]:
    """Find the counts of one paragraph that speak of a table cell.

    Args:
        paragraph: text with segments and the headings above it.
        year: the reporting year; counts of another year are left out.
    """
    heading = " ".join(paragraph.path)
    if not (_rules().application_topic.search(heading + paragraph.text) or _TOPICS.search(paragraph.text)):
        return
    for segment in paragraph.segments:
        sentence = paragraph.text[segment.start : segment.end]
        context = f"{heading} {paragraph.text[max(0, segment.start - 300) : segment.start]}"
        quantities = find_quantities(sentence)
        for place in _places(sentence, quantities, context):
            yield from _count_claims(place, paragraph.id, year)
        yield from _zero_claims(sentence, context, paragraph.id, year)


def _places(sentence: str, quantities: Sequence[Quantity], context: str) -> Iterator[_Place]:
    units = _rules().units
    for quantity in quantities:
        if quantity.kind not in ("metric", "marginal") or quantity.comparator != "eq" or quantity.value_max is not None:
            continue
        if quantity.unit not in units:
            continue
        start = max((sentence.rfind(c, 0, quantity.start) for c in _SEPARATORS), default=-1) + 1
        ends = [at for c in _SEPARATORS if (at := sentence.find(c, quantity.end)) >= 0]
        end = min(ends, default=len(sentence))
        before, after = sentence[start : quantity.start].strip(), sentence[quantity.end : end].strip()
        yield _Place(quantity, sentence, before, after, context, _shares_number(sentence, start, quantities))


def _shares_number(sentence: str, start: int, quantities: Sequence[Quantity]) -> bool:
    """True in "自然人、法人申请12件": the clause before 、 has no number of its own."""
    if start == 0 or sentence[start - 1] != "、":
        return False
    earlier = max((sentence.rfind(c, 0, start - 1) for c in _SEPARATORS), default=-1) + 1
    return not any(earlier <= q.start < start for q in quantities)


def _count_claims(place: _Place, paragraph: str, year: int | None) -> Iterator[Claim]:
    if place.shared or _other_year(place, year):
        return
    found = _phrase(place) or _wording(place, year)
    if found is None:
        return
    kind, cells, sure = found
    yield Claim(kind, cells, place.quantity.value, place.quantity.text, sure, paragraph, place.sentence)


def _other_year(place: _Place, year: int | None) -> bool:
    """True when the last year named before the number is not the reporting year."""
    years = _YEAR.findall(place.sentence[: place.quantity.start])
    return (
        bool(years) and year is not None and int(years[-1]) not in (year, year + 1 if "结转" in place.before else year)
    )


def _phrase(place: _Place) -> tuple[str, tuple[str, ...], bool] | None:
    """Outcomes by exact words: 予以公开2件, 2件予以公开."""
    rules = _rules()
    topic = rules.application_topic
    if not (topic.search(place.context) or topic.search(place.sentence)):
        return None
    # 予以公开2件, or 2件予以公开 with nothing but filler words before the number.
    phrase = _lookup(place.before)
    if place.after:
        phrase = _lookup(place.after) if phrase == "" else None
    if not phrase:
        return None
    return phrase, rules.phrases[phrase], _is_sure(place)


def _lookup(clause: str) -> str | None:
    """Return the listed phrase a clause is, fillers at its ends aside; "" when it is nothing but fillers."""
    rules = _rules()
    while clause and clause not in rules.phrases:
        lead = next((w for w in rules.leading if clause.startswith(w)), "")
        tail = next((w for w in rules.trailing if clause.endswith(w)), "")
        if lead:
            clause = clause[len(lead) :]
        elif tail:
            clause = clause[: len(clause) - len(tail)]
        else:
            return None
    return clause


def _wording(place: _Place, year: int | None) -> tuple[str, tuple[str, ...], bool] | None:
    rules = _rules()
    clause = place.clause
    if rules.skip_clause.search(clause):
        return None
    for wording, patterns in _compiled(year):
        if not any(pattern.search(clause) for pattern in patterns):
            continue
        if wording.topic == "applications" and not _about_applications(place, wording.id):
            continue
        if wording.topic == "review":
            if not _about_reviews(place):
                continue
            cells = _last_named(wording.cells, place)
            if cells is None:
                return None
            return wording.id, cells, _is_sure(place) and not _OWN_CASES.search(clause)
        return wording.id, wording.cells, _is_sure(place)
    return None


def _about_applications(place: _Place, wording: str) -> bool:
    """The sentence says so itself; or what stands above it does, and the words leave no room for other applications."""
    rules = _rules()
    if "复议" in place.before:
        return False
    if rules.application_topic.search(place.sentence):
        return True
    if not rules.application_topic.search(place.context):
        return False
    if wording.startswith("carried_over"):
        return True
    return wording != "concluded" and rules.plain_received.search(place.sentence) is not None


def _about_reviews(place: _Place) -> bool:
    if "复议" in place.before and "诉讼" in place.before:
        return False
    return bool(_REVIEW_TOPIC.search(place.sentence) or _REVIEW_TOPIC.search(place.context))


def _last_named(cells: tuple[str, ...], place: _Place) -> tuple[str, ...] | None:
    """Fill LAST with review or litigation, whichever the sentence named last before the number."""
    if not any("LAST" in cell for cell in cells):
        return cells
    named = _PROCEEDING.findall(place.sentence[: place.quantity.start])
    if not named:
        return None
    row = _PROCEEDING_ROW[named[-1]]
    if row:
        return tuple(cell.replace("LAST", row) for cell in cells)
    return tuple(
        f"{cell.replace('LAST', 'litigation_direct')} + {cell.replace('LAST', 'litigation_after_review')}"
        for cell in cells
    )


def _is_sure(place: _Place) -> bool:
    return not _rules().doubtful.search(place.sentence[: place.quantity.start])


def _zero_claims(sentence: str, context: str, paragraph: str, year: int | None) -> Iterator[Claim]:
    """未收到政府信息公开申请; 未发生行政复议、行政诉讼."""
    rules = _rules()
    years = _YEAR.findall(sentence)
    if years and year is not None and int(years[-1]) != year:
        return
    for match in rules.negation.finditer(sentence):
        end = next((i for i in range(match.end(), len(sentence)) if sentence[i] in "，,；;。！!."), len(sentence))
        told = sentence[match.end() : end]
        if len(told) > 60 or any(c.isdigit() for c in told):
            continue
        sure = not rules.doubtful.search(sentence[: match.end()])
        for kind, cells in _zero_cells(told, sentence, context):
            yield Claim(kind, cells, 0, match.group() + told, sure, paragraph, sentence)


def _zero_cells(told: str, sentence: str, context: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    by_id = {w.id: w.cells for w in _rules().counts}
    if "结转" in told and re.search("[下次]一?年", told):
        yield "carried_over_out", by_id["carried_over_out"]
        return
    about_reviews = _REVIEW_TOPIC.search(sentence) or _REVIEW_TOPIC.search(context)
    if about_reviews and "行政复议" in told and not re.search("纠正|败诉|撤销|超期", told):
        yield "review", by_id["review"]
    if about_reviews and "诉讼" in told and not re.search("纠正|败诉|撤销|超期", told):
        yield "litigation", by_id["litigation"]
    topic = _rules().application_topic
    if _ZERO_APPLICATION.search(told) and not _ZERO_VETO.search(told) and (topic.search(told) or topic.search(context)):
        yield "received", by_id["received"]
