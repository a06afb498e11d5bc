"""The transformer family on a tiny random BERT: windows, tags, training, resuming, saving."""

from __future__ import annotations

import json
import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
pytest.importorskip("transformers", reason="training needs the extra `train`")

from gongkai.training.families.transformer import TransformerFamily  # noqa: E402
from gongkai.training.families.transformer_config import TransformerTraining  # noqa: E402
from gongkai.training.families.transformer_tags import (  # noqa: E402  # noqa: E402
    _best_path,
    _is_whole,
    spans_of,
    tag_count,
    tag_layers,
    tags_of,
)
from gongkai.training.families.transformer_trainer import TransformerTrainer  # noqa: E402
from gongkai.training.families.transformer_windows import Special, Windows  # noqa: E402
from gongkai.training.tasks.dataset import Dataset, Item, Span  # noqa: E402
from gongkai.training.tasks.score import score  # noqa: E402

pytestmark = pytest.mark.ml


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """So small a network is the slower for several threads, the more so beside other tests."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


HAN = "年月日县市省政府信息公开条例全面推进学校教师招生医院疫情接种道路桥梁修建万元件人次的了在和是，。、甲乙丙丁"


def make_settings(tiny_bert, task, **keys):
    raw = {
        "family": "transformer", "name": "tiny", "version": "1", "encoder": str(tiny_bert), "device": "cpu",
        "epochs": 8, "learning_rate": 2e-3, "head_learning_rate": 1e-2, "precision": "fp32", "max_length": 32,
        "batch_size": 16, "data": {"task": task, "form": "jsonl", "train": "train.jsonl"},
    }  # fmt: skip
    return TransformerTraining.model_validate(raw | keys)


WORDS = {"学校": "education", "医院": "health", "道路": "roads"}


def text_with(draw, words):
    filler = lambda: "".join(draw.choice("年月日县市省的了在和是，。、甲乙丙丁") for _ in range(draw.randint(1, 8)))  # noqa: E731
    return filler() + "".join(word + filler() for word in words)


def label_data(task, count=160):
    draw = random.Random(4)
    items = []
    for k in range(count):
        many = 1 if task == "multi_class" else draw.randint(0, 2)
        words = draw.sample(list(WORDS), many)
        items.append(Item(str(k), text_with(draw, words), "政府", tuple(sorted(WORDS[w] for w in words))))
    third = count // 4
    return Dataset(
        task, tuple(sorted(WORDS.values())), tuple(items[2 * third :]), tuple(items[:third]),
        tuple(items[third : 2 * third]), "0" * 64,
    )  # fmt: skip


def span_data(count=140):
    """Whole words, and inside each its first character under another label."""
    draw = random.Random(5)
    items = []
    for k in range(count):
        text = text_with(draw, draw.sample(list(WORDS), draw.randint(0, 3)))
        found = [(text.index(w), w) for w in WORDS if w in text]
        spans = [Span(at, at + 2, WORDS[w]) for at, w in found] + [Span(at, at + 1, "head") for at, _ in found]
        items.append(Item(str(k), text, spans=tuple(sorted(spans))))
    labels = (*sorted(WORDS.values()), "head")
    return Dataset("spans", labels, tuple(items[40:]), tuple(items[:20]), tuple(items[20:40]), "1" * 64)


def train(config, data, folder, seed=1):
    folder.mkdir(exist_ok=True)
    told, lines = [], []
    family = TransformerFamily()
    family.fit(config, data, folder, seed, lines.append, told.append)
    return family.open(folder), told, lines


def same(first, second):
    ours, theirs = first.network.state_dict(), second.network.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


# ---- learning


@pytest.fixture(scope="module")
def label_model(tiny_bert, tmp_path_factory):
    """A model of labels, what was told of its training, and its folder."""
    folder = tmp_path_factory.mktemp("labels")
    model, told, _ = train(make_settings(tiny_bert, "multi_label", max_windows=3), label_data("multi_label"), folder)
    return model, told, folder


@pytest.fixture(scope="module")
def span_model(tiny_bert, tmp_path_factory):
    """A model of spans of which some are nested."""
    return train(make_settings(tiny_bert, "spans"), span_data(), tmp_path_factory.mktemp("spans"))[0]


def test_it_learns_labels(label_model):
    model, told, folder = label_model
    data = label_data("multi_label")
    predictions = model.predict(data.test)
    assert score("multi_label", data.test, predictions)["micro"]["f1"] > 0.95
    assert set(predictions[0].scores) == set(data.labels)
    assert told[-1]["step"] == 8
    assert {"train_loss", "dev_micro_f1", "dev_macro_f1", "sentences_per_second"} <= set(told[-1])
    assert {p.name for p in folder.iterdir()} == {"model.safetensors", "transformer.json", "tokenizer.json"}


@pytest.mark.parametrize("loss", ["focal", "class_balanced"])
def test_it_learns_labels_by_other_losses(tiny_bert, tmp_path, loss):
    data = label_data("multi_label")
    model, told, _ = train(make_settings(tiny_bert, "multi_label", loss=loss), data, tmp_path)
    assert score("multi_label", data.test, model.predict(data.test))["micro"]["f1"] > 0.95
    assert told[-1]["dev_micro_f1"] > 0.95


@pytest.mark.parametrize("pooling", ["attention", "mean", "cls"])
def test_it_learns_classes(tiny_bert, tmp_path, pooling):
    data = label_data("multi_class")
    # one vector for a whole text tells a tiny network less than an attention for each label
    epochs = 8 if pooling == "attention" else 16
    config = make_settings(tiny_bert, "multi_class", pooling=pooling, epochs=epochs, loss={"kind": "cross_entropy"})
    model, told, _ = train(config, data, tmp_path)
    predictions = model.predict(data.test)
    assert all(len(p.labels) == 1 for p in predictions)
    assert all(sum(p.scores.values()) == pytest.approx(1) for p in predictions)
    assert score("multi_class", data.test, predictions)["micro"]["f1"] > 0.95
    assert told[-1]["dev_accuracy"] == told[-1]["dev_micro_f1"]


def test_it_learns_nested_spans(span_model):
    data, model = span_data(), span_model
    assert model.shape.layers == (("education", "health", "roads"), ("head",))
    predictions = model.predict(data.test)
    scores = score("spans", data.test, predictions)
    assert scores["micro"]["f1"] > 0.95
    found = next(
        (item, span) for item, p in zip(data.test, predictions, strict=True) for span in p.spans if span.label != "head"
    )
    item, span = found
    assert WORDS[item.text[span.start : span.end]] == span.label  # ends are exclusive and to the character


def test_long_texts_lose_nothing(span_model):
    draw = random.Random(6)
    text = "".join(text_with(draw, [w]) for w in draw.choices(list(WORDS), k=60))
    assert len(text) > 10 * 32
    at = [k for k in range(len(text) - 1) if text[k : k + 2] in WORDS]
    gold = [Span(k, k + 2, WORDS[text[k : k + 2]]) for k in at] + [Span(k, k + 1, "head") for k in at]
    item = Item("long", text, "政府信息公开" * 9, spans=tuple(sorted(gold)))
    scores = score("spans", [item], span_model.predict([item]))
    assert scores["micro"]["f1"] > 0.95
    assert scores["micro"]["support"] == len(gold) == 120


def test_labels_are_read_off_every_window(label_model):
    model, _, _ = label_model
    filler = "年月日县市省的了在和是甲乙丙丁" * 3
    seen, unseen = model.predict([Item("a", filler[:40] + "学校"), Item("b", filler * 3 + "学校")])
    assert seen.scores["education"] > 2 * unseen.scores["education"]


# ---- the same again


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tiny_bert, tmp_path):
    data, config = (
        span_data(60),
        make_settings(tiny_bert, "spans", epochs=2, layer_decay=0.8, accumulate=2, batch_tokens=200),
    )
    whole, told, _ = train(config, data, tmp_path / "whole")

    def stop(figures):
        raise KeyboardInterrupt

    (tmp_path / "cut").mkdir()
    with pytest.raises(KeyboardInterrupt):
        TransformerFamily().fit(config, data, tmp_path / "cut", 1, lambda line: None, stop)
    resumed, again, lines = train(config, data, tmp_path / "cut")
    assert "going on after epoch 1" in lines
    assert [figures["step"] for figures in again] == [2]
    assert again[0]["train_loss"] == told[1]["train_loss"]
    assert same(whole, resumed)
    other, _, _ = train(config, data, tmp_path / "other", seed=2)
    assert not same(whole, other)


def test_what_is_trained_is_not_trained_again_unless_it_is_another_training(tiny_bert, tmp_path):
    data, config = label_data("multi_class", 40), make_settings(tiny_bert, "multi_class", epochs=1)
    train(config, data, tmp_path)
    _, told, lines = train(config.model_copy(update={"seeds": (1, 2)}), data, tmp_path)
    assert (told, lines) == ([], ["trained before"])
    _, told, _ = train(config.model_copy(update={"dropout": 0.3}), data, tmp_path)
    assert len(told) == 1


def test_it_stops_early(tiny_bert, tmp_path):
    data = label_data("multi_class", 80)
    stopping = {"patience": 2, "metric": "dev_accuracy"}
    _, told, _ = train(make_settings(tiny_bert, "multi_class", epochs=30, early_stopping=stopping), data, tmp_path)
    figures = [x["dev_accuracy"] for x in told]
    best = figures.index(max(figures))
    assert len(told) == best + 3 < 30


def test_batches_and_folders_change_no_prediction(tiny_bert, tmp_path):
    data = label_data("multi_label", 60)
    model, _, _ = train(make_settings(tiny_bert, "multi_label", epochs=1), data, tmp_path)
    together = model.predict(data.test)
    again = TransformerFamily().open(tmp_path).predict(data.test)
    alone = [model.predict([item])[0] for item in data.test]
    for a, b, c in zip(together, again, alone, strict=True):
        assert a == b
        assert list(a.scores.values()) == pytest.approx(list(c.scores.values()), abs=1e-5)


def test_context_counts_and_layers_can_be_left_out(tiny_bert, tmp_path):
    data = label_data("multi_class", 40)
    model, _, _ = train(make_settings(tiny_bert, "multi_class", epochs=1, layers=1), data, tmp_path)
    assert len(model.network.encoder.encoder.layer) == 1
    with_, without = model.predict([Item("a", "学校", "医院医院"), Item("b", "学校")])
    assert list(with_.scores.values()) != pytest.approx(list(without.scores.values()), abs=1e-6)


def test_layers_below_learn_more_slowly(tiny_bert, tmp_path):
    config = make_settings(tiny_bert, "multi_class", layer_decay=0.5)
    trainer = TransformerTrainer(config, label_data("multi_class", 40), tmp_path, 1)
    rate = {}
    for group in trainer.loop._optimizer.param_groups:
        rate |= {id(p): (group["lr"], group["weight_decay"]) for p in group["params"]}
    encoder = trainer._model.network.encoder
    assert rate[id(encoder.encoder.layer[1].output.dense.weight)] == (2e-3, 0.01)
    assert rate[id(encoder.encoder.layer[0].output.dense.weight)] == (1e-3, 0.01)
    assert rate[id(encoder.embeddings.word_embeddings.weight)] == (5e-4, 0.01)
    assert rate[id(encoder.encoder.layer[1].output.dense.bias)] == (2e-3, 0.0)
    assert rate[id(trainer._model.network.head.vote.weight)] == (1e-2, 0.01)


def test_standardised_inputs_have_mean_0_and_spread_1(tiny_bert, tmp_path):
    config = make_settings(tiny_bert, "multi_class", standardise=True)
    trainer = TransformerTrainer(config, label_data("multi_class", 40), tmp_path, 1)
    network = trainer._model.network.eval()
    inputs = trainer.collate(range(20)).inputs
    with torch.no_grad():
        states = ((network.encode(inputs) - network.mean) / network.spread)[inputs["mask"].bool()]
    assert states.mean(0).abs().max() < 1e-4
    assert (states.std(0) - 1).abs().max() < 1e-3


def test_a_loss_of_another_task_is_refused(tiny_bert):
    with pytest.raises(ValidationError, match="multi_class takes cross_entropy"):
        make_settings(tiny_bert, "multi_class", loss="bce")
    with pytest.raises(ValidationError, match="multi_label takes bce"):
        make_settings(tiny_bert, "multi_label", loss={"kind": "cross_entropy"})


def test_nothing_is_pickled(tiny_bert, tmp_path):
    data = label_data("multi_class", 40)
    train(make_settings(tiny_bert, "multi_class", epochs=1), data, tmp_path)
    told = json.loads((tmp_path / "transformer.json").read_text(encoding="utf-8"))
    assert told["encoder"]["model_type"] == "bert"
    assert (tmp_path / "model.safetensors").read_bytes()[8:9] == b"{"


# ---- windows


SPECIAL = Special(first=2, last=3, pad=0, types=True, folds=False)


@settings(deadline=None, max_examples=60)
@given(
    st.text(alphabet=st.sampled_from([*HAN, *"abZ 019㎡Ａ\u200b\x07\n\U0001f600ing"]), max_size=150),
    st.text(alphabet=HAN, max_size=40),
)
def test_every_unit_of_a_text_is_answered_for_once(tiny_tokenizer, text, context):
    (group,) = Windows(tiny_tokenizer, SPECIAL, 24, None)([Item("x", text, context)])
    assert all(len(w.ids) <= 24 for w in group)
    spans = np.concatenate([w.spans for w in group])
    assert (np.diff(spans.ravel()) >= 0).all()
    if any(w.body[1] > w.body[0] for w in group):  # else the tokenizer made nothing of it
        covered = "".join(text[a:b] for a, b in spans)
        assert covered == "".join(text.split())
    for w in group:
        assert ((w.tokens >= w.body[0]) & (w.tokens < w.body[1])).all()
        assert w.ids[0] == 2
        assert w.ids[-1] == 3
        assert set(w.types[w.body[0] :]) <= ({1} if context else {0})


def test_units_are_words_numbers_and_characters(tiny_tokenizer):
    (group,) = Windows(tiny_tokenizer, SPECIAL, 32, None)([Item("x", "playing 2020年，3km")])
    text = "playing 2020年，3km"
    assert [text[a:b] for a, b in group[0].spans] == ["playing", "2020", "年", "，", "3", "km"]


def test_labels_read_so_many_windows_and_no_more(tiny_tokenizer):
    windows = Windows(tiny_tokenizer, SPECIAL, 16, 3)
    (group,) = windows([Item("x", "年" * 100, "月" * 20)])
    assert [w.body[1] - w.body[0] for w in group] == [16 - 1 - 4 - 1 - 1] * 3
    assert [w.is_first for w in group] == [True, False, False]
    (group,) = windows([Item("x", "年")])
    assert group[0].ids.tolist()[0::2] == [2, 3]


# ---- tags


LAYERS = (("a", "b"), ("c",))


@st.composite
def layered(draw):
    count = draw(st.integers(1, 12))
    spans = []
    for layer in LAYERS:
        at = 0
        while at < count:
            end = draw(st.integers(at, count))
            if end > at:
                spans.append(Span(at, end, draw(st.sampled_from(layer))))
            at = end + draw(st.integers(0, 2)) if end > at else at + 1
    return count, tuple(sorted(spans))


@given(layered())
def test_spans_become_tags_and_spans_again(case):
    count, spans = case
    units = np.stack([np.arange(count), np.arange(count) + 1], 1)
    tags = tags_of(spans, units, LAYERS)
    logits = np.concatenate([np.eye(tag_count(layer))[tags[:, k]] for k, layer in enumerate(LAYERS)], 1)
    assert spans_of(logits, units, LAYERS) == spans


def test_a_span_that_ends_inside_a_unit_takes_all_of_it():
    units = np.array([[0, 4], [5, 6], [6, 7]])
    tags = tags_of([Span(2, 6, "a")], units, (("a",),))
    assert tags[:, 0].tolist() == [1, 3, 0]
    assert tags_of([Span(4, 5, "a")], units, (("a",),)).sum() == 0  # nothing but a space


def test_of_overlapping_spans_of_a_label_the_longer_is_learnt():
    units = np.stack([np.arange(6), np.arange(6) + 1], 1)
    tags = tags_of([Span(0, 2, "a"), Span(1, 5, "a")], units, (("a",),))
    assert tags[:, 0].tolist() == [0, 1, 2, 2, 3, 0]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_the_path_is_the_best_of_all_whole_ones(seed, count):
    scores = np.random.default_rng(seed).normal(size=(count, 9))
    best = max(
        (path for path in product(range(9), repeat=count) if _is_whole(np.array(path))),
        key=lambda path: sum(scores[t, tag] for t, tag in enumerate(path)),
    )
    assert _best_path(scores) == list(best)


def test_labels_share_a_layer_unless_their_spans_overlap():
    item = Item("x", "年" * 9, spans=(Span(0, 3, "a"), Span(1, 2, "b"), Span(3, 5, "c"), Span(4, 6, "a")))
    assert tag_layers(("a", "b", "c"), [item]) == (("a",), ("b", "c"))
    assert tag_layers(("a", "b", "c"), [Item("y", "年" * 9, spans=(Span(0, 2, "a"), Span(2, 3, "b")))]) == (
        ("a", "b", "c"),
    )


# ---- GPU


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_the_same_configuration_learns_on_a_gpu(tiny_bert, tmp_path, precision):
    data = span_data()
    config = make_settings(tiny_bert, "spans", device="auto", precision=precision)
    model, _, lines = train(config, data, tmp_path)
    assert "on cuda" in lines[0]
    assert score("spans", data.test, model.predict(data.test))["micro"]["f1"] > 0.95
