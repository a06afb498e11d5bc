"""Converters: round trips byte for byte; what a form cannot hold is refused."""

import json
from pathlib import Path

import pytest

from gongkai.corpora.convert.forms import ConversionError, read_form, write_form
from gongkai.corpora.convert.label_studio import labelling_interface
from gongkai.corpora.markup import parse
from gongkai.corpora.records import CorpusParagraph, MetricMention, Sentence, dump
from gongkai.corpora.store import read_sources

SOURCE = Path(__file__).with_name("sample.txt")
CORPUS = Path(__file__).parents[3] / "corpora" / "disclosure"
BACK = ["doccano", "label-studio", "docbin", "jsonl"]


@pytest.fixture(scope="module")
def paragraphs():
    return parse(SOURCE.read_text(encoding="utf-8"), "sample", "train")[1]


@pytest.mark.parametrize("form", BACK)
def test_round_trip(paragraphs, form):
    assert dump(read_form(write_form(paragraphs, form), form)) == dump(paragraphs)


@pytest.mark.parametrize("form", BACK)
def test_round_trip_of_the_dev_split(form):
    found = read_sources(CORPUS).paragraphs["dev"]
    assert dump(read_form(write_form(found, form), form)) == dump(found)


@pytest.mark.parametrize("form", BACK)
@pytest.mark.parametrize("character", ["\u2028", "\u0085", "\u000b", "\u3000", "\t"])
def test_round_trip_of_odd_white_space(form, character):
    odd = [paragraph(f"甲{character}乙。", [sentence(0, 4)])]
    assert dump(read_form(write_form(odd, form), form)) == dump(odd)


def test_doccano_line(paragraphs):
    line = json.loads(write_form(paragraphs, "doccano").decode().splitlines()[1])
    assert {"text", "entities", "cats"} <= line.keys()
    assert all(line["text"][start:end] for start, end, _ in line["entities"])
    assert "domain:healthcare" in line["cats"]


def test_doccano_export_with_objects_for_entities(paragraphs):
    lines = []
    for text in write_form(paragraphs, "doccano").decode().splitlines():
        line = json.loads(text)
        keys = ("start_offset", "end_offset", "label")
        line["entities"] = [dict(zip(keys, e, strict=True), id=i) for i, e in enumerate(line["entities"])]
        lines.append(json.dumps(line))
    assert dump(read_form("\n".join(lines).encode(), "doccano")) == dump(paragraphs)


def test_a_label_changed_in_label_studio_comes_back(paragraphs):
    tasks = json.loads(write_form(paragraphs, "label-studio"))
    result = tasks[1]["annotations"][0]["result"]
    next(r for r in result if r["from_name"] == "domains")["value"]["choices"] = ["education"]
    back = read_form(json.dumps(tasks).encode(), "label-studio")
    assert back[1].sentences[0].domains == ["education"]


def test_a_metric_added_by_a_labelling_tool_is_refused(paragraphs):
    line = json.loads(write_form(paragraphs, "doccano").decode().splitlines()[0])
    line["entities"].append([0, 2, "METRIC"])
    with pytest.raises(ConversionError, match="is new or was moved"):
        read_form(json.dumps(line).encode(), "doccano")


def test_missing_sentences_are_refused(paragraphs):
    lines = write_form(paragraphs, "doccano").decode().splitlines()
    with pytest.raises(ConversionError, match="missing"):
        read_form("\n".join(lines[:1] + lines[2:]).encode(), "doccano")


def paragraph(text, sentences, metrics=()):
    return CorpusParagraph(
        report="r",
        paragraph="p1",
        section="overview",
        path=[],
        text=text,
        sentences=list(sentences),
        metrics=list(metrics),
    )


def sentence(start, end):
    return Sentence(start=start, end=end, domains=[], activities=[])


def test_a_span_over_two_sentences_is_refused():
    metric = MetricMention(start=1, end=4, text="1。2", indicator="甲", value=1, unit=None)
    broken = paragraph("甲1。2件。", [sentence(0, 3), sentence(3, 6)], [metric])
    for form in ("doccano", "label-studio"):
        with pytest.raises(ConversionError, match="no single sentence"):
            write_form([broken], form)


def test_label_studio_refuses_characters_it_counts_as_two():
    with pytest.raises(ConversionError, match="FFFF"):
        write_form([paragraph("𠮷村。", [sentence(0, 3)])], "label-studio")


def test_bio_has_a_column_for_what_nests(paragraphs):
    bio = write_form(paragraphs, "bio").decode()
    rows = [line.split("\t") for line in bio.splitlines() if line and not line.startswith("#")]
    assert "".join(r[0] for r in rows).replace("⏎", "\n") == "".join(
        p.text[s.start : s.end] for p in paragraphs for s in p.sentences
    )
    assert {"B-METRIC", "I-METRIC"} <= {tag for r in rows for tag in r[1:]}
    with pytest.raises(ConversionError, match="cannot be read back"):
        read_form(bio.encode(), "bio")


@pytest.mark.parametrize("form", ["doccano", "label-studio", "docbin", "jsonl"])
@pytest.mark.parametrize("data", [b"\xff\x00", b"{}", b"[1]", b"nonsense"])
def test_foreign_data_is_refused_with_a_message(form, data):
    with pytest.raises(ConversionError):
        read_form(data, form)


def test_labelling_interface_names_every_label():
    xml = labelling_interface()
    assert all(f'"{label}"' in xml for label in ("METRIC", "ORG", "poverty_relief", "fees"))
    assert "脱贫攻坚与乡村振兴" in xml
