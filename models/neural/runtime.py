"""Networks at run time: ONNX graphs run by onnxruntime, without torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gongkai.models.neural.batches import Encoded, collate

Floats = NDArray[np.float32]

OUTPUTS = ("labels", "tags", "number_classes", "links")


@dataclass(slots=True)
class Answer:
    """What a network says of one window; logits, in the shapes of its own sentences, characters and numbers.

    Attributes:
        labels: (S, L).
        tags: (C, K), the layers side by side.
        numbers: (M, 3).
        links: (3, M, C).
    """

    labels: Floats
    tags: Floats
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

    def __init__(self, path: Path, reads_tokens: bool, budget: int = 4096, threads: int = 0) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._reads_tokens = reads_tokens
        self._budget = budget

    def __call__(self, windows: Sequence[Encoded]) -> list[Answer]:
        """Run windows in batches of like length; return the answers in the order given."""
        answers: dict[int, Answer] = {}
        for chosen in self._groups(windows):
            outputs = self._session.run(OUTPUTS, collate([windows[i] for i in chosen], self._reads_tokens))
            for row, i in enumerate(chosen):
                answers[i] = _own(windows[i], *(output[row] for output in outputs))
        return [answers[i] for i in range(len(windows))]

    def _groups(self, windows: Sequence[Encoded]) -> Iterator[list[int]]:
        """Yield the windows of each batch: of like length, and without an encoder also of as many numbers.

        An encoder takes most of the time, so its padding is what counts; without one it is the link head, which reads
        a window once for each number that the batch is padded to.
        """
        kinds: dict[int, list[int]] = {}
        for i, window in enumerate(windows):
            kinds.setdefault(0 if self._reads_tokens else len(window.numbers), []).append(i)
        for members in kinds.values():
            order = sorted(members, key=lambda i: len(windows[i].chars))
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


def _own(window: Encoded, labels: Floats, tags: Floats, numbers: Floats, links: Floats) -> Answer:
    """Cut the padding off."""
    s, c, m = len(window.sentences), len(window.chars), len(window.numbers)
    return Answer(labels[:s], tags[:c], numbers[:m], links[:, :m, :c])
