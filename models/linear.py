"""The linear tagger: hashed character and word n-grams of a segment and of what stands around it, one line a label.

No training state is kept but the weights: features are hashed (Weinberger et al. 2009), so there is no vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

from gongkai.models.decisions import Decisions, from_json
from gongkai.models.neural.windows import headings_of
from gongkai.models.store import ModelFolder
from gongkai.pipeline.tagging.base import ParagraphInput, SegmentLabels

if TYPE_CHECKING:
    import jieba

WEIGHTS = "weights.npz"
# (what of the context, share of its weight beside the segment's own features)
_CHARACTERS, _WORDS, _CONTEXT = 2**17, 2**17, 2**16
_HEADING_WEIGHT, _BEFORE_WEIGHT = 0.5, 0.35
FEATURES = _CHARACTERS + _WORDS + 2 * _CONTEXT


@lru_cache(maxsize=1)
def _cutter() -> jieba.Tokenizer:
    """Return a word cutter of our own: the one of the module is shared by all who add words to it."""
    import jieba

    jieba.setLogLevel(60)
    cutter = jieba.Tokenizer()
    cutter.initialize()
    return cutter


def _words(text: str) -> list[str]:
    found = _cutter().lcut(text, HMM=False)
    return found + [f"{a}|{b}" for a, b in pairwise(found)]


def _hasher(size: int, **settings: object) -> HashingVectorizer:
    return HashingVectorizer(n_features=size, alternate_sign=False, binary=True, norm="l2", **settings)


class Features:
    """Turns segments into sparse rows of ``FEATURES`` columns."""

    def __init__(self) -> None:
        self._characters = _hasher(_CHARACTERS, analyzer="char", ngram_range=(1, 4))
        self._words = _hasher(_WORDS, analyzer=_words)
        self._context = _hasher(_CONTEXT, analyzer="char", ngram_range=(2, 3))

    def __call__(self, paragraphs: Iterable[ParagraphInput]) -> csr_matrix:
        """Return a row for each segment of the paragraphs, in order."""
        own, above, before = [], [], []
        for paragraph in paragraphs:
            pieces = [paragraph.text[a:b] for a, b in paragraph.segments]
            headings = headings_of(paragraph)
            for k, piece in enumerate(pieces):
                own.append(piece)
                above.append(headings)
                before.append(f"{pieces[0] if k > 1 else ''} {pieces[k - 1] if k else ''}")
        if not own:
            return csr_matrix((0, FEATURES), dtype=np.float32)
        # Headings repeat from segment to segment: hash each once.
        distinct = {text: i for i, text in enumerate(dict.fromkeys(above))}
        headings_rows = self._context.transform(list(distinct))[[distinct[text] for text in above]]
        return hstack(
            [
                self._characters.transform(own),
                self._words.transform(own),
                _HEADING_WEIGHT * headings_rows,
                _BEFORE_WEIGHT * self._context.transform(before),
            ],
            format="csr",
            dtype=np.float32,
        )


class LinearTagger:
    """Labels segments by a linear model. Implements :class:`gongkai.pipeline.tagging.base.Tagger`.

    Args:
        model: a folder of family ``linear``.
        min_score, candidates: see :class:`gongkai.models.decisions.Decisions`.
    """

    def __init__(self, model: ModelFolder, min_score: float = 0.0, candidates: float | None = None) -> None:
        self.name = model.name
        self._weights, self._bias = load_weights(model)
        self._decisions: Decisions = from_json(model.labels, model.config["decisions"])
        self._features = Features()
        self._min_score = min_score
        self._candidates = candidates

    def predict(self, paragraphs: Sequence[ParagraphInput]) -> list[list[SegmentLabels]]:
        """Label the segments of reports."""
        logits = self._features(paragraphs) @ self._weights + self._bias
        rows = iter(self._decisions.probabilities(logits))
        keep = self._decisions.keep
        return [[keep(next(rows), self._min_score, self._candidates) for _ in p.segments] for p in paragraphs]


def save_weights(path: str, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """Write weights (``FEATURES``, L) and bias (L,) as 8-bit integers with one scale a label.

    Rows that are all zero, for no training text has their feature, are left out.
    """
    scale = np.maximum(np.abs(weights).max(0), 1e-9) / 127
    packed = np.rint(weights / scale).astype(np.int8)
    rows = np.flatnonzero(packed.any(1)).astype(np.int32)
    np.savez_compressed(path, rows=rows, weights=packed[rows], scale=scale.astype(np.float32), bias=bias)


def load_weights(model: ModelFolder) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights (``FEATURES``, L) and bias (L,)."""
    with np.load(model.path(WEIGHTS), allow_pickle=False) as arrays:
        weights = np.zeros((FEATURES, len(model.labels)), np.float32)
        weights[arrays["rows"]] = arrays["weights"] * arrays["scale"]
        return weights, arrays["bias"]
