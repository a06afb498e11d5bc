"""Scores equal scikit-learn's, and for spans a count by brute force."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from sklearn.metrics import accuracy_score, precision_recall_fscore_support
from sklearn.preprocessing import MultiLabelBinarizer

from gongkai.training.families.base import Prediction
from gongkai.training.tasks.dataset import Item, Span
from gongkai.training.tasks.score import score

LABELS = "abcd"
NEAR = 1e-4  # figures are rounded to four places


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1))
def test_classes(pairs):
    gold, found = zip(*pairs, strict=True)
    scores = score("multi_class", [Item("", "", labels=(g,)) for g in gold], [Prediction(labels=(f,)) for f in found])
    assert scores["accuracy"] == pytest.approx(accuracy_score(gold, found), abs=NEAR)
    compare(scores, gold, found, sorted({*gold, *found}))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sets(st.sampled_from(LABELS)), st.sets(st.sampled_from(LABELS))), min_size=1))
def test_label_sets(pairs):
    gold, found = zip(*pairs, strict=True)
    scores = score(
        "multi_label", [Item("", "", labels=tuple(g)) for g in gold], [Prediction(labels=tuple(f)) for f in found]
    )
    present = sorted(set().union(*gold, *found))
    binary = MultiLabelBinarizer(classes=list(LABELS))
    truth, guess = binary.fit_transform(gold), binary.transform(found)
    assert scores["subset_accuracy"] == pytest.approx(sum(g == f for g, f in pairs) / len(pairs), abs=NEAR)
    if present:
        compare(scores, truth, guess, [LABELS.index(label) for label in present], present)
    else:
        assert scores["micro"]["f1"] == scores["macro"]["f1"] == 0


def compare(scores, gold, found, labels, names=None):
    for mean in ("micro", "macro"):
        wanted = precision_recall_fscore_support(gold, found, average=mean, labels=labels, zero_division=0)
        got = scores[mean]
        assert [got["precision"], got["recall"], got["f1"]] == pytest.approx(list(wanted[:3]), abs=NEAR)
    each = zip(*precision_recall_fscore_support(gold, found, labels=labels, zero_division=0), strict=True)
    for name, figures in zip(names or labels, each, strict=True):
        assert list(scores["labels"][name].values()) == pytest.approx(list(figures), abs=NEAR)


spans = st.sets(
    st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from("ab")).map(lambda t: Span(t[0], t[0] + t[1], t[2])),
    max_size=4,
)


@settings(deadline=None)
@given(st.lists(st.tuples(spans, spans), min_size=1))
def test_spans_are_right_where_start_end_and_label_are(pairs):
    scores = score(
        "spans",
        [Item("", "", spans=tuple(sorted(g))) for g, _ in pairs],
        [Prediction(spans=tuple(sorted(f))) for _, f in pairs],
    )
    for label in "ab":
        gold = [(k, s) for k, (g, _) in enumerate(pairs) for s in g if s.label == label]
        found = [(k, s) for k, (_, f) in enumerate(pairs) for s in f if s.label == label]
        hits = sum(mark in found for mark in gold)
        if not gold and not found:
            assert label not in scores["labels"]
            continue
        figures = scores["labels"][label]
        assert figures["support"] == len(gold)
        assert figures["precision"] == pytest.approx(hits / len(found) if found else 0, abs=NEAR)
        assert figures["recall"] == pytest.approx(hits / len(gold) if gold else 0, abs=NEAR)
    assert scores["exact_texts"] == pytest.approx(sum(g == f for g, f in pairs) / len(pairs), abs=NEAR)


def test_a_label_that_train_never_had_counts_as_missed():
    items = [Item("", "", labels=("a",)), Item("", "", labels=("new",))]
    scores = score("multi_class", items, [Prediction(labels=("a",))] * 2)
    assert scores["labels"]["new"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    assert scores["accuracy"] == 0.5
