"""Dates, years, periods and clock times: numbers that say when, not how much. Patterns are anchored, never searched."""

from __future__ import annotations

import re

_YEAR = r"(?:19|20)[0-9]{2}"
_ZH_YEAR = "[一二][〇零一二三四五六七八九]{3}"
_TO = r"[ ]?(?:至|到|-{1,2}|~|、|,)[ ]?"
_DAY = r"[0-3]?[0-9][ ]?[日号](?!线|楼|院|文|令|公告)"
_MONTH = r"[01]?[0-9](?:[ ]?月份?)?"
_MONTHS = rf"[01]?[0-9](?:{_TO}[01]?[0-9])?[ ]?月份?"
_TAIL = rf"(?:[ ]?(?:上半年|下半年|第?[一二三四1-4]季度|{_MONTHS}(?:[ ]?{_DAY})?))?"
_POINT = (
    rf"(?:{_YEAR}[ ]?年度?(?:初|底|末|以来)?{_TAIL}"
    rf"|{_YEAR}[-./](?:1[0-2]|0?[1-9])[-./](?:3[01]|[12][0-9]|0?[1-9])(?![0-9%])"
    rf"|{_MONTHS}(?:[ ]?{_DAY})?)"
)
_ARABIC = re.compile(
    rf"{_YEAR}(?:{_TO}(?:{_YEAR}|[0-9]{{2}}))+[ ]?年度?"
    rf"|{_YEAR}[-~至]{_YEAR}(?![0-9])"
    rf"|{_POINT}(?:[ ]?\([^()]{{1,6}}\))?(?:{_TO}(?:{_POINT}|{_DAY}))?"
    rf"|{_POINT}"
    rf"|(?:0[0-9]|1[0-9]|2[0-9])[ ]?年(?=[0-9]{{1,2}}月|度|底|初|末|以来)(?:度|底|初|末)?(?:{_MONTHS}(?:[ ]?{_DAY})?)?"
    rf"|0[0-9]年"
)
_TIME = "(?:[01]?[0-9]|2[0-4]):[0-5][0-9]"
_CLOCK = re.compile(
    rf"{_TIME}(?::[0-5][0-9])?(?:[ ]?(?:-{{1,2}}|~|至|到)[ ]?{_TIME})?(?![0-9%])"
    r"|(?:[01]?[0-9]|2[0-4])[ ]?(?:时[0-5]?[0-9]分|时(?=[至到,。、)]|$)|点[0-5]?[0-9]分)"
)
_HALF_DAY = ("上午", "下午", "早上", "晚上", "凌晨", "中午")
_HOUR = re.compile("[0-9]{1,2}[点时]")
_ONLY_DAY = re.compile(r"[0-3]?[0-9][ ]?日(?!内|均|以内|之内|报|[ ]?\()")
_BARE_YEAR = re.compile(rf"{_YEAR}(?![0-9.,%])")
_CHINESE = re.compile(
    rf"{_ZH_YEAR}年度?(?:[一二三四五六七八九十]{{1,2}}月(?:[一二三四五六七八九十廿]{{1,3}}[日号])?)?"
    r"|[一二三四五六七八九十]{1,2}月份?(?:[一二三四五六七八九十廿]{1,3}[日号])?(?:[至到][一二三四五六七八九十]{1,2}月份?)?"
    r"|[一二三四五六七八九十廿]{1,3}日(?=[前至起])"
)
_ROLLING = re.compile("(?:个月|年|月|天|日|周|个季度|季度|届)(?:来|以来|内|间)?")
_ROLLING_CUES = ("最近", "过去", "此前", "之前", "近")
_PLANS = re.compile(r"年(?:行动|规划|计划|攻坚|大计|滚动|立法|目标)")


def date_at(folded: str, at: int) -> int | None:
    """Return where a date, year, month range or clock time starting at ``at`` ends, or None."""
    match = _CLOCK.match(folded, at) or _ARABIC.match(folded, at) or _CHINESE.match(folded, at)
    if match:
        return match.end() if match.group() else None
    clock = _HOUR.match(folded, at) if folded[max(0, at - 2) : at] in _HALF_DAY else None
    if clock:
        return clock.end()
    day = _ONLY_DAY.match(folded, at)
    return day.end() if day else None


def bare_year_at(folded: str, at: int) -> int | None:
    """Return the end of four digits that read as a year (2019政府信息公开年报), or None."""
    match = _BARE_YEAR.match(folded, at)
    return match.end() if match else None


def rolling_period(folded: str, at: int, number_end: int, floor: int) -> tuple[int, int] | None:
    """Return start and end of a rolling period (近3年, 过去五年); its number spans ``at`` to ``number_end``."""
    before = folded[max(floor, at - 2) : at]
    cue = next((c for c in _ROLLING_CUES if before.endswith(c)), None)
    match = _ROLLING.match(folded, number_end) if cue else None
    return (at - len(cue), match.end()) if match and cue else None


def plan_years(folded: str, number_end: int) -> bool:
    """True where years name a plan (三年行动计划, 五年规划) and measure nothing."""
    return _PLANS.match(folded, number_end) is not None
