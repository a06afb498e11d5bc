import pytest

from gongkai.pipeline.document import Block, GridBlock, TextBlock
from gongkai.pipeline.readers.chrome import drop_chrome, page_facts

TOP = ["某区首页 | 设为首页 | 加入收藏", "当前位置：首页 > 政务公开 > 年报", "某区2021年政府信息公开工作年度报告"]
REPORT = ["一、总体情况", "全年公开信息120条。", "六、其他需要报告的事项", "无"]
BOTTOM = [
    "【字体：大 中 小】 【打印此页】 【关闭窗口】",
    "主办：某区人民政府",
    "某省市民中心A座",
    "某ICP备00000000号-1",
]


def blocks(lines: list[str]) -> list[Block]:
    return [TextBlock(line) for line in lines]


def kept(lines: list[str]) -> list[str]:
    return [block.text for block in drop_chrome(blocks(lines))[0] if isinstance(block, TextBlock)]


def test_template_lines_go_and_are_listed() -> None:
    left, diagnostics = drop_chrome(blocks(TOP + REPORT + BOTTOM))
    assert [block.text for block in left if isinstance(block, TextBlock)] == TOP[2:] + REPORT
    (diagnostic,) = diagnostics
    assert (diagnostic.level, diagnostic.code) == ("info", "read.chrome_dropped")
    assert all(line in diagnostic.message for line in TOP[:2] + BOTTOM)


def test_a_report_without_template_is_untouched() -> None:
    report = blocks(REPORT)
    assert drop_chrome(report) == (report, [])


def test_nothing_between_the_titles_goes() -> None:
    lines = ["一、总体情况", "当前位置：首页", "版权所有", "二、主动公开政府信息情况", "正文。"]
    assert kept(lines) == lines


def test_sentences_at_the_end_stay_whatever_they_speak_of() -> None:
    lines = [*REPORT[:3], "网站由信息中心提供技术支持，版权所有。"]
    assert kept(lines) == lines


def test_a_last_answer_of_one_word_stays() -> None:
    assert kept([*REPORT, "关闭窗口"]) == REPORT


def test_attachments_and_signatures_above_the_template_stay() -> None:
    lines = [*REPORT, "附件：统计表.xlsx", "某区人民政府办公室", "2022年1月20日"]
    assert kept(lines + BOTTOM) == lines


@pytest.mark.parametrize(
    "line",
    [
        "发布时间：2022-01-20 来源：区政府办 浏览次数：15",
        "2022/01/20 16:05某区政府办  点击：[99]",
        "2022-01-20 09:12",
        "发布日期：2022-01-20 访问次数： 字号：[ 大 中 小 ]",
        "时间：2022年1月20日　信息来源：某区政府办",
        "发布时间：2022-01-20 11:11来源：某区政府办字体：【大中小】",
    ],
)
def test_the_line_below_the_title_goes_and_its_date_is_kept(line: str) -> None:
    assert kept([line, *REPORT]) == REPORT
    assert "2022" in page_facts(blocks([line, *REPORT]))["pubdate"]


@pytest.mark.parametrize("line", ["2022年1月20日", "联系人：张某 电话：0791-1234567", "（统计日期：2022年1月20日）"])
def test_lines_that_may_be_the_report_s_own_stay(line: str) -> None:
    assert kept([line, *REPORT]) == [line, *REPORT]


def test_menus_above_the_title_go_with_the_template_lines_among_them() -> None:
    title = "某局2021年政府信息公开工作年度报告"
    menus = ["首页", "走进某县", *(f"{year}年" for year in range(2025, 2005, -1)), title, "索引号：", "X-1/2022"]
    lead = "根据条例，现公布本局年度报告。"
    assert kept([*menus, title, lead, *REPORT]) == [title, lead, *REPORT]
    assert kept(["某市水务局", title, *REPORT]) == ["某市水务局", title, *REPORT]


def test_labels_and_values_of_the_catalogue_may_stand_in_lines_of_their_own() -> None:
    lines = ["索 引 号：", "X-1", "发文机关：", "某县水务局", "文号：", "发布日期：", "2022-01-20"]
    assert page_facts(blocks([*lines, *REPORT])) == {"contentsource": "某县水务局", "pubdate": "2022-01-20"}


def test_an_address_in_the_foot_of_the_page_does_not_stop_the_search() -> None:
    foot = [
        "【打印本页】",
        "下一篇：没有了",
        "地址：某县人民路8号　邮编：100000　联系电话：0799-1234567（工作日8:30-17:30）",
    ]
    assert kept([*REPORT, *foot, "某ICP备00000000号"]) == REPORT


def test_a_table_at_the_end_stops_the_search() -> None:
    ended: list[Block] = [*blocks(REPORT), GridBlock.from_rows([["主办单位", "版权所有"]])]
    assert drop_chrome(ended)[0] == ended


def test_a_report_without_numbered_titles() -> None:
    lines = ["网站首页", "某局年度报告", "全年公开信息3条。"]
    assert kept(lines) == lines[1:]


def test_a_value_ends_where_the_next_label_begins() -> None:
    line = TextBlock("发布时间：2022-01-20 11:11来源：某区政府办字体：【大中小】")
    assert page_facts([line]) == {"pubdate": "2022-01-20", "contentsource": "某区政府办"}


def test_facts_of_the_catalogue_table_and_of_lines() -> None:
    table = GridBlock.from_rows(
        [["索 引 号", "X-1", "发文日期：", "2022-01-20"], ["发布机构", "某区政府办", "名称", "某报告"]]
    )
    assert page_facts([table]) == {"pubdate": "2022-01-20", "contentsource": "某区政府办", "articletitle": "某报告"}
    line = TextBlock("发布时间： 2022-01-20 08:30 来源：某区政府办 浏览次数：15")
    assert page_facts([line]) == {"pubdate": "2022-01-20", "contentsource": "某区政府办"}
    assert page_facts([TextBlock("一、总体情况"), line]) == {}
