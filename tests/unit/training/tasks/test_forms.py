"""Data sets in the shapes in which they are published, each read with a configuration alone."""

import json

import pytest

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.tasks.dataset import Span

TEXTS = ["浙商银行企业信贷部叶老桂博士认为", "布鲁京斯研究所桑顿中国中心研究部主任李成说", "彭小军认为", "无人在此"]


def cut(item):
    """Return what the spans of an item cut out of it, with their labels."""
    return [(item.text[s.start : s.end], s.label) for s in item.spans]


def all_items(dataset):
    return {item.text: item for item in (*dataset.train, *dataset.dev)}


def test_cluener_with_inclusive_ends_and_an_unlabelled_test(write, load):
    train = write(
        "train.json",
        {"text": TEXTS[0], "label": {"name": {"叶老桂": [[9, 11]]}, "company": {"浙商银行": [[0, 3]]}}},
        {"text": TEXTS[1], "label": {"name": {"李成": [[18, 19]]}}},
        {"text": TEXTS[2], "label": {"name": {"彭小军": [[0, 2]]}}},
    )
    test = write("test.json", {"id": 0, "text": TEXTS[2]}, {"id": 1, "text": TEXTS[3]})
    dataset, told = load(task="spans", form="jsonl", train=train, test=test, end_inclusive=True)
    assert dataset.labels == ("company", "name")
    assert cut(all_items(dataset)[TEXTS[0]]) == [("浙商银行", "company"), ("叶老桂", "name")]
    assert dataset.test == ()
    assert any("2 texts of test without labels" in line for line in told)


def test_cluener_read_with_the_wrong_end_names_the_setting(write, load):
    train = write(
        "train.json", {"text": TEXTS[0], "label": {"name": {"叶老桂": [[9, 11]]}}}, {"text": "a", "label": {}}
    )
    with pytest.raises(
        GongkaiError, match=r"train.json, line 1: 1 of 1 .* data.end_inclusive: true; write that"
    ) as caught:
        load(task="spans", form="jsonl", train=train)
    assert caught.value.code == "data.spans"


def test_exclusive_ends_read_as_inclusive_name_the_setting(write, load):
    spans = [{"start": 0, "end": 3, "label": "name"}]
    train = write("t.jsonl", {"text": "彭小军", "entities": spans}, {"text": "李小军", "entities": spans})
    keys = {"task": "spans", "form": "jsonl", "train": train, "fields": {"labels": "entities"}}
    with pytest.raises(GongkaiError, match=r"data.end_inclusive: false; write that"):
        load(**keys, end_inclusive=True)
    dataset, _ = load(**keys)
    assert all(item.spans == (Span(0, 3, "name"),) for item in (*dataset.train, *dataset.dev))


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ([{"start": 2, "end": 4, "label": "X"}], {}),
        ([{"start_offset": 2, "end_offset": 4, "type": "X"}],
         {"span_fields": {"start": "start_offset", "end": "end_offset", "label": "type"}}),
        ([{"name": "三四", "type": "X", "pos": [2, 4]}],
         {"span_fields": {"label": "type", "position": "pos", "surface": "name"}}),
        ([{"name": "三四", "type": "X"}], {"span_fields": {"label": "type", "surface": "name"}}),
        ([[2, 4, "X"]], {}),
        ([["X", 2, 4]], {}),
        ([[2, 4, "X", "三四"]], {}),
        ([{"start": "2", "end": "4", "label": "X"}], {}),
        ({"X": {"三四": [[2, 4]]}}, {}),
        ({"X": {"三四": [2, 4]}}, {}),
        ({"X": [[2, 4]]}, {}),
        ([{"start": 2, "end": 3, "label": "X"}], {"end_inclusive": True}),
        ([{"start": 2, "end": 4, "label": 7}], {"label_names": {7: "X"}}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_every_way_to_write_a_span(value, keys, form, write, load):
    records = [{"text": "一二三四五", "label": value}, {"text": "六七三四八", "label": value}]
    train = write("t.json", json.dumps(records, indent=1)) if form == "json" else write("t.json", *records)
    dataset, _ = load(task="spans", form=form, train=train, **keys)
    assert dataset.labels == ("X",)
    assert all(item.spans == (Span(2, 4, "X"),) for item in (*dataset.train, *dataset.dev))


def test_tnews_and_its_codes(write, load):
    records = [
        {"label": "102", "label_desc": "news_entertainment", "sentence": "江疏影甜甜圈自拍"},
        {"label": "110", "label_desc": "news_military", "sentence": "以色列大规模空袭开始"},
        {"label": "102", "label_desc": "news_entertainment", "sentence": "出栏一头猪亏损"},
    ]
    train = write("train.json", *records)
    keys = {"task": "multi_class", "form": "jsonl", "train": train}
    by_name, _ = load(**keys, fields={"text": "sentence", "labels": "label_desc"})
    codes = {"102": "news_entertainment", "110": "news_military"}
    by_code, _ = load(**keys, fields={"text": "sentence"}, label_names=codes)
    assert by_name.labels == by_code.labels == ("news_entertainment", "news_military")
    assert by_name.sha256 == by_code.sha256


def test_thucnews_without_a_header_and_with_quotes_in_the_text(write, load):
    train = write("train.txt", '词汇阅读是关键 08年考研\t1\r\n"中国"队夺冠\t0\r\n他说"好\t1\r\n')
    names = write("class.txt", "体育\n教育\n")
    dataset, _ = load(
        task="multi_class", form="tsv", header=False, train=train, fields={"text": 0, "labels": 1}, label_names=names
    )
    assert dataset.labels == ("体育", "教育")
    assert {item.text: item.labels for item in (*dataset.train, *dataset.dev)} == {
        "词汇阅读是关键 08年考研": ("教育",),
        '"中国"队夺冠': ("体育",),
        '他说"好': ("教育",),
    }


@pytest.mark.parametrize("content", ["- 体育\n- 教育\n", "0: 体育\n1: 教育\n"])
def test_label_names_in_yaml(content, write, load):
    train = write("t.tsv", "text\tlabel\na\t1\nb\t0\n")
    dataset, _ = load(task="multi_class", form="tsv", train=train, label_names=write("n.yaml", content))
    assert dataset.labels == ("体育", "教育")


def test_csv_with_a_header_line_breaks_and_a_byte_order_mark(write, load):
    text = '\ufeffid,text,label\r\n7,"一,""二""\r\n三",a\r\n8,四,b\r\n'
    dataset, _ = load(task="multi_class", form="csv", train=write("t.csv", text), fields={"id": "id"})
    found = {item.id: (item.text, item.labels) for item in (*dataset.train, *dataset.dev)}
    assert found == {"7": ('一,"二"\r\n三', ("a",)), "8": ("四", ("b",))}


CHARACTERS = ["中", "国", "银", "行", "在", "京"]
SCHEMES = {
    "bio": ["B-ORG", "I-ORG", "I-ORG", "I-ORG", "O", "B-LOC"],
    "bioes": ["B-ORG", "I-ORG", "I-ORG", "E-ORG", "O", "S-LOC"],
    "bmes": ["B-ORG", "M-ORG", "M-ORG", "E-ORG", "O", "S-LOC"],
    "bilou": ["B-ORG", "I-ORG", "I-ORG", "L-ORG", "O", "U-LOC"],
    "iob1": ["I-ORG", "I-ORG", "I-ORG", "I-ORG", "O", "I-LOC"],
    "underscore": ["B_ORG", "I_ORG", "I_ORG", "I_ORG", "O", "B_LOC"],
    "suffix": ["ORG-B", "ORG-I", "ORG-I", "ORG-I", "O", "LOC-B"],
}


@pytest.mark.parametrize("tags", SCHEMES.values(), ids=SCHEMES)
@pytest.mark.parametrize("separator", [" ", "\t"], ids=["space", "tab"])
def test_conll_in_every_scheme(tags, separator, write, load):
    block = "".join(f"{c}{separator}{t}\n" for c, t in zip(CHARACTERS, tags, strict=True))
    train = write("train.char.bmes", f"{block}\n\n{block.replace('京', '沪')}\n")
    dataset, _ = load(task="spans", form="conll", train=train)
    assert dataset.labels == ("LOC", "ORG")
    for item in (*dataset.train, *dataset.dev):
        assert cut(item) == [("中国银行", "ORG"), (item.text[5], "LOC")]


def test_neighbours_of_one_label_stay_two(write, load):
    train = write("t", "甲 B-N\n乙 I-N\n丙 B-N\n\n丁 S-N\n戊 S-N\n")
    dataset, _ = load(task="spans", form="conll", train=train)
    assert {item.text: len(item.spans) for item in (*dataset.train, *dataset.dev)} == {"甲乙丙": 2, "丁戊": 2}


def test_weibo_loses_its_digits_and_a_space_is_a_character(write, load):
    numbered = write("t", "科0\tB-PER.NAM\n比1\tI-PER.NAM\n\n我0\tO\n")
    dataset, _ = load(task="spans", form="conll", train=numbered)
    assert {item.text for item in (*dataset.train, *dataset.dev)} == {"科比", "我"}
    spaced = write("s", "a\tB-X\n \tI-X\nb\tI-X\n\nc\tO\n")
    dataset, _ = load(task="spans", form="conll", train=spaced)
    assert cut(all_items(dataset)["a b"]) == [("a b", "X")]


def test_words_are_joined_as_told(write, load):
    train = write("t", "New B-LOC\nYork I-LOC\nwins O\n\nNo O\n")
    dataset, _ = load(task="spans", form="conll", train=train, joiner=" ")
    assert cut(all_items(dataset)["New York wins"]) == [("New York", "LOC")]


def test_tokens_with_tags_or_token_offsets(write, load):
    names = write("n.txt", "O\nB-X\nI-X\n")
    train = write("a", {"tokens": ["上海", "市", "在"], "tags": [1, 2, 0]}, {"tokens": ["京"], "tags": [0]})
    fields = {"text": "tokens", "labels": "tags"}
    dataset, _ = load(task="spans", form="jsonl", train=train, fields=fields, label_names=names)
    assert cut(all_items(dataset)["上海市在"]) == [("上海市", "X")]
    train = write("b", {"tokens": ["上海", "市", "在"], "tags": [[0, 2, "X"]]}, {"tokens": ["京"], "tags": []})
    dataset, _ = load(task="spans", form="jsonl", train=train, fields=fields)
    assert cut(all_items(dataset)["上海市在"]) == [("上海市", "X")]


@pytest.mark.parametrize("value", [["a", "b"], "a|b", "b|a|a"])
def test_several_labels(value, write, load):
    train = write("t", {"text": "一", "label": value}, {"text": "二", "label": []}, {"text": "三", "label": ""})
    dataset, _ = load(task="multi_label", form="jsonl", train=train, labels=["a", "b"])
    found = {item.text: set(item.labels) for item in (*dataset.train, *dataset.dev)}
    assert found == {"一": {"a", "b"}, "二": set(), "三": set()}


def test_a_line_separator_inside_json_ends_no_line(write, load):
    train = write("t", {"text": "一\u2028二\u0085三", "label": "a"}, {"text": "四", "label": "b"})
    dataset, _ = load(task="multi_class", form="jsonl", train=train)
    assert "一\u2028二\u0085三" in all_items(dataset)
