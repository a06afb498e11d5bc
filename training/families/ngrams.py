"""Sparse features of texts by scikit-learn's own vectorisers, kept as JSON and arrays and built again from these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

from gongkai.training.families.sklearn_config import Ngrams
from gongkai.training.tasks.dataset import Item


def cut_words(text: str) -> list[str]:
    """Return the words of a text as jieba cuts them, white space left out."""
    import rjieba  # its dictionary takes a moment to load, and most configurations want no words

    return [word for word in rjieba.cut(text, False) if word.strip()]


class Features:
    """Makes a row of features of each text.

    Args:
        parts: the kinds of features, one behind the other.
        terms: of each kind its n-grams in their order, None where they are hashed; None before :meth:`fit`.
        idf: of each kind the weights of these.
    """

    def __init__(
        self,
        parts: Sequence[Ngrams],
        terms: Sequence[list[str] | None] | None = None,
        idf: Sequence[NDArray[np.float64] | None] | None = None,
    ):
        self.parts = tuple(parts)
        self._vectorisers = [_vectoriser(p, None if terms is None else terms[k]) for k, p in enumerate(parts)]
        for vectoriser, weights in zip(self._vectorisers, idf or (), strict=False):
            if weights is not None:
                vectoriser.idf_ = weights

    def fit(self, items: Sequence[Item]) -> csr_matrix:
        """Settle the n-grams and return the rows of these texts.

        Raises:
            ValueError: there is no n-gram of a kind in the texts.
        """
        return self._rows(
            [v.fit_transform(_texts(items, p)) for v, p in zip(self._vectorisers, self.parts, strict=True)]
        )

    def __call__(self, items: Sequence[Item]) -> csr_matrix:
        """Return (N, F): the rows of texts."""
        return self._rows([v.transform(_texts(items, p)) for v, p in zip(self._vectorisers, self.parts, strict=True)])

    @property
    def terms(self) -> list[list[str] | None]:
        """Of each kind its n-grams in their order; None where they are hashed."""
        return [
            v.get_feature_names_out().tolist() if isinstance(v, TfidfVectorizer) else None for v in self._vectorisers
        ]

    @property
    def idf(self) -> list[NDArray[np.float64] | None]:
        """Of each kind the weights of its n-grams; None where they are hashed."""
        return [v.idf_ if isinstance(v, TfidfVectorizer) else None for v in self._vectorisers]

    def _rows(self, blocks: Sequence[csr_matrix]) -> csr_matrix:
        return csr_matrix(blocks[0]) if len(blocks) == 1 else hstack(blocks, format="csr")


def _texts(items: Sequence[Item], part: Ngrams) -> list[str]:
    return [item.text if part.field == "text" else item.context for item in items]


def _vectoriser(part: Ngrams, terms: list[str] | None) -> Any:
    common: dict[str, Any] = {"ngram_range": part.ngrams, "dtype": np.float64}
    common |= (
        {"analyzer": "char"}
        if part.unit == "characters"
        else {"analyzer": "word", "tokenizer": cut_words, "token_pattern": None}
    )
    if part.vectoriser == "hashing":
        # No signs: naive Bayes takes no negative counts, and with this many buckets they change little.
        return HashingVectorizer(n_features=part.buckets, alternate_sign=False, **common)
    if terms is not None:
        return TfidfVectorizer(vocabulary=terms, sublinear_tf=part.sublinear, **common)
    return TfidfVectorizer(min_df=part.min_texts, max_features=part.max_features, sublinear_tf=part.sublinear, **common)
