"""The words of an indicator chosen from what a network says of each character, and from what the rules propose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gongkai.pipeline.metrics.indicator import MAX_LENGTH, tidy

Floats = NDArray[np.floating]
Span = tuple[int, int]

# Cuts at which the characters of a candidate are taken; the best of the candidates wins, so none is a threshold.
_CUTS = (0.25, 0.35, 0.45, 0.55, 0.65)
_GAP = 2  # characters of a word's inside that may be taken although each alone scores low
_GAP_SCORE = 0.12
_MARKS = frozenset("，。；：、！？,;:!?（）()【】[]\n｜ \t")


@dataclass(frozen=True, slots=True)
class Choice:
    """An indicator, the spans of the window it was put together from, and its expected agreement with an annotator's.

    ``spans`` is empty where the rules' proposal won.
    """

    text: str
    spans: tuple[Span, ...]
    score: float


def choose(text: str, scores: Floats, numbers: Sequence[Span], proposal: str | None) -> Choice | None:
    """Choose the indicator of a number.

    Candidates are the characters above several cuts, and the rules' proposal. Each is scored by its expected Dice
    overlap with the true characters, ``2 * sum(p in it) / (size of it + sum(p))``.

    Args:
        text: the window.
        scores: (C,) probability of each character to belong to the indicator.
        numbers: (start, end) of all numbers of the window; their characters are never taken.
        proposal: the indicator by rules, or None.

    Returns:
        The best candidate, or None where nothing speaks for any.
    """
    scores = np.array(scores, dtype=np.float64)
    for start, end in numbers:
        scores[start:end] = 0
    near = np.flatnonzero(scores >= _GAP_SCORE).tolist()
    for at in near:
        if text[at] in _MARKS:
            scores[at] = 0
    total = float(scores.sum())
    each: list[float] = scores.tolist()  # plain floats: arrays cost more than they save on stretches this short
    found: dict[str, Choice] = {}
    for cut in _CUTS:
        spans = _within_limit(_runs(each, near, cut), each)
        words = tidy("".join(text[a:b] for a, b in spans))
        if words and words not in found:
            inside = sum(sum(each[a:b]) for a, b in spans)
            found[words] = Choice(words, tuple(spans), 2 * inside / (len(words) + total))
    if proposal and proposal not in found:
        inside = _best_match(proposal, text, each, near)
        found[proposal] = Choice(proposal, (), 2 * inside / (len(proposal) + total))
    return max(found.values(), key=lambda choice: choice.score, default=None)


def _best_match(words: str, text: str, scores: Sequence[float], near: Sequence[int]) -> float:
    """Return the most that the characters of given words can score, each character of the text used once."""
    places: dict[str, list[float]] = {}
    for at in near:
        places.setdefault(text[at], []).append(scores[at])
    for found in places.values():
        found.sort()
    return sum(places[char].pop() for char in words if places.get(char))


def _runs(scores: Sequence[float], near: Sequence[int], cut: float) -> list[Span]:
    """Return the runs of characters above a cut, small gaps inside a word closed; ``near`` holds all that may count."""
    runs: list[Span] = []
    for at in near:
        if scores[at] < cut:
            continue
        if runs and _joins(scores, runs[-1][1], at):
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _joins(scores: Sequence[float], end: int, at: int) -> bool:
    """Whether a run that ends at ``end`` goes on at ``at``."""
    return at == end or (at - end <= _GAP and all(score >= _GAP_SCORE for score in scores[end:at]))


def _within_limit(runs: list[Span], scores: Sequence[float]) -> list[Span]:
    """Drop the weakest runs of an indicator that would be too long; of the last one its end is kept, for the head."""
    kept = list(runs)
    while len(kept) > 1 and sum(b - a for a, b in kept) > MAX_LENGTH:
        kept.remove(min(kept, key=lambda run: sum(scores[run[0] : run[1]]) / (run[1] - run[0])))
    return [(max(a, b - MAX_LENGTH), b) for a, b in kept]


def best_run(scores: Floats, cut: float, longest: int) -> Span | None:
    """Return the run of characters that scores most in sum, for a period or scope; None where none is above the cut."""
    each = scores.tolist()
    near = np.flatnonzero(scores >= cut).tolist()
    runs = [run for run in _runs(each, near, cut) if run[1] - run[0] <= longest]
    return max(runs, key=lambda run: sum(each[run[0] : run[1]]), default=None)
