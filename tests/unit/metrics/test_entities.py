"""Named things: the cases in tests/data/entities.yaml, and properties that hold for any text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.metrics.entities import find_entities

CASES = yaml.safe_load((Path(__file__).parents[2] / "data" / "entities.yaml").read_text(encoding="utf-8"))
ALPHABET = "《〈》〉〔（2019年12月31日）〕号令第“”微信公众号市县区省人民政府教育局委办公室12345热线网站江西，。 \n"


@pytest.mark.parametrize("case", CASES, ids=[c["text"][:30] for c in CASES])
def test_case(case):
    found = find_entities(case["text"])
    wanted = [(kind, normal) for kind, _, normal in case["expect"]]
    assert [(span.type, span.normalized) for span in found] == wanted
    for span, (_, words, _) in zip(found, case["expect"], strict=True):
        assert words is None or span.text == words


def _check(text):
    end = 0
    for span in find_entities(text):
        assert text[span.start : span.end] == span.text
        assert end <= span.start < span.end
        end = span.end


@given(st.text(alphabet=ALPHABET, max_size=80))
@settings(max_examples=300, deadline=None)
def test_offsets_hold_and_spans_do_not_overlap(text):
    _check(text)


@given(st.text(max_size=100))
@settings(max_examples=100, deadline=None)
def test_any_text_is_survived(text):
    _check(text)


@pytest.mark.parametrize(
    "text", ["《" * 5000, "〔2019" * 3000, "市" * 9000, "区教育" * 4000, "“" * 9000, "2019年" * 3000, "人民政府" * 3000]
)
def test_hostile_text_is_read_in_time(text):
    start = time.perf_counter()
    _check(text)
    assert time.perf_counter() - start < 5
