"""The linear tagger: hashed character and word n-grams of a segment and of what stands around it, one line a label.

No training state is kept but the weights: features are hashed (Weinberger et al. 2009), so there is no vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import rjieba
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from gongkai.models.decisions import Decisions, from_json
from gongkai.models.hashing import Texts, unit_rows
from gongkai.models.neural.windows import headings_of
from gongkai.models.store import ModelFolder
from gongkai.pipeline.tagging.base import ParagraphInput, SegmentLabels

WEIGHTS = "weights.npz"
# (what of the context, share of its weight beside the segment's own features)
_CHARACTERS, _WORDS, _CONTEXT = 2**17, 2**17, 2**16
_OWN_SIZES, _CONTEXT_SIZES = range(1, 5), range(2, 4)  # of n-grams, in characters
_HEADING_WEIGHT, _BEFORE_WEIGHT = 0.5, 0.35
FEATURES = _CHARACTERS + _WORDS + 2 * _CONTEXT


class Features:
    """Turns segments into sparse rows of ``FEATURES`` columns, from their own text and from what stands around it."""

    def __call__(self, paragraphs: Iterable[ParagraphInput]) -> csr_matrix:
        """Return a row for each segment of the paragraphs, in order."""
        own, above, before = [], [], []
        for paragraph in paragraphs:
            pieces = [_plain(paragraph.text[a:b]) for a, b in paragraph.segments]
            headings = _plain(headings_of(paragraph))
            for k, piece in enumerate(pieces):
                own.append(piece)
                above.append(headings)
                before.append(f"{pieces[0] if k > 1 else ''} {pieces[k - 1] if k else ''}")
        # Headings repeat from segment to segment: hash each once.
        distinct = {text: i for i, text in enumerate(dict.fromkeys(above))}
        texts = Texts(own)
        return hstack(
            [
                _character_rows(texts, _OWN_SIZES, _CHARACTERS),
                _word_rows(texts, own),
                _HEADING_WEIGHT
                * _character_rows(Texts(list(distinct)), _CONTEXT_SIZES, _CONTEXT)[[distinct[text] for text in above]],
                _BEFORE_WEIGHT * _character_rows(Texts(before), _CONTEXT_SIZES, _CONTEXT),
            ],
            format="csr",
            dtype=np.float32,
        )


def _plain(text: str) -> str:
    """Return a text in lower case, lone surrogates as replacement characters: the word cutter takes none."""
    return text.lower().encode("utf-32-le", "surrogatepass").decode("utf-32-le", "replace")


def _character_rows(texts: Texts, sizes: range, columns: int) -> csr_matrix:
    rows, starts, ends = texts.characters(sizes)
    return unit_rows(rows, texts.columns(starts, ends, columns), (texts.rows, columns))


def _word_rows(texts: Texts, own: Sequence[str]) -> csr_matrix:
    """Return rows of words and pairs of neighbouring words, each kind in a half of the columns."""
    # jieba's own cutter gives the same words in thirty times the time, see tests/unit/models/test_linear.py.
    words = [rjieba.cut(text, False) for text in own]
    rows = np.repeat(np.arange(len(own)), [len(found) for found in words])
    ends = np.cumsum(np.fromiter(map(len, chain.from_iterable(words)), np.int64, len(rows)))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    pairs = np.flatnonzero(rows[:-1] == rows[1:])
    half = _WORDS // 2
    return unit_rows(
        np.concatenate([rows, rows[pairs]]),
        np.concatenate([texts.columns(starts, ends, half), half + texts.columns(starts[pairs], ends[pairs + 1], half)]),
        (len(own), _WORDS),
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
