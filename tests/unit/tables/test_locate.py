import pytest

from gongkai.pipeline.document import FlatTable, GridBlock, TextBlock
from gongkai.pipeline.tables.locate import locate

PROACTIVE_2021 = [
    "第二十条第（一）项", "信息内容 本年制发件数 本年废止件数 现行有效件数", "规章 0 0 0", "行政规范性文件 3 1 9",
    "第二十条第（五）项", "信息内容 本年处理决定数量", "行政许可 20",
]  # fmt: skip


def split(lines):
    """Return what stayed text and what became tables."""
    located = locate([line if not isinstance(line, str) else TextBlock(line) for line in lines])
    return [b.text for b in located if isinstance(b, TextBlock)], [b.lines for b in located if isinstance(b, FlatTable)]


def test_narrative_and_titles_stay(make):
    table = make.applications_lines(make.applications(1, "2021"), "2021")
    before = ["二、主动公开政府信息情况", "（一）主动公开", "全年公开信息120条。"]
    after = ["四、政府信息公开行政复议、行政诉讼情况", "本年度没有发生此类案件。"]
    texts, tables = split([*before, *PROACTIVE_2021, "三、收到和处理政府信息公开申请情况", *table, *after])
    assert texts == [*before, "三、收到和处理政府信息公开申请情况", *after]
    assert tables == [PROACTIVE_2021, table]


@pytest.mark.parametrize(
    "title",
    [
        "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况",
        "收到和处理政府信息公开申请情况",
        "第四部分 复议诉讼",
        "（二）依申请公开办理工作",
        "注：行政许可按办结件数统计",
        "需要说明的是，行政处罚数量有所下降。",
    ],
)
def test_lines_that_end_a_table(title):
    texts, tables = split([*PROACTIVE_2021, title, *PROACTIVE_2021])
    assert texts == [title]
    assert tables == [PROACTIVE_2021, PROACTIVE_2021]


def test_a_row_that_looks_like_a_title_is_a_row(make):
    table = make.applications_lines(make.applications(1, "2019"), "2019")
    assert "四、结转下年度继续办理" in table
    assert split(table) == ([], [table])


def test_wrapped_caption_vertical_labels_and_page_numbers_belong_to_the_table():
    caption = ["（本列数据的勾稽关系为：第一项加第二项之和，", "等于第三项加第四项之和）"]
    header = ["申请人情况", "自然人", "法人或其他组", "织", "总计"]
    first = ["一、本年新收政府信息公开申请数量", "2", "0", "2", "- 4 -"]
    lines = [*caption, *header, *first, *"不予公开", "1.属于国家秘密", "0", "0", "0"]
    assert split(lines) == ([], [lines])


def test_a_page_header_may_cut_the_last_row_off(make):
    table = make.applications_lines(make.applications(1, "2019"), "2019", "rows")
    header = ["Page 9 - 2020年度报告", "某某局 第9页"]
    after = ["四、政府信息公开行政复议、行政诉讼情况", "本年度没有发生此类案件。"]
    texts, tables = split([*table[:-1], *header, table[-1], *after])
    assert texts == [*header, *after]
    assert tables == [table[:-1], [table[-1]]]


def test_an_unknown_row_between_rows_belongs_to_the_table():
    lines = [*PROACTIVE_2021[:-1], "行政许可", "20", "行政备案", "7", "第二十条第（六）项", "行政处罚", "1"]
    assert split(lines) == ([], [lines])


@pytest.mark.parametrize(
    "lines",
    [
        ["行政许可", "12", "行政处罚有所下降。"],
        ["（一）主动公开", "公开信息123条。", "（二）依申请公开", "收到申请3件。", "（三）不予公开", "其中1件。"],
        ["总计", "其他", "一、主动公开情况", "二、依申请公开情况"],
        ["1", "2", "3", "4"],
        ["行政复议", "行政诉讼"],
        [],
    ],
)
def test_narrative_is_never_a_table(lines):
    assert split(lines) == (lines, [])


def test_a_grid_is_left_alone_and_ends_a_run():
    grid = GridBlock.from_rows([["信息内容", "本年处理决定数量"], ["行政许可", "5"]])
    located = locate([*map(TextBlock, PROACTIVE_2021), grid, TextBlock("五、存在的主要问题")])
    assert [type(b) for b in located] == [FlatTable, GridBlock, TextBlock]


def test_headings_are_not_swallowed():
    blocks = [*map(TextBlock, PROACTIVE_2021), TextBlock("另一部分", level=2), *map(TextBlock, PROACTIVE_2021)]
    assert [type(b) for b in locate(blocks)] == [FlatTable, TextBlock, FlatTable]


def test_the_appendix_of_older_reports():
    lines = ["统计指标", "单位", "统计数", "一、主动公开情况", "——", "——", "（一）主动公开政府信息数", "条", "12",
             "二、回应解读情况", "——", "——", "1.参加或举办新闻发布会总次数", "次", "2"]  # fmt: skip
    title = "附件：政府信息公开情况统计表"
    assert split([title, *lines, "本报告解释权归办公室。"]) == ([title, "本报告解释权归办公室。"], [lines])


def test_pages_are_kept():
    located = locate([TextBlock(line, page=3) for line in PROACTIVE_2021])
    assert isinstance(located[0], FlatTable)
    assert located[0].page == 3


@pytest.mark.parametrize("line", ["其他", "总计 0 0 0", "|" * 4000, "不予公开" * 40, "1"])
def test_any_text_is_bounded(line):
    blocks = [TextBlock(line)] * 1000
    located = locate(blocks)
    kept = sum(len(b.lines) if isinstance(b, FlatTable) else 1 for b in located)
    assert kept == 1000


def test_headers_read_across_their_wrapped_lines_and_labels_run_into_one_another():
    header = [
        "行政复议  行政诉讼",
        "结  未经复议直接起诉  复议后起诉",
        "结果维 果 其他结 尚未审 总",
        "正持正果结计持正果结计",
    ]
    numbers = "2 0 0 1 3 0 0 0 0 0 0 0 0 0 0"
    title = "四、政府信息公开行政复议、行政诉讼情况"
    assert split([title, *header, numbers]) == ([title], [[*header, numbers]])
    rows = [
        "1.属于国家秘密 0 0 0 0 0 0 0",
        "（三）不予4.保护第三方合法权益 0 0 0 0 0 0 0",
        "公开 5.属于三类内部事务信息 0 0 0 0 0 0 0",
    ]
    assert split(rows) == ([], [rows])


def test_what_a_page_break_cut_off_a_grid_is_no_narrative():
    grid = GridBlock.from_rows([["信息内容", "本年制发件数"], ["规章", "0"]])
    located = locate(
        [TextBlock("二、主动公开政府信息情况"), TextBlock("第二十条第（一）项"), grid, TextBlock("全年未发生。")]
    )
    assert [type(block) for block in located] == [TextBlock, FlatTable, GridBlock, TextBlock]
