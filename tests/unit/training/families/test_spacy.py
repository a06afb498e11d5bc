"""The family ``spacy``: it learns what can be learnt, as ``spacy train`` does, and loses no offset on the way."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin
from spacy.util import load_config, load_model_from_config

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.families.spacy import SpacyFamily, best_threshold, choose_component
from gongkai.training.families.spacy_config import SpacyTraining
from gongkai.training.families.spacy_docs import PIECE, apart, pieces, span_sizes
from gongkai.training.families.spacy_pipeline import template
from gongkai.training.tasks.dataset import Dataset, Item, Span, Task

pytestmark = pytest.mark.ml

ROOT = Path(__file__).parents[4]
WORDS = {"水果": ["苹果", "香蕉", "西瓜"], "动物": ["老虎", "小猫", "狮子"], "地方": ["北京", "上海", "广州"]}
LABELS = tuple(WORDS)
FILLERS = "今天我们他去了在看见说的是很好一个人"


def make_item(task: Task, rng: random.Random) -> Item:
    """Return a text in which the words themselves tell the labels and spans."""
    text, spans, labels = "", [], []
    for label in rng.sample(LABELS, 1 if task == "multi_class" else rng.randint(0, 2)):
        text += "".join(rng.choices(FILLERS, k=rng.randint(1, 4)))
        word = rng.choice(WORDS[label])
        spans.append(Span(len(text), len(text) + len(word), label))
        text += word
        labels.append(label)
    text += "".join(rng.choices(FILLERS, k=rng.randint(1, 4)))
    if task == "spans":
        return Item("", text, spans=tuple(spans))
    return Item("", text, labels=tuple(labels))


def make_dataset(task: Task) -> Dataset:
    rng = random.Random(5)
    train, dev, test = (tuple(make_item(task, rng) for _ in range(size)) for size in (100, 30, 40))
    return Dataset(task, LABELS, train, dev, test, "0" * 64)


def make_settings(task: Task, **more: Any) -> SpacyTraining:
    data = {"task": task, "form": "jsonl", "train": "train.jsonl"}
    return SpacyTraining.model_validate(
        {"family": "spacy", "name": "x", "version": "1", "data": data, "device": "cpu", "epochs": 7, **more}
    )


class Trained:
    """A training, what it told and where it is."""

    def __init__(self, folder: Path, settings: SpacyTraining, dataset: Dataset, seed: int = 1):
        self.folder, self.dataset = folder, dataset
        self.lines: list[str] = []
        self.figures: list[dict[str, float]] = []
        folder.mkdir(parents=True, exist_ok=True)
        SpacyFamily().fit(settings, dataset, folder, seed, self.lines.append, lambda x: self.figures.append(dict(x)))

    def right(self) -> float:
        """Return the share of the test texts that are wholly right."""
        found = SpacyFamily().open(self.folder).predict(self.dataset.test)
        pairs = zip(found, self.dataset.test, strict=True)
        return sum((set(p.labels), p.spans) == (set(x.labels), x.spans) for p, x in pairs) / len(found)

    def weights(self, component: str) -> bytes:
        return (self.folder / "model-best" / component / "model").read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spacy")


@pytest.fixture(scope="module")
def multi_class(folder: Path) -> Trained:
    return Trained(folder / "class", make_settings("multi_class"), make_dataset("multi_class"))


@pytest.fixture(scope="module")
def ner(folder: Path) -> Trained:
    return Trained(folder / "ner", make_settings("spans"), make_dataset("spans"))


@pytest.fixture(scope="module")
def multi_label(folder: Path) -> Trained:
    return Trained(folder / "label", make_settings("multi_label", epochs=14), make_dataset("multi_label"))


@pytest.fixture(scope="module")
def overlaps(folder: Path) -> Trained:
    """Spans of which each third word is, as a whole and without its last character, two spans of two labels."""
    whole = make_dataset("spans")

    def doubled(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(
            replace(x, spans=tuple(sorted({*x.spans, *(Span(s.start, s.end - 1, "字") for s in x.spans)})))
            for x in items
        )

    labels = (*LABELS, "字")
    dataset = Dataset("spans", labels, doubled(whole.train), doubled(whole.dev), doubled(whole.test), "1" * 64)
    return Trained(folder / "overlaps", make_settings("spans"), dataset)


class TestLearning:
    def test_one_label_a_text(self, multi_class: Trained) -> None:
        assert multi_class.right() >= 0.95
        [prediction] = SpacyFamily().open(multi_class.folder).predict([Item("", "他看见老虎了")])
        assert prediction.labels == ("动物",)
        assert set(prediction.scores) == set(LABELS)
        assert sum(prediction.scores.values()) == pytest.approx(1)

    def test_any_number_of_labels(self, multi_label: Trained) -> None:
        assert multi_label.right() >= 0.9
        for prediction in SpacyFamily().open(multi_label.folder).predict(multi_label.dataset.test):
            assert set(prediction.scores) == set(LABELS)
            kept = [prediction.scores[x] for x in prediction.labels]
            left = [score for label, score in prediction.scores.items() if label not in prediction.labels]
            assert min(kept, default=1) > max(left, default=0)

    def test_spans(self, ner: Trained) -> None:
        assert ner.right() >= 0.95
        assert ner.lines[0].startswith("ner:")

    def test_overlapping_spans(self, overlaps: Trained) -> None:
        assert overlaps.lines[0].startswith("spancat:")
        assert overlaps.right() >= 0.9

    def test_progress_after_every_evaluation(self, ner: Trained, multi_class: Trained) -> None:
        for trained in (ner, multi_class):
            assert len(trained.figures) >= 5
            assert [x["step"] for x in trained.figures] == sorted({x["step"] for x in trained.figures})
            assert trained.figures[-1]["train_loss"] < trained.figures[0]["train_loss"] / 2
            assert max(x["dev_micro_f1"] for x in trained.figures) > 0.9
        assert max(x["dev_macro_f1"] for x in multi_class.figures) > 0.9


class TestSameAsSpacy:
    def test_spacy_train_makes_the_same_model_of_the_files(self, tmp_path: Path) -> None:
        ours = Trained(tmp_path / "ours", make_settings("spans", epochs=2), make_dataset("spans"))
        files = [f"--paths.{name}={ours.folder / name}.spacy" for name in ("train", "dev")]
        out = tmp_path / "theirs"
        command = [sys.executable, "-m", "spacy", "train", str(ours.folder / "config.cfg"), *files, "-o", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (out / "model-best" / "ner" / "model").read_bytes() == ours.weights("ner")
        theirs, predictor = spacy.load(out / "model-best"), SpacyFamily().open(ours.folder)
        for item, prediction in zip(ours.dataset.test, predictor.predict(ours.dataset.test), strict=True):
            spans = [Span(x.start_char, x.end_char, x.label_) for x in theirs(item.text).ents]
            assert tuple(spans) == prediction.spans

    def test_saved_pipeline_is_plain_spacy_without_our_paths(self, multi_label: Trained) -> None:
        config = load_config(multi_label.folder / "model-best" / "config.cfg", interpolate=False)
        assert set(config["paths"].values()) == {None}
        assert config["training"]["logger"]["@loggers"] == "spacy.ConsoleLogger.v1"
        assert str(multi_label.folder) not in config.to_str()
        nlp = spacy.load(multi_label.folder / "model-best")
        threshold = config["components"]["textcat_multilabel"]["threshold"]
        assert nlp.get_pipe("textcat_multilabel").cfg["threshold"] == threshold
        assert f"threshold {threshold:.3f}, chosen on dev" in multi_label.lines
        assert not (multi_label.folder / "model-last").exists()

    @pytest.mark.parametrize("component", ["textcat", "textcat_multilabel", "ner", "spancat"])
    def test_template_is_a_whole_configuration(self, component: str) -> None:
        nlp = load_model_from_config(template(component), auto_fill=True)
        assert nlp.pipe_names == [component]
        assert len(nlp.make_doc("共 5 件")) == 5

    def test_docbin_holds_the_spans(self, ner: Trained) -> None:
        docs = DocBin().from_disk(ner.folder / "train.spacy").get_docs(spacy.blank("zh").vocab)
        for doc, item in zip(docs, ner.dataset.train, strict=True):
            assert doc.text == item.text
            assert tuple(Span(x.start_char, x.end_char, x.label_) for x in doc.ents) == item.spans

    def test_beside_the_steps_of_gongkai(self, ner: Trained, tmp_path: Path) -> None:
        config = load_config(
            ROOT / "configs" / "training" / "spacy" / "with-gongkai.cfg",
            overrides={
                "paths.own": str(ner.folder / "model-best"),
                "components.gongkai_tagger.engine": "rules",
                "components.gongkai_metrics.engine": "rules",
            },
        )
        load_model_from_config(config, auto_fill=True).to_disk(tmp_path)
        doc = spacy.load(tmp_path)("今天我们在北京看见200人。")
        assert ("北京", "地方") in [(x.text, x.label_) for x in doc.ents]
        assert [x.text for x in doc.spans["metrics"]] == ["200人"]


class TestTheSameAgain:
    SETTINGS = make_settings("multi_class", epochs=2)

    def test_one_seed_one_model(self, tmp_path: Path) -> None:
        dataset = make_dataset("multi_class")
        first, again, other = (
            Trained(tmp_path / name, self.SETTINGS, dataset, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))
        )
        assert first.weights("textcat") == again.weights("textcat") != other.weights("textcat")
        names = {path.relative_to(first.folder) for path in first.folder.rglob("*") if path.is_file()}
        for name in names:
            assert (first.folder / name).read_bytes() == (again.folder / name).read_bytes(), name

    def test_interrupted_training_begins_again(self, tmp_path: Path) -> None:
        dataset = make_dataset("multi_class")

        def stop(figures: Any) -> None:
            if figures["step"] > 0:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            SpacyFamily().fit(self.SETTINGS, dataset, tmp_path, 1, lambda line: None, stop)
        again = Trained(tmp_path, self.SETTINGS, dataset)
        assert again.weights("textcat") == Trained(tmp_path / "whole", self.SETTINGS, dataset).weights("textcat")


class TestTexts:
    def test_odd_texts_get_a_prediction(self, multi_class: Trained, ner: Trained) -> None:
        texts = ["", " \n\t", "西瓜", "\U00020000\x00"]
        items = [Item(str(k), text) for k, text in enumerate(texts)]
        assert [len(p.labels) for p in SpacyFamily().open(multi_class.folder).predict(items)] == [1] * 4
        assert SpacyFamily().open(multi_class.folder).predict([]) == []
        predictions = SpacyFamily().open(ner.folder).predict(items)
        assert predictions[0].spans == predictions[1].spans == ()
        assert all(0 <= s.start < s.end <= len(t) for p, t in zip(predictions, texts, strict=True) for s in p.spans)

    @pytest.mark.parametrize("name", ["ner", "overlaps"])
    def test_offsets_in_a_long_text(self, name: str, request: pytest.FixtureRequest) -> None:
        trained = request.getfixturevalue(name)
        sentence = "他在北京看见老虎。"
        text = sentence * (3 * PIECE // len(sentence))
        [prediction] = SpacyFamily().open(trained.folder).predict([Item("", text)])
        places = {text[x.start : x.end] for x in prediction.spans if x.label == "地方"}
        assert places == {"北京"}
        assert [x.start for x in prediction.spans if x.label == "地方"] == [
            at for at in range(len(text)) if text.startswith("北京", at)
        ]

    def test_spans_that_tokens_cannot_hold_are_told(self, tmp_path: Path) -> None:
        dataset = make_dataset("spans")
        cut = Item("", "我们在北京", spans=(Span(4, 5, "地方"),))  # 京: jieba's word is 北京
        dataset = replace(dataset, train=(*dataset.train[:10], cut))
        trained = Trained(tmp_path, make_settings("spans", tokenizer="jieba", epochs=1), dataset)
        assert "1 spans of train cannot be learnt: they do not fall on tokens" in trained.lines

    def test_spans_that_a_component_cannot_hold_are_told(self, tmp_path: Path) -> None:
        dataset = make_dataset("spans")
        text = "。".join(["在北京" * 100, "去了上海" * 100])
        odd = (
            Item("", "在北京 ", spans=(Span(1, 3, "地方"), Span(2, 3, "地方"), Span(2, 4, "动物"))),
            Item("", text, spans=(Span(299, 310, "地方"), Span(1, 3, "地方"))),
        )
        dataset = replace(dataset, train=(*dataset.train[:10], *odd))
        trained = Trained(tmp_path, make_settings("spans", spans="ner", epochs=1), dataset)
        assert trained.lines[:3] == [
            "1 spans of train cannot be learnt: they do not fall on tokens",
            "1 spans of train cannot be learnt: they overlap a longer one",
            "1 spans of train cannot be learnt: they reach over the cuts of a long text",
        ]

    def test_no_span_at_all(self, tmp_path: Path) -> None:
        dataset = replace(make_dataset("spans"), train=(Item("", "我们在北京", spans=(Span(4, 5, "地方"),)),))
        for spans in ("ner", "spancat"):
            with pytest.raises(GongkaiError) as caught:
                Trained(tmp_path, make_settings("spans", tokenizer="jieba", spans=spans), dataset)
            assert caught.value.code == "data.spans"

    def test_longest_spans_are_left_out(self) -> None:
        doc = spacy.blank("zh")("一二三四五六七八九十")
        doc.spans["sc"] = [doc[0:size] for size in [1] * 5 + [3] * 4 + [9]]
        assert span_sizes([doc], 1.0) == ([1, 3, 9], 0)
        assert span_sizes([doc], 0.9) == ([1, 3], 1)
        assert span_sizes([doc], 0.5) == ([1], 5)


class TestRefusals:
    def test_unknown_override(self, tmp_path: Path) -> None:
        settings = make_settings("multi_class", overrides={"components.textcat.model.tok2vec.encode.deepness": 3})
        with pytest.raises(GongkaiError, match="deepness") as caught:
            Trained(tmp_path, settings, make_dataset("multi_class"))
        assert caught.value.code == "config.invalid"

    def test_override_of_an_unknown_section(self, tmp_path: Path) -> None:
        settings = make_settings("multi_class", overrides={"component.textcat.threshold": 0.1})
        with pytest.raises(GongkaiError) as caught:
            Trained(tmp_path, settings, make_dataset("multi_class"))
        assert caught.value.code == "config.invalid"

    def test_nothing_to_tell_apart(self, tmp_path: Path) -> None:
        dataset = replace(make_dataset("multi_class"), labels=("水果",))
        with pytest.raises(GongkaiError) as caught:
            Trained(tmp_path, make_settings("multi_class"), dataset)
        assert caught.value.code == "data.labels"

    def test_no_gpu(self, tmp_path: Path) -> None:
        if spacy.prefer_gpu():
            spacy.require_cpu()
            pytest.skip("there is a GPU")
        with pytest.raises(GongkaiError, match="GPU") as caught:
            Trained(tmp_path, make_settings("multi_class", device="cuda"), make_dataset("multi_class"))
        assert caught.value.code == "model.unavailable"

    def test_no_model(self, tmp_path: Path) -> None:
        with pytest.raises(GongkaiError) as caught:
            SpacyFamily().open(tmp_path)
        assert caught.value.code == "model.unavailable"

    def test_damaged_model(self, multi_class: Trained, tmp_path: Path) -> None:
        best = tmp_path / "model-best"
        (best).mkdir()
        (best / "config.cfg").write_text("[nlp]\nlang = ", encoding="utf-8")
        with pytest.raises(GongkaiError) as caught:
            SpacyFamily().open(tmp_path)
        assert caught.value.code == "model.incompatible"

    def test_nothing_is_unpickled(self, ner: Trained, overlaps: Trained, multi_label: Trained) -> None:
        with unpickled() as found:
            for trained in (ner, overlaps, multi_label):
                SpacyFamily().open(trained.folder).predict([Item("", "他在北京看见老虎。")])
        assert found == []


_WATCHED: list[list[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "pickle.find_class" and _WATCHED:
        _WATCHED[-1].append(str(arguments))


sys.addaudithook(_hook)


@contextmanager
def unpickled() -> Iterator[list[str]]:
    """Collect what is looked up for unpickling meanwhile."""
    _WATCHED.append([])
    try:
        yield _WATCHED[-1]
    finally:
        _WATCHED.pop()


class TestComponents:
    @pytest.mark.parametrize(
        ("spans", "wanted"),
        [
            ((Span(0, 2, "a"), Span(2, 3, "a")), "ner"),
            ((Span(0, 5, "a"), Span(1, 2, "a"), Span(3, 4, "b")), "spancat"),
            ((Span(0, 2, "a"), Span(0, 2, "b")), "spancat"),
            ((), "ner"),
        ],
    )
    def test_overlaps_decide(self, spans: tuple[Span, ...], wanted: str) -> None:
        item = Item("", "一二三四五", spans=spans)
        dataset = Dataset("spans", ("a", "b"), (item,), (item,), (), "")
        assert choose_component(make_settings("spans"), dataset) == wanted
        assert choose_component(make_settings("spans", spans="spancat"), dataset) == "spancat"


@given(st.text(alphabet="一二。；（ \n", max_size=3 * PIECE))
def test_pieces_are_in_order_bounded_and_lose_nothing(text: str) -> None:
    found = list(pieces(text))
    assert all(0 <= start <= end <= start + PIECE for start, end in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    inside = {at for start, end in found for at in range(start, end)}
    assert all(at in inside for at, character in enumerate(text) if character in "一二")


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.7, 0.9]), st.booleans()), max_size=12), st.integers(0, 4))
def test_no_threshold_does_better(scored: list[tuple[float, bool]], missed: int) -> None:
    truth = sum(right for _, right in scored) + missed

    def f1(threshold: float) -> float:
        kept = [right for score, right in scored if score >= threshold]
        return 2 * sum(kept) / (len(kept) + truth) if kept or truth else 0.0

    assert f1(best_threshold(scored, truth)) == max(f1(cut) for cut in (0, 0.15, 0.3, 0.6, 0.8, 1))


def test_of_overlapping_spans_of_a_label_the_best_stays() -> None:
    scored = [(0.6, Span(0, 3, "a")), (0.9, Span(2, 4, "a")), (0.7, Span(1, 3, "b")), (0.5, Span(4, 6, "a"))]
    assert apart(scored) == [scored[1], scored[2], scored[3]]
