"""Scoring a summary against gold of a real report: by hand, and as the scorer outside the repository does it."""

import importlib.util
import json
from pathlib import Path

import pytest

import gongkai
from gongkai.pipeline.config import load_config
from gongkai.pipeline.schema import Report
from gongkai.training.evaluation.gold import score_gold

SHARED = Path(__file__).parents[4] / "shared"


def summary() -> Report:
    text = "公开扶贫信息200余条。 开展培训３期。"
    return Report.model_validate(
        {
            "report": {"id": "r", "title": "r", "authority": None, "region": None, "year": 2020, "published": None,
                       "format": "2019"},
            "source": {"path": "r.txt", "media_type": "text/plain", "encoding": "utf-8", "sha256": "0" * 64,
                       "bytes": 1},
            "sections": [{"id": "s1", "kind": "overview", "title": "一", "level": 1}],
            "paragraphs": [{"id": "p1", "section": "s1", "text": text, "segments": [
                {"id": "p1.1", "start": 0, "end": 12, "domains": [{"label": "poverty_relief", "score": 1}],
                 "activities": [{"label": "proactive_disclosure", "score": 1}]},
                {"id": "p1.2", "start": 13, "end": len(text), "domains": [{"label": "education", "score": 1}]}]}],
            "metrics": [
                {"id": "m1", "paragraph": "p1", "start": 6, "end": 11, "text": "200余条", "indicator": "公开扶贫信息数",
                 "value": 200, "unit": "条", "comparator": "gt"},
                {"id": "m2", "paragraph": "p1", "start": 17, "end": 19, "text": "３期", "indicator": "班次",
                 "value": 3, "unit": "期"}],
            "pipeline": {"version": "0", "config_sha256": "0"},
        }
    )  # fmt: skip


@pytest.fixture
def gold(tmp_path):
    annotation = {
        "report": "r",
        "sentences": {
            "s1": {"d": ["poverty_relief", "finance"], "a": ["proactive_disclosure"], "list": True},
            "s2": {"d": [], "a": ["training"], "d_opt": ["education"]},
        },
        "metrics": [
            {
                "s": "s1",
                "mention": "200余条",
                "value": 200,
                "unit": "条",
                "comparator": "gt",
                "keys": [["扶贫", "信息"]],
            },
            {"s": "s2", "mention": "3期", "value": 3, "unit": "期", "comparator": "eq", "keys": [["培训"]]},
        ],
    }
    (tmp_path / "g.json").write_text(json.dumps(annotation), encoding="utf-8")
    lines = [{"id": "s1", "text": "公开扶贫信息200余条。"}, {"id": "s2", "text": "开展培训3期。"}]
    (tmp_path / "g.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return tmp_path


def test_by_hand(gold):
    scores = score_gold(summary(), gold / "g.json", gold / "g.jsonl")
    assert scores["located"] == scores["sentences"] == 2
    assert scores["domains"]["micro"]["precision"] == 1  # education was left open
    assert scores["domains"]["micro"]["recall"] == pytest.approx(1 / 1.5, abs=1e-4)  # in a list a miss counts half
    assert scores["activities"]["micro"]["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert scores["metrics"]["value"]["f1"] == 1
    assert scores["metrics"]["indicator"] == 0.5
    assert scores["metrics"]["full"]["f1"] == 0.5


@pytest.mark.skipif(not SHARED.exists(), reason="the real report is kept outside the repository")
def test_as_the_scorer_outside_does_it():
    report = gongkai.annotate(SHARED / "reports" / "anyuan-2019.txt", config=load_config(settings=["engine=rules"]))
    annotation, sentences = SHARED / "gold" / "anyuan-2019.json", SHARED / "gold" / "anyuan-2019.sentences.jsonl"
    ours = score_gold(report, annotation, sentences)
    spec = importlib.util.spec_from_file_location("score", SHARED / "score" / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines = [json.loads(line) for line in sentences.read_text(encoding="utf-8").splitlines()]
    theirs, _ = module.score(json.loads(annotation.read_text(encoding="utf-8")), lines, report.model_dump())
    for facet in ("domains", "activities"):
        assert ours[facet]["micro"]["f1"] == theirs[facet]["micro"]["f1"]
    for name in ("value", "full"):
        assert ours["metrics"][name]["f1"] == theirs["metrics"][name]["f1"]
    assert ours["tables"]["right"] == theirs["tables"]["right"]
