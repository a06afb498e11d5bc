"""Disorder of real applications tables: split, wrapped, incomplete, with rows of their own."""

import pytest

from gongkai.pipeline.document import GridBlock, GridCell
from gongkai.pipeline.tables.read import read_tables

FORMS = ("2019", "2021")


def applications(make, *contents):
    result = read_tables(make.outline(*contents))
    codes = {d.code for d in result.diagnostics} - {"table.missing"}
    return result.tables["applications"], codes


def part(grid, start, end, header=()):
    shift = start - (max((c.row + c.rowspan for c in header), default=0))
    moved = [
        GridCell(c.text, c.row - shift, c.column, min(c.rowspan, end - c.row), c.colspan)
        for c in grid.cells
        if start <= c.row < end
    ]
    return GridBlock([*header, *moved])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cut", [5, 12, 20])
@pytest.mark.parametrize("repeat_header", [True, False])
def test_a_table_cut_by_pages(make, form, cut, repeat_header):
    table = make.applications(cut, form)
    whole = make.applications_grid(table, form)
    header = [c for c in whole.cells if c.row < 3] if repeat_header else []
    pieces = [part(whole, 0, cut), part(whole, cut, whole.n_rows, header)]
    assert applications(make, *pieces)[0].rows == table


@pytest.mark.parametrize("form", FORMS)
def test_half_a_grid_and_half_text(make, form):
    table = make.applications(2, form)
    whole = make.applications_grid(table, form)
    lines = make.applications_lines(table, form)
    rest = lines[lines.index("6.属于四类过程性信息") :]
    boundary = next(c.row for c in whole.cells if c.text == "6.属于四类过程性信息")
    read, codes = applications(make, part(whole, 0, boundary), rest)
    assert read.rows == table
    assert codes == set()


def as_pdf(make, table, form):
    """Wrapped labels, vertical group labels, page numbers and a repeated header, as text of a PDF."""
    vertical = iter("三、本年度办理结果")
    lines = ["申请人情况", "法人或其他组织", "自然人 商业 科研 社会公 法律服 总计", "企业 机构 益组织 务机构 其他"]
    for number, (row, labels) in enumerate(make.labelled_rows(form)):
        values = " ".join(str(table[row][c]) for c in make.COLUMNS)
        front = next(vertical, "") + " " if number > 2 else ""
        label = labels[-1]
        if len(label) > 12:
            lines += (
                [label[:11], front + values, label[11:]]
                if number % 2
                else [f"{front}{label[:11]} {values}", label[11:]]
            )
        else:
            lines.append(f"{front}{label} {values}")
        if number % 9 == 8:
            lines += [f"- {number} -", "自然人", "法人或其他组织", "总计", "其他"]
    return lines


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(3))
def test_text_of_a_pdf(make, form, seed):
    table = make.applications(seed, form)
    read, codes = applications(make, as_pdf(make, table, form))
    assert read.rows == table
    assert read.form == form
    assert codes == set()


def test_a_table_on_one_line(make):
    table = make.applications(4, "2021")
    assert applications(make, [" ".join(make.applications_lines(table, "2021"))])[0].rows == table


def test_a_number_glued_to_its_label(make):
    table = make.applications(4, "2021")
    lines = make.applications_lines(table, "2021")
    at = lines.index("1.属于国家秘密")
    lines[at : at + 2] = [lines[at] + lines[at + 1]]
    assert applications(make, lines)[0].rows == table


def test_full_width_digits_separators_and_measure_words(make):
    table = make.applications(4, "2021", largest=9000)
    wide = str.maketrans("0123456789,", "０１２３４５６７８９，")
    lines = [f"{int(x):,}".translate(wide) if x.isdigit() else x for x in make.applications_lines(table, "2021")]
    assert applications(make, lines)[0].rows == table
    lines = [f"{x} 件" if x.isdigit() else x for x in make.applications_lines(table, "2021")]
    assert applications(make, lines)[0].rows == table


@pytest.mark.parametrize("as_grid", [True, False])
def test_blank_cells_are_null(make, as_grid):
    table = make.applications(4, "2021")
    blank = {r: {c: v or None for c, v in cells.items()} for r, cells in table.items()}
    written = make.applications_grid(blank, "2021") if as_grid else make.applications_lines(blank, "2021", "bars")
    assert applications(make, written)[0].rows == blank


@pytest.mark.parametrize("sign", ["/", "-", "—", "－", "无"])
def test_signs_for_nothing_are_null(make, sign):
    table = make.applications(4, "2021")
    blank = {r: {c: v or None for c, v in cells.items()} for r, cells in table.items()}
    lines = [sign if x == "0" else x for x in make.applications_lines(table, "2021")]
    assert applications(make, lines)[0].rows == blank


def test_short_rows_are_placed_where_the_sums_leave_one_way(make):
    names = [row for row, _ in make.labelled_rows("2021")]
    table = {row: dict.fromkeys(make.COLUMNS, 0) for row in names}
    for row, count in (("new_received", 7), ("granted", 3), ("unavailable_not_held", 4), ("total", 7)):
        table[row] |= {"business": count, "total": count}
    lines = make.applications_lines(table, "2021")
    at = lines.index("（一）予以公开")
    lines[at + 1 : at + 8] = ["3", "3"]  # only 商业企业 has anything to give by 总计 of its column
    read, codes = applications(make, lines)
    assert {c: v or 0 for c, v in read.rows["granted"].items()} == table["granted"]
    assert codes == set()


def test_short_rows_with_several_ways_are_left_open(make):
    table = make.applications(1, "2021")
    blank = {r: {c: v or None for c, v in cells.items()} for r, cells in table.items()}
    read, codes = applications(make, make.applications_lines(blank, "2021"))
    assert codes == {"table.row_ambiguous"}
    for row, cells in read.rows.items():
        for column, value in cells.items():
            assert (value or 0) == table[row][column], (row, column)


@pytest.mark.parametrize("as_grid", [True, False])
def test_a_missing_row_is_absent_and_named(make, as_grid):
    table = make.applications(6, "2019")
    del table["refused_repeated"]
    written = make.applications_grid(table, "2019") if as_grid else make.applications_lines(table, "2019")
    result = read_tables(make.outline(written))
    assert result.tables["applications"].rows == table
    assert ["重复申请" in d.message for d in result.diagnostics if d.code == "table.row_missing"] == [True]


@pytest.mark.parametrize("as_grid", [True, False])
def test_an_added_row_is_kept_as_written(make, as_grid):
    table = make.applications(6, "2019")
    if as_grid:
        grid = make.applications_grid(table, "2019")
        row = [GridCell("6.转交其他机关", 27, 2), *[GridCell("1", 27, c) for c in range(3, 10)]]
        written = GridBlock([*grid.cells, *row])
    else:
        written = make.applications_lines(table, "2019")
        at = written.index("（六）其他处理")
        written[at:at] = ["6.转交其他机关", *["1"] * 7]
    read, codes = applications(make, written)
    assert read.rows == table
    assert read.extra_rows == [{"label": "6.转交其他机关"} | dict.fromkeys(make.COLUMNS, "1")]
    assert codes == {"table.extra_row"}


def test_a_word_in_place_of_a_number(make):
    table = make.applications(4, "2021")
    lines = make.applications_lines(table, "2021")
    lines[lines.index("1.属于国家秘密") + 3] = "见附件"
    read, codes = applications(make, lines)
    del table["denied_state_secret"]["research"]
    assert read.rows == table
    assert codes == {"table.cell_unreadable"}


def test_a_missing_column_is_named(make):
    table = make.applications(4, "2021")
    columns = [c for c in make.COLUMNS if c != "research"]
    read, codes = applications(make, make.applications_grid(table, "2021", columns))
    assert codes == {"table.column_missing"}
    assert read.rows["new_received"] == {c: table["new_received"][c] for c in columns}


def test_scrambled_labels_are_read_by_order_only_when_all_sums_hold(make):
    table = make.applications(4, "2021")
    lines = make.applications_lines(table, "2021")
    labels, numbers = [x for x in lines if not x.isdigit()], [x for x in lines if x.isdigit()]
    read, _ = applications(make, labels + numbers)
    assert (read.rows, read.strategy) == (table, "flat.order")
    numbers[9] = str(int(numbers[9]) + 1)
    tables = read_tables(make.outline(labels + numbers)).tables
    assert "applications" not in tables or tables["applications"].strategy != "flat.order"


def test_of_two_copies_the_one_in_its_section_is_taken(make):
    first, second = make.applications(1, "2021"), make.applications(2, "2021")
    grids = [make.applications_grid(t, "2021") for t in (first, second)]
    result = read_tables(make.outline(*grids, kinds=["attachment", "applications"]))
    assert result.tables["applications"].rows == second
    told = [d for d in result.diagnostics if d.code == "table.duplicate"]
    assert [d.level for d in told] == ["warning"]
    assert told[0].message.count("／") == 5  # up to five cells that differ, each with both values


def test_copies_that_agree_are_only_noted(make):
    grids = [make.applications_grid(make.applications(1, "2021"), "2021") for _ in range(2)]
    told = [d for d in read_tables(make.outline(*grids)).diagnostics if d.code == "table.duplicate"]
    assert [d.level for d in told] == ["info"]


def test_the_cell_in_which_copies_differ_is_named(make):
    table, other = make.applications(1, "2021"), make.applications(1, "2021")
    other["granted"]["business"] += 7
    grids = [make.applications_grid(t, "2021") for t in (table, other)]
    told = [d for d in read_tables(make.outline(*grids)).diagnostics if d.code == "table.duplicate"]
    assert [d.level for d in told] == ["warning"]
    assert told[0].message.endswith(f"·商业企业（{table['granted']['business']}／{other['granted']['business']}）")
