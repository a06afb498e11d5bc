"""The scikit-learn family: what is read back is what scikit-learn itself says; thresholds; nothing is pickled."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.svm import LinearSVC

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.config import checked_training
from gongkai.training.families.ngrams import cut_words
from gongkai.training.families.sklearn import SklearnFamily
from gongkai.training.tasks.dataset import Dataset, Item
from gongkai.training.tasks.score import score

WORDS = {"交通": "公交 路口 停车 地铁 司机", "教育": "学校 孩子 老师 学籍 课程", "医疗": "医院 医保 药店 挂号 住院"}
NEAR = 1e-5  # weights are kept in single precision


def texts(number, labels, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(
        Item(str(k), "".join(rng.choice(WORDS[label].split(), 4)) + "问题", "前文", (label,))
        for k in range(number)
        for label in labels
    )


def dataset(task="multi_class", labels=("交通", "教育", "医疗"), train=None, dev=None):
    train = train or texts(20, labels)
    return Dataset(task, tuple(labels), train, dev or texts(6, labels, seed=1), (), "0")


def settings(task="multi_class", **keys):
    data = {"task": task, "form": "jsonl", "train": "t"}
    raw = {"family": "sklearn", "name": "n", "version": "1", "data": data, **keys}
    return checked_training(raw, "c")


def fit(tmp_path, data, chosen):
    told = []
    SklearnFamily().fit(chosen, data, tmp_path, 1, told.append, lambda _: None)
    return SklearnFamily().open(tmp_path), told


ESTIMATORS = [
    ({"kind": "logistic", "regularisation": 5.0}, lambda: LogisticRegression(C=5.0, max_iter=300)),
    ({"kind": "naive_bayes", "smoothing": 0.5}, lambda: ComplementNB(alpha=0.5)),
    ({"kind": "naive_bayes", "variant": "multinomial", "smoothing": 0.5}, lambda: MultinomialNB(alpha=0.5)),
]


@pytest.mark.parametrize("labels", [("交通", "教育"), ("交通", "教育", "医疗")], ids=["two", "three"])
@pytest.mark.parametrize(("estimator", "reference"), ESTIMATORS, ids=["logistic", "complement", "multinomial"])
def test_probabilities_of_classes_are_those_of_scikit_learn(estimator, reference, labels, tmp_path):
    data = dataset(labels=labels)
    model, _ = fit(tmp_path, data, settings(estimator=estimator))
    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    rows = vectoriser.fit_transform(item.text for item in data.train)
    own = reference().fit(rows, [labels.index(item.labels[0]) for item in data.train])
    wanted = own.predict_proba(vectoriser.transform(item.text for item in data.dev))
    assert np.allclose(model.probabilities(data.dev), wanted, atol=NEAR)
    found = model.predict(data.dev)
    assert [p.labels for p in found] == [(labels[k],) for k in wanted.argmax(axis=1)]
    assert list(found[0].scores) == list(labels)


@pytest.mark.parametrize(
    ("estimator", "reference"),
    [
        (
            {"kind": "logistic", "regularisation": 5.0},
            lambda: LogisticRegression(C=5.0, max_iter=300, solver="liblinear", dual=True, random_state=1),
        ),
        ESTIMATORS[1],
        ESTIMATORS[2],
    ],
    ids=["logistic", "complement", "multinomial"],
)
def test_probabilities_of_label_sets_are_those_of_scikit_learn(estimator, reference, tmp_path):
    labels = ("交通", "教育", "医疗")
    both = tuple(
        replace(a, text=a.text + b.text, labels=tuple({*a.labels, *b.labels}))
        for a, b in zip(texts(10, labels), texts(10, labels, seed=3)[1:], strict=False)
    )
    data = dataset("multi_label", labels, texts(20, labels) + both)
    features = [{"unit": "words", "ngrams": [1, 2], "vectoriser": "hashing", "buckets": 4096}]
    model, _ = fit(tmp_path, data, settings("multi_label", estimator=estimator, features=features))
    vectoriser = HashingVectorizer(
        tokenizer=cut_words, token_pattern=None, ngram_range=(1, 2), n_features=4096, alternate_sign=False
    )
    rows = vectoriser.transform(item.text for item in data.train)
    dev = vectoriser.transform(item.text for item in data.dev)
    for k, label in enumerate(labels):
        own = reference().fit(rows, [label in item.labels for item in data.train])
        assert np.allclose(model.probabilities(data.dev)[:, k], own.predict_proba(dev)[:, 1], atol=NEAR)


@pytest.mark.parametrize("task", ["multi_class", "multi_label"])
def test_distances_of_a_vector_machine_are_scikit_learns_and_become_probabilities(task, tmp_path):
    data = dataset(task)
    model, _ = fit(tmp_path, data, settings(task, estimator={"kind": "linear_svc"}, class_weight="balanced"))
    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    rows = vectoriser.fit_transform(item.text for item in data.train)
    dev = vectoriser.transform(item.text for item in data.dev)

    def distances(target):
        own = LinearSVC(max_iter=2000, class_weight="balanced", random_state=1)
        return own.fit(rows, target).decision_function(dev)

    if task == "multi_class":
        wanted = distances([data.labels.index(item.labels[0]) for item in data.train])
    else:
        wanted = np.stack([distances([label in item.labels for item in data.train]) for label in data.labels], axis=1)
    assert np.allclose(model.logits(data.dev), wanted, atol=1e-3)
    each = expit(model.slope * model.logits(data.dev) + model.intercept)
    assert model.slope > 0
    wanted = each / each.sum(axis=1, keepdims=True) if task == "multi_class" else each
    assert np.allclose(model.probabilities(data.dev), wanted)


def test_context_is_seen_where_features_ask_for_it(tmp_path):
    same = [("前面说交通", "交通"), ("前面说教育", "教育")] * 10
    items = tuple(Item(str(k), "情况如下", context, (label,)) for k, (context, label) in enumerate(same))
    data = dataset(labels=("交通", "教育"), train=items, dev=items[:4])
    blind, _ = fit(tmp_path, data, settings())
    assert score("multi_class", data.dev, blind.predict(data.dev))["accuracy"] == 0.5
    seeing, _ = fit(tmp_path, data, settings(features=[{}, {"field": "context"}]))
    assert score("multi_class", data.dev, seeing.predict(data.dev))["accuracy"] == 1


def test_thresholds_follow_dev(tmp_path):
    data = dataset("multi_label")
    tuned, _ = fit(tmp_path / "a", data, _made(tmp_path / "a", settings("multi_label")))
    plain, _ = fit(tmp_path / "b", data, _made(tmp_path / "b", settings("multi_label", tune_thresholds=False)))
    assert set(plain.thresholds) == {0.5}
    f1 = [score("multi_label", data.dev, model.predict(data.dev))["micro"]["f1"] for model in (tuned, plain)]
    assert f1[0] >= f1[1]


def _made(folder, chosen):
    folder.mkdir()
    return chosen


def test_labels_that_no_text_or_every_text_has(tmp_path):
    items = tuple(replace(item, labels=(*item.labels, "总有")) for item in texts(10, ("交通", "教育")))
    data = dataset("multi_label", ("交通", "教育", "总有", "从无"), items, items[:6])
    model, _ = fit(tmp_path, data, settings("multi_label"))
    assert all("总有" in p.labels and "从无" not in p.labels for p in model.predict(items))
    data = dataset("multi_class", ("交通", "教育", "从无"), texts(10, ("交通", "教育")), texts(3, ("交通", "教育")))
    for estimator in ("logistic", "linear_svc", "naive_bayes"):
        model, _ = fit(tmp_path, data, settings(estimator={"kind": estimator}))
        found = model.predict(data.dev)
        assert score("multi_class", data.dev, found)["accuracy"] > 0.9
        assert all(p.scores["从无"] < 0.01 for p in found)


def test_one_class_or_no_features_is_refused(tmp_path):
    with pytest.raises(GongkaiError, match="have one label"):
        fit(tmp_path, dataset(labels=("交通",)), settings())
    data = dataset(train=tuple(replace(item, context="") for item in texts(5, WORDS)))
    with pytest.raises(GongkaiError, match="no such features") as caught:
        fit(tmp_path, data, settings(features=[{"field": "context"}]))
    assert caught.value.code == "data.empty"


def test_one_seed_one_model_and_no_pickle(tmp_path):
    for name in "ab":
        fit(tmp_path / name, dataset("multi_label"), _made(tmp_path / name, settings("multi_label")))
    assert (tmp_path / "a" / "sklearn.json").read_bytes() == (tmp_path / "b" / "sklearn.json").read_bytes()
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["sklearn.json", "weights.npz"]
    json.loads((tmp_path / "a" / "sklearn.json").read_text(encoding="utf-8"))
    one, other = (np.load(tmp_path / name / "weights.npz", allow_pickle=False) for name in "ab")
    assert all(np.array_equal(one[name], other[name]) for name in one.files)


def test_a_solver_that_does_not_converge_is_told(tmp_path):
    _, told = fit(tmp_path, dataset(), settings(estimator={"kind": "logistic", "max_iter": 1}))
    assert any("before it had converged" in line for line in told)
