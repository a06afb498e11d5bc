"""From a summary to candidates: probabilities in their places, and nothing that a tool cannot hold."""

from __future__ import annotations

import numpy as np
import pytest

from gongkai.models.store import scheme_labels
from gongkai.pipeline.schema import (
    Entity,
    Label,
    Metric,
    ParagraphOut,
    PipelineInfo,
    Report,
    ReportInfo,
    SectionOut,
    Segment,
    Source,
)
from gongkai.training.labelling.candidates import candidates

TEXT = "公开医院价格12条。乙镇人民政府办理。"


def report(text: str = TEXT, **info: object) -> Report:
    first = Segment(
        id="p1.1",
        start=0,
        end=10,
        domains=[Label(label="healthcare", score=0.9)],
        domain_candidates=[Label(label="education", score=0.2)],
    )
    second = Segment(id="p1.2", start=10, end=len(text), activity_candidates=[Label(label="fees", score=0.3)])
    return Report(
        report=ReportInfo.model_validate({"id": "r-2021", **info}),
        source=Source(path="甲/r-2021.txt", media_type="text/plain", sha256="ab" * 32, bytes=1),
        sections=[SectionOut(id="s1", kind="overview", title="", level=1)],
        paragraphs=[ParagraphOut(id="p1", section="s1", path=["（一）"], text=text, segments=[first, second])],
        metrics=[Metric(id="m1", paragraph="p1", start=6, end=9, text="12条", value=12, unit="条", score=0.8)],
        entities=[
            Entity(type="ORG", paragraph="p1", start=10, end=16, text=text[10:16]),
            Entity(type="ORG", paragraph="p1", start=8, end=12, text=text[8:12]),
        ],
        pipeline=PipelineInfo(version="0", config_sha256="0", models={"tagger": "m-1"}),
    )


def test_a_paragraph() -> None:
    (found,) = candidates(report(), scheme_labels())
    labels = scheme_labels()
    expected = np.zeros((2, len(labels)), dtype=np.float32)
    expected[0, labels.index(("domains", "healthcare"))] = 0.9
    expected[0, labels.index(("domains", "education"))] = 0.2
    expected[1, labels.index(("activities", "fees"))] = 0.3
    assert np.array_equal(found.probabilities, expected)
    assert [s.domains for s in found.paragraph.sentences] == [["healthcare"], []]
    assert found.scores == ({"domain:healthcare": 0.9, "6-9-METRIC": 0.8}, {"0-6-ORG": 1.0})
    assert found.paragraph.report == "r-2021-abababab"
    # The least sure decision: education at 0.2 and fees at 0.3.
    assert [g.score for g in found.guesses({})] == pytest.approx([0.8, 0.7])


def test_spans_over_the_end_of_a_sentence_are_left_out() -> None:
    (found,) = candidates(report(), scheme_labels())
    assert [(e.start, e.end) for e in found.paragraph.entities] == [(10, 16)]


def test_characters_that_tools_count_differently_are_left_out() -> None:
    assert list(candidates(report(TEXT.replace("乙", "𠮷")), scheme_labels())) == []


def test_the_year_may_stand_in_the_name_of_the_file() -> None:
    assert [next(candidates(report(**info), scheme_labels())).origin["year"] for info in ({}, {"year": 2019})] == [
        2021,
        2019,
    ]
    assert next(candidates(report(id="r120213"), scheme_labels())).origin["year"] is None


def test_the_key_knows_no_figures_and_the_same_file_elsewhere_is_the_same_report() -> None:
    one, other = report(), report(TEXT.replace("12条", "34条"))
    other.source.path = "乙/r-2021.txt"
    (a,), (b,) = candidates(one, scheme_labels()), candidates(other, scheme_labels())
    assert a.key == b.key
    assert a.paragraph.id == b.paragraph.id
