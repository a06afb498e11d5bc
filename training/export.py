"""Writes a trained network as an ONNX graph, in floats or 8-bit integers, and checks it against torch."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gongkai.models.neural.network import ReportNetwork
from gongkai.models.neural.runtime import LABELS, METRICS, Network
from gongkai.training.network import tensors
from gongkai.training.targets import Example

GRAPH = "network.onnx"
_AXES = {
    "chars": {0: "batch", 1: "characters"},
    "places": {0: "batch", 1: "characters"},
    "marks": {0: "batch", 1: "characters"},
    "sentences": {0: "batch", 1: "sentences"},
    "numbers": {0: "batch", 1: "numbers"},
    "tokens": {0: "batch", 1: "tokens"},
    "token_mask": {0: "batch", 1: "tokens"},
    "token_of": {0: "batch", 1: "characters"},
    "labels": {0: "batch", 1: "sentences"},
    "number_classes": {0: "batch", 1: "numbers"},
    "links": {0: "pairs", 2: "characters"},
    "linked": {0: "pairs"},
}


class _Positional(nn.Module):
    """A network whose inputs are positional, as exporters want them, without what is learnt but never asked: the tags.

    Args:
        network: the network.
        names: of the inputs.
        labels: whether labels are asked.
    """

    def __init__(self, network: ReportNetwork, names: Sequence[str], labels: bool) -> None:
        super().__init__()
        self.network = network
        self.names = names
        self.labels = labels

    def forward(self, *inputs: Tensor) -> Any:
        labels, _, *others = self.network(dict(zip(self.names, inputs, strict=True)))
        return (labels, *others) if self.labels else tuple(others)


def export(network: ReportNetwork, example: Sequence[Example], folder: Path, *, int8: bool, labels: bool) -> Path:
    """Write a network as ONNX.

    Args:
        network: the trained network.
        example: a few windows to trace it with.
        folder: gets the graph.
        int8: quantise the matrices of the graph dynamically: weights to 8-bit integers by channel, activations as
            they come (Jacob et al. 2018). Embeddings and the small heads stay in floats or are packed by row.
        labels: whether the graph answers labels; metrics it always does.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network.eval()
    inputs = tensors(example, network.backbone.reads_tokens)
    outputs = (LABELS if labels else ()) + METRICS
    axes = {name: _AXES[name] for name in (*inputs, *outputs)}
    with tempfile.TemporaryDirectory() as scratch:
        plain, packed = Path(scratch) / "plain.onnx", Path(scratch) / "packed.onnx"
        with torch.no_grad():
            torch.onnx.export(
                _Positional(network, list(inputs), labels),
                tuple(inputs.values()),
                str(plain),
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_axes=axes,
                opset_version=17,
                dynamo=False,
            )
        if int8:
            quantize_dynamic(
                plain,
                packed,
                per_channel=True,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=["MatMul", "Gather"],
                extra_options={"MatMulConstBOnly": True},
            )
        _fuse(packed if int8 else plain, folder / GRAPH)
    return folder / GRAPH


def _fuse(source: Path, target: Path) -> None:
    """Let onnxruntime fuse what belongs together now: done at every start it would take a quarter of a second."""
    from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions

    options = SessionOptions()
    # The level above would fit the graph to the machine it was exported on.
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 3
    InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def difference(network: ReportNetwork, graph: Path, examples: Sequence[Example]) -> dict[str, float]:
    """Tell how far a graph is from the network it was made of.

    Returns:
        ``{"largest": of all probabilities of labels and classes of numbers, "mean", "flipped": share of decisions at
        one half that differ}``.
    """
    tokens = network.backbone.reads_tokens
    answers = Network(graph, tokens)([e.inputs for e in examples])
    network.eval()
    ours, theirs = [], []
    for example, answer in zip(examples, answers, strict=True):
        with torch.no_grad():
            labels, _, numbers, *_ = network(tensors([example], tokens))
        theirs.append(_probabilities(labels[0, : len(example.labels), : answer.labels.shape[1]], numbers[0]))
        ours.append(_probabilities(torch.from_numpy(answer.labels), torch.from_numpy(answer.numbers)))
        theirs[-1] = theirs[-1][: len(ours[-1])]
    one, other = np.concatenate(ours), np.concatenate(theirs)
    gap = np.abs(one - other)
    return {
        "largest": round(float(gap.max()), 4),
        "mean": round(float(gap.mean()), 6),
        "flipped": round(float(((one >= 0.5) != (other >= 0.5)).mean()), 6),
    }


def _probabilities(labels: Tensor, numbers: Tensor) -> np.ndarray:
    """Return those of labels and of the classes of numbers, one after the other; padding comes last."""
    return torch.cat([labels.sigmoid().flatten(), numbers.softmax(-1).flatten()]).numpy()
