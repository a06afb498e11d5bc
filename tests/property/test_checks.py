"""Checks must pass on what is right and fail on any one number that is wrong."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from gongkai.corpora.synthetic.corrupt import change_cell, checked_cells
from gongkai.corpora.synthetic.generate import generate
from gongkai.corpora.synthetic.model import Style
from gongkai.corpora.synthetic.render import FORMATS

SEEDS = st.integers(0, 10_000)
FORMS = st.sampled_from(["2019", "2021"])
TABLE_RULES = {
    "applications.balance",
    "applications.results_sum",
    "applications.applicants_sum",
    "review_litigation.sum",
}


def failed(annotated, prefix=""):
    return [
        (c.rule, c.where, c.message) for c in annotated.checks if c.status == "failed" and c.rule.startswith(prefix)
    ]


@given(seed=SEEDS, form=FORMS, file_format=st.sampled_from(FORMATS))
def test_right_tables_pass_every_check(seed, form, file_format, annotate_report):
    annotated = annotate_report(generate(seed, form=form, style=Style()), file_format)
    assert not failed(annotated)
    rules = TABLE_RULES | ({"proactive.change"} if form == "2019" else set())
    assert rules <= {c.rule for c in annotated.checks if c.status == "passed"}


@given(data=st.data(), seed=SEEDS, form=FORMS, by=st.integers(1, 40), file_format=st.sampled_from(FORMATS))
def test_any_wrong_cell_fails_a_check(data, seed, form, by, file_format, annotate_report):
    report = generate(seed, form=form, style=Style())
    cells = [cell for cell in checked_cells(report) if cell[0] != "proactive_disclosure"]
    table, row, column = data.draw(st.sampled_from(cells))
    annotated = annotate_report(change_cell(report, table, row, column, by), file_format)
    assert failed(annotated, f"{table}."), f"{table}.{row}.{column} was changed by {by}"


@given(data=st.data(), seed=SEEDS, by=st.integers(1, 2), file_format=st.sampled_from(FORMATS))
def test_a_wrong_change_fails_where_the_row_counts_items(data, seed, by, file_format, annotate_report):
    # The form leaves open whether the third number counts items or cases: only a near miss is surely a mistake.
    report = generate(seed, form="2019", style=Style())
    rows = report.tables["proactive_disclosure"]
    cells = [
        (row, column)
        for table, row, column in checked_cells(report)
        if table == "proactive_disclosure" and rows[row]["decisions"] > 2
    ]
    assume(cells)
    row, column = data.draw(st.sampled_from(cells))
    annotated = annotate_report(change_cell(report, "proactive_disclosure", row, column, by), file_format)
    assert failed(annotated, "proactive.change"), f"{row}.{column} was changed by {by}"


@given(seed=SEEDS, form=FORMS, file_format=st.sampled_from(FORMATS))
def test_a_narrative_that_contradicts_its_table_fails(seed, form, file_format, annotate_report):
    report = generate(seed, form=form, scale=2, style=Style(), consistent=False)
    assume(report.contradictions)
    assert failed(annotate_report(report, file_format), "narrative.")
