"""One report in four formats must give one and the same reading, and the reading must be the truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.corpora.synthetic.generate import generate
from gongkai.corpora.synthetic.model import Style
from gongkai.corpora.synthetic.render import FORMATS

SEEDS = st.integers(0, 10_000)
FORMS = st.sampled_from(["2019", "2021"])
# A cell left empty leaves no trace where every cell is a line: only grids can tell it.
GRID_STYLES = st.builds(
    Style,
    blank=st.sampled_from(["", "/", "-", "—"]),
    zero_as_blank=st.sampled_from([0.0, 0.3, 1.0]),
    fullwidth_digits=st.booleans(),
    thousands_separators=st.booleans(),
    money=st.sampled_from(["header", "yuan", "wan"]),
    extra_row=st.booleans(),
    wrapped_labels=st.booleans(),
    vertical_labels=st.booleans(),
    ascii_punctuation=st.booleans(),
    bold_headings=st.booleans(),
    tall_rows=st.booleans(),
    charset=st.sampled_from(["utf-8", "gb18030"]),
    date_place=st.sampled_from(["top", "end", "none"]),
)
FLAT_STYLES = st.builds(
    Style,
    blank=st.sampled_from(["/", "-", "—"]),
    zero_as_blank=st.sampled_from([0.0, 0.3, 1.0]),
    fullwidth_digits=st.booleans(),
    thousands_separators=st.booleans(),
    money=st.sampled_from(["header", "yuan", "wan"]),
    extra_row=st.booleans(),
    wrapped_labels=st.booleans(),
    ascii_punctuation=st.booleans(),
    flat_tables=st.just(True),
    web_chrome=st.booleans(),
    charset=st.sampled_from(["utf-8", "gb18030"]),
    date_place=st.sampled_from(["top", "end", "none"]),
)


def read_cells(annotated, cells_of):
    return cells_of({name: table.rows for name, table in annotated.tables.items()})


def wrong_cells(read, truth):
    return {cell: (value, read.get(cell)) for cell, value in truth.items() if read.get(cell) != pytest.approx(value)}


@given(seed=SEEDS, form=FORMS)
def test_four_formats_give_equal_cells(seed, form, annotate_report, cells_of):
    report = generate(seed, form=form, style=Style())
    truth = cells_of(report.tables)
    for file_format in FORMATS:
        read = read_cells(annotate_report(report, file_format), cells_of)
        assert not wrong_cells(read, truth), file_format
        assert set(read) == set(truth), file_format


@pytest.mark.parametrize("file_format", ["html", "docx", "pdf"])
@given(seed=SEEDS, form=FORMS, style=GRID_STYLES)
def test_grids_are_read_whatever_their_style(seed, form, style, file_format, annotate_report, cells_of):
    report = generate(seed, form=form, style=style)
    read = read_cells(annotate_report(report, file_format), cells_of)
    assert not wrong_cells(read, cells_of(report.tables))


@pytest.mark.parametrize("file_format", ["txt", "html"])
@given(seed=SEEDS, form=FORMS, style=FLAT_STYLES)
def test_flattened_tables_are_read_whatever_their_style(seed, form, style, file_format, annotate_report, cells_of):
    report = generate(seed, form=form, style=style)
    read = read_cells(annotate_report(report, file_format), cells_of)
    assert not wrong_cells(read, cells_of(report.tables))


@given(seed=SEEDS, form=st.sampled_from(["2019", "2021", "pre2019"]))
def test_four_formats_give_equal_narratives(seed, form, annotate_report, squeeze):
    report = generate(seed, form=form, style=Style())
    truth = [squeeze(passage.text) for _, passage in report.narrative()]
    for file_format in FORMATS:
        annotated = annotate_report(report, file_format)
        texts = [squeeze(p.text) for p in annotated.paragraphs]
        kinds = {s.id: s.kind for s in annotated.sections}
        told = [t for p, t in zip(annotated.paragraphs, texts, strict=True) if kinds[p.section] != "front_matter"]
        assert told == truth, file_format


def test_header_split_by_a_page_is_no_paragraph(annotate_report, squeeze):
    report = generate(0, form="2019", style=Style(split_headers=True))
    texts = [squeeze(p.text) for p in annotate_report(report, "pdf").paragraphs]
    assert "行政复议行政诉讼" not in texts


@given(seed=SEEDS, form=st.sampled_from(["2019", "2021", "pre2019"]))
def test_four_formats_tell_the_same_of_the_report(seed, form, annotate_report):
    report = generate(seed, form=form, style=Style(date_place="top"))
    truth = report.truth()["report"]
    for file_format in FORMATS:
        info = annotate_report(report, file_format).report
        assert info.authority == truth["authority"], file_format
        assert info.region == truth["region"], file_format
        assert info.title == truth["title"], file_format
        assert info.year == truth["year"], file_format
        assert info.format == truth["format"], file_format
        assert info.published == truth["published"], file_format


@pytest.mark.parametrize("file_format", FORMATS)
@given(seed=SEEDS, form=st.sampled_from(["2019", "2021"]))
def test_sections_have_their_statutory_kinds(seed, form, file_format, annotate_report, squeeze):
    report = generate(seed, form=form, style=Style(bold_headings=bool(seed % 2)))
    annotated = annotate_report(report, file_format)
    read = [(s.kind, squeeze(s.title)) for s in annotated.sections if s.level == 1 and s.kind != "front_matter"]
    assert read == [(s.kind, squeeze(s.title)) for s in report.sections]
