"""Sentence-like segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.pipeline.segments import split_segments


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("甲乙。丙丁！戊？己；庚", ["甲乙。", "丙丁！", "戊？", "己；", "庚"]),
        ("他说“好。行。”然后走了。完", ["他说“好。行。”然后走了。", "完"]),
        ("印发《甲。乙》（含附件；共两份）。丙。", ["印发《甲。乙》（含附件；共两份）。", "丙。"]),
        ("“忘了收。甲乙。丙", ["“忘了收。", "甲乙。", "丙"]),
        ("甲）。乙。", ["甲）。", "乙。"]),
        ("（甲（乙。）丙。）丁。", ["（甲（乙。）丙。）丁。"]),
        ("甲。。。乙", ["甲。。。", "乙"]),
        (" 甲。 乙 ", ["甲。", "乙"]),
        ("甲;乙!丙?", ["甲;", "乙!", "丙?"]),
        ("。", ["。"]),
        ("", []),
        ("  ", []),
    ],
)
def test_split(text, pieces):
    assert [text[a:b] for a, b in split_segments(text)] == pieces


@given(st.text(alphabet="甲乙丙12。！；“”《》（） \n", max_size=60))
def test_segments_cover_everything_in_order(text):
    spans = split_segments(text)
    covered = "".join(text[a:b] for a, b in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(a < b <= c for (a, b), (c, _) in zip(spans, [*spans[1:], (len(text), 0)], strict=False))
