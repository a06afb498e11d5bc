"""The spaCy pipeline carries paragraphs, segments, labels, metrics and entities on the Doc, by character offsets."""

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gongkai
from gongkai.pipeline.components import paragraph_inputs

TEXT = """清溪县2021年政府信息公开工作年度报告
一、总体情况
（一）主动公开
一是公开扶贫信息。全年公开扶贫信息200余条，举办培训班3期。

二、主动公开政府信息情况
根据《清溪县信息公开办法》（清府办〔2021〕5号）办理。"""


@pytest.fixture(scope="module")
def nlp():
    return gongkai.load()


def test_components_are_registered_by_entry_points(nlp):
    names = ["paragraphs", "segmenter", "tagger", "metrics", "entities"]
    assert nlp.pipe_names == [f"gongkai_{name}" for name in names]


def test_what_may_be_read_may_be_annotated(nlp):
    doc = nlp.make_doc("公开信息。" * 300_000)
    assert len(doc) == 1_500_000


@given(st.lists(st.text(max_size=30).filter(str.strip), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_models_are_given_what_the_spans_hold(nlp, lines):
    doc = nlp.make_doc("\n".join(lines))
    for name in ("gongkai_paragraphs", "gongkai_segmenter"):
        doc = nlp.get_pipe(name)(doc)
    given = paragraph_inputs(doc)
    assert [paragraph.text for paragraph in given] == [span.text for span in doc.spans["paragraphs"]]
    segments = [paragraph.text[a:b] for paragraph in given for a, b in paragraph.segments]
    assert segments == [span.text for span in doc.spans["segments"]]


def test_plain_text(nlp):
    doc = nlp(TEXT)
    assert doc.text == TEXT
    assert len(doc) == len(TEXT)
    assert [p.text for p in doc.spans["paragraphs"]] == [
        "（一）主动公开",
        "一是公开扶贫信息。全年公开扶贫信息200余条，举办培训班3期。",
        "根据《清溪县信息公开办法》（清府办〔2021〕5号）办理。",
    ]
    assert doc.spans["paragraphs"][1]._.path == ("一、总体情况", "（一）主动公开", "一是公开扶贫信息")
    assert [p._.section for p in doc.spans["paragraphs"]] == ["overview", "overview", "proactive_disclosure"]
    sentence = doc.spans["segments"][2]
    assert sentence.text == "全年公开扶贫信息200余条，举办培训班3期。"
    assert "poverty_relief" in dict(sentence._.domains)
    assert [(m.text, m._.metric.quantity.value) for m in doc.spans["metrics"]] == [("200余条", 200), ("3期", 3)]
    assert "《清溪县信息公开办法》" in {e.text for e in doc.spans["entities"] if e.label_ == "DOCUMENT"}


def test_pipe_equals_single_calls(nlp):
    texts = [TEXT, "全年公开信息12条。", ""]
    for piped, text in zip(nlp.pipe(texts, batch_size=2), texts, strict=True):
        single = nlp(text)
        for group in ("paragraphs", "segments", "metrics", "entities"):
            assert [s.text for s in piped.spans[group]] == [s.text for s in single.spans[group]]


def test_saved_pipeline_loads_as_any_spacy_pipeline_does(nlp, tmp_path):
    nlp.to_disk(tmp_path / "model")
    again = spacy.load(tmp_path / "model")
    ours, theirs = nlp(TEXT), again(TEXT)
    assert [x._.domains for x in theirs.spans["segments"]] == [x._.domains for x in ours.spans["segments"]]


def test_titles_that_run_into_their_text_or_lost_their_break(nlp):
    text = "（一）主动公开  2022年公开信息20条。\n一、\n总体情况\n全年平稳。"
    doc = nlp(text)
    assert [p.text for p in doc.spans["paragraphs"]] == ["（一）主动公开", "2022年公开信息20条。", "全年平稳。"]


MATERIAL = st.text(alphabet="一二三十百、（）()1.是年月日。； \n\t总体情况主动公开申请5件", max_size=60)


@given(MATERIAL)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lines(nlp, text):
    doc = nlp(text)
    assert doc.text == text
    for metric in doc.spans["metrics"]:
        assert metric.text == metric._.metric.quantity.text


@pytest.mark.parametrize(
    "text", ["", "\n\n", " ", "。", "一、总体情况", "𠮷" * 3, "甲\r\n乙", "\u3000一、总体情况\n\u3000全年公开1条。"]
)
def test_odd_texts(nlp, text):
    doc = nlp(text)
    assert doc.text == text
    assert "segments" in doc.spans
