"""Choosing an indicator from scores of characters and from the rules' proposal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.models.alignment import align_words, nearest
from gongkai.models.indicators import best_run, choose

TEXT = "主动公开\n全年通过网站发布政策解读30篇，"
NUMBER = (TEXT.index("30篇"), TEXT.index("30篇") + 3)


def scores(**runs: float) -> np.ndarray:
    out = np.zeros(len(TEXT))
    for words, score in runs.items():
        at = TEXT.index(words)
        out[at : at + len(words)] = score
    return out


def test_characters_above_the_best_cut_are_taken():
    choice = choose(TEXT, scores(发布政策解读=0.9, 网站=0.2), [NUMBER], None)
    assert choice.text == "发布政策解读"
    assert choice.spans == ((TEXT.index("发布"), TEXT.index("发布") + 6),)
    assert 0.9 < choice.score <= 1


def test_words_from_several_places_are_joined_in_reading_order():
    assert choose(TEXT, scores(主动公开=0.8, 政策解读=0.9), [NUMBER], None).text == "主动公开政策解读"


def test_the_rules_proposal_wins_where_it_agrees_better():
    weak = scores(网站=0.24, 政策解读=0.3, 发布=0.24)
    choice = choose(TEXT, weak, [NUMBER], "网站发布政策解读")
    assert choice.text == "网站发布政策解读"
    assert choice.spans == ()


def test_numbers_and_marks_are_never_part_of_it():
    choice = choose(TEXT, np.ones(len(TEXT)), [NUMBER], None)
    assert "30" not in choice.text
    assert not set("，\n") & set(choice.text)


def test_nothing_speaks_for_any():
    assert choose(TEXT, np.zeros(len(TEXT)), [NUMBER], None) is None


def test_a_long_one_is_cut_to_forty_characters():
    text = "甲" * 30 + "乙" * 30
    values = np.concatenate([np.full(30, 0.9), np.full(30, 0.7)])
    assert len(choose(text, values, [], None).text) <= 40


def test_gaps_inside_a_word_are_closed():
    values = scores(发布=0.9, 解读=0.9, 政策=0.2)
    assert choose(TEXT, values, [NUMBER], None).text == "发布政策解读"


def test_best_run():
    assert best_run(scores(全年=0.9, 网站=0.6), 0.5, 10) == (5, 7)
    assert best_run(scores(全年=0.4), 0.5, 10) is None


@pytest.mark.parametrize(
    ("words", "text", "mention", "expected"),
    [
        ("发布政策解读", "全年发布政策解读30篇", "30篇", ["发布政策解读"]),
        ("网上申请", "收到申请12件，其中网上5件", "5件", ["申请", "网上"]),
        ("申请", "申请3件、申请5件", "5件", ["申请"]),
        ("新冠", "全年公开30条", "30条", []),
    ],
)
def test_alignment(words, text, mention, expected):
    at = text.index(mention)
    spans = align_words(words, text, (at, at + len(mention)), [(at, at + len(mention))])
    assert [text[a:b] for a, b in spans] == expected
    if words == "申请":
        assert spans[0][0] == text.rindex("申请")  # the nearer one


def test_nearest_prefers_what_stands_before():
    assert nearest("全年", "全年甲，全年乙5件，全年", 9) == (4, 6)
    assert nearest("全年", "甲5件，全年", 1) == (4, 6)
    assert nearest("今年", "甲5件", 1) is None


@given(
    st.lists(st.floats(0, 1, width=32), min_size=1, max_size=40),
    st.sampled_from([0.25, 0.45, 0.65]),
)
def test_best_run_is_the_run_a_plain_search_finds(values, cut):
    array = np.array(values, np.float64)
    inside = [v >= cut for v in values]
    runs = []
    for at, taken in enumerate(inside):
        if not taken:
            continue
        if runs and at - runs[-1][1] <= 2 and all(values[k] >= 0.12 for k in range(runs[-1][1], at)):
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    runs = [run for run in runs if run[1] - run[0] <= 12]
    found = best_run(array, cut, 12)
    if not runs:
        assert found is None
    else:
        assert found in runs
        assert sum(values[slice(*found)]) == pytest.approx(max(sum(values[a:b]) for a, b in runs))
