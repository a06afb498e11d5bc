"""Which reports are compared with which, over whole output sets."""

import random

import pytest

from gongkai.pipeline.cross.pairing import Index
from gongkai.pipeline.cross.run import compare_years, index_outputs
from gongkai.pipeline.cross.settings import default_settings
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.outputs import OutputSet, Place


def index_of(*reports):
    index = Index()
    for report in reports:
        index.add(Place(f"{report.report.id}.json"), report)
    return index


def chains(index):
    return [[entry.report_id for entry in chain] for chain in index.chains()]


def reasons(index):
    return {unpaired.report.id: unpaired.reason for unpaired in index.unpaired}


def test_one_authority_written_in_two_ways_is_paired(summary):
    index = index_of(
        summary("b", authority="安源区人民政府", year=2022),
        summary("a", authority="萍乡市安源区人民政府", region=None, year=2021),
        summary("c", authority="江西省萍乡市安源区政府", region=None, year=2023),
    )
    assert chains(index) == [["a", "b", "c"]]
    assert reasons(index) == {"a": "no_previous_year"}


def test_a_missing_year_breaks_the_chain(summary):
    index = index_of(*(summary(str(year), year=year) for year in (2018, 2019, 2021, 2022)))
    assert chains(index) == [["2018", "2019"], ["2021", "2022"]]
    assert reasons(index) == {"2018": "no_previous_year", "2021": "no_previous_year"}


def test_two_different_reports_on_one_year_are_told_and_none_is_taken(summary):
    index = index_of(*(summary(name, year=year) for name, year in (("a", 2021), ("b", 2022), ("c", 2022), ("d", 2023))))
    assert chains(index) == []
    assert reasons(index) == {
        "a": "no_previous_year",
        "b": "several_reports",
        "c": "several_reports",
        "d": "no_previous_year",
    }
    assert "c.json" in next(u.message for u in index.unpaired if u.report.id == "b")


def test_copies_of_one_file_are_one_report(summary):
    index = index_of(
        summary("a", year=2021), summary("b", year=2022, sha256="1" * 64), summary("b2", year=2022, sha256="1" * 64)
    )
    assert chains(index) == [["a", "b"]]
    assert reasons(index) == {"a": "no_previous_year", "b2": "same_content"}


def test_equal_names_of_different_places_are_not_paired(summary):
    index = index_of(
        summary("a", authority="西湖区教育局", region="浙江省杭州市西湖区", year=2021),
        summary("b", authority="西湖区教育局", region="江西省南昌市西湖区", year=2022),
        summary("c", authority="西湖区教育局", region="西湖区", year=2022),
    )
    assert chains(index) == []
    assert reasons(index) == {"a": "no_previous_year", "b": "no_previous_year", "c": "ambiguous_division"}


@pytest.mark.parametrize("year", [None, 0, 20220])
def test_a_report_without_a_believable_year(summary, year):
    assert reasons(index_of(summary("a", year=year))) == {"a": "no_year"}


def test_every_report_is_paired_or_told(summary):
    rng = random.Random(5)
    names = ["安源区人民政府", "萍乡市安源区人民政府", "西湖区教育局", "教育局", "芦溪县教育局", None]
    reports = [
        summary(f"r{number}", authority=rng.choice(names), region=None, year=rng.choice([None, 2020, 2021, 2022, 2023]))
        for number in range(200)
    ]
    index = index_of(*reports)
    current = {name for chain in chains(index) for name in chain[1:]}
    assert current.isdisjoint(reasons(index))
    assert current | set(reasons(index)) == {report.report.id for report in reports}


@pytest.mark.parametrize("jsonl", [False, True])
def test_a_whole_output_set(summary, output_set, jsonl):
    folder = output_set(summary("a", year=2021, carried=(0, 2)), summary("b", year=2022, carried=(1, 0)), jsonl=jsonl)
    (folder / "cross.json").write_text('{"schema_version": "1.0", "settings_sha256": "0"}')
    (folder / "x.failure.json").write_text("{}")
    (folder / ".gongkai-1.json").write_text("{}")
    outputs = OutputSet(folder)
    index, unreadable = index_outputs(outputs, outputs.places())
    (pair,) = compare_years(outputs, index, default_settings())
    assert unreadable == []
    assert pair.previous.file == ("reports.jsonl:1" if jsonl else "a.json")
    assert (pair.current.id, pair.current.year, pair.authority.code) == ("b", 2022, "360302")
    assert [check.rule for check in pair.checks] == [
        *["cross_year.carry_over"] * 7,
        *["cross_year.normative"] * 2,
        "duplicate.text",
    ]
    assert [check.where for check in pair.checks if check.status == "failed"] == ["natural_person", "total"]


def test_what_is_no_summary_is_told_and_costs_nothing_else(summary, output_set):
    folder = output_set(summary("a", year=2021), summary("b", year=2022))
    (folder / "other.json").write_text('{"a": 1}')
    lines = [summary("c", year=2023).model_dump_json(), "", "{half a li"]
    (folder / "reports.jsonl").write_text("\n".join(lines), encoding="utf-8")
    outputs = OutputSet(folder)
    index, unreadable = index_outputs(outputs, outputs.places())
    assert [(bad.file, bad.code) for bad in unreadable] == [
        ("other.json", "read.corrupt"),
        ("reports.jsonl:3", "read.corrupt"),
    ]
    assert [pair.current.id for pair in compare_years(outputs, index, default_settings())] == ["b", "c"]


@pytest.mark.parametrize("name", ["missing", "file", "empty"])
def test_what_is_no_output_set(tmp_path, name):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(GongkaiError) as raised:
        OutputSet(tmp_path / name)
    assert raised.value.code == ("input.not_a_file" if name == "file" else "input.not_found")
    assert raised.value.entry.exit_status == 2
