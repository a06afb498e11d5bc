"""What is told of a data set, what is refused and with what advice; how dev is drawn."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.tasks.dataset import Item
from gongkai.training.tasks.load import draw_dev

CLASSES = {"task": "multi_class", "form": "jsonl"}
SPANS = {"task": "spans", "form": "jsonl"}


def record(text, label):
    return {"text": text, "label": label}


def refusal(load, **keys) -> GongkaiError:
    with pytest.raises(GongkaiError) as caught:
        load(**keys)
    return caught.value


def test_another_encoding_is_named(write, load):
    lines = '{"text": "好", "label": "a"}\n{"text": "中文", "label": "b"}\n'
    train = write("t", lines.encode("gb18030"))
    error = refusal(load, **CLASSES, train=train)
    assert error.code == "data.unreadable"
    assert "t, line 1 is not utf-8. Write data.encoding: gb18030." in error.message
    dataset, _ = load(**CLASSES, train=train, encoding="GB18030")
    assert {item.text for item in (*dataset.train, *dataset.dev)} == {"好", "中文"}


@pytest.mark.parametrize(
    ("content", "keys", "code", "said"),
    [
        ('{"text": "a", "label": "x"}\n{"text": \n', CLASSES, "data.unreadable", "line 2 is no JSON"),
        ('[\n{"text": "a"}]\n', CLASSES, "data.unreadable", "data.form: json"),
        ('[{"text": "a"}]\n', CLASSES, "data.unreadable", "data.form: json"),
        ('{"text": "a"}\n{"text": "b"}\n', {**CLASSES, "form": "json"}, "data.unreadable", "data.form: jsonl"),
        ('{"text": "a"}', {**CLASSES, "form": "json"}, "data.unreadable", "array"),
        ('"a"\n', CLASSES, "data.unreadable", "line 1 is \"a\" and not an object"),
        ('{"sentence": "a", "label": "x"}\n', CLASSES, "data.field", "it has sentence, label. Write data.fields.text."),
        ('{"text": "a"}\n', CLASSES, "data.field", "Write data.fields.labels"),
        ('{"text": "a", "label": "x"}\n{"text": "b"}\n', CLASSES, "data.field", "line 2 has no field 'label'"),
        ('{"text": "a", "label": ["x", "y"]}\n', CLASSES, "data.labels", "data.task: multi_label"),
        ('{"text": "a", "label": {"x": 1}}\n', CLASSES, "data.labels", "one label is wanted"),
        ('{"text": "a", "label": "x"}\n', {**CLASSES, "label_names": {"y": "z"}}, "data.labels", "does not name"),
        ('{"text": "a", "label": "x"}\n{"text": "b", "label": "y"}\n', {**CLASSES, "labels": ["x"]}, "data.labels",
         "does not list: y"),
        ('{"text": "a", "label": "x"}\n', {**CLASSES, "dev": None}, "data.empty", "no two different texts"),
        ("\n", CLASSES, "data.empty", "holds no text"),
        ('{"text": "a", "label": [{"begin": 0}]}\n', SPANS, "data.spans", "Write data.span_fields"),
        ('{"text": "a", "label": 3}\n', SPANS, "data.spans", "line 1: spans are written as"),
        ('{"text": "a", "label": []}\n{"text": "b", "label": []}\n', SPANS, "data.labels", "No text of the train"),
        ("a,b\n1,2,3\n", {**CLASSES, "form": "csv"}, "data.unreadable", "line 2 has 3 columns, the header 2"),
        ("text,label\n1,2\n", {**CLASSES, "form": "csv", "fields": {"text": "txt"}}, "data.field", "text, label"),
        ('text,label\n"1,2\n', {**CLASSES, "form": "csv"}, "data.unreadable", "line 2"),
        ("甲 B-N\n乙\n", {**SPANS, "form": "conll"}, "data.unreadable", "line 2 has a token without a tag"),
        ("甲 X-N\n", {**SPANS, "form": "conll"}, "data.spans", "line 1: tag 'X-N'"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_place_and_advice(content, keys, code, said, write, load):
    error = refusal(load, **keys, train=write("t", content))
    assert error.code == code
    assert said in error.message
    assert "t, line" in error.message or "/t" in error.message or "train split" in error.message


def test_no_such_file(load, tmp_path):
    assert refusal(load, **CLASSES, train=str(tmp_path / "none")).code == "data.unreadable"


def test_oddities_are_told_with_counts(write, load):
    train = write(
        "train",
        *[{"text": f"第{k}句话", "label": [[0, 1, "x"]], "id": k} for k in range(40)],
        {"text": "  ", "label": [], "id": 40},
        {"text": "两段", "label": [[0, 2, "x"], [1, 2, "x"], [0, 2, "x"]], "id": 3},
        {"text": "太短", "label": [[0, 9, "x"]], "id": 42},
    )
    dev = write("dev", {"text": "第1句话", "label": [[0, 1, "never"]], "id": 1})
    dataset, told = load(**SPANS, train=train, dev=dev, fields={"id": "id"})
    said = "\n".join(told)
    assert len(dataset.train) == 42
    for wanted in (
        "1 empty texts, left out (first: train, 40)",
        "1 ids that stood there before",
        "1 spans that stand there twice",
        "1 spans that overlap one before them",
        "1 spans that lie outside their text",
        "1 texts of dev with label never, which train never has",
        "1 texts of dev that stand in train too",
    ):
        assert wanted in said
    assert dataset.labels == ("x",)
    assert dataset.dev[0].spans[0].label == "never"


def test_listed_labels_keep_their_order_and_may_be_unused(write, load):
    train = write("t", record("一", "b"), record("二", "a"))
    dataset, told = load(**CLASSES, train=train, labels=["c", "b", "a"])
    assert dataset.labels == ("c", "b", "a")
    assert any("1 labels of data.labels that no text of train has" in line for line in told)


def test_the_hash_is_of_the_data(write, load):
    one = write("one", record("一", "b"), record("二", "a"))
    same = write("same", '{"label":"b","text":"一"}\r\n{"label":"a","text":"二"}\r\n')
    other = write("other", record("一", "b"), record("二", "b"))
    hashes = [load(**CLASSES, train=path, labels=["a", "b"])[0].sha256 for path in (one, same, other)]
    assert hashes[0] == hashes[1] != hashes[2]


@given(st.lists(st.sampled_from("abcdefghij"), min_size=2), st.floats(0.01, 0.99))
def test_dev_is_drawn_the_same_and_shares_no_text_with_train(texts, share):
    items = [Item(str(k), text) for k, text in enumerate(texts)]
    if len(set(texts)) < 2:
        with pytest.raises(GongkaiError):
            draw_dev(items, share)
        return
    train, dev = draw_dev(items, share)
    assert (train, dev) == draw_dev(items, share)
    assert train
    assert dev
    assert sorted(x.id for x in (*train, *dev)) == sorted(x.id for x in items)
    assert not {x.text for x in train} & {x.text for x in dev}


def test_the_corpus_gives_labels_spans_and_context():
    from gongkai.training.tasks.config import Data
    from gongkai.training.tasks.load import load_dataset

    told: list[str] = []
    labels = load_dataset(Data(task="multi_label", form="corpus", target="labels"), told.append)
    assert all(label.partition(":")[0] in ("domain", "activity") for label in labels.labels)
    assert any(item.context for item in labels.train)
    parts = load_dataset(Data(task="spans", form="corpus", target="parts", unit="sentence"), told.append)
    assert parts.labels == ("INDICATOR", "METRIC", "PERIOD", "SCOPE")
    assert len(labels.test) == len(parts.test)
    assert all(0 <= s.start < s.end <= len(item.text) for item in parts.train for s in item.spans)
    metrics = load_dataset(Data(task="spans", form="corpus", target="metrics"), told.append)
    assert any(any(c.isdigit() for c in i.text[s.start : s.end]) for i in metrics.test for s in i.spans)
