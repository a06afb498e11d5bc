"""Offsets are code points into paragraph text, whatever the report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gongkai
from gongkai.corpora import samples_dir
from gongkai.corpora.synthetic.generate import generate
from gongkai.corpora.synthetic.render import FORMATS

SAMPLES = sorted(p for p in samples_dir().iterdir() if p.is_file())


def assert_offsets(report):
    texts = {p.id: p.text for p in report.paragraphs}
    for found in (*report.metrics, *report.entities):
        assert 0 <= found.start < found.end
        assert texts[found.paragraph][found.start : found.end] == found.text
    for paragraph in report.paragraphs:
        done = 0
        for segment in paragraph.segments:
            assert done <= segment.start < segment.end <= len(paragraph.text)
            assert paragraph.text[done : segment.start].strip() == ""
            done = segment.end
        assert paragraph.text[done:].strip() == ""
    ids = [m.id for m in report.metrics] + [s.id for p in report.paragraphs for s in p.segments]
    assert len(ids) == len(set(ids))
    assert all(s.parent is None or s.parent in {o.id for o in report.sections} for s in report.sections)


@given(seed=st.integers(0, 10_000), file_format=st.sampled_from(FORMATS))
def test_offsets_of_generated_reports(seed, file_format, annotate_report):
    assert_offsets(annotate_report(generate(seed), file_format))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_offsets_of_samples(path):
    report = gongkai.annotate(path)
    assert report.metrics
    assert_offsets(report)


# Prose of any characters, also from outside the basic plane, cut into lines at will.
PROSE = st.lists(
    st.text(st.sampled_from("政务公开件条%0123456789，。；！？“”《》（）一是二、\u3000 \t𣲘⼀⺠😀aZ."), max_size=60),
    max_size=12,
)


@given(lines=PROSE)
def test_offsets_of_any_prose(lines, annotate_bytes):
    text = "一、总体情况\n全年公开信息12条。\n" + "\n".join(lines)
    assert_offsets(annotate_bytes(text.encode(), "txt"))


@given(seed=st.integers(0, 10_000), file_format=st.sampled_from(FORMATS))
def test_annotating_twice_gives_the_same(seed, file_format, annotate_report):
    report = generate(seed)
    one, two = (annotate_report(report, file_format).model_dump(exclude={"source"}) for _ in range(2))
    assert one == two
