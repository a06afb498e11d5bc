"""The linear tagger's features and weights."""

import itertools
import json
from pathlib import Path

import jieba
import numpy as np
import rjieba
from hypothesis import given
from hypothesis import strategies as st

from gongkai.models.linear import FEATURES, Features, load_weights, save_weights
from gongkai.models.store import ModelFolder
from gongkai.pipeline.tagging.base import ParagraphInput

CORPUS = Path(__file__).parents[3] / "corpora" / "disclosure" / "test.jsonl"


def paragraph(text: str, *pieces: tuple[int, int]) -> ParagraphInput:
    return ParagraphInput(text, pieces or ((0, len(text)),), ("一、总体情况",), "overview")


def test_words_are_those_of_jieba():
    cutter = jieba.Tokenizer()
    with CORPUS.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in itertools.islice(lines, 120)]
    for text in texts:
        assert rjieba.cut(text, False) == cutter.lcut(text, HMM=False)


@given(st.text(max_size=40))
def test_any_text_has_features(text):
    rows = Features()([paragraph(text)])
    assert rows.shape == (1, FEATURES)
    assert np.isfinite(rows.data).all()


def test_features_of_a_segment_do_not_depend_on_other_paragraphs():
    text = "全年公开信息30条。受理申请2件。开展培训一次。"
    three = paragraph(text, (0, 10), (10, 17), (17, 24))
    other = paragraph("保障性住房分配结果全部公示。")
    alone = Features()([three])
    among = Features()([other, three, other])[1:4]
    assert (alone != among).nnz == 0


def test_what_stands_before_is_a_feature():
    same = "该项工作已完成。"
    first, second = (
        Features()([paragraph(before + same, (0, len(before)), (len(before), len(before) + len(same)))])[1]
        for before in ("扶贫资金全部公示。", "疫情信息每日发布。")
    )
    assert (first != second).nnz > 0


def test_no_paragraphs_have_no_features():
    assert Features()([]).shape == (0, FEATURES)


def test_weights_are_read_back_within_a_step_of_their_scale(tmp_path):
    weights = np.zeros((FEATURES, 2), np.float32)
    weights[[3, 70000]] = [[0.5, -1.0], [0.25, 2.0]]
    save_weights(str(tmp_path / "weights.npz"), weights, np.array([0.1, -0.2], np.float32))
    labels = [("domains", "finance"), ("activities", "training")]
    found, bias = load_weights(ModelFolder(tmp_path, {"labels": labels}))
    assert np.allclose(found, weights, atol=2.0 / 127)
    assert np.allclose(bias, [0.1, -0.2])
