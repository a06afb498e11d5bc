"""Numerals: rendering a number and reading it back gives the same number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.metrics.numerals import fold, parse_chinese, read_arabic, read_chinese

DIGITS = "零一二三四五六七八九"


def in_chinese(value: int) -> str:
    """Write a whole number below 10**12 in Chinese, the long way round."""
    if value >= 10**8:
        high, low = divmod(value, 10**8)
        return in_chinese(high) + "亿" + _rest(low, 10**7)
    if value >= 10**4:
        high, low = divmod(value, 10**4)
        return in_chinese(high) + "万" + _rest(low, 10**3)
    for size, word in ((1000, "千"), (100, "百"), (10, "十")):
        if value >= size:
            high, low = divmod(value, size)
            head = "" if size == 10 and high == 1 and value < 20 else DIGITS[high]
            return head + word + _rest(low, size // 10)
    return DIGITS[value]


def _rest(low: int, full: int) -> str:
    if low == 0:
        return ""
    text = in_chinese(low)
    if text.startswith("十"):
        text = "一" + text
    return text if low >= full else "零" + text


@given(st.integers(0, 10**12 - 1))
@settings(max_examples=300, deadline=None)
def test_chinese_reads_back(value):
    assert parse_chinese(in_chinese(value)) == value


@given(st.integers(0, 99_999_999), st.booleans())
@settings(deadline=None)
def test_arabic_reads_back_in_any_width(value, wide):
    text = f"{value:,d}"
    if wide:
        text = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    number = read_arabic(fold(text), 0)
    assert number is not None
    assert (number.value, number.end) == (value, len(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百二", 320),
        ("一万五", 15000),
        ("一百零二", 102),
        ("十二", 12),
        ("廿三", 23),
        ("二〇一九", 2019),
        ("两千四百", 2400),
        ("三万亿", 3 * 10**12),
        ("一亿二千万", 120_000_000),
        ("九十八点五", 98.5),
        ("百", 100),
        ("一千零五十", 1050),
    ],
)
def test_ways_of_writing(text, value):
    assert parse_chinese(text) == value


@pytest.mark.parametrize("text", ["", "三五", "十百", "百千", "万万", "一百百", "零零一百", "点五"])
def test_what_is_no_number(text):
    assert parse_chinese(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3万5千", 35000),
        ("1亿2千万", 120_000_000),
        ("1亿2345万", 123_450_000),
        ("20余万", 200_000),
        ("5千", 5000),
        ("1 234", 1234),
    ],
)
def test_mixed_multipliers(text, value):
    number = read_arabic(text, 0)
    assert number is not None
    assert (number.value, number.end) == (value, len(text))


@pytest.mark.parametrize("text", ["5千米", "5千克", "5千瓦时", "5百分点"])
def test_units_that_begin_like_multipliers(text):
    number = read_arabic(text, 0)
    assert number is not None
    assert number.value == 5


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿廿点", max_size=14))
@settings(max_examples=300, deadline=None)
def test_any_run_of_numerals_is_survived(run):
    number = read_chinese(run, 0)
    assert number is None or (number.value >= 0 and 0 < number.end <= len(run))


@given(st.text(max_size=50))
def test_folding_keeps_offsets(text):
    assert len(fold(text)) == len(text)
