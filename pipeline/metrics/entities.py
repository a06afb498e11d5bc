"""Named things in running text: documents and their numbers, dates, channels, bodies, places.

Each kind is found by the words that mark it (``entities.yaml``); what nothing marks is left alone, because a wrong
name costs a reader more than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from gongkai.pipeline.metrics.base import EntitySpan
from gongkai.pipeline.metrics.vocabulary import load_words
from gongkai.pipeline.tagging.base import ParagraphInput

_TITLE_LIMIT = 160
_REACH = 14  # how far before its mark a place or body may begin
_OPENING = {"《": 1, "〈": 1, "》": -1, "〉": -1}
_TITLE_MARK = re.compile("[《》〈〉\n]")
_IN_BRACKETS = re.compile(r"[〔［\[【（(〈]((?:19|20)[0-9]{2})年?[〕］\]】）)〉]\s?(第?)\s?([0-9]{1,5})\s?号")
_DECREE = re.compile(r"令(?:[（(])?(?:(?:19|20)[0-9]{2}年)?第\s?[0-9]{1,4}\s?号")
_HAN_TAIL = re.compile("[\u4e00-\u9fff]{1,12}$")
_YMD = r"(?:(?:19|20)[0-9]{2}\s?年)?\s?[01]?[0-9]\s?月\s?[0-3]?[0-9]\s?日"
_DATE = re.compile(
    rf"{_YMD}(?:\s?起?(?:至|到|[-—–~～]{{1,2}})\s?{_YMD})?"
    r"|(?:19|20)[0-9]{2}\s?年(?:\s?[01]?[0-9]\s?月)?"
    r"|(?:19|20)[0-9]{2}[-./](?:1[0-2]|0?[1-9])[-./](?:3[01]|[12][0-9]|0?[1-9])(?![0-9.])"
)
_DAY = re.compile(r"(?:((?:19|20)[0-9]{2})\s?年)?\s?([01]?[0-9])\s?月\s?([0-3]?[0-9])\s?日")
_MONTH = re.compile(r"((?:19|20)[0-9]{2})\s?年(?:\s?([01]?[0-9])\s?月)?$")
_ISO = re.compile(r"([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})$")
_LAST_DAY = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_STANDING = re.compile(
    "(?:^|[，,。；;、（(“])([\u4e00-\u9fff]{1,4}?[市县区])(?=[，,、。；;（(“]|认真|坚持|全面|深入|积极|共|按照|严格|始终|政府|人民|委|[\u4e00-\u9fff]{0,3}局)"
)
_VAGUE_FIRST = frozenset("各全我本该某多两三几市县区城每其新老")


class RuleEntityFinder:
    """Finds entities by their marks. Implements :class:`gongkai.pipeline.metrics.base.EntityFinder`."""

    name = "rules-1"

    def find(self, paragraphs: Sequence[ParagraphInput]) -> list[list[EntitySpan]]:
        """Return the named things of each paragraph."""
        return [find_entities(p.text) for p in paragraphs]


def find_entities(text: str) -> list[EntitySpan]:
    """Find the named things of one paragraph.

    Args:
        text: running text.

    Returns:
        Non-overlapping spans in order. A document holds what its title names, a channel the body that runs it.
    """
    found: list[EntitySpan] = []
    taken: list[tuple[int, int]] = []
    for finder in (_documents, _document_numbers, _dates, _platforms, _bodies, _places):
        for span in finder(text):
            if not any(a < span.end and span.start < b for a, b in taken):
                taken.append((span.start, span.end))
                found.append(span)
    return sorted(found, key=lambda span: span.start)


@dataclass(frozen=True, slots=True)
class _Words:
    """The vocabulary as patterns and look-ups."""

    quoted_platform: re.Pattern[str]
    hotline: re.Pattern[str]
    plain_platform: re.Pattern[str]
    government: re.Pattern[str]
    department: re.Pattern[str]
    fields: frozenset[str]
    longest_field: int
    place_tail: re.Pattern[str]
    levels: frozenset[str]
    province_place: re.Pattern[str]
    stops: re.Pattern[str]
    verbs: re.Pattern[str]
    provinces: tuple[str, ...]
    national: tuple[str, ...]
    not_places: frozenset[str]


def _any_of(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _words() -> _Words:
    raw: dict[str, Any] = load_words("entities.yaml")
    suffix = _any_of(raw["place_suffixes"])
    province = _any_of(raw["provinces"])
    kinds = _any_of(raw["platform_kinds"])
    quote = '[“"][^“”"\n]{1,16}[”"]'
    fields = frozenset(raw["department_fields"])
    return _Words(
        quoted_platform=re.compile(f"{quote}(?:、?{quote}){{0,3}}(?:政府|官方)?(?:{kinds})"),
        hotline=re.compile(f'[0-9]{{5,6}}[”"]?(?:{_any_of(raw["hotlines"])})'),
        plain_platform=re.compile(_any_of(raw["platform_names"])),
        government=re.compile(_any_of(raw["government_suffixes"])),
        department=re.compile(_any_of(raw["department_suffixes"])),
        fields=fields,
        longest_field=max(map(len, fields)),
        place_tail=re.compile(
            f"(?:(?:{province})(?:省|市|自治区)?)?(?:[\u4e00-\u9fff]{{2,3}}(?:{suffix}|镇|乡|街道)){{1,2}}$"
            f"|(?:{province})(?:省|市|自治区)?$|(?:{_any_of(raw['levels'])})$"
        ),
        levels=frozenset(raw["levels"]),
        province_place=re.compile(
            f"(?:{province})(?:(?:省|市|自治区)(?:[\u4e00-\u9fff]{{2,5}}?(?:市|县|区|自治州|州|盟|旗)){{0,2}})"
        ),
        stops=re.compile(_any_of(raw["stop_before"])),
        verbs=re.compile(_any_of(raw["stop_before"] + raw["stop_verbs"])),
        provinces=tuple(raw["provinces"]),
        national=tuple(sorted(raw["national_bodies"], key=len, reverse=True)),
        not_places=frozenset(raw["not_places"]),
    )


def _documents(text: str) -> Iterator[EntitySpan]:
    """《…》 with titles inside titles; one that is not closed within its line and 160 characters is left out."""
    start = text.find("《")
    while start >= 0:
        end = _title_end(text, start)
        if end is None:
            start = text.find("《", start + 1)
            continue
        yield EntitySpan(start, end, "DOCUMENT", text[start:end], "".join(text[start + 1 : end - 1].split()))
        start = text.find("《", end)


def _title_end(text: str, start: int) -> int | None:
    depth = 0
    for mark in _TITLE_MARK.finditer(text, start, min(len(text), start + _TITLE_LIMIT)):
        if mark.group() == "\n":
            return None
        depth += _OPENING[mark.group()]
        if depth == 0:
            return mark.end()
    return None


def _document_numbers(text: str) -> Iterator[EntitySpan]:
    """国办发〔2019〕54号 and 国务院令第711号, with the issuer's letters before the bracket."""
    plain = text.translate(_WIDE_DIGITS)
    for match in _IN_BRACKETS.finditer(plain):
        start = _issuer_start(text, match.start())
        issuer = "".join(text[start : match.start()].split())
        year, ordinal, number = match.groups()
        normal = f"{issuer}〔{year}〕{ordinal}{int(number)}号"
        yield EntitySpan(start, match.end(), "DOCUMENT_NUMBER", text[start : match.end()], normal)
    for match in _DECREE.finditer(plain):
        start = _issuer_start(text, match.start())
        surface = text[start : match.end()]
        yield EntitySpan(start, match.end(), "DOCUMENT_NUMBER", surface, "".join(surface.split()))


def _issuer_start(text: str, mark: int) -> int:
    window = _HAN_TAIL.search(text, max(0, mark - 10), mark)
    if window is None:
        return mark
    return _after_stop(_words().stops, text, window.start(), mark)


def _after_stop(stops: re.Pattern[str], text: str, start: int, end: int) -> int:
    """Return ``start`` moved behind the last word that ends what came before (根据, 由, 的)."""
    for stop in stops.finditer(text, start, end):
        start = stop.end()
    return start


def _dates(text: str) -> Iterator[EntitySpan]:
    for match in _DATE.finditer(text):
        surface = match.group().strip()
        start = match.start() + (len(match.group()) - len(match.group().lstrip()))
        yield EntitySpan(start, start + len(surface), "DATE", surface, _iso(surface))


def _iso(surface: str) -> str | None:
    """Return the ISO date, month, year or interval; None where the year or day is not stated."""
    iso = _ISO.match(surface)
    if iso:
        return _day(*iso.groups())
    days = _DAY.findall(surface)
    if days:
        year = days[0][0]
        points = [_day(y or year, m, d) if (y or year) else None for y, m, d in days]
        return None if None in points else "/".join(str(p) for p in points)
    month = _MONTH.match(surface)
    if month is None:
        return None
    if month.group(2) is None:
        return month.group(1)
    return f"{month.group(1)}-{int(month.group(2)):02d}" if 1 <= int(month.group(2)) <= 12 else None


def _day(year: str, month: str, day: str) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= _LAST_DAY[int(month) - 1]):
        return None
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _platforms(text: str) -> Iterator[EntitySpan]:
    words = _words()
    for match in words.quoted_platform.finditer(text):
        yield EntitySpan(match.start(), match.end(), "PLATFORM", match.group())
    for match in words.hotline.finditer(text):
        start = match.start() - 1 if text[match.start() - 1 : match.start()] in ("“", '"') else match.start()
        start = start if "”" in match.group() or '"' in match.group() else match.start()
        yield EntitySpan(start, match.end(), "PLATFORM", text[start : match.end()])
    for match in words.plain_platform.finditer(text):
        start = _place_before(text, match.start())
        if start < match.start():
            yield EntitySpan(start, match.end(), "PLATFORM", text[start : match.end()])


def _place_before(text: str, mark: int) -> int:
    """Return where the place or level that runs up to ``mark`` begins, or ``mark``."""
    window = _HAN_TAIL.search(text, max(0, mark - _REACH), mark)
    if window is None:
        return mark
    words = _words()
    start = _after_stop(words.verbs, text, window.start(), mark)
    tail = words.place_tail.search(text, start, mark)
    if tail is None:
        return mark
    name = tail.group()
    doubtful = name in words.not_places or name[0] in _VAGUE_FIRST or tail.start() > start
    if len(name) == 1 or not doubtful or name.startswith(words.provinces):
        return tail.start()
    # A verb may stand before the level itself (…会同区教育局): keep only the level.
    return mark - 1 if name[-1] in words.levels else mark


def _bodies(text: str) -> Iterator[EntitySpan]:
    words = _words()
    for name in words.national:
        start = text.find(name)
        while start >= 0:
            yield EntitySpan(start, start + len(name), "ORG", name)
            start = text.find(name, start + len(name))
    for match in words.government.finditer(text):
        start = _place_before(text, match.start())
        if start < match.start():
            yield EntitySpan(start, match.end(), "ORG", text[start : match.end()])
    for match in words.department.finditer(text):
        # 市场监督 + 管理局 is also 市场监督管理 + 局.
        field = _field_before(text, match.start()) or _field_before(text, match.end() - 1)
        if field is None:
            continue
        start = _place_before(text, field)
        if start < field:
            yield EntitySpan(start, match.end(), "ORG", text[start : match.end()])


def _field_before(text: str, mark: int) -> int | None:
    words = _words()
    for length in range(min(words.longest_field, mark), 1, -1):
        if text[mark - length : mark] in words.fields:
            return mark - length
    return None


def _places(text: str) -> Iterator[EntitySpan]:
    words = _words()
    for match in words.province_place.finditer(text):
        yield EntitySpan(match.start(), match.end(), "PLACE", match.group())
    for match in _STANDING.finditer(text):
        start = _after_stop(words.verbs, text, match.start(1), match.end(1))
        name = text[start : match.end(1)]
        # 青山区 is a place though it ends in 山区; 便民园区 is none.
        known = any(name.endswith(word) for word in words.not_places if len(word) > 2 or len(name) > 3)
        if start == match.start(1) and len(name) >= 3 and not known and name[0] not in _VAGUE_FIRST:
            yield EntitySpan(start, match.end(1), "PLACE", name)
