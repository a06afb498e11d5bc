"""Heading marks, standing alone or run into their text."""

import pytest

from gongkai.pipeline.structure.headings import find_mark, is_standalone_heading, small_number, split_run_in


@pytest.mark.parametrize(
    ("text", "depth", "number"),
    [
        ("一、总体情况", 1, 1),
        ("十二、附则", 1, 12),
        ("第三部分 依申请公开", 1, 3),
        ("（二）依申请公开", 2, 2),
        ("(十)其他", 2, 10),
        ("1.主动公开", 3, 1),
        ("3、政策解读", 3, 3),
        ("（4）平台", 4, 4),
        ("②监督", 4, None),
        ("一是加强领导", 5, 1),
        ("首先，加强领导", 5, None),
        ("2.5万人次参与", None, None),
        ("一般来说", None, None),
        ("2021年，我局", None, None),
        ("三级联动", None, None),
    ],
)
def test_marks(text, depth, number):
    mark = find_mark(text)
    assert (mark and mark.depth, mark and mark.number) == (depth, number)


@pytest.mark.parametrize(
    ("text", "set_off", "expected"),
    [
        ("（一）主动公开情况", False, True),
        ("（一）主动公开情况。", False, True),
        ("一是加强组织领导", False, True),
        ("一是加强组织领导。", False, False),  # a sentence of its paragraph
        ("主动公开情况", False, False),
        ("主动公开情况", True, True),
        ("全年没有收到申请。", True, False),
        ("（一）我局收到申请；均已答复", False, False),
        ("（二）" + "长" * 60, False, False),
    ],
)
def test_standalone(text, set_off, expected):
    assert is_standalone_heading(text, set_off) is expected


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("（一）主动公开。2021年发布信息12条。", "（一）主动公开。"),
        ("（一）主动公开情况 2021年发布信息12条。", "（一）主动公开情况 "),
        ("一、总体情况：2021年，我局发布信息12条。", "一、总体情况："),
        ("二是加强培训。举办两期。", "二是加强培训。"),
        ("（一）主动公开。", None),
        ("2021年发布信息12条。下一步继续。", None),
    ],
)
def test_run_in(text, heading):
    split = split_run_in(text)
    assert (split and split[0]) == heading
    if split:
        assert split[0] + split[1] == text


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("三十一", 31),
        ("十一二", None),
        ("三二十", None),
        ("", None),
        ("二三", None),
    ],
)
def test_small_numbers(numeral, value):
    assert small_number(numeral) == value


@pytest.mark.parametrize("line", ["十一二、其他", "（十一二）某事", "三二十、某事", "十一十、某事"])
def test_malformed_numbers_are_marks_without_a_number(line):
    assert find_mark(line).number is None
