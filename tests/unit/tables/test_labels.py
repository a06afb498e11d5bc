import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.pipeline.tables.align import Anchor, in_any_order, in_order
from gongkai.pipeline.tables.labels import LabelIndex, normalise, similarity
from gongkai.pipeline.tables.templates import TABLES, load


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("（三）不予 公开", "不予公开"),
        ("3.危及“三安全一稳定”", "危及三安全一稳定"),
        ("⑴ 属于国家秘密", "属于国家秘密"),
        ("三、本年度办理结果", "本年度办理结果"),
        ("1属于国家秘密", "属于国家秘密"),
        ("其中：主要负责同志参加次数", "主要负责同志参加次数"),
        ("一、", ""),
        ("规章（由设区的市人民政府填报）", "规章"),
        ("部分公开（区分处理的，只计这一情形）", "部分公开区分处理的只计这一情形"),
        ("本年增/减", "本年增减"),
    ],
)
def test_normalise(text, bare):
    assert normalise(text) == bare


@pytest.mark.parametrize(
    ("written", "row"),
    [
        ("5.属于三类内容事务信息", "denied_internal_affairs"),
        ("2.其他法律、行政法规禁止公开的", "denied_prohibited_by_law"),
        ("（三）不予公开 1.属于国家秘密", "denied_state_secret"),
        ("一、本年新收政府信息公开申请", "new_received"),
        ("1.申请人无正当理由逾期不补正、行政机关不再处理其申请", "other_not_corrected"),
        ("四、结转下年度继续办理的", "carried_over_out"),
    ],
)
def test_wordings_of_offices(written, row):
    template = load("applications")
    found = dict(template.row_index.match(normalise(written)))
    assert template.rows[max(found, key=found.get)].id == row


def test_different_short_labels_are_not_confused():
    index = load("proactive_disclosure").row_index
    assert index.match(normalise("行政确认")) == ()
    assert index.match(normalise("规章制度")) == ()


def test_an_exact_label_rules_out_similar_ones():
    index = LabelIndex([(0, "上年结转政府信息公开申请数量"), (1, "本年新收政府信息公开申请数量")])
    assert index.match("本年新收政府信息公开申请数量") == ((1, 1.0),)


def test_order_tells_equal_labels_apart():
    anchors = [
        Anchor(0, 1, 2, 1.0, 1.0),
        Anchor(1, 2, 0, 1.3, 1.0),
        Anchor(2, 3, 1, 1.3, 1.0),
        Anchor(3, 4, 2, 1.3, 1.0),
    ]
    assert [(a.start, a.row) for a in in_order(anchors, 3)] == [(1, 0), (2, 1), (3, 2)]


def test_overlapping_anchors_are_not_both_taken():
    anchors = [Anchor(0, 2, 0, 1.0, 1.0), Anchor(1, 3, 1, 0.9, 0.9)]
    assert [a.row for a in in_order(anchors, 2)] == [0]
    assert [a.row for a in in_any_order(anchors)] == [0]
    assert in_order([], 2) == []


@pytest.mark.parametrize("name", TABLES)
def test_templates_are_sound(name):
    template = load(name)
    assert len({row.id for row in template.rows}) == len(template.rows)
    for row in template.rows:
        assert all(set(ids) <= set(template.column_names()) for ids in row.columns.values())
        assert row.money is None or row.money.column in {c for ids in row.columns.values() for c in ids}
    assert {label for row in template.rows for label in row.labels if not normalise(label)} == set()


def test_row_counts_of_the_forms():
    assert len(load("applications").rows_of("2019")) == 23
    assert len(load("applications").rows_of("2021")) == 25
    assert [row.id for row in load("proactive_disclosure").rows_of("2021")] == [
        "rules", "normative_documents", "licensing", "punishment", "compulsion", "fees",
    ]  # fmt: skip


@given(st.text("甲乙丙丁戊", min_size=4, max_size=9), st.text("甲乙丙丁戊", min_size=4, max_size=9))
def test_unlike_labels_are_compared_by_their_pairs_however_often(label, alias):
    if label in alias or alias in label:
        return
    ours, theirs = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (label, alias))
    dice = 0.9 * 2 * len(ours & theirs) / (len(ours) + len(theirs))
    assert similarity(label, alias) == similarity(label, alias) == dice == similarity(alias, label)
