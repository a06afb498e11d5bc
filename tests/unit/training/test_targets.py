"""What a network is trained to say of a window: labels, tags, numbers and links in the right places."""

import numpy as np
import pytest

from gongkai.corpora.markup import parse
from gongkai.corpora.store import Corpus
from gongkai.models.neural.batches import Encoder
from gongkai.models.neural.scheme import ENTITY_TYPES, NUMBER_CLASSES, TAG_LAYERS
from gongkai.models.store import scheme_labels
from gongkai.training.config import LinearTraining
from gongkai.training.data import shown, train_paragraphs
from gongkai.training.targets import IGNORED, examples

SOURCE = """id: {id}
authority: 甲县
region: 甲县
level: county
trade: government
year: 2021
form: 2021
style: terse clean
hand: w0

# overview | 一、总体情况
## （一）主动公开

education / proactive_disclosure: 全年[o:甲县教育局]公开招生信息{{120余条|公开招生信息|c=gt;p=全年}}，每周{{一次|更新次数|v=1;u=次;o=1}}。
{flag}- / training: 第3期培训{{40人|培训人数|w=培训}}。
"""  # noqa: E501


def source(name: str, flag: str = ""):
    return parse(SOURCE.format(id=name, flag=flag), name, "train")


@pytest.fixture
def example():
    return next(examples(source("x-2021")[1], scheme_labels(), Encoder(None)))


def told(example, column, value):
    return "".join(
        example.window.text[i] for i in np.flatnonzero(example.tags[:, list(TAG_LAYERS).index(column)] == value)
    )


def test_labels_in_the_order_of_the_scheme(example):
    names = [{scheme_labels()[k][1] for k in np.flatnonzero(row)} for row in example.labels]
    assert names == [{"education", "proactive_disclosure"}, {"training"}]


def test_tags(example):
    assert told(example, "metric", 1) == "1一4"
    assert told(example, "indicator", 1) + told(example, "indicator", 2) == "公培开招生信息训"
    assert told(example, "period", 1) + told(example, "period", 2) == "全年"
    organisation = 1 + 2 * ENTITY_TYPES.index("ORG")
    assert told(example, "entity", organisation) + told(example, "entity", organisation + 1) == "甲县教育局"
    assert (example.tags[: example.window.text.index("\n")] == IGNORED).all()


def test_numbers_and_links(example):
    numbers = {
        example.window.text[a:b]: NUMBER_CLASSES[c]
        for (_, a, b), c in zip(example.window.numbers, example.numbers, strict=True)
    }
    assert numbers == {"120余条": "metric", "一次": "marginal", "40人": "metric"}  # 第3期 is no candidate
    indicator = example.links[0, 0]
    assert "".join(example.window.text[i] for i in np.flatnonzero(indicator)) == "公开招生信息"
    assert "".join(example.window.text[i] for i in np.flatnonzero(example.links[1, 0])) == "全年"
    assert example.linked[:, 0].all()


@pytest.fixture
def corpus():
    reports, paragraphs = zip(*(source(f"x{n}-2021", "~" if n == 0 else "") for n in range(10)), strict=True)
    return Corpus(list(reports), {"train": [p for found in paragraphs for p in found], "dev": [], "test": []})


def settings(**changes):
    return LinearTraining(
        family="linear", name="m", version="1", seed=3, regularisation=1, positive_weight=1, **changes
    )


def test_a_smaller_share_is_part_of_a_larger_one(corpus):
    few = {p.report for p in train_paragraphs(corpus, settings(train_share=0.3))}
    more = {p.report for p in train_paragraphs(corpus, settings(train_share=0.6))}
    assert len(few) == 3
    assert len(more) == 6
    assert few < more


def test_templates_may_be_left_out(corpus):
    assert {p.report for p in train_paragraphs(corpus, settings(templates=False))} == {
        f"x{n}-2021" for n in range(1, 10)
    }


def test_without_context_each_sentence_stands_alone(corpus):
    alone = shown(corpus.paragraphs["train"][:1], settings(context=False))
    assert [len(p.sentences) for p in alone] == [1, 1]
    assert all(p.path == [] and p.section == "unknown" for p in alone)
    for paragraph in alone:
        for mention in paragraph.mentions:
            assert paragraph.text[mention.start : mention.end] == mention.text
    assert [len(p.metrics) for p in alone] == [2, 1]
