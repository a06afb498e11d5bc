"""Listed divisions at the start of a name, and which lies in which."""

import pytest

from gongkai.pipeline.structure.divisions import ancestors, contains, names_at_start, unlisted


@pytest.mark.parametrize(
    ("text", "codes", "rest"),
    [
        ("萍乡市安源区教育局", ["360302"], "教育局"),
        ("江西省安源区教育局", ["360302"], "教育局"),  # the prefecture left out
        ("西湖区教育局", ["330106", "360103"], "教育局"),
        ("杭州市西湖区", ["330106"], ""),
        ("萍乡市西湖区教育局", ["360300"], "西湖区教育局"),  # not there
        ("国家税务总局安源区税务局", [], "国家税务总局安源区税务局"),
        ("", [], ""),
    ],
)
def test_names_at_start(text, codes, rest):
    found, end = names_at_start(text)
    assert (found, text[end:]) == (codes, rest)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("360000", "360302", True),
        ("360300", "360302", True),
        ("360302", "360302", True),
        ("360302", "360300", False),
        ("360200", "360302", False),
        ("360302", "360313", False),
    ],
)
def test_contains(outer, inner, expected):
    assert contains(outer, inner) is expected


def test_ancestors_and_unlisted():
    assert ancestors("360302") == ["江西省", "萍乡市", "安源区"]
    assert unlisted("清溪县石桥镇人民政府") == "清溪县石桥镇"
    assert unlisted("市教育局") is None
