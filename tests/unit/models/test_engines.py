"""The shipped engines on a few sentences of our own: what each finds, candidates, merged segments, odd inputs."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gongkai
from gongkai.models.engines import make_extractor, make_tagger, open_tagger, parts
from gongkai.models.store import shipped
from gongkai.pipeline.config import load_config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.segments import split_segments
from gongkai.pipeline.tagging.base import ParagraphInput

ENGINES = ("accurate", "fast")
TEXT = "围绕脱贫攻坚，公开扶贫项目资金1,230万元，惠及贫困户200余户。举办政府信息公开业务培训班3期，培训120人次。"


def paragraph(text: str, section: str = "overview") -> ParagraphInput:
    return ParagraphInput(text, tuple(split_segments(text)), ("（一）主动公开",), section)


@pytest.mark.parametrize("engine", ENGINES)
def test_labels(engine):
    first, second = make_tagger(engine, None, 0, 0.0, None).predict([paragraph(TEXT)])[0]
    assert "poverty_relief" in {x.label for x in first.domains}
    assert "proactive_disclosure" in {x.label for x in first.activities}
    assert [x.label for x in second.activities] == ["training"]
    assert second.domains == []
    assert all(0 < x.score <= 1 for x in (*first.domains, *first.activities))


@pytest.mark.parametrize("engine", ENGINES)
def test_metrics(engine):
    metrics = make_extractor(engine, None, 0).extract([paragraph(TEXT)])[0]
    told = [(m.quantity.text, m.quantity.value, m.quantity.unit, m.quantity.comparator) for m in metrics]
    assert told == [
        ("1,230万元", 12300000, "元", "eq"),
        ("200余户", 200, "户", "gt"),
        ("3期", 3, "期", "eq"),
        ("120人次", 120, "人次", "eq"),
    ]
    for metric, words in zip(metrics, ("资金", "贫困户", "培训", "培训"), strict=True):
        assert words in metric.indicator
        assert len(metric.indicator) <= 40


@pytest.mark.parametrize("engine", ENGINES)
def test_dates_and_names_are_no_metrics(engine):
    text = "2021年12月31日，12345热线依据国办发〔2019〕54号文件第3条办理“双随机、一公开”事项。"
    assert make_extractor(engine, None, 0).extract([paragraph(text)]) == [[]]


@pytest.mark.parametrize("engine", [*ENGINES, "rules"])
@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(max_size=200), max_size=4))
def test_any_text_is_accepted(engine, texts):
    paragraphs = [paragraph(text) for text in texts]
    labels = make_tagger(engine, None, 1, 0.0, None).predict(paragraphs)
    assert [len(found) for found in labels] == [len(p.segments) for p in paragraphs]
    for source, metrics in zip(paragraphs, make_extractor(engine, None, 1).extract(paragraphs), strict=True):
        for metric in metrics:
            assert source.text[metric.quantity.start : metric.quantity.end] == metric.quantity.text


def test_a_very_long_paragraph_is_read_to_its_end():
    text = "全年公开各类政府信息。" * 2000 + "举办业务培训班3期。"
    metrics = make_extractor("accurate", None, 0).extract([paragraph(text)])[0]
    assert [m.quantity.text for m in metrics] == ["3期"]


def test_one_paragraph_more_changes_no_other(tmp_path):
    tagger = make_tagger("fast", None, 0, 0.0, None)
    alone = tagger.predict([paragraph(TEXT)])[0]
    among = tagger.predict([paragraph("公开财政预决算。"), paragraph(TEXT), paragraph("开展检查。" * 50)])[1]
    assert [[(x.label, round(x.score, 6)) for x in s.domains] for s in alone] == [
        [(x.label, round(x.score, 6)) for x in s.domains] for s in among
    ]


@pytest.mark.parametrize(
    "make", [lambda folder: make_tagger(None, folder, 0, 0.0, None), lambda f: make_extractor(None, f, 0)]
)
def test_a_folder_without_models_is_refused(make, tmp_path):
    with pytest.raises(GongkaiError) as caught:
        make(str(tmp_path))
    assert caught.value.code == "model.unavailable"


def test_a_model_takes_the_place_of_an_engine():
    accurate = make_tagger("accurate", None, 0, 0.0, None).name
    assert make_tagger(None, str(shipped("accurate")), 0, 0.0, None).name == accurate
    assert make_tagger("fast", str(shipped("accurate")), 0, 0.0, None).name == accurate
    assert open_tagger(None, str(shipped("accurate"))).name == accurate
    assert open_tagger("rules", None) is None
    fast = parts("fast", None)
    assert parts(None, str(shipped("fast-tagger").parent)) == fast, "the two of a pair stand side by side"
    assert parts(None, str(shipped("fast-tagger"))) == fast, "a tagger alone leaves the metrics to the shipped network"


def test_what_a_folder_holds_is_told_where_it_is_no_model(tmp_path):
    (tmp_path / "seed-1").mkdir()
    (tmp_path / "seed-1" / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(GongkaiError, match="seed-1"):
        parts(None, str(tmp_path))


@pytest.mark.parametrize(
    ("family", "labels", "told"), [("crf", ["人名"], "crf"), ("network", [], "fast-tagger"), ("magic", [], "magic")]
)
def test_a_model_that_cannot_read_reports_is_refused(family, labels, told, tmp_path):
    config = {"format": 1, "family": family, "labels": labels, "files": {}}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(GongkaiError, match=told) as caught:
        parts(None, str(tmp_path))
    assert caught.value.code == "model.incompatible"


def test_candidates_and_min_score_reach_the_summary(tmp_path):
    path = tmp_path / "r.txt"
    path.write_text(f"甲县2021年政府信息公开工作年度报告\n一、总体情况\n{TEXT}\n", encoding="utf-8")
    plain = gongkai.annotate(path, config=load_config(settings=["engine=fast"]))
    asked = gongkai.annotate(path, config=load_config(settings=["engine=fast", "tagging.candidates=0.01"]))
    strict = gongkai.annotate(path, config=load_config(settings=["engine=fast", "tagging.min_score=0.999"]))
    segments = [[s for p in r.paragraphs for s in p.segments] for r in (plain, asked, strict)]
    assert not any(s.domain_candidates for s in segments[0])
    assert any(s.domain_candidates for s in segments[1])
    for first, second in zip(segments[0], segments[1], strict=True):
        assert first.domains == second.domains
        kept = {x.label for x in second.domains}
        assert not kept & {x.label for x in second.domain_candidates}
        assert np.all(np.diff([x.score for x in second.domain_candidates]) <= 0)
    assert sum(len(s.domains) for s in segments[2]) < sum(len(s.domains) for s in segments[0])


def test_segments_with_the_same_labels_are_merged_on_request(tmp_path):
    path = tmp_path / "r.txt"
    body = "举办业务培训班3期。开展公开工作培训2次。举办培训讲座1场。公开扶贫资金12万元。"
    path.write_text(f"甲县2021年政府信息公开工作年度报告\n一、总体情况\n{body}\n", encoding="utf-8")
    config = load_config(settings=["engine=fast"])
    apart = gongkai.annotate(path, config=config).paragraphs[-1]
    merged = gongkai.annotate(path, config=load_config(settings=["engine=fast", "segments.merge=true"])).paragraphs[-1]
    assert len(apart.segments) == 4
    assert len(merged.segments) < len(apart.segments)
    assert merged.segments[0].end > apart.segments[0].end
    sets = [({x.label for x in s.domains}, {x.label for x in s.activities}) for s in merged.segments]
    assert all(a != b for a, b in pairwise(sets))
    assert merged.segments[0].start == apart.segments[0].start
    assert merged.segments[-1].end == apart.segments[-1].end
