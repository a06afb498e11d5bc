"""Hashed n-grams of many texts at once, in arrays (the hashing trick: Weinberger et al. 2009, arXiv:0902.2206).

scikit-learn's HashingVectorizer makes a Python string of every n-gram; here the hash of any stretch of text comes from
two entries of a running sum, so that a report takes a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Ints = NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 2**64)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # of splitmix64


class Texts:
    """Texts as one array of code points, ready to have any of their stretches hashed.

    Args:
        texts: the texts, each a row of what comes out; without lone surrogates.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.rows = len(texts)
        self.ends = np.fromiter(accumulate(map(len, texts)), np.int64, len(texts))
        self.starts = np.concatenate([[0], self.ends[:-1]]).astype(np.int64)
        codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.uint64)
        self._sums = np.concatenate([[np.uint64(0)], np.cumsum(codes * _powers(_BASE, len(codes)))])
        self._shifts = _powers(_INVERSE, len(codes) + 1)

    def characters(self, sizes: range) -> tuple[Ints, Ints, Ints]:
        """Return (row, start, end) of every character n-gram of these sizes that lies within one text."""
        row = np.repeat(np.arange(self.rows), self.ends - self.starts)
        place = np.arange(len(row))
        found = [(row[inside], place[inside], place[inside] + n) for n in sizes for inside in [self._room(row, n)]]
        rows, starts, ends = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return rows, starts, ends

    def _room(self, row: Ints, size: int) -> Ints:
        return np.flatnonzero(np.arange(len(row)) + size <= self.ends[row])

    def columns(self, starts: Ints, ends: Ints, size: int) -> Ints:
        """Return the column (0 … size - 1, size a power of two) of each stretch; like stretches share a column."""
        value = (self._sums[ends] - self._sums[starts]) * self._shifts[starts] + (ends - starts).astype(np.uint64)
        value = (value ^ (value >> np.uint64(30))) * _MIX[0]
        value = (value ^ (value >> np.uint64(27))) * _MIX[1]
        return (value >> np.uint64(65 - size.bit_length())).astype(np.int64)


def unit_rows(rows: Ints, columns: Ints, shape: tuple[int, int]) -> csr_matrix:
    """Return a matrix with a 1 for each column a row has, its rows scaled to length 1; repeated pairs count once."""
    cells = np.sort(rows * shape[1] + columns)  # np.unique takes five times as long: it hashes
    cells = cells[np.diff(cells, prepend=-1) > 0]
    rows, columns = np.divmod(cells, shape[1])
    counts = np.bincount(rows, minlength=shape[0])
    data = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    return csr_matrix((data, columns, np.concatenate([[0], np.cumsum(counts)])), shape=shape)


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    """Return base**0, base**1, … modulo 2**64."""
    powers = np.full(count, base, np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)
