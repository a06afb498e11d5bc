"""Annotations into a corpus: what goes in, what is refused and why, and what is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gongkai.corpora.convert.sentences import ConversionError
from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus, default_folder, read_corpus
from gongkai.corpora.validate import validate
from gongkai.training.labelling.compare import by_annotator, newest, pairs
from gongkai.training.labelling.imports import import_annotations, write
from gongkai.training.labelling.record import Said, joined, read_export, read_record, report_of

Annotate = Callable[..., list[Said]]
HEALTH, EDUCATION = "domain:healthcare", "domain:education"
EMPTY: dict[str, list[CorpusParagraph]] = {"train": [], "dev": [], "test": []}


@pytest.fixture(scope="module")
def shipped() -> Corpus:
    return read_corpus(default_folder())


@pytest.fixture
def found(make_paragraph: Callable[..., CorpusParagraph]) -> CorpusParagraph:
    return make_paragraph(["竹溪县医院张榜公布价格目录。", "镇小学的招生范围贴在村口。"])


def test_a_new_paragraph_and_its_record(found: CorpusParagraph, annotate: Annotate, tmp_path: Path) -> None:
    said = annotate(found, [[HEALTH], [EDUCATION]])
    corpus, record, outcome = import_annotations(said, [], Corpus([], dict(EMPTY)), None, "newest")
    assert outcome.added == ["r-2023/p1"]
    assert (outcome.refused, outcome.conflicts, outcome.unfinished) == ({}, [], {})
    assert [one.stands for one in record] == [True, True]
    assert (corpus.reports[0].authority, corpus.reports[0].level, corpus.reports[0].split) == (
        "甲县人民政府",
        "county",
        "train",
    )
    write(tmp_path / "new", corpus, record)
    read = read_corpus(tmp_path / "new")
    assert validate(read) == []
    assert read.paragraphs["train"][0].sentences[0].domains == ["healthcare"]
    assert read_record(tmp_path / "new") == record


def test_the_same_again_changes_nothing(found: CorpusParagraph, annotate: Annotate) -> None:
    said = annotate(found, [[HEALTH], [EDUCATION]])
    corpus, record, _ = import_annotations(said, [], Corpus([], dict(EMPTY)), None, "newest")
    later = [one.model_copy(update={"imported": "2027-01-01T00:00:00+00:00"}) for one in said]
    again, record_again, outcome = import_annotations(later, record, corpus, None, "newest")
    assert (again, record_again) == (corpus, record)
    assert (outcome.same, outcome.added, outcome.changed, outcome.conflicts) == (["r-2023/p1"], [], [], [])


def test_a_second_annotator_is_a_conflict_and_both_are_recorded(found: CorpusParagraph, annotate: Annotate) -> None:
    corpus, record, _ = import_annotations(
        annotate(found, [[HEALTH], [EDUCATION]]), [], Corpus([], dict(EMPTY)), None, "newest"
    )
    second = annotate(found, [[EDUCATION], [EDUCATION]], "bo", "2026-02-01T00:00:00+00:00")
    after, record, outcome = import_annotations(second, record, corpus, None, "newest")
    assert outcome.changed == ["r-2023/p1"]
    assert after.paragraphs["train"][0].sentences[0].domains == ["education"]
    assert [(one.annotator, one.sentence, one.stands) for one in record] == [
        ("anna", 0, False), ("anna", 1, True), ("bo", 0, True), ("bo", 1, True),
    ]  # fmt: skip
    told = outcome.to_json("newest")["conflicts"]
    assert json.loads(json.dumps(told))[0]["votes"][0] == {"by": "bo", "categories": [EDUCATION], "spans": []}


def test_a_later_version_of_an_annotation_takes_its_place(found: CorpusParagraph, annotate: Annotate) -> None:
    old = annotate(found, [[HEALTH], []])
    new = annotate(found, [[EDUCATION], []], updated="2026-05-01T00:00:00+00:00")
    assert [one.categories for one in joined(old, new)] == [[EDUCATION], []]
    assert joined(old, old) == old


def test_unfinished_paragraphs_wait_in_the_record(found: CorpusParagraph, annotate: Annotate) -> None:
    said = annotate(found, [[HEALTH], [EDUCATION]])
    corpus, record, outcome = import_annotations(said[:1], [], Corpus([], dict(EMPTY)), None, "newest")
    assert outcome.unfinished == {"r-2023/p1": "1 of 2 sentences are annotated"}
    assert corpus.paragraphs["train"] == []
    corpus, record, outcome = import_annotations(said[1:], record, corpus, None, "newest")
    assert outcome.added == ["r-2023/p1"]
    assert len(record) == 2


def held_sentence(corpus: Corpus, split: Any) -> str:
    return next(
        p.text[s.start : s.end]
        for p in corpus.paragraphs[split]
        for s in p.sentences
        if not s.template and len(p.sentences) > 1 and s.end - s.start > 25
    )


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("split", ["dev", "test"])
def test_near_copies_of_the_shipped_dev_and_test_are_refused(
    split: str, first: bool, shipped: Corpus, annotate: Annotate, make_paragraph: Callable[..., CorpusParagraph]
) -> None:
    text = held_sentence(shipped, split)
    sentences = [text.rstrip("。；") + "了。", "镇小学的招生范围贴在村口。"]
    copied = make_paragraph(sentences if first else sentences[::-1])
    corpus, record, outcome = import_annotations(
        annotate(copied, [[], []]), [], Corpus([], dict(EMPTY)), shipped, "newest"
    )
    assert outcome.refused["r-2023/p1"].startswith("held out for dev or test: ")
    assert f"({split})" in outcome.refused["r-2023/p1"]
    assert corpus.paragraphs["train"] == []
    assert corpus.reports == []
    assert record[0].stands is False


def test_dev_itself_and_its_authorities_are_refused(
    shipped: Corpus, found: CorpusParagraph, annotate: Annotate
) -> None:
    dev = shipped.paragraphs["dev"][0]
    said = annotate(dev, [[] for _ in dev.sentences])
    authority = next(r.authority for r in shipped.reports if r.split == "test")
    of_authority = annotate(found, [[], []], origin={**said[0].data["origin"], "authority": authority})
    for into in (shipped, Corpus([], dict(EMPTY))):
        _, _, outcome = import_annotations([*said, *of_authority], [], into, shipped, "newest")
        assert f"{authority} stands in test" in outcome.refused[found.id]
        assert "held out" in outcome.refused[dev.id]
        assert not outcome.added


def test_train_may_be_mended(shipped: Corpus, annotate: Annotate) -> None:
    old = next(p for p in shipped.paragraphs["train"] if len(p.sentences) == 2 and not p.mentions)
    said = annotate(old, [[HEALTH], [EDUCATION]])
    after, _, outcome = import_annotations(said, [], shipped, shipped, "newest")
    assert outcome.changed == [old.id]
    assert len(after.paragraphs["train"]) == len(shipped.paragraphs["train"])
    assert len(after.reports) == len(shipped.reports)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"origin": None}, "not made by gongkai label export"),
        ({"origin": {"year": None}}, "states no year"),
    ],
)
def test_reports_of_which_too_little_is_known(
    found: CorpusParagraph, annotate: Annotate, change: dict[str, Any], told: str
) -> None:
    said = annotate(found, [[], []])
    for one in said:
        one.data.update(change)
    _, _, outcome = import_annotations(said, [], Corpus([], dict(EMPTY)), None, "newest")
    assert told in outcome.refused["r-2023/p1"]


def test_labels_of_another_scheme_are_refused(found: CorpusParagraph, annotate: Annotate) -> None:
    said = annotate(found, [["domain:astrology"], []])
    _, _, outcome = import_annotations(said, [], Corpus([], dict(EMPTY)), None, "newest")
    assert outcome.refused["r-2023/p1"].startswith("label.unknown: astrology")


def test_paragraphs_stand_in_the_order_of_their_report(
    annotate: Annotate, make_paragraph: Callable[..., CorpusParagraph]
) -> None:
    said = [
        s for name in ("p10", "p9", "p2") for s in annotate(make_paragraph([f"第{name}段说了些什么。"], name), [[]])
    ]
    corpus, _, _ = import_annotations(said, [], Corpus([], dict(EMPTY)), None, "newest")
    assert [p.paragraph for p in corpus.paragraphs["train"]] == ["p2", "p9", "p10"]


@pytest.mark.parametrize(
    ("authority", "level"),
    [
        ("竹溪镇人民政府", "township"), ("八角井街道办事处", "township"), ("安源区人民政府", "county"),
        ("萍乡市人民政府办公室", "prefecture"), ("江西省人民政府", "province"), ("北京市人民政府", "province"),
        ("国家税务总局", "ministry"), ("萍乡市教育局", "department"), ("凉山彝族自治州人民政府", "prefecture"),
    ],
)  # fmt: skip
def test_level_of_an_authority(found: CorpusParagraph, annotate: Annotate, authority: str, level: str) -> None:
    data = annotate(found, [[], []])[0].data
    data["origin"] = {**data["origin"], "authority": authority, "format": "unknown", "year": 2018}
    report = report_of(data)
    assert (report.level, report.form) == (level, "pre2019")


@pytest.mark.parametrize(
    "text", ["{}", "[1]", "nonsense", '[{"annotations": [{"result": [], "id": 1}], "data": {}}]', "[" * 9999]
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_foreign_files_are_refused_with_a_message(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConversionError):
        read_export(path, None, {}, "2026-01-01T00:00:00+00:00")


def test_spans_outside_their_sentence_are_refused(found: CorpusParagraph, annotate: Annotate, tmp_path: Path) -> None:
    data = annotate(found, [[], []])[0].data
    line = {"text": "短句。", "entities": [[0, 9, "ORG"]], "cats": [], "gongkai": data}
    path = tmp_path / "anna.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(ConversionError, match="lies outside"):
        read_export(path, None, {}, "2026-01-01T00:00:00+00:00")


def test_agreement_of_annotators(found: CorpusParagraph, annotate: Annotate) -> None:
    anna = annotate(found, [[HEALTH], [EDUCATION]])
    bo = annotate(found, [[EDUCATION], [EDUCATION]], "bo")
    other = annotate(found, [[], []], "cy")[:1]
    other[0].data["paragraph"] = "p7"
    (pair,) = pairs(by_annotator([*anna, *bo, *other]))
    assert (pair.first, pair.second, pair.figures["sentences"]) == ("anna", "bo", 2)
    assert pair.figures["domains"]["f1"] == 0.5
    assert [d[2][0] for d in pair.differences] == [{"healthcare"}]
    assert pairs({"one": newest(anna), "two": newest(other)}) == []


def test_agreement_on_figures(metric_paragraph: CorpusParagraph, annotate: Annotate) -> None:
    anna = annotate(metric_paragraph, [[], []])
    bo = annotate(metric_paragraph, [[], []], "bo", spans=[[(8, 13, "METRIC")], [(0, 2, "METRIC"), (2, 4, "METRIC")]])
    (pair,) = pairs(by_annotator([*anna, *bo]))
    assert pair.figures["metrics"]["span_f1"] == 0.5
    assert pair.figures["metrics"]["tuple_f1"] == 0.5
