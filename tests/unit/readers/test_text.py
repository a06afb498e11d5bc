import pytest

from gongkai.pipeline.document import GridBlock, TextBlock
from gongkai.pipeline.readers.text import text_blocks

WRAPPED = """\
    今年以来，区政府办公室认真落实条例，主动公开各类政府信息一百二十条，
其中规范性文件三件，全部配有解读材料，群众满意度比上年进一步提高，全年
共受理申请12件，均按期答复。开展业务培训3次，参加人员200余人次，覆
盖全部镇街。

    二、主动公开政府信息情况
    各镇街围绕群众关心的热点问题，进一步健全制度，明确责任，完善目录。
全部清单对外公布，共涉及十五个领域，事项三百余条，做到应公开尽公开，
按季更新。

第二十条第（一）项
信息内容
本年新
制作数量
"""


def lines(blocks: list) -> list[str]:
    return [block.text for block in blocks if isinstance(block, TextBlock)]


def grid(blocks: list) -> list[list[str]]:
    (table,) = [block for block in blocks if isinstance(block, GridBlock)]
    return [[cell.text if cell else "" for cell in row] for row in table.matrix()]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u0085", "\u2028", "\n\n", "\r\n \r\n"])
def test_one_line_is_one_block(end: str) -> None:
    assert lines(text_blocks(f"一、总体情况{end}　　正文。{end}  1\u00a0{end}")) == ["一、总体情况", "正文。", "1"]


def test_hard_wrapped_lines_are_joined() -> None:
    assert lines(text_blocks(WRAPPED)) == [
        "今年以来，区政府办公室认真落实条例，主动公开各类政府信息一百二十条，其中规范性文件三件，全部配有解读材料，"
        "群众满意度比上年进一步提高，全年共受理申请12件，均按期答复。开展业务培训3次，参加人员200余人次，覆盖全部镇街。",
        "二、主动公开政府信息情况",
        "各镇街围绕群众关心的热点问题，进一步健全制度，明确责任，完善目录。全部清单对外公布，共涉及十五个领域，"
        "事项三百余条，做到应公开尽公开，按季更新。",
        "第二十条第（一）项",
        "信息内容",
        "本年新",
        "制作数量",
    ]


def test_wrapped_lines_with_blank_lines_between_all_of_them() -> None:
    spaced = WRAPPED.split("\n\n")[0].replace("\n", "\n\n").replace("    ", "")
    (paragraph,) = lines(text_blocks(spaced.replace("按期答复。", "按期答复，")))
    assert paragraph.endswith("覆盖全部镇街。")


def test_a_number_broken_at_the_width_goes_on() -> None:
    base = "一二三四五六七八九十" * 3
    text = f"{base}公开12\n34条，{base}\n{base}甲乙丙\n{base}丁戊己\n完。"
    assert "公开1234条" in lines(text_blocks(text))[0]


def test_long_paragraphs_of_one_line_each_are_not_joined() -> None:
    paragraphs = [f"第{i}段说明" + "主动公开政府信息" * (6 + 5 * i) for i in range(6)]
    assert lines(text_blocks("\n".join(paragraphs))) == paragraphs


def test_a_flattened_table_keeps_each_cell() -> None:
    cells = ["（一）予以公开", "0", "", "3", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "0"]
    assert lines(text_blocks("\n\n".join(f"  {cell}" for cell in cells))) == [cell for cell in cells if cell]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_long_row_labels_of_one_width_are_not_joined(between: str) -> None:
    labels = [f"{i}.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请" for i in range(1, 5)]
    cells = [cell for label in labels for cell in (label, "0", "3", "（其他）", "/")]
    assert lines(text_blocks(between.join(cells))) == cells


def test_a_wrapped_text_with_a_flattened_table_joins_only_the_text() -> None:
    label = "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息申请"
    assert lines(text_blocks(f"{WRAPPED}{label}\n0\n{label}\n/\n"))[-4:] == [label, "0", label, "/"]


def test_markdown_headings_and_bold_lines() -> None:
    blocks = text_blocks("# 某区报告 #\n## 一、总体情况\n**（一）主动公开**\n正文**重点**。", markdown=True)
    assert blocks == [
        TextBlock("某区报告", level=1),
        TextBlock("一、总体情况", level=2),
        TextBlock("（一）主动公开", bold=True),
        TextBlock("正文重点。"),
    ]


def test_inline_markdown_stays_in_plain_text() -> None:
    assert lines(text_blocks("申请人张**、李**各1件")) == ["申请人张**、李**各1件"]


def test_markdown_links_bullets_escapes_and_rules() -> None:
    text = "- 见[公开指南](http://example.gov.cn/a.html)\n\n---\n\n1\\.健全制度![图](x.png)\n> 引文"
    assert lines(text_blocks(text, markdown=True)) == ["见公开指南", "1.健全制度", "引文"]


def test_pipe_table() -> None:
    text = "前文。\n| 信息内容 | 本年制发件数 |\n|:---|---:|\n| 规章 | ２ |\n| 规范性文件 | |\n后文。"
    blocks = text_blocks(text)
    assert grid(blocks) == [["信息内容", "本年制发件数"], ["规章", "2"], ["规范性文件", ""]]
    assert [type(block) for block in blocks] == [TextBlock, GridBlock, TextBlock]


def test_pipe_table_as_page_extractors_write_it() -> None:
    assert grid(text_blocks("信息内容 | 制发 | 废止 |\n规章 | 0 | - |")) == [
        ["信息内容", "制发", "废止"],
        ["规章", "0", "-"],
    ]


def test_a_row_of_dashes_is_no_delimiter() -> None:
    assert grid(text_blocks("| a | b |\n| - | - |"))[1] == ["-", "-"]


def test_a_bar_in_prose_is_no_table() -> None:
    text = "标题 | 某区人民政府\n正文 | 正文\n网站首页 | 设为首页 | 加入收藏"
    assert lines(text_blocks(text)) == text.split("\n")


def test_tab_table_keeps_empty_cells() -> None:
    text = "结果\t自然人\t企业\t总计\n予以公开\t3\t\t3\n\t1\t\t1\n"
    assert grid(text_blocks(text)) == [
        ["结果", "自然人", "企业", "总计"],
        ["予以公开", "3", "", "3"],
        ["", "1", "", "1"],
    ]


def test_numbered_paragraphs_with_tabs_are_no_table() -> None:
    assert lines(text_blocks("1.\t健全制度\n2.\t加强培训")) == ["1. 健全制度", "2. 加强培训"]
