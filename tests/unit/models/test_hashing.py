"""Hashed n-grams: one column for one n-gram wherever it stands, and what scikit-learn's hasher would count."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from gongkai.models.hashing import Texts, unit_rows

COLUMNS = 2**17
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def ngrams(texts: list[str], sizes: range) -> list[list[int]]:
    hashed = Texts(texts)
    rows, starts, ends = hashed.characters(sizes)
    matrix = unit_rows(rows, hashed.columns(starts, ends, COLUMNS), (len(texts), COLUMNS))
    return [sorted(matrix[i].indices.tolist()) for i in range(len(texts))]


@given(st.lists(TEXT, min_size=1, max_size=6))
def test_a_row_does_not_depend_on_its_neighbours(texts):
    assert ngrams(texts, range(1, 4)) == [ngrams([text], range(1, 4))[0] for text in texts]


def test_as_many_columns_as_there_are_distinct_ngrams():
    texts = ["全年公开信息三十条，公开信息全年不断", "依申请公开", "", "公"]
    counted = CountVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False, binary=True).fit_transform(texts)
    assert [len(columns) for columns in ngrams(texts, range(1, 4))] == counted.sum(1).A1.tolist()


def test_like_stretches_share_a_column_and_others_do_not():
    hashed = Texts(["政府信息", "公开政府", "府政"])
    at = np.array([0, 6, 8]), np.array([2, 8, 10])  # 政府, 政府, 府政
    first, second, turned = hashed.columns(*at, COLUMNS)
    assert first == second != turned


def test_columns_are_spread_evenly():
    numbers = [f"{i:05}" for i in range(20000)]
    hashed = Texts(numbers)
    starts = np.arange(20000) * 5
    counts = np.bincount(hashed.columns(starts, starts + 5, 1024), minlength=1024)
    assert counts.shape == (1024,)
    assert counts.std() < 1.3 * np.sqrt(counts.mean())  # as chance would have it


def test_rows_have_length_one():
    matrix = unit_rows(np.array([0, 0, 2, 2, 2]), np.array([5, 5, 1, 2, 3]), (4, 8))
    assert np.allclose(np.sqrt(matrix.multiply(matrix).sum(1)).A1, [1, 0, 1, 0])
    assert matrix[0].indices.tolist() == [5]
