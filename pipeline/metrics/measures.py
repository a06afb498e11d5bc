"""Numbers that measure: count + unit with its comparator words, ranges, fractions and percentages in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gongkai.pipeline.metrics.base import QuantityKind
from gongkai.pipeline.metrics.compound import compound
from gongkai.pipeline.metrics.numerals import ZH_DIGITS, Number, parse_chinese, read_arabic, read_chinese, tidy
from gongkai.pipeline.metrics.scan import Found, Scan
from gongkai.pipeline.metrics.vocabulary import (
    Unit,
    comparator_after,
    comparator_before,
    comparators,
    structure_nouns,
    unit_at,
    with_bracket,
)
from gongkai.pipeline.schema import Comparator

_RANGE = re.compile(r"[ ]?(?:-{1,2}|~|至|到)[ ]?(?=[0-9一二两三四五六七八九十])")
_OF = re.compile("(百|千|万)分之")
_OF_UNIT = {"百": "%", "千": "‰", "万": "‱"}
_PART_OF = re.compile(r"([二三四五六七八九十]{1,3}|[0-9]{1,3})分之([一二两三四五六七八九十]{1,3}|[0-9]{1,3})")
_SLASH = re.compile(r"([1-9][0-9]?)/([1-9][0-9]?)(?=以上|以下|左右|的|[。；;，,、）)]|$)(?![0-9/])")
_TENTHS = re.compile(r"成(?![立员果本为功长效绩品年人都型交像就分千语份全熟因套])")
_HALF = re.compile("一半(?![天年个月])|半数")
_FANFOLD = re.compile("[一两二三]番|[1-3]番")
_MAGNITUDES = "十百千万亿"
_NEGATIVE_CUE = ("长", "降", "比", "为", "减", "(", ":", " ")
_ZERO_NOUN = re.compile("(?:申请|投诉|复议|诉讼|举报|事故|上访|发生|案件|收费|公开申请)")
_AROUND_CLOCK = re.compile("(?:不打烊|自助|在线|服务|值班|值守|开放|客服|受理|全天候|热线|监测|应急|不间断|滚动)")
_DURATION_RESULT = re.compile(
    "(?:缩短|压缩|减少|平均|提速|提前|为期|仅需|只需|用时|耗时|时长|累计|共计|达到?|至|压减|节约|不到|不足|平均[\u4e00-\u9fff]{0,8}?|天数|时间|周期)[了到至为约]{0,2}$"
)
_AT_LEAST = re.compile("(?:至少|不少于)[\u4e00-\u9fff]{1,4}$")
_FROM = re.compile("[由从]原?来?的?$")
_SHORTENED = re.compile("[\u4e00-\u9fff]{0,2}(?:缩短|压缩|减少|压减|降)")
_ONE_COUNTED = re.compile(
    "(?:共计?|总计|合计|申请|收到|受理|办理|诉讼|复议|案件|投诉|举报|新增|答复|公开|仅|只|起诉|败诉|胜诉|其中)[了有:]{0,2}$"
)
_ONE_COUNTABLE = frozenset(
    ("件", "宗", "例", "起", "封", "篇", "条", "份", "人", "名", "期", "场", "项", "次", "家", "部")
)
_BREAK = frozenset("，。；、,;)）（(：: ")
_SEVERALLY = re.compile("分别[^。；;]{0,28}$")
_MORE_NUMBERS = re.compile("(?:[、,，和及与][0-9.]{1,9}[万亿]?){1,8}")
_GRAND = re.compile(r"大([\u4e00-\u9fff]{2})")
_NOT_DONE = re.compile("(?:未|没有?|无|未曾)(?:发现|发生|出现|收到|产生|接到|受理|有|收取|引发)?过?$")
_POSSIBLE_AFTER_BARE = frozenset("，。；、,;)） ")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A number with what belongs to it, while it is being put together."""

    number: Number
    end: int
    value: float
    value_max: float | None
    unit: Unit | None
    comparator: Comparator
    bare: bool


def fraction(scan: Scan, at: int) -> Found | None:
    """百分之九十五, 千分之三, 三分之二, 1/3, 九成, 一半, 翻一番."""
    text = scan.text
    return (
        _percent_in_words(scan, at)
        or _part_of(scan, at)
        or _tenths(scan, at)
        or _half(scan, at)
        or _fold_growth(text, at)
    )


def measure(scan: Scan, at: int) -> Found | None:
    """Read number, range, unit and comparator words at ``at``; None where no quantity stands there."""
    number = read_arabic(scan.text, at) or read_chinese(scan.text, at)
    if number is None:
        return _guess_range(scan, at)
    bare = number.chinese and scan.text[at] in _MAGNITUDES and (scan.text[at] != "十" or _vague_before(scan, at))
    reading = _read(scan.text, number, bare)
    if number.chinese:
        return _chinese(scan, reading)
    return _arabic(scan, reading)


def zero_word(scan: Scan, at: int) -> Found | None:
    """零申请, 零投诉: a zero told as a word; annotators leave it open."""
    if scan.text[at] != "零":
        return None
    noun = _ZERO_NOUN.match(scan.text, at + 1)
    return Found(at, noun.end(), "marginal", 0) if noun else None


def _read(text: str, number: Number, bare: bool) -> _Reading:
    end = number.end
    comparator: Comparator = "eq"
    if number.more:
        comparator = comparators().inside[number.more]
    end, inside = _inside(text, end, number)
    comparator = inside or comparator
    unit, unit_end = _unit(text, end, number)
    reading = _Reading(number, unit_end, number.value, None, unit, comparator, bare)
    whole = compound(text, unit_end, number.value, unit.name) if unit else None
    if unit and whole:
        return replace(reading, end=whole.end, value=whole.value, unit=replace(unit, name=whole.unit))
    return _with_range(text, reading)


def _inside(text: str, end: int, number: Number) -> tuple[int, Comparator | None]:
    """Read 余 or 多 between number and unit; 几 and 来 only where a unit follows."""
    at = end + 1 if text[end : end + 1] == " " else end
    gives = comparators().inside.get(text[at : at + 1])
    if gives is None:
        return end, None
    after = _unit(text, at + 1, number)
    if after[0] is not None:
        return at + 1, gives
    if number.chinese or text[at] in "几来" or text.startswith(("余额", "余款", "多元", "多年"), at):
        return end, None
    return at + 1, gives


def _unit(text: str, at: int, number: Number) -> tuple[Unit | None, int]:
    """Read the measure word, up to two spaces away, with 元/吨, 人（次） and 头（只） resolved."""
    start = at
    for _ in range(2):
        if text[start : start + 1] == " ":
            start += 1
    hit = unit_at(text, start)
    if hit is None or (number.chinese and hit[0].arabic_only):
        return None, at
    unit, end = hit
    if bracketed := with_bracket(text, unit, end):
        return bracketed
    for _ in range(2):
        below = unit_at(text, end + 1) if text[end : end + 1] == "/" else None
        if below is None:
            break
        unit, end = replace(unit, name=f"{unit.name}/{below[0].name}", whole=False), below[1]
    return unit, end


def _with_range(text: str, first: _Reading) -> _Reading:
    """Extend 30-50件, 10%—20%, 3至5万元, 三至五个."""
    separator = _RANGE.match(text, first.end)
    if separator is None:
        return first
    number = read_arabic(text, separator.end()) or read_chinese(text, separator.end())
    if number is None or number.chinese != first.number.chinese or number.value <= 0:
        return first
    end, inside = _inside(text, number.end, number)
    unit, unit_end = _unit(text, end, number)
    low = first.value
    if first.unit is None and first.number.factor == 1 and low * number.factor < number.value:
        low *= number.factor
    same = unit is not None and (first.unit is None or first.unit.name == unit.name)
    if not same or number.value <= low:
        return first
    return replace(
        first, end=unit_end, value=tidy(low), value_max=number.value, unit=unit, comparator=inside or first.comparator
    )


def _arabic(scan: Scan, reading: _Reading) -> Found | None:
    text, start = scan.text, reading.number.start
    if reading.unit is None:
        return _unitless(scan, reading)
    value = reading.value
    if start > scan.floor and text[start - 1] == "-" and _negative(text, start, reading.unit):
        start, value = start - 1, -value
    start, end, comparator = _compare(scan, start, reading)
    kind = _kind(scan, reading, start, end)
    return Found(start, end, kind, value, reading.value_max, reading.unit.name, comparator)


def _negative(text: str, start: int, unit: Unit) -> bool:
    return unit.group in ("share", "money") and start >= 2 and text[start - 2] in _NEGATIVE_CUE


def _compare(scan: Scan, start: int, reading: _Reading) -> tuple[int, int, Comparator]:
    """Take in the comparator words that touch; those behind (以上) say more than those before."""
    end, comparator = reading.end, reading.comparator
    limit = reading.unit is not None and reading.unit.limit
    after = comparator_after(scan.text, end, limit)
    before = comparator_before(scan.text, start, scan.floor, reading.bare)
    if before is None and _AT_LEAST.search(scan.text, max(scan.floor, start - 8), start):
        comparator = "gte"
    if before and before[0].gives != "eq":
        start = before[1]
        comparator = before[0].gives
    if after:
        gives, end = after
        comparator = comparator if gives == "approx" and comparator != "eq" else gives
    return start, end, comparator


def _unitless(scan: Scan, reading: _Reading) -> Found | None:
    """A bare number is a figure after 共计, 为 or a colon, where the phrase ends with it."""
    text, start = scan.text, reading.number.start
    begin, end, comparator = _compare(scan, start, reading)
    shared = _shared_unit(scan, reading)
    if shared is not None:
        return Found(begin, end, "metric", reading.value, None, shared, comparator)
    after = text[end : end + 1]
    before = text[max(scan.floor, begin - 4) : begin].rstrip()
    plausible = (
        before.endswith(comparators().plain)
        and not before[-2:-1].isdigit()
        and (after == "" or after in _POSSIBLE_AFTER_BARE)
    )
    scaled = reading.number.factor > 1 or "," in text[start : reading.number.digits_end]
    if not plausible and not scaled and comparator == "eq":
        return None
    return Found(begin, end, "metric" if plausible or scaled else "marginal", reading.value, None, None, comparator)


def _shared_unit(scan: Scan, reading: _Reading) -> str | None:
    """Return 件 for each number of "分别为12、35、107件"."""
    text, start = scan.text, reading.number.start
    if not _SEVERALLY.search(text, max(0, start - 30), start):
        return None
    rest = _MORE_NUMBERS.match(text, reading.end)
    hit = unit_at(text, rest.end()) if rest else None
    return hit[0].name if hit and not hit[0].arabic_only else None


def _chinese(scan: Scan, reading: _Reading) -> Found | None:
    text, number = scan.text, reading.number
    if reading.unit is None:
        return _grand(scan, reading)
    start, end, comparator = _compare(scan, number.start, reading)
    if reading.bare and reading.comparator == "eq" and start == number.start:
        return None
    if number.value == 0 or _is_word(text, number, reading.unit):
        return Found(number.start, reading.end, None)
    kind = _kind(scan, reading, start, end)
    value = reading.value
    if kind == "metric" and reading.bare and start < number.start and text[start] in "数几":
        kind = "marginal"
    if number.value == 1 and kind == "metric":
        start, kind, value = _one(scan, reading)
    return Found(start, end, kind, value, reading.value_max, reading.unit.name, comparator, chinese=True)


def _is_word(text: str, number: Number, unit: Unit) -> bool:
    """十分, 一起, 一行 read as adverbs; 一 with a noun-like unit is part of a word."""
    if unit.name == "分" and number.value == 10:
        return text[number.start - 1 : number.start] not in ("得", "计", "加", "扣")
    return (
        number.value == 1
        and unit.name
        in ("起", "道", "面", "级", "种", "口", "块", "里", "对", "头", "双", "方", "位", "星", "点", "线", "回", "通")
        and (unit.name != "起" or not _NOT_DONE.search(text, max(0, number.start - 6), number.start))
    )


def _one(scan: Scan, reading: _Reading) -> tuple[int, QuantityKind, float]:
    """一件 counts after 申请, 收到, 共 at the end of a phrase; 未发现一起 is a zero; else 一 is an article."""
    text, start, unit = scan.text, reading.number.start, reading.unit
    none = _NOT_DONE.search(text, max(scan.floor, start - 6), start)
    if none:
        return none.start(), "marginal", 0
    after = text[reading.end : reading.end + 1]
    ends = after == "" or after in _BREAK
    counted = unit is not None and unit.name in _ONE_COUNTABLE
    if ends and counted and _ONE_COUNTED.search(text, max(scan.floor, start - 6), start):
        return start, "metric", 1
    return start, "marginal", 1


def _grand(scan: Scan, reading: _Reading) -> Found | None:
    """五大板块: counted groups; and numerals with 余 but no unit (百余) are left open."""
    text, number = scan.text, reading.number
    match = _GRAND.match(text, number.end)
    if match and number.value < 100 and number.value > 1:
        unit = unit_at(text, match.start(1))
        end = unit[1] if unit else match.end()
        return Found(
            number.start, end, "marginal", number.value, None, unit[0].name if unit else match.group(1), chinese=True
        )
    return None


def _kind(scan: Scan, reading: _Reading, start: int, end: int) -> QuantityKind:
    text, unit = scan.text, reading.unit
    if unit is None:
        return "marginal"
    if unit.kind != "metric":
        return unit.kind
    if unit.name == "部" and text.startswith("分", reading.end):
        return "marginal"  # "共七部分": how the report itself is built
    if text.startswith(structure_nouns(), end) and unit.name in ("个", "项", "大", "种") and reading.value < 20:
        return "marginal"
    if unit.time:
        return _duration_kind(scan, reading, start, end)
    return "metric"


def _duration_kind(scan: Scan, reading: _Reading, start: int, end: int) -> QuantityKind:
    """A limit (15个工作日内) is left open; time saved or taken is a result."""
    text = scan.text
    if reading.unit is not None and reading.unit.name in ("岁", "周岁", "学时", "人天"):
        return "metric"
    if _FROM.search(text, max(0, start - 4), start) and _SHORTENED.match(text, end):
        return "metric"
    if _AROUND_CLOCK.match(text, end):
        return "marginal"
    if text[reading.end : end].endswith(("内", "以上", "以下")):
        return "marginal"
    return "metric" if _DURATION_RESULT.search(text, max(0, start - 14), start) else "marginal"


def _vague_before(scan: Scan, at: int) -> bool:
    return at > scan.floor and scan.text[at - 1] in "数几上成"


def _guess_range(scan: Scan, at: int) -> Found | None:
    """两三个, 三五次: neighbouring digits before a unit are a rough range."""
    first, second = ZH_DIGITS.get(scan.text[at]), ZH_DIGITS.get(scan.text[at + 1 : at + 2])
    if not first or not second or not (second == first + 1 or (first, second) == (3, 5)):
        return None
    hit = unit_at(scan.text, at + 2)
    if hit is None or hit[0].arabic_only:
        return None
    return Found(at, hit[1], "marginal", first, second, hit[0].name, "approx", chinese=True)


def _percent_in_words(scan: Scan, at: int) -> Found | None:
    if scan.text.startswith("百分百", at):
        return _share(scan, at, at + 3, 100, "%")
    match = _OF.match(scan.text, at)
    if match is None:
        return None
    number = read_chinese(scan.text, match.end()) or read_arabic(scan.text, match.end())
    if number is None:
        return None
    return _share(scan, at, number.end, number.value, _OF_UNIT[match.group(1)])


def _share(scan: Scan, at: int, end: int, value: float, unit: str | None) -> Found:
    start = at
    comparator: Comparator = "eq"
    before = comparator_before(scan.text, at, scan.floor, False)
    if before:
        start, comparator = before[1], before[0].gives
    after = comparator_after(scan.text, end, False)
    if after:
        comparator, end = after
    return Found(start, end, "metric", tidy(value), None, unit, comparator)


def _part_of(scan: Scan, at: int) -> Found | None:
    match = _PART_OF.match(scan.text, at)
    if match:
        below, above = (float(g) if g.isdigit() and g.isascii() else parse_chinese(g) for g in match.groups())
    else:
        match = _SLASH.match(scan.text, at)
        if match is None or scan.text[at - 1 : at] in tuple("0123456789/."):
            return None
        above, below = float(match.group(1)), float(match.group(2))
        if above >= below or below > 10:
            return None
    if not below or above is None:
        return None
    return _share(scan, at, match.end(), round(above / below, 4), None)


def _tenths(scan: Scan, at: int) -> Found | None:
    number = read_arabic(scan.text, at) or read_chinese(scan.text, at)
    if number is None or not 1 <= number.value <= 10 or not _TENTHS.match(scan.text, number.end):
        return None
    value, end = number.value * 10, number.end + 1
    if number.chinese and (extra := ZH_DIGITS.get(scan.text[end : end + 1])):
        value, end = value + extra, end + 1
    return _share(scan, at, end, value, "%")


def _half(scan: Scan, at: int) -> Found | None:
    """一半, 半数: 0.5 without a unit (guidelines, settled cases)."""
    match = _HALF.match(scan.text, at)
    return _share(scan, at, match.end(), 0.5, None) if match else None


def _fold_growth(text: str, at: int) -> Found | None:
    """翻一番: doubling, reported in 番 as written."""
    if text[at - 1 : at] not in ("翻", "了") or not (match := _FANFOLD.match(text, at)):
        return None
    number = read_chinese(text, at) or read_arabic(text, at)
    return Found(at, match.end(), "metric", number.value, None, "番") if number else None
