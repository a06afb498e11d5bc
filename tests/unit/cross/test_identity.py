"""Authorities: one however its name is written, told apart from others of the name, and never guessed."""

import pytest

from gongkai.pipeline.cross.identity import Identity, Unresolved, identify, one_form

ANYUAN = "江西省萍乡市安源区"


@pytest.mark.parametrize(
    ("authority", "region", "code", "body"),
    [
        ("萍乡市安源区人民政府", None, "360302", "人民政府"),
        ("安源区人民政府", ANYUAN, "360302", "人民政府"),
        ("江西省安源区政府", None, "360302", "人民政府"),
        ("安源区", ANYUAN, "360302", "人民政府"),
        (" 安源区 人民政府 ", None, "360302", "人民政府"),
        ("西湖区教育局", "浙江省杭州市西湖区", "330106", "教育局"),
        ("西湖区教育局", "江西省南昌市西湖区", "360103", "教育局"),
        ("西湖区教育局", "浙江省", "330106", "教育局"),
        ("市教育局", "江西省萍乡市", "360300", "教育局"),
        ("萍乡市教育局", None, "360300", "教育局"),
        ("市场监管局", ANYUAN, "360302", "市场监督管理局"),
        ("安源区市场监督管理局", None, "360302", "市场监督管理局"),
        ("高坑镇人民政府", ANYUAN + "高坑镇", "360302", "高坑镇人民政府"),
        ("安源区高坑镇政府", None, "360302", "高坑镇人民政府"),
        ("国家税务总局安源区税务局", None, "360302", "国家税务总局税务局"),
        ("国家税务总局", None, "", "国家税务总局"),
        ("教育部", None, "", "教育部"),
        ("南昌大学", None, "", "南昌大学"),
        ("清溪县教育局", "清溪县", "", "清溪县教育局"),  # not listed, and its own name
    ],
)
def test_resolved(authority, region, code, body):
    assert identify(authority, region) == Identity(code, body)


@pytest.mark.parametrize(
    ("authority", "region", "reason"),
    [
        (None, ANYUAN, "no_authority"),
        ("  ", None, "no_authority"),
        ("西湖区教育局", None, "ambiguous_division"),
        ("西湖区教育局", "西湖区", "ambiguous_division"),
        ("教育局", "西湖区", "ambiguous_division"),
        ("安源区教育局", "浙江省杭州市", "conflicting_division"),
        ("西湖区教育局", "湖南省长沙市", "ambiguous_division"),
        ("县教育局", ANYUAN, "conflicting_division"),
        ("教育局", None, "no_division"),
        ("市教育局", None, "no_division"),
        ("石桥镇人民政府", "石桥镇", "no_division"),
        ("高新区管委会", "高新区", "no_division"),
        ("国家税务总局高新区税务局", None, "no_division"),
    ],
)
def test_told_not_guessed(authority, region, reason):
    unresolved = identify(authority, region)
    assert isinstance(unresolved, Unresolved)
    assert unresolved.reason == reason


def test_an_ambiguous_name_is_told_with_the_divisions_it_may_mean():
    unresolved = identify("西湖区教育局", None)
    assert "浙江省杭州市西湖区（330106）" in unresolved.message
    assert "江西省南昌市西湖区（360103）" in unresolved.message


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("安源区人民政府", "安源区人民政府办公室"),
        ("安源区税务局", "国家税务总局安源区税务局"),
        ("安源区人民政府", "萍乡市人民政府"),
        ("安源区高坑镇人民政府", "安源区人民政府"),
        ("安源区教育局", "安源区体育局"),
        ("安源区人民政府（本级）", "安源区人民政府"),
    ],
)
def test_different_bodies_stay_different(left, right):
    assert identify(left, None) != identify(right, None)


@pytest.mark.parametrize("body", ["人民政府办公室", "市场监督管理局", "卫生健康委员会", "街道办事处", "教育局"])
def test_one_form_is_idempotent(body):
    assert one_form(body) == one_form(one_form(body)) == body


def test_shown_writes_the_division_out():
    shown = identify("安源区教育局", None).shown()
    assert (shown.code, shown.division, shown.body) == ("360302", ANYUAN, "教育局")
    assert identify("教育部", None).shown().code is None
