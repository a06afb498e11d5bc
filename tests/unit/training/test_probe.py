"""The probe learns what a corpus holds and says how well."""

from __future__ import annotations

import pytest

from gongkai.corpora.records import CorpusParagraph, CorpusReport, Sentence
from gongkai.corpora.store import SPLITS, Corpus
from gongkai.training.probe import annotate_with, score_probe, train_probe

TOLD = {
    "education": ["学校招生计划。", "学校教师招聘。", "学校收费公示。"],
    "healthcare": ["医院疫情通报。", "医院疫苗接种。", "医院收费公示。"],
}


@pytest.fixture(scope="module")
def corpus():
    reports, paragraphs = [], {}
    for split in SPLITS:
        reports.append(
            CorpusReport(
                id=split, split=split, authority=split, region="", level="county", trade="government", year=2020,
                form="2019", style="clean", hand="w0",
            )
        )  # fmt: skip
        paragraphs[split] = [
            CorpusParagraph(
                report=split, paragraph=f"p{i}", section="overview", path=[], text=text,
                sentences=[Sentence(start=0, end=len(text), domains=[label], activities=["proactive_disclosure"])],
            )
            for i, (text, label) in enumerate((t, label) for label, texts in TOLD.items() for t in texts)
        ]  # fmt: skip
    return Corpus(reports, paragraphs)


@pytest.mark.ml
def test_it_learns_what_is_there(corpus, tmp_path):
    probe = train_probe(corpus)
    scores = score_probe(probe, corpus)
    assert scores["test"]["domains"]["micro_f1"] == 1
    assert set(scores) == {"dev", "test"}
    path = tmp_path / "r.txt"
    path.write_text("甲县2021年政府信息公开工作年度报告\n一、总体情况\n医院疫情通报3次。\n", encoding="utf-8")
    report = annotate_with(probe, path)
    assert report.pipeline.models["tagger"].startswith("gongkai-fast-tagger")
    assert [x.label for x in report.paragraphs[-1].segments[0].domains] == ["healthcare"]
