"""Shapes of the table of reviews and lawsuits, and of the statistics appendix before 2019."""

import pytest

from gongkai.pipeline.document import GridBlock
from gongkai.pipeline.tables.read import read_tables

NAMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
ROWS = ["行政复议", "未经复议直接起诉", "复议后起诉"]


@pytest.fixture
def review(make):
    table = make.review(2)
    return table, [[str(table[row][o]) for o in make.OUTCOMES] for row in make.REVIEW_ROWS]


def shapes(values):
    flat = [v for row in values for v in row]
    head = ["行政复议", *[""] * 4, "行政诉讼", *[""] * 9]
    kinds = [*NAMES, "未经复议直接起诉", *[""] * 4, "复议后起诉", *[""] * 4]
    transposed = [[name, *[row[i] for row in values]] for i, name in enumerate(NAMES)]
    return {
        "two halves": ["行政复议", *NAMES, *values[0], "行政诉讼", *ROWS[1:], *NAMES, *NAMES, *values[1], *values[2]],
        "three labelled rows": [*NAMES, *[" ".join([n, *v]) for n, v in zip(ROWS, values, strict=True)]],
        "scrambled header": [
            "行政诉讼",
            "行政复议",
            "未经复议直接起诉 复议后起诉",
            "结果 结果 其他 尚未 总",
            " ".join(flat),
        ],
        "a character a line in the header": [
            "行政复议 行政诉讼",
            "未经复议直接起诉 复议后起诉",
            "结 结 其 尚",
            "结 结 其 尚 结 结 其 尚",
            "果 果 他 未",
            "总计 果 果 他 未 总 果 果 他 未 总",
            "维 纠 结 审",
            "维 纠 结 审 计 维 纠 结 审 计",
            " ".join(flat),
        ],
        "a stray page number": ["行政复议", "行政诉讼", *NAMES, *ROWS[1:], *NAMES, *NAMES, *flat, "7"],
        "rows grid": GridBlock.from_rows([["", *NAMES], *[[n, *v] for n, v in zip(ROWS, values, strict=True)]]),
        "transposed grid": GridBlock.from_rows([["", *ROWS], *transposed]),
        "ragged grid": GridBlock.from_rows([["行政复议", "行政诉讼"], [*NAMES, *ROWS[1:]], [*NAMES, *NAMES], flat]),
        "merged cells as blanks": GridBlock.from_rows([head, kinds, [*[""] * 5, *NAMES, *NAMES], flat]),
    }


@pytest.mark.parametrize("shape", shapes([["0"] * 5] * 3))
def test_shapes(make, review, shape):
    table, values = review
    result = read_tables(make.outline(shapes(values)[shape]))
    assert result.tables["review_litigation"].rows == table


def test_swapped_outcomes_follow_their_headers(make, review):
    table, values = review
    order = [4, 0, 3, 1, 2]
    swapped = [[row[i] for i in order] for row in values]
    names = [NAMES[i] for i in order]
    lines = [*names, *[" ".join([n, *v]) for n, v in zip(ROWS, swapped, strict=True)]]
    grid = GridBlock.from_rows([["", *names], *[[n, *v] for n, v in zip(ROWS, swapped, strict=True)]])
    for written in (lines, grid):
        assert read_tables(make.outline(written)).tables["review_litigation"].rows == table


def test_too_few_numbers_give_only_what_is_certain(make):
    lines = ["行政复议", "行政诉讼", *NAMES, *ROWS[1:], *NAMES, *NAMES, "23", "23", "13", "13", "25", "17", "16", "58"]
    result = read_tables(make.outline(lines))
    totals = {row: cells["total"] for row, cells in result.tables["review_litigation"].rows.items()}
    assert totals == {"review": 23, "litigation_direct": 13, "litigation_after_review": 58}
    assert "upheld" not in result.tables["review_litigation"].rows["review"]
    assert any(d.code == "table.row_ambiguous" for d in result.diagnostics)


def test_numbers_that_fit_nowhere_leave_the_table_out(make):
    lines = ["行政复议", "行政诉讼", *NAMES, *ROWS[1:], *NAMES, *NAMES, "1", "2"]
    result = read_tables(make.outline(lines))
    assert "review_litigation" not in result.tables
    assert [d.level for d in result.diagnostics if d.code == "table.unreadable"] == ["error"]


APPENDIX = """统计指标|单位|统计数|
一、主动公开情况|——|——|
（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）|条|123|
其中：主动公开规范性文件数|条|4|
三、依申请公开情况|——|——|
（一）收到申请数|件|7|
四、行政复议数量|件|3|
（一）维持具体行政行为数|件|1|
（二）被依法纠错数|件|2|
（三）其他情形数|件|0|
五、行政诉讼数量|件|5|
（一）维持具体行政行为或者驳回原告诉讼请求数|件|3|
（二）被依法纠错数|件|1|
（三）其他情形数|件|1|
七、依申请公开信息收取的费用|万元|0.5|
（三）接受培训人员数|人次|40|""".splitlines()
INDICATORS = {
    "proactive_total": 123, "normative_published": 4, "received": 7, "review": 3, "review_upheld": 1,
    "review_corrected": 2, "review_other": 0, "litigation": 5, "litigation_upheld": 3, "litigation_corrected": 1,
    "litigation_other": 1, "fees_charged": 5000, "trainees": 40,
}  # fmt: skip


@pytest.mark.parametrize(
    "contents",
    [
        GridBlock.from_rows([line.split("|")[:-1] for line in APPENDIX]),
        [cell for line in APPENDIX for cell in line.split("|")[:-1]],
        [line.replace("|", " ") for line in APPENDIX],
        [line.split("|")[0] + " " + line.split("|")[2] for line in APPENDIX],
    ],
    ids=["grid", "a cell a line", "a row a line", "without units"],
)
def test_the_appendix(make, contents):
    result = read_tables(make.outline(contents, year=2016))
    rows = result.tables["statistics_appendix"].rows
    assert {row: cells["value"] for row, cells in rows.items()} == INDICATORS
    assert result.form == "pre2019"
    assert all(d.level == "info" for d in result.diagnostics)


def test_other_tables_are_reported_not_read(make):
    grid = GridBlock.from_rows([["渠道", "访问量"], ["网站", "100"]])
    result = read_tables(make.outline(grid, year=2022))
    assert result.tables == {}
    assert [d.code for d in result.diagnostics] == ["table.unrecognised"]


def test_no_tables(make):
    result = read_tables(make.outline())
    assert (result.form, result.tables, result.diagnostics) == ("unknown", {}, [])
