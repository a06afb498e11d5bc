"""Trains a network: batches, losses, schedule, checkpoints from which a training goes on as if never interrupted."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gongkai.models.neural.batches import collate
from gongkai.models.neural.dropout import replace_dropout
from gongkai.models.neural.network import (
    ConvolutionalBackbone,
    Heads,
    ReportNetwork,
    TransformerBackbone,
)
from gongkai.models.neural.runtime import batches
from gongkai.models.neural.scheme import TAG_LAYERS
from gongkai.training.config import Convolution, NetworkTraining
from gongkai.training.targets import IGNORED, Example

_JITTER = 40  # characters by which lengths are blurred before windows are grouped, so that batches differ by epoch
_LINK_POSITIVE = 1.5  # weight of characters that belong to a number beside those that do not
_CLIP = 1.0
WEIGHTS = "checkpoint.safetensors"
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
        backbone = TransformerBackbone(load_encoder(str(encoder_folder), shape.layers), shape.width)
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
    found = {n.removeprefix("model."): v for n, v in load_file(folder / WEIGHTS).items() if n.startswith("model.")}
    network.load_state_dict({n: v for n, v in found.items() if n in own and v.shape == own[n].shape}, strict=False)


def load_encoder(folder: str, layers: int) -> nn.Module:
    """Load a pretrained encoder and keep its first layers."""
    from transformers import AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    # "eager" attention: torch's fused kernel takes longer than everything else together on short CPU batches. No
    # dropout on attention: drawing a number for every pair of tokens takes a quarter of a step there.
    encoder: Any = AutoModel.from_pretrained(folder, attn_implementation="eager", attention_probs_dropout_prob=0.0)
    encoder.pooler = None
    encoder.encoder.layer = encoder.encoder.layer[:layers]
    encoder.config.num_hidden_layers = len(encoder.encoder.layer)
    replace_dropout(encoder)
    return encoder


class NetworkTrainer:
    """Trains a network epoch by epoch.

    Args:
        network: the network.
        settings: the configuration.
        train: the windows to learn from.
        folder: where checkpoints are kept; training goes on from the one that stands there.
    """

    def __init__(
        self, network: ReportNetwork, settings: NetworkTraining, train: Sequence[Example], folder: Path
    ) -> None:
        self.network = network
        self.epoch = 0
        self._settings = settings
        self._train = train
        self._weights = folder / WEIGHTS
        self._state = folder / "checkpoint.json"
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(settings.only is None or name.startswith(settings.only))
        # Compiled for the steps only: dev scores and the exported graph come from the network as it is.
        self._forward: Any = torch.compile(network, dynamic=True) if settings.compile else network
        self._steps = len(self._groups(0))
        self._optimizer = torch.optim.AdamW(
            self._parameter_groups(), weight_decay=settings.weight_decay, betas=(0.9, 0.98), fused=True
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._rate)
        if self._state.exists():
            self._resume()

    def run(self, after_epoch: Callable[[int, dict[str, float]], None]) -> None:
        """Train to the last epoch.

        Args:
            after_epoch: is told (epochs done, mean loss of each head).
        """
        while self.epoch < self._settings.epochs:
            torch.manual_seed(self._settings.seed * 1000 + self.epoch)
            losses = self._pass()
            self.epoch += 1
            self._save()
            after_epoch(self.epoch, losses)

    def _pass(self) -> dict[str, float]:
        self.network.train()
        if self._settings.only is not None:
            self.network.backbone.eval()  # what does not learn is not disturbed either
        sums: dict[str, float] = {}
        # The number of groups varies a little from epoch to epoch; the schedule counts on that of the first.
        groups = self._groups(self.epoch)
        for group in groups:
            parts = self._step([self._train[i] for i in group])
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value
        return {name: round(value / len(groups), 4) for name, value in sums.items()}

    def _step(self, items: Sequence[Example]) -> dict[str, float]:
        inputs = tensors(items, self.network.backbone.reads_tokens)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._settings.precision == "bf16"):
            outputs = self._forward(inputs)
        losses = compute_losses(outputs, targets(items, inputs), inputs)
        weights = self._settings.loss
        loss = sum(getattr(weights, name) * value for name, value in losses.items())
        assert isinstance(loss, Tensor)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad()
        return {name: float(value.detach()) for name, value in losses.items()}

    def _groups(self, epoch: int) -> list[list[int]]:
        """Return the windows of each step: alike in length, in an order drawn anew for each epoch."""
        draw = random.Random(self._settings.seed * 1000 + epoch)
        length = {i: len(e.inputs.chars) + draw.random() * _JITTER for i, e in enumerate(self._train)}
        order = sorted(length, key=lambda i: length[i])
        groups = [
            [order[i] for i in group]
            for group in batches([int(length[i]) + 1 for i in order], self._settings.batch_characters)
        ]
        draw.shuffle(groups)
        return groups

    def _parameter_groups(self) -> list[dict[str, Any]]:
        learnt = {n: p for n, p in self.network.named_parameters() if p.requires_grad}
        pretrained = [p for n, p in learnt.items() if n.startswith("backbone.encoder.")]
        own = [p for n, p in learnt.items() if not n.startswith("backbone.encoder.")]
        groups: list[dict[str, Any]] = [{"params": own, "lr": self._settings.learning_rate}]
        shape = self._settings.backbone
        if pretrained and not isinstance(shape, Convolution):
            groups.append({"params": pretrained, "lr": shape.learning_rate})
        return groups

    def _rate(self, step: int) -> float:
        total = self._steps * self._settings.epochs
        rising = max(1, round(self._settings.warmup * total))
        return min((step + 1) / rising, max(0.0, (total - step) / max(1, total - rising)))

    def _save(self) -> None:
        tensors_ = {f"model.{n}": p.contiguous() for n, p in self.network.state_dict().items()}
        for i, state in self._optimizer.state_dict()["state"].items():
            tensors_ |= {f"adam.{i}.{name}": value for name, value in state.items()}
        partial = self._weights.with_suffix(".partial")
        save_file(tensors_, partial)
        partial.replace(self._weights)
        state = {"epoch": self.epoch, "schedule": self._schedule.last_epoch, "settings": self._settings.model_dump()}
        self._state.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")

    def _resume(self) -> None:
        state = json.loads(self._state.read_text(encoding="utf-8"))
        if state["settings"] != json.loads(json.dumps(self._settings.model_dump())):
            return  # another configuration's checkpoint: begin anew
        found = load_file(self._weights)
        self.network.load_state_dict({n.removeprefix("model."): v for n, v in found.items() if n.startswith("model.")})
        adam = self._optimizer.state_dict()
        for name, value in found.items():
            if name.startswith("adam."):
                _, index, key = name.split(".", 2)
                adam["state"].setdefault(int(index), {})[key] = value
        self._optimizer.load_state_dict(adam)
        self.epoch = state["epoch"]
        self._schedule.last_epoch = state["schedule"]
        for group, base in zip(self._optimizer.param_groups, self._schedule.base_lrs, strict=True):
            group["lr"] = base * self._rate(state["schedule"])


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
    outputs: tuple[Tensor, ...], wanted: dict[str, Tensor], inputs: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Return the loss of each head: labels summed over a sentence, links over a number's characters, means of these."""
    labels, tags, numbers, links = (output.float() for output in outputs[:4])
    window, which = outputs[4][1:].unbind(-1)
    binary = nn.functional.binary_cross_entropy_with_logits
    label_loss = binary(labels, wanted["labels"], reduction="none").sum(-1) * wanted["told"]
    tag_loss = torch.zeros(())
    at = 0
    for column, width in enumerate(TAG_LAYERS.values()):
        layer = tags[..., at : at + width].flatten(0, 1)
        tag_loss = tag_loss + nn.functional.cross_entropy(
            layer, wanted["tags"][..., column].flatten(), ignore_index=IGNORED
        )
        at += width
    known = wanted["numbers"].flatten() != IGNORED
    number_loss = torch.zeros(())
    if known.any():
        number_loss = nn.functional.cross_entropy(numbers.flatten(0, 1)[known], wanted["numbers"].flatten()[known])
    there = (inputs["chars"] > 0).float()[window].unsqueeze(1)
    weight = torch.tensor(_LINK_POSITIVE)
    linked = wanted["linked"][window, :, which]  # (P, 3)
    truth = wanted["links"][window, :, which]  # (P, 3, C)
    link_loss = (binary(links[1:], truth, reduction="none", pos_weight=weight) * there).sum(-1)
    return {
        "labels": label_loss.sum() / wanted["told"].sum().clamp(min=1),
        "tags": tag_loss,
        "numbers": number_loss,
        "links": (link_loss * linked).sum() / linked.sum().clamp(min=1),
    }
