"""The summary of a whole report: one JSON that holds together."""

import json

import jsonschema
import pytest

import gongkai
from gongkai.corpora import samples_dir
from gongkai.pipeline.api import check_tables
from gongkai.pipeline.config import load_config
from gongkai.pipeline.schema import Report

SAMPLES = sorted(p for p in samples_dir().iterdir() if p.suffix in {".txt", ".html", ".docx", ".pdf"})


@pytest.fixture(scope="module")
def reports():
    return {path.name: gongkai.annotate(path) for path in SAMPLES}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_report_holds_together(reports, path):
    report = reports[path.name]
    paragraphs = {p.id: p for p in report.paragraphs}
    sections = {s.id for s in report.sections}
    assert report.report.id == path.stem
    assert report.report.title
    assert report.report.authority
    assert report.report.year
    assert report.tables
    assert {p.section for p in report.paragraphs} <= sections
    assert {s.parent for s in report.sections} <= sections | {None}
    for item in [*report.metrics, *report.entities]:
        assert paragraphs[item.paragraph].text[item.start : item.end] == item.text
    for paragraph in report.paragraphs:
        for before, after in zip(paragraph.segments, paragraph.segments[1:], strict=False):
            assert before.end <= after.start
    segments = {s.id for p in report.paragraphs for s in p.segments}
    metrics = {m.id for m in report.metrics}
    assert set(report.summary.headline) <= metrics
    for entry in [*report.summary.domains, *report.summary.activities]:
        assert entry.highlight in segments
        assert set(entry.metrics) <= metrics
    assert 0 < len(report.summary.text) <= 300
    assert report.pipeline.config_sha256 == load_config().sha256
    assert set(report.pipeline.models) == {"tagger", "metrics", "entities"}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_json_follows_its_schema_and_reads_back(reports, path):
    text = reports[path.name].model_dump_json()
    jsonschema.validate(json.loads(text), Report.model_json_schema())
    assert Report.model_validate_json(text) == reports[path.name]


def test_two_runs_give_the_same_bytes(reports):
    for path in SAMPLES[:3]:
        assert gongkai.annotate(path).model_dump_json() == reports[path.name].model_dump_json()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_check_tables_reads_the_same_tables_and_finds_the_same_failures(reports, path):
    quick, whole = check_tables(path), reports[path.name]
    assert quick.tables == whole.tables
    assert [c for c in quick.checks if c.status == "failed"] == [c for c in whole.checks if c.status == "failed"]


def test_min_score_drops_labels(reports):
    strict = gongkai.annotate(SAMPLES[0], config=load_config(settings=["tagging.min_score=0.99"]))
    count = lambda report: sum(len(s.domains) + len(s.activities) for p in report.paragraphs for s in p.segments)  # noqa: E731
    assert count(strict) < count(reports[SAMPLES[0].name])


def test_headline_prefers_totals_and_is_not_fooled_by_parts_of_words(tmp_path):
    path = tmp_path / "r.txt"
    path.write_text("一、总体情况\n开展安全生产检查3次。主动公开信息8614条。受理信件总数120件。", encoding="utf-8")
    report = gongkai.annotate(path)
    named = {m.id: m.value for m in report.metrics}
    assert [named[i] for i in report.summary.headline] == [120, 8614, 3]


@pytest.mark.parametrize(
    ("first", "begins"),
    [
        ("清溪县教育局2021年政府信息公开工作年度报告", "清溪县教育局2021年政府信息公开工作年度报告。"),
        ("2022年政府信息公开工作年度报告", "2022年政府信息公开工作年度报告。"),
        ("全年平稳。", "政府信息公开工作年度报告。"),
    ],
)
def test_digest_opens_with_whose_report_it_is(tmp_path, first, begins):
    path = tmp_path / "r.txt"
    path.write_text(first + "\n一、总体情况\n全年公开信息12条。", encoding="utf-8")
    assert gongkai.annotate(path).summary.text.startswith(begins)
