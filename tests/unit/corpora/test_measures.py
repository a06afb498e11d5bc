"""Duplicates, agreement and validation, on cases small enough to compute by hand."""

import pytest

from gongkai.corpora.agreement import agreement, disagreements
from gongkai.corpora.duplicates import near_duplicates
from gongkai.corpora.records import CorpusParagraph, CorpusReport, EntityMention, MetricMention, Sentence
from gongkai.corpora.statistics import statistics
from gongkai.corpora.store import Corpus
from gongkai.corpora.validate import validate


def paragraph(report, *sentences, name="p1", metrics=(), entities=()):
    text, marks = "", []
    for piece, domains, activities in sentences:
        marks.append(Sentence(start=len(text), end=len(text) + len(piece), domains=domains, activities=activities))
        text += piece
    return CorpusParagraph(
        report=report, paragraph=name, section="overview", path=[], text=text, sentences=marks,
        metrics=list(metrics), entities=list(entities),
    )  # fmt: skip


def report(name, split, authority):
    return CorpusReport(
        id=name, split=split, authority=authority, region="", level="county", trade="government", year=2020,
        form="2019", style="clean", hand="w0",
    )  # fmt: skip


FIRST = "全县公开疫情防控信息三百条并接受群众监督。"


def corpus(train, test, authorities=("甲县", "乙县")):
    reports = [report("a", "train", authorities[0]), report("b", "test", authorities[1])]
    return Corpus(reports, {"train": [train], "dev": [], "test": [test]})


def test_near_duplicates_ignore_figures_and_spare_originals():
    texts = [
        "全年主动公开政府信息120条，其中政策文件12条。",
        "全年主动公开政府信息98条，其中政策文件7条。",
        "组织培训班两期，参训人员覆盖全部乡镇。",
        "（一）",
        "（一）",
    ]
    assert [(i, j) for i, j, _ in near_duplicates(texts)] == [(0, 1)]
    assert near_duplicates([]) == []


def test_agreement_by_hand():
    one = [paragraph("a", ("甲。", ["finance"], ["training"]), ("乙。", [], ["training"]))]
    two = [paragraph("a", ("甲。", ["finance", "planning"], ["training"]), ("乙。", [], ["training"]))]
    figures = agreement(one, two)
    assert figures["domains"]["f1"] == round(2 * 1 / 3, 4)
    assert figures["domains"]["kappa"] == round((1.0 * 2 + 0.0 * 1) / 3, 4)
    assert figures["activities"] == {"f1": 1.0, "kappa": 1.0, "alpha": 1.0}
    # 48 decisions a side, 1 apart, 3 ones among 96: 1 - (1/48) / (2*3*93 / (96*95)).
    assert figures["domains"]["alpha"] == pytest.approx(1 - (1 / 48) / (2 * 3 * 93 / (96 * 95)), abs=1e-4)
    assert [(d[0], d[2][0] ^ d[3][0]) for d in disagreements(one, two)] == [("a/p1@0", {"planning"})]


def test_agreement_on_metrics():
    def side(value, indicator):
        metric = MetricMention(start=2, end=4, text="3期", indicator=indicator, value=value, unit="期")
        return [paragraph("a", ("培训3期。", [], []), metrics=[metric])]

    assert agreement(side(3, "培训班期数"), side(3, "培训班"))["metrics"]["indicator_f1"] == 1.0
    assert agreement(side(3, "培训班"), side(3, "会议"))["metrics"] == {
        "span_f1": 1.0,
        "tuple_f1": 1.0,
        "indicator_f1": 0.0,
    }
    assert agreement(side(3, "培训班"), side(4, "培训班"))["metrics"]["tuple_f1"] == 0.0


def test_agreement_refuses_different_texts():
    with pytest.raises(ValueError, match="same sentences"):
        agreement([paragraph("a", ("甲。", [], []))], [paragraph("b", ("甲。", [], []))])


def test_a_sound_corpus_is_valid():
    sound = corpus(
        paragraph("a", (FIRST, ["healthcare"], [])), paragraph("b", ("各镇按期更新目录并报送年报。", [], []))
    )
    assert validate(sound) == []


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (corpus(paragraph("a", (FIRST, [], [])), paragraph("b", (FIRST, [], []))), "leak.sentence"),
        (
            corpus(paragraph("a", ("甲。", [], [])), paragraph("b", ("乙。", [], [])), ("甲县", "甲县")),
            "leak.authority",
        ),
        (corpus(paragraph("a", ("甲。乙。", [], [])), paragraph("b", ("乙。", [], []))), "sentence.split"),
        (corpus(paragraph("a", ("甲。", ["health"], [])), paragraph("b", ("乙。", [], []))), "label.unknown"),
        (corpus(paragraph("c", ("甲。", [], [])), paragraph("b", ("乙。", [], []))), "report.unmatched"),
        (
            corpus(
                paragraph("a", ("甲乙。", [], []), entities=[EntityMention(start=0, end=1, text="乙", type="ORG")]),
                paragraph("b", ("乙。", [], [])),
            ),
            "offset.surface",
        ),
    ],
)
def test_problems_are_found(broken, code):
    assert code in {p.code for p in validate(broken)}


def test_statistics_count():
    figures = statistics(corpus(paragraph("a", (FIRST, ["healthcare"], ["training"])), paragraph("b", (FIRST, [], []))))
    assert (figures["reports"], figures["sentences"], figures["near_duplicate_share"]) == (2, 2, 0.5)
    assert figures["domains"]["healthcare"] == 1
    assert figures["domains"]["finance"] == 0
