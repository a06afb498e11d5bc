"""Near-duplicate sentences by overlap of character trigrams (Jaccard), over the whole corpus at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

THRESHOLD = 0.8
_SHORTEST = 8  # headings of a few characters repeat in every report and say nothing about copying
_DROP = re.compile(r"[\s\W\d]+")
_BLOCK = 1000


def normalise(sentence: str) -> str:
    """Return a sentence without digits, punctuation and white space: figures do not make a copy an original."""
    return _DROP.sub("", sentence)


def near_duplicates(sentences: Sequence[str], threshold: float = THRESHOLD) -> list[tuple[int, int, float]]:
    """Find pairs of sentences that are nearly the same.

    Args:
        sentences: the texts; those of fewer than eight characters left after normalising are passed over.
        threshold: least Jaccard overlap of the sets of character trigrams.

    Returns:
        (i, j, overlap) with i < j.
    """
    bare = [normalise(s) for s in sentences]
    kept = [i for i, text in enumerate(bare) if len(text) >= _SHORTEST]
    if not kept:
        return []
    grams: dict[str, int] = {}
    rows, columns = [], []
    for row, i in enumerate(kept):
        for gram in {bare[i][k : k + 3] for k in range(len(bare[i]) - 2)}:
            rows.append(row)
            columns.append(grams.setdefault(gram, len(grams)))
    matrix = csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(len(kept), len(grams)))
    sizes = np.asarray(matrix.sum(axis=1)).ravel()
    pairs = []
    for start in range(0, len(kept), _BLOCK):
        shared = (matrix[start : start + _BLOCK] @ matrix.T).tocoo()
        left, right = shared.row + start, shared.col
        overlap = shared.data / (sizes[left] + sizes[right] - shared.data)
        for k in np.flatnonzero((overlap >= threshold) & (left < right)):
            pairs.append((kept[int(left[k])], kept[int(right[k])], float(overlap[k])))
    return pairs
