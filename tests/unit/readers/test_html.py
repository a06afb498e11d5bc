import pytest

from gongkai.pipeline.document import GridBlock, TextBlock
from gongkai.pipeline.errors import GongkaiError

PROSE = "今年以来，区政府办公室认真落实条例要求，主动公开各类政府信息120条，开展业务培训3次，参加人员200余人次。"
ARTICLE = (
    "<p>一、总体情况</p><p>" + PROSE + "</p><p>二、主动公开政府信息情况</p><p>" + PROSE + "</p>"
    "<table><tr><td>信息内容</td><td>本年制发件数</td></tr><tr><td>规章</td><td>0</td></tr></table>"
    "<p>三、收到和处理政府信息公开申请情况</p><p>" + PROSE + "</p>"
)
EXPECTED = [
    "一、总体情况",
    PROSE,
    "二、主动公开政府信息情况",
    PROSE,
    "三、收到和处理政府信息公开申请情况",
    PROSE,
]
NAVIGATION = "<ul>" + "".join(f'<li><a href="/c{i}/">栏目名称{i}</a></li>' for i in range(60)) + "</ul>"


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


# ---- the article ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap",
    [
        '<div id="zoom">{}</div>',
        '<div class="view TRS_UEDITOR trs_paper_default">{}</div>',
        '<div class="content"><div id="UCAP-CONTENT">{}</div><p>相关信息：略</p></div>',
        '<div class="mystery-17"><div>{}</div></div>',
        '<form><table><tr><td width="200">栏目</td><td><div>{}</div></td></tr></table></form>',
        '<table width="980"><tr><td>{}</td></tr></table>',
        '<div class="print" id="print">{}</div>',
        '<div id="zoom" style="display:none">{}</div>',
        "{}",
    ],
)
def test_finds_the_article(read, texts, grids, wrap: str) -> None:
    footer = '<div class="footer"><p>主办单位：某区人民政府</p><p>某ICP备00000000号</p></div>'
    document = read(page(f'<div class="nav">{NAVIGATION}</div>{wrap.format(ARTICLE)}{footer}'), "a.html")
    assert [text for text in texts(document) if text != "栏目"] == EXPECTED
    assert len(grids(document)) == 1


def test_an_inner_container_with_part_of_the_report_is_not_enough(read, texts) -> None:
    halves = ARTICLE.split("<table>")
    body = f'<div class="wrap"><div class="content">{halves[0]}</div><table>{halves[1]}</div>'
    assert texts(read(page(NAVIGATION + body), "a.html")) == EXPECTED


def test_furniture_inside_the_article_is_dropped(read, texts) -> None:
    extras = (
        "<script>var a = '一、脚本';</script><style>p{color:red}</style><!-- 注释 -->"
        '<div class="share"><a href="#">分享</a></div><p style="display: none">隐藏的文字</p>'
        '<select><option>选项</option></select><input value="输入"><button>按钮</button>'
    )
    assert texts(read(page(f'<div id="zoom">{extras}{ARTICLE}{extras}</div>'), "a.html")) == EXPECTED


def test_the_title_shown_outside_the_article_comes_first(read) -> None:
    body = f'<h1>某区2021年政府信息\n公开工作年度报告</h1><div id="zoom">{ARTICLE}</div>'
    first = read(page(body), "a.html").blocks[0]
    assert isinstance(first, TextBlock)
    assert (first.text.replace(" ", ""), first.level) == ("某区2021年政府信息公开工作年度报告", 1)


@pytest.mark.parametrize(
    "line",
    [
        "<p>2022-01-20 09:12 <span>来源： 某区政府办</span></p>",
        "<p>2022-01-20</p>",
        "<p>时间：2022-01-20&nbsp;&nbsp;阅读次数：<span>33</span></p>",
    ],
)
def test_title_and_date_above_the_article_are_read_from_any_element(read, line: str) -> None:
    title = "某区2021年政府信息公开工作年度报告"
    links = '<ul><li><a href="#">某区2020年政府信息公开工作年度报告</a></li></ul>'
    body = f'<p>今天是2024年3月5日</p><div id="conTit">{title}</div>{links}{line}<div id="con">{ARTICLE}</div>'
    document = read(page(body), "a.html")
    first = document.blocks[0]
    assert isinstance(first, TextBlock)
    assert first.text == title
    assert document.meta["pubdate"].startswith("2022-01-20")


def test_the_title_is_not_repeated(read, texts) -> None:
    title = "某区2021年政府信息公开工作年度报告"
    body = f'<h1>{title}</h1><div id="zoom"><p>{title}</p>{ARTICLE}</div>'
    assert texts(read(page(body), "a.html")).count(title) == 1


def test_metadata(read) -> None:
    head = (
        "<title>某区年度报告\n - 某区政府</title><meta name='ArticleTitle' content='某区年度报告'>"
        "<META NAME=PubDate CONTENT='2022-01-20 09:00'>"
        "<meta name=ContentSource content=区政府办><meta name=SiteName content=''>"
    )
    assert read(page(ARTICLE, head), "a.html").meta == {
        "title": "某区年度报告 - 某区政府",
        "articletitle": "某区年度报告",
        "pubdate": "2022-01-20 09:00",
        "contentsource": "区政府办",
    }


def test_a_date_shown_above_the_article_is_metadata(read) -> None:
    body = f'<div>发布时间：<span>2022-01-20</span> 来源：区政府办</div><div id="zoom">{ARTICLE}</div>'
    meta = read(page(body), "a.html").meta
    assert (meta["pubdate"], meta["contentsource"]) == ("2022-01-20", "区政府办")


def test_gb18030_declared_gb2312(read, texts) -> None:
    data = page('<div id="zoom"><p>赵堃，面积120㎡。</p></div>', '<meta charset="gb2312">').encode("gb18030")
    document = read(data, "a.html")
    assert texts(document) == ["赵堃，面积120㎡。"]
    assert document.source.encoding == "gb18030"


@pytest.mark.parametrize(
    "body", ["", "<div></div>", "<script>load()</script>", "<iframe src=a></iframe>", "<p>&nbsp;</p>"]
)
def test_no_article(read, body: str) -> None:
    with pytest.raises(GongkaiError) as caught:
        read(page(body), "a.html")
    assert caught.value.code == "read.no_article"


def test_a_frameset_has_no_article(read) -> None:
    with pytest.raises(GongkaiError) as caught:
        read("<html><frameset><frame src=a></frameset></html>", "a.html")
    assert caught.value.code == "read.no_article"


@pytest.mark.parametrize(
    "body",
    [
        "<textarea id=content>{escaped}</textarea>",
        "<script type='text/template'>{raw}</script>",
        '<script>var page = {{"id": 1, "content": "{json}"}};</script>',
        "<template>{raw}</template>",
        "<input type=hidden value='{escaped}'>",
    ],
)
def test_an_article_kept_in_a_script_or_field(read, texts, codes, body: str) -> None:
    escaped = ARTICLE.replace("<", "&lt;").replace(">", "&gt;")
    json = ARTICLE.replace("/", "\\/")
    document = read(page("<p>正在加载</p>" + body.format(raw=ARTICLE, escaped=escaped, json=json)), "a.html")
    assert texts(document) == EXPECTED
    assert "read.embedded_article" in codes(document)


def test_pictures_in_the_article_are_reported(read, codes) -> None:
    symbol = '<img src="/images/icon_pdf.png"><img src="a.gif">'
    assert codes(read(page(f'<img src=logo.png><div id="zoom">{ARTICLE}{symbol}</div>'), "a.html")) == []
    assert codes(read(page(f'<div id="zoom">{ARTICLE}<img src="W1.png"></div>'), "a.html")) == ["read.pictures_skipped"]


# ---- blocks -----------------------------------------------------------------------------------------------------


def blocks_of(read, body: str) -> list:
    return read(page(f'<div id="zoom">{body}</div>'), "a.html").blocks


def test_inline_elements_are_joined_and_breaks_split(read) -> None:
    body = (
        "<p><span>主动公开</span><o:p></o:p><font>120</font><a href=#>条</a>，<br>其中<b>规章</b>3件。</p>"
        "裸露的文字<div>段落</div>"
    )
    assert blocks_of(read, body) == [
        TextBlock("主动公开120条，"),
        TextBlock("其中规章3件。"),
        TextBlock("裸露的文字"),
        TextBlock("段落"),
    ]


def test_headings_and_bold_blocks(read) -> None:
    body = (
        "<h2>一、总体情况</h2><p><strong>（一）主动</strong><b>公开</b></p><p><strong>一是</strong>健全制度。</p>"
        '<p style="font-weight:bold">（二）管理</p><p><span style="font-weight: 700">（三）平台</span></p>'
    )
    assert blocks_of(read, body) == [
        TextBlock("一、总体情况", level=2),
        TextBlock("（一）主动公开", bold=True),
        TextBlock("一是健全制度。"),
        TextBlock("（二）管理", bold=True),
        TextBlock("（三）平台", bold=True),
    ]


def test_white_space(read) -> None:
    body = "<p>&emsp;&emsp;主动公开\n   政府信息&nbsp;120 条&#8203;。\n</p><p>Open\n Data</p><pre>甲\n乙</pre>"
    assert [b.text for b in blocks_of(read, body)] == ["主动公开政府信息 120 条。", "Open Data", "甲", "乙"]


def test_word_markup(read) -> None:
    body = (
        "<!--[if gte mso 9]><xml><w:WordDocument/></xml><![endif]--><p class=MsoNormal><![if !supportLists]>"
        "<span style='mso-list:Ignore'>一、</span><![endif]>总体情况<o:p>&nbsp;</o:p></p>"
    )
    assert blocks_of(read, body) == [TextBlock("一、总体情况")]


# ---- tables -----------------------------------------------------------------------------------------------------


def table_of(read, grids, rows, inner: str) -> list[list[str | None]]:
    (grid,) = grids(read(page(f"<p>说明</p><table>{inner}</table>"), "a.html"))
    return rows(grid)


def test_spans(read, grids, rows) -> None:
    inner = (
        "<thead><tr><th rowspan=2>结果</th><th colspan=2>申请人</th></tr><tr><td>自然人</td><td>企业</td></tr></thead>"
        "<tbody><tr><td>予以公开</td><td>3</td><td>０</td></tr></tbody>"
    )
    assert table_of(read, grids, rows, inner) == [
        ["结果", "申请人", "申请人"],
        ["结果", "自然人", "企业"],
        ["予以公开", "3", "0"],
    ]


def test_wrong_spans_are_clamped(read, grids, rows) -> None:
    inner = (
        "<tr><td rowspan=0>甲</td><td colspan=100000>乙</td></tr><tr><td rowspan=65000>1</td><td colspan=-3>2</td></tr>"
        "<tr><td colspan=x>3</td></tr>"
    )
    assert table_of(read, grids, rows, inner) == [["甲", "乙", "乙"], ["甲", "1", "2"], ["甲", "1", "3"]]


def test_ragged_rows(read, grids, rows) -> None:
    inner = "<tr><td>甲<td>乙<td>丙<tr><td>1<tr><td>2<td>3"
    assert table_of(read, grids, rows, inner) == [["甲", "乙", "丙"], ["1", None, None], ["2", "3", None]]


def test_cell_lines_are_joined(read, grids, rows) -> None:
    inner = (
        "<tr><td><p>本年新</p><p>制作数量</p></td><td>一<br>二</td></tr>"
        "<tr><td>12<br>34</td><td><table><tr><td>5</td><td>6</td></tr></table></td></tr>"
    )
    assert table_of(read, grids, rows, inner) == [["本年新制作数量", "一二"], ["12 34", "5 6"]]


def test_report_and_tables_in_one_word_table(read, texts, grids, rows) -> None:
    inner = (
        f"<tr><td colspan=2>一、总体情况</td></tr><tr><td colspan=2>{PROSE * 7}</td></tr>"
        "<tr><td colspan=2>信息内容表</td></tr><tr><td>规章</td><td>0</td></tr><tr><td>规范性文件</td><td>2</td></tr>"
        "<tr><td colspan=2>二、主动公开政府信息情况</td></tr>"
    )
    document = read(page(f"<table>{inner}</table>"), "a.html")
    assert texts(document) == ["一、总体情况", PROSE * 7, "二、主动公开政府信息情况"]
    (grid,) = grids(document)
    assert rows(grid) == [["信息内容表", "信息内容表"], ["规章", "0"], ["规范性文件", "2"]]


def test_nested_layout_tables_are_unwrapped(read, texts, grids) -> None:
    layout = f"<table><tr><td><table><tr><td>{ARTICLE}</td></tr></table></td></tr></table>"
    document = read(page(layout), "a.html")
    assert texts(document) == EXPECTED
    assert len(grids(document)) == 1


def test_empty_tables_leave_nothing(read, grids) -> None:
    document = read(page("<p>文字</p><table><tr><td></td><td>&nbsp;</td></tr><tr><td></td></tr></table>"), "a.html")
    assert document.blocks == [TextBlock("文字")]


def test_flattened_tables_are_lines(read) -> None:
    assert blocks_of(read, "<p>规章</p><p>0</p><p></p><p>38</p>") == [TextBlock(t) for t in ("规章", "0", "38")]


def test_hidden_rows_do_not_count(read, grids, rows) -> None:
    inner = (
        "<tr><td>甲</td><td>乙</td></tr><tr style='display:none'><td>x</td><td>y</td></tr><tr><td>1</td><td>2</td></tr>"
    )
    assert table_of(read, grids, rows, inner) == [["甲", "乙"], ["1", "2"]]


def test_grid_type(read, grids) -> None:
    assert all(isinstance(grid, GridBlock) for grid in grids(read(page(ARTICLE), "a.html")))
