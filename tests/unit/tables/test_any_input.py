"""Whatever stands in a table, reading it neither fails nor loses text nor invents numbers."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.document import FlatTable, GridBlock, GridCell, Outline, TableBlock, TextBlock
from gongkai.pipeline.tables.locate import locate
from gongkai.pipeline.tables.read import read_tables
from gongkai.pipeline.tables.templates import TABLES, load

LABELS = sorted({label for name in TABLES for row in load(name).rows for label in row.labels})
HEADERS = sorted({label for name in TABLES for column in load(name).columns for label in column.labels})
CELLS = [
    "0",
    "5",
    "12 345",
    "/",
    "-",
    "",
    "|",
    "1.5万元",
    "见附件",
    "－3",
    "增5",
    "- 4 -",
    "0 0 0 5 0 0 5",
    "一",
    "总计",
]
texts = st.one_of(st.sampled_from(LABELS), st.sampled_from(HEADERS), st.sampled_from(CELLS), st.text(max_size=12))
lines = st.lists(texts, max_size=60)
cells = st.builds(
    GridCell, texts, st.integers(0, 12), st.integers(0, 9), st.integers(1, 4), st.integers(1, 4)
)  # fmt: skip


def outline(block):
    return Outline(None, None, None, None, None, "unknown", [], [], [TableBlock(None, "unknown", block)])


@settings(max_examples=150, deadline=None)
@given(lines)
def test_lines(content):
    located = locate([TextBlock(line) for line in content])
    kept = [part for b in located for part in (b.lines if isinstance(b, FlatTable) else b.text.splitlines())]
    assert kept == [part for line in content for part in line.splitlines()]
    result = read_tables(outline(FlatTable(content)))
    for name, table in result.tables.items():
        assert set(table.rows) <= set(load(name).row_names())
        assert all(set(row) <= set(load(name).column_names()) for row in table.rows.values())


@settings(max_examples=150, deadline=None)
@given(st.lists(cells, max_size=60))
def test_grids(content):
    result = read_tables(outline(GridBlock(content)))
    assert all(table.rows and table.strategy for table in result.tables.values())
