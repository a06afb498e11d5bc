from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.normalise import repair

CASES = yaml.safe_load((Path(__file__).parents[2] / "data" / "repair.yaml").read_text(encoding="utf-8"))

# Characters the repair knows beside ordinary ones, so that random texts meet its rules.
MATERIAL = st.text(
    st.one_of(
        st.sampled_from(
            "年度报告一二（），。；：５２．％Ａｋ ⺠⼈⻅\u3000\u00a0\u200b\u00ad\ufeff\t\n\u0000\u0085｡15.%a㎡"
        ),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_cases(case: dict[str, str]) -> None:
    assert repair(case["text"]) == case["repaired"]


def test_clean_text_is_returned_as_it_is() -> None:
    text = "2021年，全区主动公开政府信息120条（含解读3篇）。"
    assert repair(text) is text


@given(MATERIAL)
@settings(max_examples=300, deadline=None)
def test_idempotent(text: str) -> None:
    once = repair(text)
    assert repair(once) == once


@given(MATERIAL)
@settings(max_examples=300, deadline=None)
def test_only_removes_or_replaces_one_for_one(text: str) -> None:
    repaired = repair(text)
    assert len(repaired) <= len(text)
    for mark in "，（）：；":
        assert repaired.count(mark) == text.count(mark)
