"""The number grammar against the cases in tests/data/numbers.yaml, and properties that hold for any text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.metrics.quantities import find_quantities

DATA = Path(__file__).parents[2] / "data" / "numbers.yaml"
CASES = yaml.safe_load(DATA.read_text(encoding="utf-8"))
ALPHABET = (
    "一二三十百千万亿零〇两半0123456789０９.,，、：:%％‰年月日号时分件条次人元个余多约近超以上下内第前级是成倍番"
    "（）()〔〕[]《》“”-—~～/ 至到+*×AaX\u3000\n"
)


def _tuple(entry):
    return (
        entry["text"],
        entry["value"],
        entry.get("value_max"),
        entry.get("unit"),
        entry.get("comparator", "eq"),
        entry.get("kind", "metric"),
    )


def _check_offsets(text):
    end = 0
    for quantity in find_quantities(text):
        assert text[quantity.start : quantity.end] == quantity.text
        assert end <= quantity.start < quantity.end <= len(text)
        end = quantity.end


@pytest.mark.parametrize("case", CASES, ids=[c["text"][:30] for c in CASES])
def test_case(case):
    found = [(q.text, q.value, q.value_max, q.unit, q.comparator, q.kind) for q in find_quantities(case["text"])]
    assert found == [_tuple(entry) for entry in case["expect"]]
    _check_offsets(case["text"])


def test_there_are_enough_cases():
    assert len(CASES) >= 300


def test_sentences_add_up():
    """Cases joined by full stops give the quantities of each: nothing leaks across a sentence end."""
    plain = [c for c in CASES if c["expect"] and c["expect"][0].get("kind", "metric") == "metric"][:120]
    joined = "。".join(c["text"].rstrip("。") for c in plain)
    wanted = [(e["value"], e.get("unit")) for c in plain for e in c["expect"] if e.get("kind", "metric") == "metric"]
    got = [(q.value, q.unit) for q in find_quantities(joined) if q.kind == "metric"]
    assert got == wanted


@given(st.text(alphabet=ALPHABET, max_size=80))
@settings(max_examples=400, deadline=None)
def test_offsets_hold_for_number_like_text(text):
    _check_offsets(text)


@given(st.text(max_size=120))
@settings(max_examples=100, deadline=None)
def test_any_text_is_survived(text):
    _check_offsets(text)


@given(st.integers(0, 10**9), st.sampled_from("件条次人项篇家"), st.sampled_from(["{:d}", "{:,d}"]))
@settings(deadline=None)
def test_arabic_count_reads_back(value, unit, style):
    text = f"全年共计{style.format(value)}{unit}。"
    [quantity] = find_quantities(text)
    assert (quantity.value, quantity.unit, quantity.kind) == (value, unit, "metric")


@given(st.integers(1, 99999), st.sampled_from([("万", 10**4), ("亿", 10**8)]), st.integers(0, 2))
@settings(deadline=None)
def test_multipliers_read_back(digits, multiplier, decimals):
    word, factor = multiplier
    shown = f"{digits / 10**decimals:.{decimals}f}"
    [quantity] = find_quantities(f"投入{shown}{word}元。")
    assert quantity.unit == "元"
    assert quantity.value == pytest.approx(digits / 10**decimals * factor)


@pytest.mark.parametrize(
    "text", ["1" * 20000, "一" * 20000, "1,000" * 4000, "1、" * 9000, "第" * 9000, "“1" * 8000, "《1" * 8000]
)
def test_hostile_text_is_read_in_time(text):
    start = time.perf_counter()
    _check_offsets(text)
    assert time.perf_counter() - start < 5
