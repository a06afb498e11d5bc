from __future__ import annotations

import io

import docx
import pypdfium2
import pytest
from selectolax.lexbor import LexborHTMLParser

from gongkai.corpora.synthetic.generate import generate
from gongkai.corpora.synthetic.layout import lay_out, number_text
from gongkai.corpora.synthetic.model import Style
from gongkai.corpora.synthetic.render import FORMATS, render

TABLES = ("proactive_disclosure", "applications", "review_litigation")


def squeeze(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def report():
    return generate(11, form="2021", scale=2, style=Style(date_place="end"))


@pytest.mark.parametrize("form", ["2019", "2021", "pre2019"])
@pytest.mark.parametrize("extra_row", [False, True])
def test_cells_cover_the_grid_exactly_once(form, extra_row):
    report = generate(2, form=form, style=Style(extra_row=extra_row))
    for name in ("appendix",) if form == "pre2019" else TABLES:
        table = lay_out(report, name)
        covered = [
            (r, c)
            for cell in table.cells
            for r in range(cell.row, cell.row + cell.rowspan)
            for c in range(cell.column, cell.column + cell.colspan)
        ]
        assert sorted(covered) == [(r, c) for r in range(table.n_rows) for c in range(table.n_columns)]


@pytest.mark.parametrize(("form", "rows"), [("2019", 23), ("2021", 25)])
def test_applications_have_the_official_number_of_rows(form, rows):
    table = lay_out(generate(2, form=form, style=Style()), "applications")
    assert table.n_rows == 3 + rows
    assert sum(cell.kind == "number" for cell in table.cells) == 7 * rows


@pytest.mark.parametrize(
    ("value", "style", "money", "text"),
    [
        (None, Style(blank="—"), None, "—"),
        (0, Style(), None, "0"),
        (0, Style(zero_as_blank=1.0, blank="/"), None, "/"),
        (1204, Style(thousands_separators=True), None, "1,204"),
        (1204, Style(fullwidth_digits=True), None, "１２０４"),
        (-3, Style(), None, "-3"),
        (251000, Style(), "wan", "25.1"),
        (251000, Style(), "yuan", "25.1万元"),
        (251000, Style(money="yuan"), "wan", "251000元"),
        (251000, Style(money="wan"), "wan", "25.1万元"),
        (348319300, Style(money="wan"), "yuan", "34831.93万元"),
    ],
)
def test_numbers_are_written_as_the_style_asks(value, style, money, text):
    assert number_text(value, style, "key", money) == text


@pytest.mark.parametrize("file_format", FORMATS)
def test_bytes_depend_on_the_report_only(file_format, report):
    assert render(report, file_format) == render(report, file_format)


def test_text_has_one_cell_a_line(report):
    lines = [line.strip() for line in render(report, "txt").decode().splitlines() if line.strip()]
    assert lines[0] == report.title
    start = lines.index("一、本年新收政府信息公开申请数量")
    cells = report.tables["applications"]["new_received"]
    assert lines[start + 1 : start + 8] == [str(v) for v in cells.values()]


def test_web_chrome_surrounds_the_text():
    report = generate(3, form="2021", style=Style(web_chrome=True))
    lines = [line.strip() for line in render(report, "txt").decode().splitlines() if line.strip()]
    assert lines.count(report.title) == 2
    assert "首页" in lines[0]
    assert "网站标识码" in lines[-1]


def test_html_opens_and_its_spans_add_up(report):
    tree = LexborHTMLParser(render(report, "html").decode())
    assert tree.css_first("h1").text() == report.title
    tables = tree.css("table")
    assert len(tables) == 3
    area = sum(
        int(td.attributes.get("rowspan") or 1) * int(td.attributes.get("colspan") or 1) for td in tables[1].css("td")
    )
    assert area == 28 * 10


def test_html_declares_gb2312_for_gb18030_bytes():
    data = render(generate(3, style=Style(charset="gb18030")), "html")
    assert b'charset="gb2312"' in data
    assert "政府信息公开" in data.decode("gb18030")


def test_flat_html_has_no_tables():
    tree = LexborHTMLParser(render(generate(3, form="2021", style=Style(flat_tables=True)), "html").decode())
    assert not tree.css("table")
    assert "本年度办理结果" in tree.body.text()


@pytest.mark.parametrize("bold", [True, False])
def test_word_file_opens_with_headings_and_merged_cells(bold):
    report = generate(11, form="2021", style=Style(bold_headings=bold, vertical_labels=True))
    document = docx.Document(io.BytesIO(render(report, "docx")))
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert (not headings) if bold else headings[0] == report.sections[0].title
    group = document.tables[1].cell(6, 0)
    assert squeeze(group.text) == "三、本年度办理结果"
    assert "\n" in group.text
    assert group._tc is document.tables[1].cell(10, 0)._tc
    assert document.tables[2].cell(0, 14).text == "行政诉讼"


@pytest.mark.parametrize("style", [Style(), Style(tall_rows=True, vertical_labels=True, wrapped_labels=True)])
def test_pdf_opens_with_its_text_and_page_numbers(style):
    report = generate(11, form="2021", style=style)
    pdf = pypdfium2.PdfDocument(render(report, "pdf"))
    texts = [page.get_textpage().get_text_bounded() for page in pdf]
    for number, text in enumerate(texts, 1):
        assert f"- {number} -" in text
    whole = squeeze("".join(texts))
    assert squeeze(report.title) in whole
    assert "属于行政执法案卷" in whole.replace("-", "")


def test_applications_cross_a_page_with_tall_rows():
    report = generate(11, form="2021", style=Style(tall_rows=True))
    pdf = pypdfium2.PdfDocument(render(report, "pdf"))
    texts = [squeeze(page.get_textpage().get_text_bounded()) for page in pdf]
    first = next(i for i, text in enumerate(texts) if "本年新收政府信息公开申请数量" in text)
    last = next(i for i, text in enumerate(texts) if "结转下年度继续办理" in text.split("三、收到")[-1] and i >= first)
    assert last > first


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_style_renders(file_format, reports):
    for report in reports[:6]:
        assert len(render(report, file_format)) > 500
