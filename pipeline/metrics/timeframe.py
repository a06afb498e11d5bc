"""The period a metric holds for and the place or body it speaks of, as written."""

from __future__ import annotations

import re
from bisect import bisect_right

from gongkai.pipeline.metrics.lexicon import vocabulary

_YEAR = r"(?:20\d{2}|19\d{2}|二[○〇零]\d{2}|二[○〇零oO0][一二三四五六七八九○〇零]{2})\s{0,3}年"
_PART = r"(?:度|上半年|下半年|全年|前?第?[一二三四]季度|前三季度|底|末|初)?"
_DAY = r"\s{0,3}\d{1,2}\s{0,3}月(?:\s{0,3}\d{1,2}\s{0,3}日|份|底|末)?"
_RANGE = r"\s{0,3}(?:起?\s{0,3}(?:至|到)|[-—–~～])\s{0,3}"
PERIOD = re.compile(
    rf"(?:截至|截止|截止到|截至到|(?<![加长高升低少短缩降达减增])(?:至|到))\s{{0,3}}(?:目前|现在|年底|年末|本?报告期末|{_YEAR}(?:{_DAY}|{_PART})|{_DAY})(?:为止|止)?"
    rf"|(?:从|自)?\s{{0,3}}{_YEAR}{_DAY}{_RANGE}(?:{_YEAR})?{_DAY}(?:止|期间)?"
    rf"|(?:{_YEAR})?\s{{0,3}}\d{{1,2}}{_RANGE}\d{{1,2}}\s{{0,3}}月份?"
    rf"|(?:自|从)\s{{0,3}}{_YEAR}(?:{_DAY})?\s{{0,3}}(?:以来|起至今|至今|起)"
    rf"|{_YEAR}{_DAY}(?:以来|期间)?"
    rf"|(?:在|于)?{_YEAR}{_PART}(?:内|中|间|期间|以来)?"
    r"|(?:今年|本年度?|当年|近[一两二三四五]年)(?:上半年|下半年|以来|内|度|来)?(?!同期|度?相比)"
    r"|全年度?|年度内|年内|本年度|上半年|下半年|前三季度|第?[一二三四]季度|本?报告期内?|本统计年度|统计期内|目前为止"
    r"|每(?:个?季度|年度?|个?月|半年|周|日|天)(?!督导|通报|考核|度)"
)
# A day or month that dates one event of an earlier sentence does not hold for the next.
_DAY_ONLY = re.compile(rf"{_YEAR}{_DAY}")
# Dates that only tell when something came about, or what is compared with.
_BACKGROUND = re.compile(r"(?:较|比|与|同|是|由|超|于|从|转|至|到)\s*$")
_BACKGROUND_AFTER = re.compile(
    r"\s*(?:同期|相比|的\d|[^，,。；]{0,12}?(?:正式运行|正式启用|正式上线|投入运行|投入使用|成立|挂牌|揭牌|建成))"
)
# A place name: two or three characters none of which is a common word's, then what kind of place it is.
_PLACE_CHAR = (
    r"[^\W\d_的对了共办理受接重点一般各辖确在及和与等我本全该社政府专小园片景校牧库灾超上试示范服务"
    r"候自助咨询事查为由将把从向是有其体群众民公业户名农地]"
)
_PLACE = (
    rf"{_PLACE_CHAR}{{2,3}}(?:自治县|自治州|自治旗|开发区|高新区|新区|街道|县|区|市|镇|乡|旗)"
    r"(?![民场域级长内间块位容直化里道人])"
)
_BODIES = (
    r"(?:直属|直)?(?:政府|单位|部门|乡镇|镇街委|镇街|街道|县区|区县|县[（(]市[、，]区[)）]|地区|市州|科室|处室|股室"
    r"|分局|税务局|市|县|区|镇|街)"
)
_SCOPE_HEAD = re.compile(
    rf"(?:共|其中)?({_PLACE}(?=[\u4e00-\u9fff、]|$)|[省市区县镇乡村、和]{{2,12}}[两二三四五]级"
    rf"|各(?:级|县|市|区|州|旗|乡|镇|街|地)?{_BODIES}(?=[\u4e00-\u9fff]))"
)
_LEVELS = re.compile(r"(?:在|对|由|[，、])([省市区县镇乡村、和]{2,12}[两二三四五]级)")
PART_PLACE = re.compile(
    rf"(?:{_PLACE}|[国省市区县镇乡村州旗]级|[省市区县州]直(?:部门|单位|机关)?|[省市区县州]本级|本级"
    rf"|各(?:级|县|市|区|州|旗|乡|镇|街|地)?{_BODIES}|(?:其他|其余)?(?:县区|区县|乡镇|镇街|部门|单位))(?:部门|单位|政府)?"
)


_FUNCTION = frozenset({"verb", "filler", "manner", "copula", "preposition"})


def find_periods(text: str) -> list[re.Match[str]]:
    """Return the time expressions of a paragraph that are periods, in order.

    Left out are background dates ("2017年8月正式运行"), what a growth is compared with ("较2018年") and titles.
    """
    return [m for m in PERIOD.finditer(text) if _holds(text, m)]


def period_at(text: str, periods: list[re.Match[str]], sentence_starts: list[int], at: int) -> str | None:
    """Return the time a number at offset ``at`` holds for, as written.

    It is the last period before the number in its sentence, else the first that opens a clause of the nearest earlier
    sentence; the date of one event does not reach beyond its sentence.

    Args:
        text: the paragraph.
        periods: from :func:`find_periods`.
        sentence_starts: offsets of its sentences, ascending, the first 0.
        at: offset of the number.
    """
    start = sentence_starts[bisect_right(sentence_starts, at) - 1]
    own = [m for m in periods if start <= m.start() and m.end() <= at]
    if own:
        return _written(own[-1])
    earlier = [m for m in periods if m.end() <= start and _opens(text, m) and not _DAY_ONLY.fullmatch(m.group())]
    if not earlier:
        return None
    nearest = sentence_starts[bisect_right(sentence_starts, earlier[-1].start()) - 1]
    return _written(next(m for m in earlier if m.start() >= nearest))


def _written(match: re.Match[str]) -> str:
    words = re.sub(r"\s+", "", match.group())
    return re.sub(r"^(?:从|自|在|于)(?=.*(?<!以来)(?<!至今)(?<!起)$)|(?<=年)(?:内|中|间|期间)$", "", words)


def _holds(text: str, match: re.Match[str]) -> bool:
    """Whether a time expression is a period, not a background date, a comparison or part of a title."""
    before = text[max(0, match.start() - 2) : match.start()]
    if _BACKGROUND.search(before) or _BACKGROUND_AFTER.match(text, match.end()):
        return False
    opened = max(text.rfind(c, 0, match.start()) for c in "《“")
    return opened < 0 or max(text.find(c, opened, match.start()) for c in "》”") >= 0


def _opens(text: str, match: re.Match[str]) -> bool:
    """Whether nothing but a mark or a short heading stands before the expression in its clause."""
    before = text[max(0, match.start() - 1) : match.start()]
    return not before or before in "，,。；：:、 \n\u3000！？）)." or match.start() == 0


def find_scope(clause: str) -> str | None:
    """Return the place or body a clause opens with, other than the reporting authority's own "我县" or "全区"."""
    match = _SCOPE_HEAD.match(clause) or _LEVELS.search(clause)
    if match is None:
        return None
    known = vocabulary().words
    return None if any(known.get(match.group(1)[:n]) in _FUNCTION for n in (2, 3)) else match.group(1)


def is_place(words: str) -> bool:
    """Whether a part of a whole is a place or a body ("市级", "宿城区", "各镇街")."""
    return PART_PLACE.fullmatch(words) is not None
