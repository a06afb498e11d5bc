"""Text, page furniture, errors and damage of PDF files; tables are in test_pdf_tables.py."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from gongkai.pipeline.config import Limits, load_config
from gongkai.pipeline.document import Block, GridBlock, TextBlock
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.readers.pdf import read_pdf

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
LIMITS = load_config().limits
WIDTH, HEIGHT = A4
LEFT, RIGHT, SIZE, LEADING = 80.0, 80.0 + 28 * 16.0, 16.0, 28.0
LONG = "本局围绕中心工作持续推进政务公开，全年公开各类信息1286条，答复群众来信67件，办结率为100%。"

Draw = Callable[[Canvas], None]


def make(draw: Draw, **options: object) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, **options)
    canvas.setFont(FONT, SIZE)
    draw(canvas)
    canvas.save()
    return buffer.getvalue()


def texts(data: bytes) -> list[str]:
    return [b.text for b in read_pdf(data, LIMITS)[0] if isinstance(b, TextBlock)]


def codes(data: bytes) -> list[str]:
    return [d.code for d in read_pdf(data, LIMITS)[2]]


def wrap(text: str, per_line: int = 28, indent: int = 2) -> list[tuple[int, str]]:
    """Cut text as a word processor does: ``(indent in em, line)``; half-width characters count as one em here."""
    lines = [(indent, text[: per_line - indent])]
    rest = text[per_line - indent :]
    return lines + [(0, rest[i : i + per_line]) for i in range(0, len(rest), per_line)]


def draw_lines(canvas: Canvas, lines: list[tuple[int, str]], top: float) -> float:
    """Draw every character in its own em, as justified Chinese type is set; returns the next baseline."""
    for indent, line in lines:
        for i, char in enumerate(line):
            canvas.drawString(LEFT + (indent + i) * SIZE, top, char)
        top -= LEADING
    return top


def chinese(n: int) -> str:
    return "".join(random.Random(n).choice("政务公开工作推进落实完善制度群众服务平台建设") for _ in range(n))


def test_wrapped_lines_become_paragraphs_without_spaces() -> None:
    first, second = chinese(100) + "。", chinese(40) + "。"

    def draw(canvas: Canvas) -> None:
        top = draw_lines(canvas, wrap("一、总体情况"), 700)
        draw_lines(canvas, wrap(second), draw_lines(canvas, wrap(first), top))

    assert texts(make(draw)) == ["一、总体情况", first, second]


def test_menus_and_tables_set_close_do_not_narrow_the_distance_of_lines() -> None:
    text = chinese(160) + "。"

    def draw(canvas: Canvas) -> None:
        top = draw_lines(canvas, wrap(text), 780)
        for row in range(20):
            canvas.drawString(LEFT, top - row * 16, f"栏目名称{row}")

    assert texts(make(draw))[0] == text


def test_a_printed_web_page_leaves_its_template_behind() -> None:
    title = "某县2021年政府信息公开工作年度报告"
    top = ["首页", "走进某县", "当前位置：首页 > 政务公开", title, "发布时间：2022-01-20 来源：某县政府办"]
    report = ["一、总体情况", "全年公开信息120条。", "二、主动公开政府信息情况", "全年公开信息多项。"]
    foot = ["【打印本页】", "主办：某县人民政府", "某ICP备00000000号"]

    def draw(canvas: Canvas) -> None:
        for row, text in enumerate([*top, *report, *foot]):
            canvas.drawString(LEFT, 700 - row * 40, text)

    data = make(draw)
    assert texts(data) == [title, *report]
    assert read_pdf(data, LIMITS)[1]["pubdate"] == "2022-01-20"


def test_an_address_in_brackets_that_had_no_room_goes_on() -> None:
    first, rest = chinese(12), "（http://www.example.gov.cn/zwgk）下载。"

    def draw(canvas: Canvas) -> None:
        draw_lines(canvas, wrap(chinese(60) + "。"), 700)
        top = draw_lines(canvas, [(2, first)], 600)
        canvas.drawString(LEFT, top, rest)

    assert texts(make(draw))[-1] == first + rest


def test_a_paragraph_crosses_pages_and_the_page_numbers_between_go() -> None:
    text = chinese(150) + "。"

    def draw(canvas: Canvas) -> None:
        lines = wrap(text)
        draw_lines(canvas, lines[:3], 200)
        canvas.drawCentredString(WIDTH / 2, 60, "— 1 —")
        canvas.showPage()
        canvas.setFont(FONT, SIZE)
        draw_lines(canvas, lines[3:], 730)
        canvas.drawCentredString(WIDTH / 2, 60, "— 2 —")

    data = make(draw)
    assert texts(data) == [text]
    assert codes(data) == ["read.page_furniture_dropped"]


@pytest.mark.parametrize("number", ["{}", "- {} -", "第{}页 共3页", "{}/3", "第 {} 页"])
def test_page_numbers_of_all_kinds_go(number: str) -> None:
    def draw(canvas: Canvas) -> None:
        for page in (1, 2, 3):
            canvas.setFont(FONT, SIZE)
            canvas.drawString(LEFT, 500, f"第{'一二三'[page - 1]}段文字。")
            canvas.drawString(LEFT if page % 2 else 450, 50, number.format(page))
            canvas.showPage()

    assert texts(make(draw)) == ["第一段文字。", "第二段文字。", "第三段文字。"]


def test_running_headers_go_and_a_number_that_does_not_count_pages_stays() -> None:
    def draw(canvas: Canvas) -> None:
        for page in (1, 2, 3):
            canvas.setFont(FONT, SIZE)
            canvas.drawString(LEFT, 800, "某区统计局年度报告")
            canvas.drawString(LEFT, 500, f"第{'一二三'[page - 1]}段文字。")
            canvas.drawString(LEFT, 50, str((17, 5, 260)[page - 1]))
            canvas.showPage()

    assert texts(make(draw)) == ["第一段文字。", "17", "第二段文字。", "5", "第三段文字。", "260"]


def test_signature_and_date_at_the_right_margin_stay_apart() -> None:
    text = chinese(60) + "。"

    def draw(canvas: Canvas) -> None:
        top = draw_lines(canvas, wrap(text), 700)
        canvas.drawRightString(RIGHT, top, "某市统计局")
        canvas.drawRightString(RIGHT, top - LEADING, "2023年1月9日")

    assert texts(make(draw)) == [text, "某市统计局", "2023年1月9日"]


def test_ragged_lines_are_joined_where_paragraphs_are_indented() -> None:
    def draw(canvas: Canvas) -> None:
        for row, (indent, n) in enumerate([(2, 26), (0, 26), (0, 5), (2, 26), (0, 25), (0, 4), (2, 8), (2, 9)]):
            canvas.drawString(LEFT + indent * SIZE, 700 - row * LEADING, chinese(n))

    assert [len(t) for t in texts(make(draw))] == [57, 55, 8, 9]


def test_titles_are_joined_and_get_a_level() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 22)
        canvas.drawCentredString(LEFT + 14 * SIZE, 750, "某某市某某区人民政府办公室")
        canvas.drawCentredString(LEFT + 14 * SIZE, 716, "2022年政府信息公开工作年度报告")
        canvas.setFont(FONT, SIZE)
        draw_lines(canvas, wrap(chinese(60) + "。"), 660)

    block = read_pdf(make(draw), LIMITS)[0][0]
    assert isinstance(block, TextBlock)
    assert block.text == "某某市某某区人民政府办公室2022年政府信息公开工作年度报告"
    assert block.level == 1
    assert block.page == 1


def test_a_heading_drawn_twice_is_bold_and_not_doubled() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(LEFT + 2 * SIZE, 700, "二、主动公开情况")
        for i, char in enumerate("二、主动公开情况"):
            canvas.drawString(LEFT + (2 + i) * SIZE + 0.4, 700.3, char)
        draw_lines(canvas, wrap(chinese(60) + "。"), 672)

    heading, body = read_pdf(make(draw), LIMITS)[0]
    assert isinstance(heading, TextBlock)
    assert isinstance(body, TextBlock)
    assert (heading.text, heading.bold, body.bold) == ("二、主动公开情况", True, False)


def test_order_of_drawing_does_not_matter() -> None:
    text = chinese(70) + "。"

    def draw(canvas: Canvas) -> None:
        glyphs = [
            (LEFT + (indent + i) * SIZE, 700 - LEADING * row + (i % 3) * 0.8, char)
            for row, (indent, line) in enumerate(wrap(text))
            for i, char in enumerate(line)
        ]
        random.Random(1).shuffle(glyphs)
        for x, y, char in glyphs:
            canvas.drawString(x, y, char)

    assert texts(make(draw)) == [text]


def test_latin_words_keep_their_spaces_and_a_superscript_its_place() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(LEFT, 700, "The annual report")
        canvas.drawString(LEFT, 640, "面积1200m")
        canvas.setFont(FONT, 9)
        x = LEFT + pdfmetrics.stringWidth("面积1200m", FONT, SIZE)
        canvas.drawString(x, 646, "2")
        canvas.setFont(FONT, SIZE)
        canvas.drawString(x + 6, 640, "已建成")

    assert texts(make(draw)) == ["The annual report", "面积1200m2已建成"]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_pages_drawn_sideways_read_the_same(quarters: int) -> None:
    text = chinese(70) + "。"

    def draw(canvas: Canvas) -> None:
        canvas.translate(WIDTH / 2, HEIGHT / 2)
        canvas.rotate(90 * quarters)
        canvas.translate(-WIDTH / 2, -HEIGHT / 2)
        canvas.setFont(FONT, SIZE)
        draw_lines(canvas, wrap(text), 600)

    assert texts(make(draw)) == [text]


def test_two_columns_are_read_one_after_the_other() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 10)
        for row in range(12):
            canvas.drawString(60, 700 - 16 * row, "左" * 22)
            canvas.drawString(310, 700 - 16 * row, "右" * 22)

    assert "".join(texts(make(draw))) == "左" * 264 + "右" * 264


def test_a_slanting_watermark_is_left_out_and_told() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(LEFT, 700, "正文一行。")
        canvas.translate(200, 300)
        canvas.rotate(45)
        canvas.drawString(0, 0, "内部资料")

    data = make(draw)
    assert texts(data) == ["正文一行。"]
    assert "内部资料" in read_pdf(data, LIMITS)[2][0].message


def test_metadata_has_lower_case_keys() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setTitle("某局年度报告")
        canvas.drawString(LEFT, 700, "正文。")

    meta = read_pdf(make(draw), LIMITS)[1]
    assert meta["title"] == "某局年度报告"
    assert meta["creationdate"].startswith("D:20")


# ---- what cannot be read -----------------------------------------------------------------------------------------


def picture(canvas: Canvas) -> None:
    from reportlab.lib.utils import ImageReader

    pixels = io.BytesIO(b"P5 4 4 255\n" + bytes(range(16)))
    canvas.drawImage(ImageReader(pixels), 0, 0, WIDTH, HEIGHT)


def line(canvas: Canvas) -> None:
    canvas.drawString(LEFT, 700, LONG[:25])


def failure(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(GongkaiError) as caught:
        read_pdf(data, limits)
    return caught.value.code


def test_only_pictures_is_a_scan() -> None:
    assert failure(make(picture)) == "read.scanned_pdf"


def test_a_scanned_page_among_others_is_told() -> None:
    def draw(canvas: Canvas) -> None:
        line(canvas)
        canvas.showPage()
        picture(canvas)

    found = read_pdf(make(draw), LIMITS)[2]
    assert [(d.level, d.code, d.where) for d in found] == [("warning", "read.scanned_page", "page 2")]


def test_blank_and_empty_files() -> None:
    assert failure(make(lambda canvas: canvas.showPage())) == "read.empty"
    assert failure(b"") == "read.empty"
    assert failure(b"  \n") == "read.empty"


def test_a_password_is_needed_or_not() -> None:
    locked = StandardEncryption("geheim", "besitzer", strength=128)
    assert failure(make(line, encrypt=locked)) == "read.encrypted_pdf"
    owned = StandardEncryption("", "besitzer", canCopy=0, strength=128)
    assert texts(make(line, encrypt=owned)) == [LONG[:25]]


def test_too_many_pages() -> None:
    def draw(canvas: Canvas) -> None:
        for _ in range(4):
            canvas.setFont(FONT, SIZE)
            line(canvas)
            canvas.showPage()

    limits = LIMITS.model_copy(update={"max_pages": 3})
    assert failure(make(draw), limits) == "limit.pages"


def test_not_a_pdf() -> None:
    assert failure(b"PK\x03\x04 this is something else") == "read.corrupt"


def test_characters_without_unicode_are_told() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(LEFT, 700, "\ue123\ue124\ue125\ue126\ue127\ue128正文")

    assert "read.unmapped_glyphs" in codes(make(draw))


def test_a_page_full_of_drawing_is_bounded() -> None:
    def draw(canvas: Canvas) -> None:
        line(canvas)
        path = canvas.beginPath()
        for i in range(5000):
            path.moveTo(100, 100 + i / 20)
            path.lineTo(400, 100 + i / 20)
        canvas.drawPath(path)

    started = time.perf_counter()
    blocks, _, found = read_pdf(make(draw), LIMITS)
    assert time.perf_counter() - started < 5
    assert [b.text for b in blocks if isinstance(b, TextBlock)] == [LONG[:25]]
    assert "read.page_too_complex" in [d.code for d in found]


def reads_or_says_why(data: bytes) -> None:
    """Any bytes give blocks or an error of the catalogue, never anything else."""
    try:
        blocks: list[Block] = read_pdf(data, LIMITS)[0]
    except GongkaiError:
        return
    assert all(isinstance(b, TextBlock | GridBlock) for b in blocks)


def damaged_source() -> bytes:
    def draw(canvas: Canvas) -> None:
        draw_lines(canvas, wrap(LONG), 700)
        canvas.grid([80, 180, 280, 380], [300, 330, 360, 390])
        for i in range(9):
            canvas.drawString(90 + 100 * (i % 3), 308 + 30 * (i // 3), str(i))

    return make(draw, pageCompression=0)


def test_truncated_files() -> None:
    data = damaged_source()
    for end in range(0, len(data), max(1, len(data) // 150)):
        reads_or_says_why(data[:end])


def test_flipped_bytes() -> None:
    data = damaged_source()
    chance = random.Random(7)
    for _ in range(150):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 5, 40))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        reads_or_says_why(bytes(broken))
