"""Assigning labels to the rows of a form so that the form's order is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anchor:
    """A label found at ``[start, end)`` of the input that may be the form's row number ``row``.

    ``score`` is the similarity of the label plus whatever else speaks for it; ``similarity`` alone is in [0, 1].
    """

    start: int
    end: int
    row: int
    score: float
    similarity: float


def in_order(anchors: Iterable[Anchor], n_rows: int) -> list[Anchor]:
    """Return the best chain of anchors that rises both in the input and in the form.

    Short labels stand several times in a table (其他, 总计 are columns and rows); only their place tells them apart.

    Args:
        anchors: candidates in any order.
        n_rows: number of rows of the form.
    """
    by_start = sorted(anchors, key=lambda a: (a.start, a.end, a.row))
    chains: list[tuple[float, Anchor, int]] = []  # score so far, last anchor, index of the chain before it
    best: list[tuple[float, int]] = [(0.0, -1)] * (n_rows + 1)  # best[r]: best closed chain whose last row is < r
    waiting: list[tuple[int, int]] = []  # (end, chain) of chains whose last label is still open
    for anchor in by_start:
        waiting, closed = _close(waiting, anchor.start)
        for index in closed:
            total, last, _ = chains[index]
            for row in range(last.row + 1, n_rows + 1):
                if total > best[row][0]:
                    best[row] = (total, index)
        score, before = best[anchor.row]
        chains.append((score + anchor.score, anchor, before))
        waiting.append((anchor.end, len(chains) - 1))
    return _trace(chains)


def _close(waiting: list[tuple[int, int]], start: int) -> tuple[list[tuple[int, int]], list[int]]:
    closed = [index for end, index in waiting if end <= start]
    return [item for item in waiting if item[0] > start], closed


def _trace(chains: list[tuple[float, Anchor, int]]) -> list[Anchor]:
    if not chains:
        return []
    at = max(range(len(chains)), key=lambda i: chains[i][0])
    path = []
    while at >= 0:
        _, anchor, at = chains[at]
        path.append(anchor)
    return path[::-1]


def in_any_order(anchors: Iterable[Anchor]) -> list[Anchor]:
    """Return at most one anchor per row and none overlapping, the best scores first served, in input order."""
    taken_rows: set[int] = set()
    kept: list[Anchor] = []
    for anchor in sorted(anchors, key=lambda a: (-a.score, a.start)):
        if anchor.row in taken_rows or any(a.start < anchor.end and anchor.start < a.end for a in kept):
            continue
        taken_rows.add(anchor.row)
        kept.append(anchor)
    return sorted(kept, key=lambda a: a.start)
