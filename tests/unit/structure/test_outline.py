"""Sections are found however an office numbers and words them; nothing of the text is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.pipeline.document import FlatTable, SourceDocument, SourceInfo, TextBlock
from gongkai.pipeline.structure.build import build_outline

STATUTORY = ["overview", "proactive_disclosure", "applications", "review_litigation", "problems", "other_matters"]
TITLE = "清溪县2021年政府信息公开工作年度报告"
PROSE = "全年工作平稳有序，各项任务按期完成。"


def outline_of(lines, bold=()):
    blocks = [TextBlock(line, bold=line in bold) for line in lines]
    return build_outline(SourceDocument(SourceInfo("x.txt", "text/plain", "utf-8", "", 0), blocks))


def kinds(outline):
    return [s.kind for s in outline.sections if s.level == 1 and s.kind != "front_matter"]


NUMBERED = [
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
]


def with_prose(titles):
    return [TITLE, *(line for title in titles for line in (title, PROSE))]


@pytest.mark.parametrize(
    "titles",
    [
        NUMBERED,
        [t.split("、", 1)[1] for t in NUMBERED],
        ["一、总体情况", "三、主动公开政府信息情况", *NUMBERED[2:]],
        ["一、总体情况", "一、主动公开政府信息情况", *NUMBERED[2:]],
        [*NUMBERED[:2], "收到和处理政府信息公开申请情况", *NUMBERED[3:]],
        [
            "一、工作概述",
            "二、主动公开信息情况",
            "三、依申请公开办理情况",
            "四、因政府信息公开被申请行政复议、提起诉讼情况",
            "五、工作中的不足与下一步打算",
            "六、其他事项",
        ],
        [
            "第一部分 总体情况",
            "第二部分 主动公开政府信息情况",
            "第三部分 收到和处理政府信息公开申请情况",
            "第四部分 行政复议、行政诉讼情况",
            "第五部分 存在的问题及改进措施",
            "第六部分 其他需要报告的事项",
        ],
    ],
    ids=["official", "no numbers", "skipped number", "repeated number", "one number lost", "reworded", "parts"],
)
def test_titles(titles):
    outline = outline_of(with_prose(titles))
    assert kinds(outline) == STATUTORY
    assert [p.section_kind for p in outline.paragraphs] == STATUTORY


def test_sub_headings_numbered_like_sections_do_not_open_sections():
    nested = ["一、主动公开情况", PROSE, "二、依申请公开情况", PROSE, "三、平台建设", PROSE]
    lines = [TITLE, NUMBERED[0], PROSE, *nested, *with_prose(NUMBERED[1:])[1:]]
    outline = outline_of(lines)
    assert kinds(outline) == STATUTORY
    assert [p.path for p in outline.paragraphs if p.section_kind == "overview" and p.text == PROSE] == [
        [],
        ["一、主动公开情况"],
        ["二、依申请公开情况"],
        ["三、平台建设"],
    ]


def test_bold_sub_heading_titled_like_a_section_stays_in_its_section():
    lines = [TITLE, NUMBERED[0], "主动公开情况", PROSE, *with_prose(NUMBERED[1:])[1:]]
    outline = outline_of(lines, bold={"主动公开情况"})
    assert kinds(outline) == STATUTORY
    assert outline.paragraphs[1].path == ["主动公开情况"]


def test_run_in_section_title():
    outline = outline_of([TITLE, "一、总体情况。2021年工作平稳有序。", *with_prose(NUMBERED[1:])[1:]])
    assert kinds(outline) == STATUTORY
    assert outline.paragraphs[0].text == "2021年工作平稳有序。"


def test_heading_path_and_sub_sections():
    point = "一是及时发布。全年发布12条。"
    outline = outline_of(
        [TITLE, NUMBERED[0], "（一）主动公开", "1.政策文件", "一是及时发布。全年发布12条。", "（二）平台建设", PROSE]
    )
    paths = {p.text: p.path for p in outline.paragraphs}
    assert paths[point] == ["（一）主动公开", "1.政策文件", "一是及时发布"]
    assert paths[PROSE] == ["（二）平台建设"]
    assert paths["（一）主动公开"] == []
    top, first, second, third = outline.sections
    assert (first.parent, second.parent, third.parent) == (top.id, first.id, top.id)
    assert (first.level, second.level, third.level) == (2, 3, 2)


def test_front_matter_is_kept():
    outline = outline_of([TITLE, "根据《条例》编制本报告。", *with_prose(NUMBERED)[1:]])
    assert outline.paragraphs[0].section_kind == "front_matter"
    assert outline.paragraphs[0].text == "根据《条例》编制本报告。"


def test_without_any_title_everything_is_one_unknown_section():
    outline = outline_of(["今年工作有序推进。", "下一年继续努力。"])
    assert kinds(outline) == ["unknown"]
    assert {d.code for d in outline.diagnostics} == {
        "structure.no_sections",
        "structure.no_year",
        "structure.no_authority",
    }


def test_tables_keep_their_section():
    blocks = [TextBlock(NUMBERED[0]), TextBlock(PROSE), TextBlock(NUMBERED[1]), FlatTable(["规章", "1"])]
    outline = build_outline(SourceDocument(SourceInfo("x", "text/plain", None, "", 0), blocks))
    assert [(t.section_kind, t.content) for t in outline.tables] == [("proactive_disclosure", blocks[3])]


@pytest.mark.parametrize(
    "bare", [["一概述", "二 政府信息主动公开情况", "三 依申请公开情况"], ["一 总体情况", "二 主动公开政府信息情况"]]
)
def test_numerals_without_a_mark_number_listed_titles(bare):
    outline = outline_of(with_prose(bare))
    assert kinds(outline) == STATUTORY[: len(bare)]
    assert [p.text for p in outline.paragraphs] == [PROSE] * len(bare)


def test_a_number_alone_in_its_line_belongs_to_the_title_below():
    lines = [part for title in NUMBERED for part in (title[:2], title[2:], "（一）", "主要做法", PROSE)]
    outline = outline_of([TITLE, *lines])
    assert [s.title for s in outline.sections if s.level == 1] == NUMBERED
    assert "（一）主要做法" in [p.text for p in outline.paragraphs]


def test_a_text_that_lost_its_line_breaks_is_cut_at_its_titles():
    text = "根据《条例》编制本报告。 " + " ".join(f"{title} {PROSE}一、加强领导。{PROSE * 2}" for title in NUMBERED)
    outline = outline_of([TITLE, text])
    assert kinds(outline) == STATUTORY
    assert [p.text for p in outline.paragraphs][1:] == [f"{PROSE}一、加强领导。{PROSE * 2}"] * 6
    assert len(outline_of([TITLE, text.replace(" ", "")]).paragraphs) == 1


@given(
    st.lists(
        st.sampled_from([*NUMBERED, "（一）主动公开", "一是加强领导。抓落实。", PROSE, "二、", "（）", "1.", "首先，"]),
        max_size=25,
    )
)
def test_no_line_is_lost(lines):
    outline = outline_of(lines)
    kept = "".join([s.title for s in outline.sections if s.level == 1] + [p.text for p in outline.paragraphs])
    for line in lines:
        assert line.strip("。：、，,. ") in kept
