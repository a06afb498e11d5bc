"""Writes a trained network as an ONNX graph, in floats or 8-bit integers, and checks it against torch."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gongkai.models.neural.network import ReportNetwork
from gongkai.models.neural.runtime import OUTPUTS, Network
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
    """A network whose inputs are positional, as exporters want them, without the tags: they are learnt, never asked."""

    def __init__(self, network: ReportNetwork, names: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.names = names

    def forward(self, *inputs: Tensor) -> Any:
        labels, _, *others = self.network(dict(zip(self.names, inputs, strict=True)))
        return (labels, *others)


def export(network: ReportNetwork, example: Sequence[Example], folder: Path, int8: bool) -> Path:
    """Write a network as ONNX.

    Args:
        network: the trained network.
        example: a few windows to trace it with.
        folder: gets the graph.
        int8: quantise the matrices of the graph dynamically: weights to 8-bit integers by channel, activations as
            they come (Jacob et al. 2018). Embeddings and the small heads stay in floats or are packed by row.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network.eval()
    inputs = tensors(example, network.backbone.reads_tokens)
    axes = {name: _AXES[name] for name in (*inputs, *OUTPUTS)}
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / GRAPH
        with torch.no_grad():
            torch.onnx.export(
                _Positional(network, list(inputs)),
                tuple(inputs.values()),
                str(plain),
                input_names=list(inputs),
                output_names=list(OUTPUTS),
                dynamic_axes=axes,
                opset_version=17,
                dynamo=False,
            )
        if int8:
            quantize_dynamic(
                plain,
                folder / GRAPH,
                per_channel=True,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=["MatMul", "Gather"],
                extra_options={"MatMulConstBOnly": True},
            )
        else:
            shutil.copyfile(plain, folder / GRAPH)
    return folder / GRAPH


def difference(network: ReportNetwork, graph: Path, examples: Sequence[Example]) -> dict[str, float]:
    """Tell how far a graph is from the network it was made of.

    Returns:
        ``{"largest": of all label probabilities, "mean", "flipped": share of decisions at one half that differ}``.
    """
    tokens = network.backbone.reads_tokens
    answers = Network(graph, tokens)([e.inputs for e in examples])
    network.eval()
    theirs = []
    with torch.no_grad():
        for example in examples:
            labels, *_ = network(tensors([example], tokens))
            theirs.append(labels[0, : len(example.labels)].numpy())
    ours = _probabilities(np.concatenate([a.labels for a in answers]))
    exact = _probabilities(np.concatenate(theirs))
    gap = np.abs(ours - exact)
    return {
        "largest": round(float(gap.max()), 4),
        "mean": round(float(gap.mean()), 6),
        "flipped": round(float(((ours >= 0.5) != (exact >= 0.5)).mean()), 6),
    }


def _probabilities(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))
