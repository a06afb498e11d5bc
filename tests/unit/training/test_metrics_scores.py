"""Scores of metrics, by hand."""

import pytest

from gongkai.corpora.markup import parse
from gongkai.pipeline.metrics.base import LinkedMetric, Quantity
from gongkai.training.evaluation.metrics import pair_up, score_metrics

SOURCE = """id: x-2021
authority: 甲县
region: 甲县
level: county
trade: government
year: 2021
form: 2021
style: terse clean
hand: w0

# overview | 一、总体情况
- / proactive_disclosure: 全年公开{120余条|公开信息|c=gt;p=全年}公开信息，解读{三类|解读种类|v=3;u=类;o=1}，图解{12篇|图解}。
"""  # noqa: E501


@pytest.fixture
def paragraph():
    return parse(SOURCE, "x-2021", "train")[1][0]


def metric(paragraph, text, value, unit, comparator="eq", indicator="", period=None):
    at = paragraph.text.index(text)
    quantity = Quantity(at, at + len(text), text, value, None, unit, comparator, "metric")
    return LinkedMetric(quantity, indicator, None, period, None, 1.0)


def test_all_right(paragraph):
    found = [
        metric(paragraph, "120余条", 120, "条", "gt", "公开信息数", "全年"),
        metric(paragraph, "三类", 3, "类"),
        metric(paragraph, "12篇", 12, "篇", "eq", "图解"),
    ]
    scores = score_metrics([paragraph], [found])
    for name in ("detection", "value", "full"):
        assert scores[name] == {"precision": 1, "recall": 1, "f1": 1, "support": 2}
    assert scores["period"] == 1
    assert scores["linking"]["beside"]["metrics"] == 2


def test_what_is_wrong_counts_where_it_is_wrong(paragraph):
    found = [
        metric(paragraph, "120余条", 120, "条", "eq", "公开信息"),  # the comparator
        metric(paragraph, "12篇", 12, "条", "eq", "图解"),  # the unit
        metric(paragraph, "全年", 1, "年"),  # none
    ]
    scores = score_metrics([paragraph], [found])
    assert scores["detection"] == {"precision": 0.6667, "recall": 1, "f1": 0.8, "support": 2}
    assert scores["value"]["f1"] == pytest.approx(0.4)
    assert scores["full"]["f1"] == 0
    assert scores["comparator"] == 0
    assert scores["period"] == 0


def test_an_optional_one_is_neither_found_nor_missed(paragraph):
    assert [gold and gold.text for gold, _ in pair_up(paragraph.metrics, [])] == ["120余条", "12篇"]
