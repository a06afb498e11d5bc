"""Trains the report network: its batches and losses, and which of its parameters learn at what rate."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gongkai.models.neural.batches import collate
from gongkai.models.neural.network import (
    ConvolutionalBackbone,
    Heads,
    ReportNetwork,
    TransformerBackbone,
)
from gongkai.models.neural.scheme import TAG_LAYERS
from gongkai.training.bucketing import bucketed
from gongkai.training.checkpoint import model_weights
from gongkai.training.config import Convolution, NetworkTraining
from gongkai.training.devices import attention_for, choose_device, half_precision
from gongkai.training.encoders import load_encoder
from gongkai.training.loop import SPEED, Batch, Epoch, Loop
from gongkai.training.losses import Criterion, label_criterion
from gongkai.training.states import backbone_states, padded
from gongkai.training.targets import IGNORED, Example

_JITTER = 40  # characters by which lengths are blurred before windows are grouped, so that batches differ by epoch
_LINK_POSITIVE = 1.5  # weight of characters that belong to a number beside those that do not
_SAMPLE = 40  # windows from which the mean and spread of the encoder's outputs are taken


def build(settings: NetworkTraining, encoder_folder: Path | None, train: Sequence[Example]) -> ReportNetwork:
    """Make the network of a configuration.

    Args:
        settings: the configuration.
        encoder_folder: where the pretrained encoder lies, for a transformer.
        train: the windows to learn from; the label scores begin at the share of the sentences that have each label.
    """
    priors = np.concatenate([e.labels for e in train]).mean(0)
    torch.manual_seed(settings.seed)
    shape = settings.backbone
    backbone: TransformerBackbone | ConvolutionalBackbone
    if isinstance(shape, Convolution):
        backbone = ConvolutionalBackbone(shape.width, shape.dilations, settings.dropout)
    else:
        attention = attention_for(choose_device(settings.device))
        backbone = TransformerBackbone(load_encoder(str(encoder_folder), shape.layers, attention), shape.width)
    network = ReportNetwork(backbone, Heads(shape.width, len(priors), settings.dropout, shape.link_width))
    share = torch.from_numpy(priors).clamp(1e-3, 0.9)
    with torch.no_grad():
        network.heads.bias.copy_((share / (1 - share)).log())
    if settings.start is not None:
        _take_over(network, Path(settings.start))
    elif isinstance(backbone, TransformerBackbone):
        backbone.eval()
        sample = random.Random(settings.seed).sample(train, min(len(train), _SAMPLE))
        backbone.standardise(tensors(sample, tokens=True))
    return network


def _take_over(network: ReportNetwork, folder: Path) -> None:
    """Load the weights of a finished training where name and shape agree."""
    own = network.state_dict()
    found = model_weights(folder)
    network.load_state_dict({n: v for n, v in found.items() if n in own and v.shape == own[n].shape}, strict=False)


class NetworkTrainer:
    """Trains a network epoch by epoch; the :class:`~gongkai.training.loop.Objective` of its loop.

    Args:
        network: the network.
        settings: the configuration.
        train: the windows to learn from.
        folder: where checkpoints are kept; training goes on from the one that stands there.
    """

    def __init__(
        self, network: ReportNetwork, settings: NetworkTraining, train: Sequence[Example], folder: Path
    ) -> None:
        self.weights: dict[str, float] = settings.loss.model_dump()
        self.network = network
        self._settings = settings
        self._train = train
        self._tokens = network.backbone.reads_tokens
        self._states: list[Tensor] | None = None
        self._label_loss = label_criterion(settings.label_loss, sum(e.labels.sum(0) for e in train))
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(settings.only is None or name.startswith(settings.only))
        self._still = not any(parameter.requires_grad for parameter in network.backbone.parameters())
        self.loop = Loop(
            network,
            settings,
            self,
            folder,
            seed=settings.seed,
            groups=_parameter_groups(network, settings),
            frozen=(network.backbone,) if self._still else (),
        )

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.loop.epoch

    def run(
        self,
        after_epoch: Callable[[int, dict[str, float]], None],
        evaluate: Callable[[], Mapping[str, float]] | None = None,
    ) -> None:
        """Train to the last epoch, or to where it is no longer getting better.

        Args:
            after_epoch: is told (epochs done, mean loss of each head, figures on dev and speed).
            evaluate: returns figures on dev.
        """

        def tell(done: Epoch) -> None:
            after_epoch(done.number, done.losses | done.figures | {SPEED: done.items_per_second})

        self.loop.run(evaluate, tell)

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the windows of each batch."""
        lengths = [len(e.inputs.chars) for e in self._train]
        return bucketed(lengths, self._settings.seed, epoch, jitter=_JITTER, budget=self._settings.batch_characters)

    def collate(self, indices: Sequence[int]) -> Batch:
        """Return a batch of windows."""
        items = [self._train[i] for i in indices]
        inputs = tensors(items, self._tokens)
        if self._still:
            states = self._known_states()
            inputs["states"] = padded([states[i] for i in indices], inputs["chars"].shape[1])
        sentences = sum(len(item.labels) for item in items)
        return Batch(inputs, targets(items, inputs), size=sentences, items=sentences)

    def _known_states(self) -> list[Tensor]:
        """Return what the backbone, which stands still, says of all windows."""
        if self._states is None:
            device = self.loop.device
            dtype = half_precision(device, self._settings.precision)
            self._states = backbone_states(self.network, [e.inputs for e in self._train], device, dtype)
            self.loop.train_mode()
        return self._states

    def losses(self, outputs: tuple[Tensor, ...], batch: Batch) -> dict[str, Tensor]:
        """Return the loss of each head."""
        return compute_losses(outputs, batch.targets, batch.inputs, self._label_loss)


def _parameter_groups(network: ReportNetwork, settings: NetworkTraining) -> list[dict[str, Any]]:
    learnt = {n: p for n, p in network.named_parameters() if p.requires_grad}
    pretrained = [p for n, p in learnt.items() if n.startswith("backbone.encoder.")]
    own = [p for n, p in learnt.items() if not n.startswith("backbone.encoder.")]
    groups: list[dict[str, Any]] = [{"params": own, "lr": settings.learning_rate}]
    shape = settings.backbone
    if pretrained and not isinstance(shape, Convolution):
        groups.append({"params": pretrained, "lr": shape.learning_rate})
    return groups


def tensors(items: Sequence[Example], tokens: bool) -> dict[str, Tensor]:
    """Return the inputs of a batch of windows."""
    return {name: torch.from_numpy(array) for name, array in collate([e.inputs for e in items], tokens).items()}


def targets(items: Sequence[Example], inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return what the heads should say of a batch, padded like its inputs."""
    batch, characters = inputs["chars"].shape
    sentences, numbers = inputs["sentences"].shape[1], inputs["numbers"].shape[1]
    labels = items[0].labels.shape[1]
    out = {
        "labels": torch.zeros(batch, sentences, labels),
        "told": torch.zeros(batch, sentences),
        "tags": torch.full((batch, characters, len(TAG_LAYERS)), IGNORED),
        "numbers": torch.full((batch, numbers), IGNORED),
        "links": torch.zeros(batch, 3, numbers, characters),
        "linked": torch.zeros(batch, 3, numbers),
    }
    for row, item in enumerate(items):
        s, m, c = len(item.labels), len(item.numbers), len(item.inputs.chars)
        out["labels"][row, :s] = torch.from_numpy(item.labels)
        out["told"][row, :s] = 1
        out["tags"][row, :c] = torch.from_numpy(item.tags)
        out["numbers"][row, :m] = torch.from_numpy(item.numbers)
        out["links"][row, :, :m, :c] = torch.from_numpy(item.links)
        out["linked"][row, :, :m] = torch.from_numpy(item.linked)
    return out


def compute_losses(
    outputs: tuple[Tensor, ...], wanted: dict[str, Tensor], inputs: dict[str, Tensor], label_criterion: Criterion
) -> dict[str, Tensor]:
    """Return the loss of each head: labels summed over a sentence, links over a number's characters, means of these."""
    labels, tags, numbers, links = (output.float() for output in outputs[:4])
    window, which = outputs[4][1:].unbind(-1)
    binary = nn.functional.binary_cross_entropy_with_logits
    label_loss = label_criterion(labels, wanted["labels"]).sum(-1) * wanted["told"]
    tag_loss = labels.new_zeros(())
    at = 0
    for column, width in enumerate(TAG_LAYERS.values()):
        layer = tags[..., at : at + width].flatten(0, 1)
        tag_loss = tag_loss + nn.functional.cross_entropy(
            layer, wanted["tags"][..., column].flatten(), ignore_index=IGNORED
        )
        at += width
    known = wanted["numbers"].flatten() != IGNORED
    number_loss = labels.new_zeros(())
    if known.any():
        number_loss = nn.functional.cross_entropy(numbers.flatten(0, 1)[known], wanted["numbers"].flatten()[known])
    there = (inputs["chars"] > 0).float()[window].unsqueeze(1)
    weight = labels.new_tensor(_LINK_POSITIVE)
    linked = wanted["linked"][window, :, which]  # (P, 3)
    truth = wanted["links"][window, :, which]  # (P, 3, C)
    link_loss = (binary(links[1:], truth, reduction="none", pos_weight=weight) * there).sum(-1)
    return {
        "labels": label_loss.sum() / wanted["told"].sum().clamp(min=1),
        "tags": tag_loss,
        "numbers": number_loss,
        "links": (link_loss * linked).sum() / linked.sum().clamp(min=1),
    }
