"""Spans as tags of units and back: BIOES (begin, inside, outside, end, single), in as few layers as overlaps ask for.

Labels whose spans never overlap share one layer of tags, so that a unit belongs to one of them at most; where spans of
two labels overlap or nest in the train split, the labels are put into different layers, each decided on its own. Of two
overlapping spans of the same label, or of labels that only overlap outside the train split, the longer one is learnt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gongkai.training.tasks.dataset import Item, Span

Ints = NDArray[np.int64]
Floats = NDArray[np.floating]
Layer = tuple[str, ...]

IGNORED = -100
_B, _I, _E, _S = range(4)  # the tags of label k of a layer are 1 + 4 * k + these; 0 is outside


def tag_layers(labels: Sequence[str], items: Iterable[Item]) -> tuple[Layer, ...]:
    """Share labels out to layers so that those whose spans overlap are apart.

    Args:
        labels: the label set.
        items: of the train split.
    """
    apart: set[tuple[str, str]] = set()
    for item in items:
        open_: list[Span] = []
        for span in sorted(item.spans):
            open_ = [other for other in open_ if other.end > span.start]
            apart.update((span.label, other.label) for other in open_ if other.label != span.label)
            open_.append(span)
    layers: list[list[str]] = []
    for label in labels:
        free = (x for x in layers if not any((label, y) in apart or (y, label) in apart for y in x))
        layer = next(free, None)
        if layer is None:
            layers.append([label])
        else:
            layer.append(label)
    return tuple(map(tuple, layers))


def tag_count(layer: Layer) -> int:
    """Return how many tags a layer has."""
    return 1 + 4 * len(layer)


def tags_of(spans: Iterable[Span], units: Ints, layers: Sequence[Layer]) -> Ints:
    """Return (U, layers) tags.

    Args:
        spans: of a text.
        units: (U, 2) start and end of all of its units, in order.
        layers: of labels.
    """
    tags = np.zeros((len(units), len(layers)), np.int64)
    place = {label: (column, 1 + 4 * k) for column, layer in enumerate(layers) for k, label in enumerate(layer)}
    for span in sorted(spans, key=lambda x: (x.start - x.end, x.start)):
        if span.label not in place:
            continue
        # A span that begins or ends inside a unit takes all of it.
        first = int(np.searchsorted(units[:, 1], span.start, side="right"))
        last = int(np.searchsorted(units[:, 0], span.end, side="left"))
        column, base = place[span.label]
        if first >= last or tags[first:last, column].any():
            continue
        tags[first:last, column] = base + _I
        tags[first, column], tags[last - 1, column] = base + _B, base + _E
        if last - first == 1:
            tags[first, column] = base + _S
    return tags


def spans_of(logits: Floats, units: Ints, layers: Sequence[Layer]) -> tuple[Span, ...]:
    """Return the spans of the likeliest tags that make whole spans.

    Args:
        logits: (U, sum of the layers' tag counts).
        units: (U, 2) start and end of the units, in order.
        layers: of labels.
    """
    found: list[Span] = []
    at = 0
    for layer in layers:
        tags = _best_path(logits[:, at : at + tag_count(layer)].astype(np.float64))
        at += tag_count(layer)
        start = 0
        for unit, tag in enumerate(tags):
            kind = (tag - 1) % 4
            if tag and kind in (_B, _S):
                start = unit
            if tag and kind in (_E, _S):
                found.append(Span(int(units[start, 0]), int(units[unit, 1]), layer[(tag - 1) // 4]))
    return tuple(sorted(found))


def _best_path(scores: Floats) -> list[int]:
    """Return the tags with the highest sum of scores among those that make whole spans (Viterbi)."""
    plain: Ints = scores.argmax(1)
    if _is_whole(plain):
        return plain.tolist()
    count, tags = scores.shape
    inner = np.arange(tags)
    kind = (inner - 1) % 4
    opens = (inner == 0) | (kind == _B) | (kind == _S)  # follow a tag that ends
    ends = (inner == 0) | (kind == _E) | (kind == _S)
    begin = np.where(opens, inner, (inner - 1) // 4 * 4 + 1 + _B)
    inside = np.minimum(begin + (_I - _B), tags - 1)
    total = np.where(opens, scores[0], -np.inf)
    before = np.zeros((count, tags), np.int64)
    for t in range(1, count):
        ended = int(np.where(ends, total, -np.inf).argmax())
        within = np.where(total[begin] >= total[inside], begin, inside)
        before[t] = np.where(opens, ended, within)
        total = total[before[t]] + scores[t]
    path = [int(np.where(ends, total, -np.inf).argmax())]
    for t in range(count - 1, 0, -1):
        path.append(int(before[t, path[-1]]))
    return path[::-1]


def _is_whole(tags: Ints) -> bool:
    """Tell whether tags make whole spans."""
    if len(tags) == 0:
        return True
    kind = np.where(tags == 0, _S, (tags - 1) % 4)
    label = np.where(tags == 0, -1, (tags - 1) // 4)
    goes_on = (kind == _B) | (kind == _I)  # asks for I or E of the same label next
    comes_in = (kind == _I) | (kind == _E)
    return bool(
        not comes_in[0]
        and not goes_on[-1]
        and (goes_on[:-1] == comes_in[1:]).all()
        and ((label[:-1] == label[1:]) | ~goes_on[:-1]).all()
    )
