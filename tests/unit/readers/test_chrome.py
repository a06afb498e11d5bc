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


def test_a_date_of_publication_stays() -> None:
    line = "发布时间：2022-01-20 来源：区政府办 浏览次数：15"
    assert kept([line, *REPORT]) == [line, *REPORT]


def test_a_table_at_the_end_stops_the_search() -> None:
    ended: list[Block] = [*blocks(REPORT), GridBlock.from_rows([["主办单位", "版权所有"]])]
    assert drop_chrome(ended)[0] == ended


def test_a_report_without_numbered_titles() -> None:
    lines = ["网站首页", "某局年度报告", "全年公开信息3条。"]
    assert kept(lines) == lines[1:]


def test_facts_of_the_catalogue_table_and_of_lines() -> None:
    table = GridBlock.from_rows(
        [["索 引 号", "X-1", "发文日期：", "2022-01-20"], ["发布机构", "某区政府办", "名称", "某报告"]]
    )
    assert page_facts([table]) == {"pubdate": "2022-01-20", "contentsource": "某区政府办", "articletitle": "某报告"}
    line = TextBlock("发布时间： 2022-01-20 08:30 来源：某区政府办 浏览次数：15")
    assert page_facts([line]) == {"pubdate": "2022-01-20", "contentsource": "某区政府办"}
    assert page_facts([TextBlock("一、总体情况"), line]) == {}
