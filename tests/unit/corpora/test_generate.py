from __future__ import annotations

import pytest

from gongkai.corpora.synthetic.data import material
from gongkai.corpora.synthetic.generate import flatten, generate
from gongkai.corpora.synthetic.model import Style
from gongkai.pipeline.config import taxonomy

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other")
NOT_RESULTS = ("new_received", "carried_over_in", "total", "carried_over_out")


def test_equal_seeds_give_equal_reports():
    assert generate(7).truth() == generate(7).truth()


def test_seeds_differ():
    assert len({str(generate(seed).truth()["paragraphs"]) for seed in range(10)}) == 10


def test_all_forms_and_kinds_of_authority_occur(reports):
    assert {r.form for r in reports} == {"pre2019", "2019", "2021"}
    assert len(material("authorities")["kinds"]) >= 12
    assert len({r.authority for r in reports}) > 15


@pytest.mark.parametrize("kind", sorted(material("authorities")["kinds"]))
def test_every_kind_of_authority_fills_its_slots(kind):
    report = generate(3, authority_kind=kind)
    assert "{" not in report.title + report.authority + report.region
    assert str(report.year) in report.title


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_tables_obey_the_official_arithmetic(form, of_form):
    for report in of_form(form):
        rows = report.tables["applications"]
        results = [cells for name, cells in rows.items() if name not in NOT_RESULTS]
        assert len(results) == {"2019": 19, "2021": 21}[form]
        for column in (*APPLICANTS, "total"):
            into = rows["new_received"][column] + rows["carried_over_in"][column]
            assert into == rows["total"][column] + rows["carried_over_out"][column]
            assert rows["total"][column] == sum(cells[column] for cells in results)
        for cells in rows.values():
            assert cells["total"] == sum(cells[column] for column in APPLICANTS)
        for cells in report.tables["review_litigation"].values():
            assert cells["total"] == cells["upheld"] + cells["corrected"] + cells["other"] + cells["pending"]


def test_changes_of_2019_add_up(of_form):
    for report in of_form("2019"):
        for row in ("licensing", "other_services", "punishment", "compulsion"):
            cells = report.tables["proactive_disclosure"][row]
            assert cells["previous"] + cells["change"] == cells["decisions"]


def test_no_table_number_is_negative_except_a_change(reports):
    for report in reports:
        for cell, value in flatten(report.tables, report.appendix).items():
            assert value >= 0 or cell.endswith(".change"), cell


def test_the_appendix_adds_up(of_form):
    for report in of_form("pre2019"):
        numbers = report.appendix
        parts = ("by_hand", "by_fax", "by_network", "by_letter")
        assert numbers["received"] == sum(numbers[p] for p in parts)
        assert not report.tables


def test_metric_offsets_are_exact(reports):
    count = 0
    for report in reports:
        for _, passage in report.passages():
            for metric in passage.metrics:
                assert passage.text[metric.start : metric.end] == metric.text
                count += 1
    assert count > 500


def test_sentences_tile_their_paragraph_and_labels_are_known(reports):
    known = taxonomy()
    for report in reports:
        for _, passage in report.passages():
            assert passage.sentences[0].start == 0
            assert passage.sentences[-1].end == len(passage.text)
            for one, other in zip(passage.sentences, passage.sentences[1:], strict=False):
                assert one.end == other.start
            for sentence in passage.sentences:
                assert set(sentence.domains) <= known["domains"].keys()
                assert set(sentence.activities) <= known["activities"].keys()


def test_narrative_agrees_with_the_tables(reports):
    told = 0
    for report in reports:
        cells = flatten(report.tables, report.appendix)
        for _, passage in report.passages():
            for metric in passage.metrics:
                if metric.cells:
                    assert metric.value == sum(cells[c] for c in metric.cells)
                    told += 1
    assert told > 60


def test_a_contradiction_is_told_and_named():
    report = generate(1, form="2021", scale=2, consistent=False)
    cells = flatten(report.tables, report.appendix)
    wrong = {
        cell
        for _, passage in report.passages()
        for metric in passage.metrics
        if metric.cells and metric.value != sum(cells[c] for c in metric.cells)
        for cell in metric.cells
    }
    assert wrong
    assert wrong == set(report.contradictions)


def test_the_sentence_that_sums_its_parts_does():
    for seed in range(40):
        for _, passage in generate(seed).passages():
            numbers = {m.text: m.value for m in passage.metrics if m.indicator == "公开政府信息数"}
            if len(numbers) == 3:
                whole, *parts = sorted(numbers.values(), reverse=True)
                assert whole == sum(parts)
                return
    pytest.fail("no report told the sum")


def test_half_width_punctuation_keeps_the_offsets():
    style = Style(ascii_punctuation=True)
    for _, passage in generate(5, form="2021", style=style).passages():
        assert not set("，（）；：") & set(passage.text)
        for metric in passage.metrics:
            assert passage.text[metric.start : metric.end] == metric.text


def test_the_date_is_only_true_where_it_is_written():
    assert generate(5, style=Style(date_place="none")).truth()["report"]["published"] is None
    assert generate(5, style=Style(date_place="end")).truth()["report"]["published"]
