"""Title, authority, region, year and form are read from the report's own words."""

from pathlib import Path

import pytest
import yaml

from gongkai.pipeline.document import TextBlock
from gongkai.pipeline.structure.front_matter import form_of, looks_like_title, read_front_matter

CASES = yaml.safe_load((Path(__file__).parents[2] / "data" / "titles.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["title"] + c.get("body", "")[:4])
def test_title_line(case):
    front = read_front_matter([TextBlock(case["title"])], case.get("body", ""), [], {})
    got = (front.title, front.authority, front.region, front.year, form_of(front.year))
    assert got == (case["title"], case["authority"], case["region"], case["year"], case["form"])
    assert front.title_blocks == {0}


def test_title_over_two_lines():
    head = [TextBlock("清溪县教育局"), TextBlock("2021年政府信息公开工作年度报告")]
    front = read_front_matter(head, "", [], {})
    assert front.title == "清溪县教育局2021年政府信息公开工作年度报告"
    assert front.authority == "清溪县教育局"
    assert front.title_blocks == {0, 1}


def test_repeated_title_is_used_once_and_both_lines_are_title():
    head = [TextBlock("清溪县2021年政府信息公开工作年度报告"), TextBlock("清溪县2021年政府信息公开工作年度报告")]
    assert read_front_matter(head, "", [], {}).title_blocks == {0, 1}


def test_authority_from_the_signature_when_the_title_names_none():
    head = [TextBlock("2021年政府信息公开工作年度报告")]
    tail = [TextBlock("清溪县林业局"), TextBlock("2022年1月18日")]
    front = read_front_matter(head, "", tail, {})
    assert (front.authority, front.published) == ("清溪县林业局", "2022-01-18")


@pytest.mark.parametrize(
    ("head", "tail", "meta", "expected"),
    [
        (["发布时间：2022-01-20 10:00"], [], {}, "2022-01-20"),
        ([], ["二〇一二年三月十五日"], {}, "2012-03-15"),
        ([], [], {"pubdate": "2020-01-31 09:12"}, "2020-01-31"),
        ([], ["2022年1月至3月"], {}, None),
        ([], ["2022年13月40日"], {}, None),
        ([], ["2023年2月31日"], {}, None),
        ([], ["二〇二二年十十月一日"], {}, None),
        ([], ["二〇二二年二一月一日"], {}, None),
        ([], ["二〇二二年十九月三十九日"], {}, None),
    ],
)
def test_publication_date(head, tail, meta, expected):
    front = read_front_matter([TextBlock(t) for t in head], "", [TextBlock(t) for t in tail], meta)
    assert front.published == expected


def test_year_from_the_statistics_period_when_the_title_has_none():
    front = read_front_matter(
        [TextBlock("政府信息公开工作年度报告")], "所列数据的统计期限自2020年1月1日起至12月31日止。", [], {}
    )
    assert front.year == 2020


@pytest.mark.parametrize(
    "line",
    [
        "根据《中华人民共和国政府信息公开条例》编制本年度报告",
        "本报告由总体情况、主动公开政府信息情况组成，特此报告",
        "一、总体情况",
    ],
)
def test_prose_is_no_title(line):
    assert not looks_like_title(line)


def test_the_letter_that_passes_a_report_on_is_not_its_title():
    head = [
        "关于公布清溪县2009年度政府信息公开工作年度报告的通知",
        "各乡镇人民政府：",
        "现予公布。",
        "二〇一〇年一月十九日",
    ]
    title = "清溪县2009年度政府信息公开工作年度报告"
    front = read_front_matter([TextBlock(text) for text in [*head, title]], "", [], {})
    assert (front.title, front.authority, front.published) == (title, "清溪县人民政府", "2010-01-19")


def test_a_year_may_stand_in_the_first_of_two_title_lines():
    front = read_front_matter([TextBlock("清溪县人民政府2016年"), TextBlock("政府信息公开工作年度报告")], "", [], {})
    assert front.title == "清溪县人民政府2016年政府信息公开工作年度报告"
    assert front.authority == "清溪县人民政府"


def test_the_body_may_be_named_in_the_opening_only():
    head = ["2014年政府信息公开工作年度报告", "根据《条例》要求，现公布石桥街道办事处2014年政府信息公开工作年度报告。"]
    front = read_front_matter([TextBlock(text) for text in head], "", [], {})
    assert front.authority == "石桥街道办事处"


def test_section_titles_are_no_title_over_two_lines():
    head = [TextBlock("六、其他需要报告的事项"), TextBlock("三、收到和处理政府信息公开申请情况")]
    assert read_front_matter(head, "", [], {}).title is None
