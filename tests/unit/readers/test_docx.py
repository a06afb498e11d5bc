import io
from collections.abc import Callable
from datetime import datetime

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from gongkai.pipeline.document import GridBlock, TextBlock
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.readers.docx_styles import chinese

W = nsdecls("w")


def saved(document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@pytest.fixture
def blocks(read) -> Callable[..., list]:
    return lambda document: read(saved(document), "a.docx").blocks


def add(document, xml: str) -> None:
    """Put raw markup at the end of the body, before the section properties."""
    document.element.body.insert(len(document.element.body) - 1, parse_xml(xml))


def test_paragraphs_headings_and_tables_in_order(blocks) -> None:
    document = Document()
    document.add_heading("某区年度报告", 0)
    document.add_heading("一、总体情况", 1)
    document.add_paragraph("　　公开１２０条。")
    table = document.add_table(2, 2)
    for i, text in enumerate(("信息内容", "本年制发", "规章", "0")):
        table.cell(*divmod(i, 2)).text = text
    document.add_paragraph("")
    document.add_paragraph("后文。")
    assert blocks(document) == [
        TextBlock("某区年度报告", level=1),
        TextBlock("一、总体情况", level=1, bold=True),  # the style is bold
        TextBlock("公开120条。"),
        GridBlock.from_rows([["信息内容", "本年制发"], ["规章", "0"]]),
        TextBlock("后文。"),
    ]


def test_bold_paragraphs(blocks) -> None:
    document = Document()
    whole = document.add_paragraph()
    whole.add_run("（一）").bold = True
    whole.add_run("主动公开").bold = True
    part = document.add_paragraph()
    part.add_run("一是").bold = True
    part.add_run("健全制度。")
    assert [(b.text, b.bold) for b in blocks(document)] == [("（一）主动公开", True), ("一是健全制度。", False)]


def test_bold_comes_from_the_style_too(blocks) -> None:
    document = Document()
    style = document.styles.add_style("小标题", 1)
    style.font.bold = True
    document.add_paragraph("（一）主动公开", style="小标题")
    document.add_paragraph("正文", style="小标题").runs[0].bold = False
    assert [b.bold for b in blocks(document)] == [True, False]


def test_outline_level_of_the_paragraph(blocks) -> None:
    document = Document()
    add(document, f'<w:p {W}><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>（一）公开</w:t></w:r></w:p>')
    add(document, f'<w:p {W}><w:pPr><w:outlineLvl w:val="9"/></w:pPr><w:r><w:t>正文</w:t></w:r></w:p>')
    assert [b.level for b in blocks(document)] == [2, None]


def test_breaks_tabs_and_hyphens(blocks) -> None:
    document = Document()
    add(
        document,
        f"<w:p {W}><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/><w:t>3</w:t>"
        "<w:noBreakHyphen/><w:t>5</w:t></w:r></w:p>",
    )
    assert [b.text for b in blocks(document)] == ["甲", "乙 3-5"]


def test_tracked_changes(blocks) -> None:
    document = Document()
    add(
        document,
        f'<w:p {W}><w:r><w:t>公开</w:t></w:r><w:del w:id="1"><w:r><w:delText>12</w:delText></w:r></w:del>'
        f'<w:ins w:id="2"><w:r><w:t>13</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r></w:p>',
    )
    assert blocks(document) == [TextBlock("公开13")]


def test_content_controls_fields_and_links(blocks) -> None:
    document = Document()
    add(
        document,
        f"<w:sdt {W}><w:sdtPr/><w:sdtContent><w:p><w:smartTag><w:r><w:t>主动</w:t></w:r></w:smartTag>"
        "<w:sdt><w:sdtContent><w:hyperlink><w:r><w:t>公开</w:t></w:r></w:hyperlink></w:sdtContent></w:sdt>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:fldSimple><w:r><w:t>5</w:t></w:r></w:fldSimple></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr>"
        "<w:tr><w:tc><w:p/></w:tc><w:sdt><w:sdtContent><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:sdtContent></w:sdt></w:tr>"
        "</w:tbl></w:sdtContent></w:sdt>",
    )
    assert blocks(document) == [TextBlock("主动公开5"), GridBlock.from_rows([["a", ""], ["", "1"]])]


def test_text_boxes_are_read_once(blocks) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    document = Document()
    add(
        document,
        f'<w:p {W} {mc}><w:r><w:t>锚点</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>'
        f"{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
    )
    assert blocks(document) == [TextBlock("锚点"), TextBlock("框内")]


def test_footnotes_and_contents_are_reported(read, texts, codes) -> None:
    document = Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("一、总体情况……1", style="toc 1")
    add(document, f'<w:p {W}><w:r><w:t>正文</w:t><w:footnoteReference w:id="2"/></w:r></w:p>')
    result = read(saved(document), "a.docx")
    assert texts(result) == ["正文"]
    assert codes(result) == ["read.notes_dropped", "read.contents_dropped"]


def test_core_properties(read) -> None:
    document = Document()
    document.core_properties.title = "某区年度报告"
    document.core_properties.created = datetime(2022, 1, 20)
    document.add_paragraph("正文")
    assert read(saved(document), "a.docx").meta == {"title": "某区年度报告", "created": "2022-01-20T00:00:00Z"}


def test_headers_and_footers_are_not_read(blocks) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.sections[0].footer.paragraphs[0].text = "- 1 -"
    document.add_paragraph("正文")
    assert blocks(document) == [TextBlock("正文")]


# ---- tables -----------------------------------------------------------------------------------------------------


def test_merged_cells(read, grids, rows) -> None:
    document = Document()
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "结果"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "申请人"
    for (r, c), text in {(1, 1): "自然人", (1, 2): "企业", (2, 0): "予以公开", (2, 1): "3", (2, 2): "0"}.items():
        table.cell(r, c).text = text
    (grid,) = grids(read(saved(document), "a.docx"))
    assert rows(grid) == [["结果", "申请人", "申请人"], ["结果", "自然人", "企业"], ["予以公开", "3", "0"]]
    assert (grid.cells[0].rowspan, grid.cells[1].colspan) == (2, 2)


def test_cell_paragraphs_are_joined_and_nested_tables_kept(read, grids, rows) -> None:
    document = Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).text = "本年新"
    table.cell(0, 0).add_paragraph("制作数量")
    inner = table.cell(1, 1).add_table(2, 2)
    inner.cell(0, 0).text, inner.cell(1, 1).text = "5", "6"
    (grid,) = grids(read(saved(document), "a.docx"))
    assert rows(grid) == [["本年新制作数量", ""], ["", "5 6"]]


def test_rows_may_begin_late(read, grids, rows) -> None:
    document = Document()
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    add(
        document,
        f"<w:tbl {W}><w:tr>{cell.format('甲')}{cell.format('乙')}</w:tr>"
        f'<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>{cell.format(1)}</w:tr>'
        f'<w:tr><w:trPr><w:del w:id="1"/></w:trPr>{cell.format("删")}{cell.format("除")}</w:tr></w:tbl>',
    )
    (grid,) = grids(read(saved(document), "a.docx"))
    assert rows(grid) == [["甲", "乙"], [None, "1"]]


def test_huge_spans_are_clamped(read, grids) -> None:
    document = Document()
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="{}"/></w:tcPr><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc>'
    row = f"<w:tr>{cell.format(10**9)}{cell.format('x')}</w:tr>"
    add(document, f"<w:tbl {W}>{row}{row.replace('1000000000', '1')}</w:tbl>")
    (grid,) = grids(read(saved(document), "a.docx"))
    assert grid.n_columns == 2


def test_a_report_inside_a_layout_table(read, texts, grids) -> None:
    document = Document()
    outer = document.add_table(1, 1).cell(0, 0)
    outer.text = "一、总体情况"
    outer.add_paragraph("正文。" * 150)
    inner = outer.add_table(2, 2)
    inner.cell(0, 0).text = "规章"
    result = read(saved(document), "a.docx")
    assert texts(result) == ["一、总体情况", "正文。" * 150]
    assert len(grids(result)) == 1


# ---- automatic numbers --------------------------------------------------------------------------------------------


def numbered(levels: list[tuple[str, str]], paragraphs: list[tuple[int, str]]):
    document = Document()
    numbering = document.part.numbering_part.element
    xml = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{fmt}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (fmt, text) in enumerate(levels)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{xml}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level, text in paragraphs:
        paragraph = document.add_paragraph(text)
        properties = paragraph._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'))
        assert properties.find(qn("w:numPr")) is not None
    return document


def test_automatic_numbers_are_written_out(blocks) -> None:
    levels = [("japaneseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."), ("bullet", "●")]
    paragraphs = [(0, "总体情况"), (1, "公开"), (1, "申请"), (2, "办理"), (3, "要点"), (0, "主动公开"), (1, "平台")]
    assert [b.text for b in blocks(numbered(levels, paragraphs))] == [
        "一、总体情况",
        "（一）公开",
        "（二）申请",
        "1.办理",
        "要点",
        "二、主动公开",
        "（一）平台",
    ]


def test_unknown_number_formats_are_reported(read, texts, codes) -> None:
    document = numbered([("hindiVowels", "第%1条")], [(0, "总则")])
    result = read(saved(document), "a.docx")
    assert texts(result) == ["第1条 总则"]
    assert codes(result) == ["read.numbering_format"]


@pytest.mark.parametrize(
    ("n", "written"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (35, "三十五"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (0, "0"),
    ],
)
def test_chinese_numbers(n: int, written: str) -> None:
    assert chinese(n) == written


# ---- what cannot be read ------------------------------------------------------------------------------------------


def test_a_document_without_text(read) -> None:
    with pytest.raises(GongkaiError) as caught:
        read(saved(Document()), "a.docx")
    assert caught.value.code == "read.empty"
