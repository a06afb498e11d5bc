"""Ruled tables of PDF files, tables that cross pages, and tables without rulings."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from gongkai.pipeline.config import load_config
from gongkai.pipeline.document import GridBlock, TextBlock
from gongkai.pipeline.readers.pdf import read_pdf
from gongkai.pipeline.readers.pdf_grids import find_tables
from gongkai.pipeline.readers.pdf_joins import common_columns
from gongkai.pipeline.readers.pdf_paths import filled_edges

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
LIMITS = load_config().limits
SIZE = 9.0

Cell = tuple[int, int, int, int, str]  # row, column, rowspan, colspan, text with \n between lines
Rule = Callable[[Canvas, float, float, float, float], None]


def box(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    canvas.rect(x0, y0, x1 - x0, y1 - y0)


def bars(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    """Borders as Word and browsers fill them: thin rectangles, with gaps at the corners."""
    for x in (x0, x1):
        canvas.rect(x - 0.25, y0 + 0.5, 0.5, y1 - y0 - 1, stroke=0, fill=1)
    for y in (y0, y1):
        canvas.rect(x0 + 0.5, y - 0.25, x1 - x0 - 1, 0.5, stroke=0, fill=1)


def draw_table(canvas: Canvas, xs: Sequence[float], ys: Sequence[float], cells: list[Cell], rule: Rule = box) -> None:
    """Draw cells on grid lines (points; ``ys`` from the top down in PDF coordinates), texts centred."""
    canvas.setFont(FONT, SIZE)
    for row, column, rowspan, colspan, text in cells:
        x0, x1 = xs[column], xs[column + colspan]
        y1, y0 = ys[row], ys[row + rowspan]
        rule(canvas, x0, y0, x1, y1)
        lines = text.split("\n")
        base = (y0 + y1) / 2 + (len(lines) - 1) * 5.5 - 3.5
        for i, line in enumerate(lines):
            canvas.drawCentredString((x0 + x1) / 2, base - 11 * i, line)


def make(draw: Callable[[Canvas], None], **options: object) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, **options)
    draw(canvas)
    canvas.save()
    return buffer.getvalue()


def grids(data: bytes) -> list[GridBlock]:
    return [b for b in read_pdf(data, LIMITS)[0] if isinstance(b, GridBlock)]


def cells_of(grid: GridBlock) -> set[Cell]:
    return {(c.row, c.column, c.rowspan, c.colspan, c.text) for c in grid.cells}


def unbroken(cells: list[Cell]) -> set[Cell]:
    return {(*c[:4], c[4].replace("\n", "")) for c in cells}


def steps(start: float, *widths: float) -> list[float]:
    out = [start]
    for width in widths:
        out.append(out[-1] + width)
    return out


X10 = steps(50, 22, 40, 100, *[48] * 7)
HEADER: list[Cell] = [
    (0, 0, 3, 3, "（本列数据的勾稽关系说明）"),
    (0, 3, 1, 7, "申请人情况"),
    (1, 3, 2, 1, "自然人"),
    (1, 4, 1, 5, "法人或其他组织"),
    (1, 9, 2, 1, "总计"),
    *[
        (2, 4 + i, 1, 1, t)
        for i, t in enumerate(("商业\n企业", "科研\n机构", "社会公\n益组织", "法律服\n务机构", "其他"))
    ],
]
GROUPS: list[tuple[str, list[str]]] = [
    ("（一）予以公开", []),
    ("（二）部分公开", []),
    ("（三）不\n予公开", [f"{i}.不予公开的\n情形之{i}" for i in range(1, 9)]),
    ("（四）无\n法提供", [f"{i}.无法提供的情形" for i in range(1, 4)]),
    ("（五）不\n予处理", [f"{i}.不予处理的情形" for i in range(1, 6)]),
    ("（六）其\n他处理", ["1.逾期不补正", "2.逾期不缴费", "3.其他"]),
    ("（七）总计", []),
]


def numbers(row: int) -> list[Cell]:
    return [(row, 3 + i, 1, 1, str(row * 10 + i)) for i in range(7)]


def body_rows() -> list[list[Cell]]:
    """The 25 rows of the 2021 form, each as cells with rows counted from 3; spans of groups included."""
    rows: list[list[Cell]] = [[(3, 0, 1, 3, "一、本年新收数量")], [(4, 0, 1, 3, "二、上年结转数量")]]
    n = 5
    total = sum(max(1, len(items)) for _, items in GROUPS)
    for group, items in GROUPS:
        for i, item in enumerate(items or [group]):
            row: list[Cell] = [(n, 0, total, 1, "\n".join("三、本年度办理结果"))] if n == 5 else []
            if not items:
                row.append((n, 1, 1, 2, item))
            else:
                row += [(n, 1, len(items), 1, group)] if i == 0 else []
                row.append((n, 2, 1, 1, item))
            rows.append(row)
            n += 1
    rows.append([(n, 0, 1, 3, "四、结转下年度继续办理")])
    return [row + numbers(r) for r, row in enumerate(rows, 3)]


@pytest.mark.parametrize("rule", [box, bars])
def test_the_applications_table_on_one_page(rule: Rule) -> None:
    cells = HEADER + [cell for row in body_rows() for cell in row]
    ys = [780 - 24 * r for r in range(29)]
    (grid,) = grids(make(lambda canvas: draw_table(canvas, X10, ys, cells, rule)))
    assert cells_of(grid) == unbroken(cells)
    assert (grid.n_rows, grid.n_columns) == (28, 10)


@pytest.mark.parametrize("rule", [box, bars])
def test_the_applications_table_across_a_page_break(rule: Rule) -> None:
    """The break falls inside both group labels; "- 1 -" stands at the foot of the first page."""
    cells = HEADER + [cell for row in body_rows() for cell in row]
    cut = 11
    upper = [
        (r, c, min(h, cut - r), w, t if r + h <= cut else t.split("\n")[0] if c == 1 else "三\n、\n本\n年\n度")
        for r, c, h, w, t in cells
        if r < cut
    ]
    lower = [(r - cut, c, h, w, t) for r, c, h, w, t in cells if r >= cut]
    lower += [(0, 0, 26 - cut + 1, 1, "办\n理\n结\n果"), (0, 1, 15 - cut, 1, "予公开")]

    def draw(canvas: Canvas) -> None:
        draw_table(canvas, X10, [400 - 26 * r for r in range(cut + 1)], upper, rule)
        canvas.drawCentredString(300, 60, "- 1 -")
        canvas.showPage()
        draw_table(canvas, X10, [740 - 26 * r for r in range(28 - cut + 1)], lower, rule)
        canvas.drawCentredString(300, 60, "- 2 -")

    (grid,) = grids(make(draw))
    assert cells_of(grid) == unbroken(cells)


def draw_pages(*pages: tuple[list[Cell], int]) -> bytes:
    xs = steps(60, 200, 80, 80, 80)

    def draw(canvas: Canvas) -> None:
        for number, (cells, n_rows) in enumerate(pages):
            if number:
                canvas.showPage()
            draw_table(canvas, xs, [700 - 30 * r for r in range(n_rows + 1)], cells)

    return make(draw)


def row(r: int, *cells: str) -> list[Cell]:
    return [(r, c, 1, 1, text) for c, text in enumerate(cells)]


def rows_of(grid: GridBlock) -> list[list[str]]:
    return [[cell.text if cell else "?" for cell in line] for line in grid.matrix()]


def test_a_repeated_header_row_is_left_out_and_told() -> None:
    header = row(0, "信息内容", "制发", "废止", "有效")
    data = draw_pages((header + row(1, "规章", "1", "2", "3"), 2), (header + row(1, "规范性文件", "4", "5", "6"), 2))
    (grid,) = grids(data)
    assert rows_of(grid) == [
        ["信息内容", "制发", "废止", "有效"],
        ["规章", "1", "2", "3"],
        ["规范性文件", "4", "5", "6"],
    ]
    assert [d.code for d in read_pdf(data, LIMITS)[2]] == ["read.page_furniture_dropped"]


@pytest.mark.parametrize(("upper", "lower"), [(("5", "0", "7"), ("", "", "")), (("", "", ""), ("5", "0", "7"))])
def test_a_row_cut_by_the_page_break_is_one_row(upper: tuple[str, ...], lower: tuple[str, ...]) -> None:
    first = row(0, "1.属于国家秘密", "1", "1", "1") + row(1, "2.法律法规", *upper)
    second = row(0, "禁止公开的", *lower) + row(1, "3.其他", "2", "2", "2")
    (grid,) = grids(draw_pages((first, 2), (second, 2)))
    assert rows_of(grid)[1] == ["2.法律法规禁止公开的", "5", "0", "7"]
    assert grid.n_rows == 3


@pytest.mark.parametrize("second", [("3.其他", "", "", ""), ("禁止公开的", "4", "5", "6"), ("规章", "", "", "")])
def test_rows_that_may_be_whole_are_not_merged(second: tuple[str, ...]) -> None:
    label = "行政许可" if second[0] == "规章" else "2.法律法规"
    (grid,) = grids(draw_pages((row(0, label, "1", "2", "3"), 1), (row(0, *second), 1)))
    assert rows_of(grid) == [[label, "1", "2", "3"], list(second)]


def test_tables_with_text_between_or_other_columns_stay_apart() -> None:
    def draw(canvas: Canvas) -> None:
        draw_table(canvas, steps(60, 100, 80, 80), [300, 270], row(0, "甲", "1", "2"))
        canvas.showPage()
        canvas.setFont(FONT, 12)
        canvas.drawString(60, 720, "四、行政复议情况")
        draw_table(canvas, steps(60, 100, 80, 80), [700, 670], row(0, "乙", "3", "4"))
        canvas.showPage()
        draw_table(canvas, steps(60, 50, 60, 150), [700, 670], row(0, "丙", "5", "6"))

    assert [rows_of(g) for g in grids(make(draw))] == [[["甲", "1", "2"]], [["乙", "3", "4"]], [["丙", "5", "6"]]]


def test_the_litigation_table_with_wrapped_vertical_captions_and_long_numbers() -> None:
    captions = ("结\n果\n维\n持", "结\n果\n纠\n正", "其\n他\n结\n果", "尚\n未\n审\n结", "总\n计")
    cells: list[Cell] = [
        (0, 0, 2, 5, "行政复议"),
        (0, 5, 1, 10, "行政诉讼"),
        (1, 5, 1, 5, "未经复议直接起诉"),
        (1, 10, 1, 5, "复议后起诉"),
        *[(2, c, 1, 1, captions[c % 5]) for c in range(15)],
        *[(3, c, 1, 1, "10\n24" if c == 4 else str(c)) for c in range(15)],
    ]
    xs = steps(60, *[14.0] * 15)
    (grid,) = grids(make(lambda canvas: draw_table(canvas, xs, [700, 680, 660, 600, 570], cells)))
    assert cells_of(grid) == unbroken(cells)


def test_two_numbers_one_above_the_other_in_a_wide_cell_are_not_one_number() -> None:
    cells: list[Cell] = [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "10\n24"), (1, 0, 1, 1, "乙"), (1, 1, 1, 1, "3")]
    (grid,) = grids(make(lambda canvas: draw_table(canvas, [60, 160, 300], [700, 660, 640], cells)))
    assert rows_of(grid) == [["甲", "10 24"], ["乙", "3"]]


def test_outer_borders_may_be_missing() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, SIZE)
        for y in (700, 670, 640):
            canvas.line(60, y, 300, y)
        for x in (140, 220):
            canvas.line(x, 700, x, 640)
        for i, text in enumerate("甲乙丙丁戊己"):
            canvas.drawString(80 + 80 * (i % 3), 680 - 30 * (i // 3), text)

    (grid,) = grids(make(draw))
    assert rows_of(grid) == [["甲", "乙", "丙"], ["丁", "戊", "己"]]


def test_sideways_text_in_a_cell() -> None:
    def draw(canvas: Canvas) -> None:
        cells: list[Cell] = [
            (0, 0, 2, 1, ""),
            (0, 1, 1, 1, "受理"),
            (0, 2, 1, 1, "3"),
            (1, 1, 1, 1, "办结"),
            (1, 2, 1, 1, "2"),
        ]
        draw_table(canvas, [60, 90, 160, 200], [700, 660, 620], cells)
        canvas.saveState()
        canvas.translate(78, 640)
        canvas.rotate(90)
        canvas.drawString(0, 0, "行政复议")
        canvas.restoreState()

    (grid,) = grids(make(draw))
    assert grid.cells[0].text == "行政复议"
    assert grid.cells[0].rowspan == 2


def test_a_frame_around_text_and_a_line_under_a_title_are_no_tables() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(40, 40, 520, 760)
        canvas.line(60, 690, 500, 690)
        canvas.setFont(FONT, 12)
        canvas.drawString(60, 700, "某局年度报告")
        canvas.drawString(60, 600, "正文。")

    blocks, _, _ = read_pdf(make(draw), LIMITS)
    assert [b.text for b in blocks if isinstance(b, TextBlock)] == ["某局年度报告", "正文。"]
    assert len(blocks) == 2


def test_text_around_a_table_keeps_its_place() -> None:
    def draw(canvas: Canvas) -> None:
        draw_table(canvas, steps(60, 100, 80), [500, 470, 440], row(0, "甲", "1") + row(1, "乙", "2"))
        canvas.setFont(FONT, 12)
        canvas.drawString(60, 400, "后文。")
        canvas.drawString(60, 600, "前文。")

    blocks, _, _ = read_pdf(make(draw), LIMITS)
    assert [b.text if isinstance(b, TextBlock) else "grid" for b in blocks] == ["前文。", "grid", "后文。"]


def test_a_table_inside_a_form_object_with_its_own_matrix() -> None:
    cells = row(0, "甲", "1", "2") + row(1, "乙", "3", "4")

    def draw(canvas: Canvas) -> None:
        canvas.beginForm("sheet")
        draw_table(canvas, steps(0, 200, 100, 100), [200, 150, 100], cells)
        canvas.endForm()
        canvas.translate(50, 400)
        canvas.scale(0.8, 0.8)
        canvas.doForm("sheet")

    (grid,) = grids(make(draw))
    assert rows_of(grid) == [["甲", "1", "2"], ["乙", "3", "4"]]


# ---- without rulings ---------------------------------------------------------------------------------------------


def draw_open(canvas: Canvas, lines: list[tuple[float, list[str]]]) -> None:
    canvas.setFont(FONT, 12)
    for y, texts in lines:
        for x, text in zip((60, 220, 300, 380), texts, strict=False):
            canvas.drawString(x, y, text)


def test_columns_of_numbers_without_rulings_are_a_grid() -> None:
    lines = [
        (700, ["信息内容", "制发", "废止", "有效"]),
        (676, ["规章", "0", "1", "12"]),
        (652, ["规范性文件", "14", "0", "230"]),
        (628, ["其他文件", "7", "-", "8"]),
    ]
    (grid,) = grids(make(lambda canvas: draw_open(canvas, lines)))
    assert rows_of(grid) == [texts for _, texts in lines]


def test_a_wrapped_label_without_rulings_joins_the_nearest_row() -> None:
    lines = [
        (700, ["规章", "0", "1", "12"]),
        (660, ["其他对外管理", "14", "0", "230"]),
        (645, ["服务事项"]),
        (605, ["行政处罚", "7", "3", "8"]),
    ]
    (grid,) = grids(make(lambda canvas: draw_open(canvas, lines)))
    assert [r[0] for r in rows_of(grid)] == ["规章", "其他对外管理服务事项", "行政处罚"]


def test_columns_that_cannot_be_told_apart_stay_lines() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 12)
        for i, xs in enumerate(((60, 220, 300), (60, 180, 216), (60, 296, 340))):
            for x, text in zip(xs, ("行政许可", "1000", "20"), strict=True):
                canvas.drawString(x, 700 - 24 * i, text)

    blocks, _, _ = read_pdf(make(draw), LIMITS)
    texts = [b.text for b in blocks if isinstance(b, TextBlock)]
    assert texts == ["行政许可  1000  20", "行政许可  1000 20", "行政许可  1000 20"]


# ---- geometry alone ----------------------------------------------------------------------------------------------


def test_nested_rectangles_are_a_border() -> None:
    outer = [(0.0, 0.0), (100.0, 0.0), (100.0, 50.0), (0.0, 50.0)]
    inner = [(1.0, 1.0), (99.0, 1.0), (99.0, 49.0), (1.0, 49.0)]
    assert len(filled_edges([outer, inner])) == 4
    assert filled_edges([outer]) == []


def test_too_many_lines_are_told() -> None:
    many = [(10.0 * i, 0.0, 9000.0) for i in range(800)]
    assert find_tables(many, many) == ([], True)


def test_common_columns_need_the_same_outer_edges() -> None:
    assert common_columns([0, 50, 100, 200], [1, 51, 201]) == ([0, 1, 2, 3], [0, 1, 3])
    assert common_columns([0, 50, 100], [0, 50, 140]) is None
    assert common_columns([0, 50, 100, 200], [0, 30, 70, 200]) is None


def test_six_pages_with_a_table_each_are_quick() -> None:
    cells = HEADER + [cell for r in body_rows() for cell in r]

    def draw(canvas: Canvas) -> None:
        for _ in range(6):
            draw_table(canvas, X10, [780 - 24 * r for r in range(29)], cells)
            canvas.showPage()

    data = make(draw)
    read_pdf(data, LIMITS)
    started = time.perf_counter()
    read_pdf(data, LIMITS)
    # Six times the 申请 table is several times a report's load; the bound allows for a busy machine.
    assert time.perf_counter() - started < 1.5
