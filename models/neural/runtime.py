"""Networks at run time: ONNX graphs run by onnxruntime, without torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gongkai.models.neural.batches import Encoded, collate
from gongkai.models.neural.scheme import LINKS

Floats = NDArray[np.float32]

# What a graph answers; one that is asked for metrics only leaves the labels out.
LABELS, METRICS = ("labels",), ("number_classes", "links", "linked")
_NOT_LINKED = -30.0  # the logit of a number that the graph did not link, for it is hardly a metric


@dataclass(slots=True)
class Answer:
    """What a network says of one window; logits, in the shapes of its own sentences, numbers and characters.

    Attributes:
        labels: (S, L); (S, 0) of a graph that answers none.
        numbers: (M, 3).
        links: (3, M, C).
    """

    labels: Floats
    numbers: Floats
    links: Floats


class Network:
    """An ONNX graph of a network.

    Args:
        path: the graph.
        reads_tokens: whether it takes an encoder's tokens.
        budget: characters of a batch, padding included; bounds the memory.
        threads: of one run; 0 takes all cores.
    """

    def __init__(self, path: Path, reads_tokens: bool, budget: int = 2048, threads: int = 0) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._inputs = {taken.name for taken in self._session.get_inputs()}
        self._outputs = [given.name for given in self._session.get_outputs()]
        self._reads_tokens = reads_tokens
        self._budget = budget

    def __call__(self, windows: Sequence[Encoded]) -> list[Answer]:
        """Run windows in batches of like length; return the answers in the order given."""
        answers: dict[int, Answer] = {}
        for chosen in self._groups(windows):
            inputs = collate([windows[i] for i in chosen], self._reads_tokens)
            taken = {name: array for name, array in inputs.items() if name in self._inputs}
            told = dict(zip(self._outputs, self._session.run(self._outputs, taken), strict=True))
            labels = told.get("labels", np.zeros((*inputs["sentences"].shape[:2], 0), np.float32))
            for row, i in enumerate(chosen):
                answers[i] = _own(windows[i], labels[row], told["number_classes"][row])
            for scores, (row, number) in zip(told["links"][1:], told["linked"][1:].tolist(), strict=True):
                own = answers[chosen[row]].links
                own[:, number] = scores[:, : own.shape[2]]
        return [answers[i] for i in range(len(windows))]

    def _groups(self, windows: Sequence[Encoded]) -> Iterator[list[int]]:
        """Yield the windows of each batch, of like length, for padding costs as much as text."""
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].chars))
        for group in batches([len(windows[i].chars) for i in order], self._budget):
            yield [order[i] for i in group]


def batches(lengths: Sequence[int], budget: int) -> list[range]:
    """Group sorted lengths so that each group, padded to its longest, stays within a budget (or holds one item)."""
    groups, start = [], 0
    for i, length in enumerate(lengths):
        if i > start and length * (i - start + 1) > budget:
            groups.append(range(start, i))
            start = i
    if lengths:
        groups.append(range(start, len(lengths)))
    return groups


def _own(window: Encoded, labels: Floats, numbers: Floats) -> Answer:
    """Cut the padding off; no number is linked yet."""
    s, c, m = len(window.sentences), len(window.chars), len(window.numbers)
    return Answer(labels[:s], numbers[:m], np.full((len(LINKS), m, c), _NOT_LINKED, np.float32))
