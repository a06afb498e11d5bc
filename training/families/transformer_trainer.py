"""What a transformer learns from: batches of a data set, the loss of its task, figures on dev."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gongkai.training.bucketing import bucketed
from gongkai.training.devices import attention_for, choose_device, half_precision, moved
from gongkai.training.encoders import TOKENIZER, encoder_for, layers_of, load_encoder, positions_of
from gongkai.training.families.transformer_config import TransformerTraining
from gongkai.training.families.transformer_model import MODEL, Shape, TransformerModel, decide, origin_of, tokens_of
from gongkai.training.families.transformer_network import LabelHead, TransformerNetwork, collate
from gongkai.training.families.transformer_tags import IGNORED, tag_count, tag_layers, tags_of
from gongkai.training.families.transformer_windows import Special, Window
from gongkai.training.loop import Batch, Loop
from gongkai.training.loop_config import BinaryCrossEntropy, CrossEntropy
from gongkai.training.losses import class_criterion, label_criterion
from gongkai.training.tasks.dataset import Dataset, Item
from gongkai.training.tasks.score import score

_LOSS = "train_loss"
_SAMPLE = 200  # texts from which the mean and spread of the encoder's outputs are taken
_JITTER = 8  # tokens by which lengths are blurred before texts are grouped, so that batches differ by epoch


class TransformerTrainer:
    """Trains a transformer; the :class:`~gongkai.training.loop.Objective` of its loop.

    Args:
        settings: the configuration.
        dataset: the data.
        folder: where checkpoints are kept and the model is written.
        seed: of everything drawn at random.
    """

    def __init__(self, settings: TransformerTraining, dataset: Dataset, folder: Path, seed: int) -> None:
        self.weights = {_LOSS: 1.0}
        self._settings = settings
        self._dataset = dataset
        self._folder = folder
        self._origin = _origin(settings, dataset, seed)
        self._seed = seed
        place = encoder_for(settings.encoder, _scratch(folder))
        self._tokenizer = place / TOKENIZER
        device = choose_device(settings.device)
        self._half = half_precision(device, settings.precision)
        torch.manual_seed(seed)
        encoder = load_encoder(str(place), settings.layers, attention_for(device))
        self._shape = _shape(settings, dataset, place, encoder)
        windows = self._shape.windows(self._tokenizer)
        found = windows(dataset.train)
        self._groups = [(w,) for group in found for w in group] if self._shape.task == "spans" else found
        self._targets = self._told(dataset.train, found)
        network = self._shape.network(encoder).to(device)
        self._model = TransformerModel(network, self._shape, windows)
        self._prepare(network)
        self.loop = Loop(
            network,
            settings.model_validate(self._origin["settings"]),
            self,
            folder,
            seed=seed,
            groups=_parameter_groups(network, settings),
            origin={"seed": seed, "data": dataset.sha256},
        )

    def summary(self) -> str:
        """Return a line on what is trained."""
        parameters = sum(p.numel() for p in self._model.network.parameters())
        many = sum(len(group) for group in self._groups)
        return (
            f"{len(self._dataset.train)} texts in {many} windows, {parameters / 1e6:.1f} M parameters, "
            f"on {self.loop.device.type} in {str(self._half or torch.float32).removeprefix('torch.')}"
        )

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the texts (for spans: windows) of each batch."""
        lengths = [tokens_of(group) for group in self._groups]
        return bucketed(
            lengths,
            self._seed,
            epoch,
            budget=self._settings.batch_tokens,
            size=self._settings.batch_size,
            jitter=_JITTER,
        )

    def collate(self, indices: Sequence[int]) -> Batch:
        """Return a batch."""
        groups = [self._groups[i] for i in indices]
        special = self._shape.special
        inputs = collate(groups, special.pad, special.types)
        if self._shape.task != "spans":
            told = torch.from_numpy(np.stack([self._targets[i] for i in indices]))
            return Batch(inputs, {"told": told}, size=len(indices), items=len(indices))
        tags = torch.full((*inputs["tokens"].shape, len(self._shape.layers)), IGNORED)
        for row, i in enumerate(indices):
            tags[row, : len(self._targets[i])] = torch.from_numpy(self._targets[i])
        known = sum(len(self._targets[i]) for i in indices)
        begun = sum(group[0].is_first for group in groups)  # a text counts where its first window is
        return Batch(inputs, {"told": tags}, size=known, items=begun)

    def losses(self, outputs: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Return the loss of the task: of labels summed over a text, of tags over a unit, means of these."""
        logits, told = outputs.float(), batch.targets["told"]
        if self._shape.task == "multi_label":
            return {_LOSS: self._criteria[0](logits, told).sum(-1).mean()}
        if self._shape.task == "multi_class":
            return {_LOSS: self._criteria[0](logits, told).mean()}
        loss = logits.new_zeros(())
        at = 0
        for column, layer in enumerate(self._shape.layers):
            truth = told[..., column]
            of_units = self._criteria[column](logits[..., at : at + tag_count(layer)], truth.clamp(min=0))
            loss = loss + (of_units * (truth != IGNORED)).sum() / max(1.0, batch.size)
            at += tag_count(layer)
        return {_LOSS: loss}

    def dev_figures(self) -> dict[str, float]:
        """Return how the network as it is does on dev, with the thresholds that suit it best there."""
        dev = self._dataset.dev
        said = list(self._model.logits(dev, self._half))
        if self._shape.task == "multi_label":
            self._model.decisions = decide(np.stack([logits for logits, _ in said]), _truth(dev, self._shape.labels))
        scores = score(self._shape.task, dev, [self._model.prediction(*of_text) for of_text in said])
        figures = {"dev_micro_f1": scores["micro"]["f1"], "dev_macro_f1": scores["macro"]["f1"]}
        return figures | ({"dev_accuracy": scores["accuracy"]} if "accuracy" in scores else {})

    def finish(self) -> None:
        """Write the model as it is, with thresholds for it, and remove the checkpoints."""
        if self._shape.task == "multi_label":
            dev = self._dataset.dev
            logits = np.stack([of_text for of_text, _ in self._model.logits(dev)])
            self._model.decisions = decide(logits, _truth(dev, self._shape.labels))
        self._model.save(self._folder, self._tokenizer, self._origin)
        for path in self._folder.glob("checkpoint*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _told(self, items: Sequence[Item], found: Sequence[tuple[Window, ...]]) -> Sequence[NDArray[Any]]:
        """Return what the network should say of each group, and make the losses from how often it should."""
        loss = self._settings.loss
        labels = self._shape.labels
        if self._shape.task == "multi_label":
            truth = _truth(items, labels).astype(np.float32)
            assert not isinstance(loss, CrossEntropy)
            self._criteria = [label_criterion(loss or BinaryCrossEntropy(), truth.sum(0).tolist())]
            return list(truth)
        assert not isinstance(loss, BinaryCrossEntropy)
        if self._shape.task == "multi_class":
            classes = np.array([labels.index(item.labels[0]) for item in items])
            counts = np.bincount(classes, minlength=len(labels)).tolist()
            self._criteria = [class_criterion(loss or CrossEntropy(), counts)]
            return list(classes)
        layers = self._shape.layers
        tags: list[NDArray[Any]] = []
        for item, group in zip(items, found, strict=True):
            whole = tags_of(item.spans, np.concatenate([w.spans for w in group]), layers)
            ends = np.cumsum([len(w.spans) for w in group])
            tags += np.split(whole, ends[:-1])
        every = np.concatenate(tags)
        self._criteria = [
            class_criterion(loss or CrossEntropy(), np.bincount(every[:, k], minlength=tag_count(layer)).tolist())
            for k, layer in enumerate(layers)
        ]
        return tags

    def _prepare(self, network: TransformerNetwork) -> None:
        """Let a fresh network begin at how frequent labels are and, where it is wanted, with standardised inputs."""
        settings = self._settings
        if isinstance(network.head, LabelHead):
            if self._shape.task == "multi_label":
                share = torch.from_numpy(np.mean(self._targets, axis=0)).clamp(1e-3, 0.9)
                prior = (share / (1 - share)).log()
            else:
                counts = torch.bincount(torch.tensor(np.array(self._targets)), minlength=len(self._shape.labels))
                prior = (counts / counts.sum()).clamp(min=1e-4).log()
            with torch.no_grad():
                network.head.bias.copy_(prior)
        if settings.standardise or (settings.standardise is None and settings.is_packaged):
            network.eval()
            sample = random.Random(self._seed).sample(self._groups, min(len(self._groups), _SAMPLE))
            inputs = collate(sample, self._shape.special.pad, self._shape.special.types)
            network.standardise(moved(inputs, network.mean.device))


def trained_before(settings: TransformerTraining, dataset: Dataset, folder: Path, seed: int) -> bool:
    """Tell whether the model in a folder is what a training would give; one that is not is no longer there then."""
    if origin_of(folder) == _origin(settings, dataset, seed):
        return True
    (folder / MODEL).unlink(missing_ok=True)
    return False


def _origin(settings: TransformerTraining, dataset: Dataset, seed: int) -> dict[str, Any]:
    """Return what decides on a model: not where its data lie, how it is tracked or what other seeds there are."""
    own = settings.anywhere() | {"seeds": [seed], "search": None, "tracking": {}}
    return {"settings": settings.model_validate(own).model_dump(mode="json"), "data": dataset.sha256}


def _scratch(folder: Path) -> Path:
    return folder / "checkpoint-encoder"


def _shape(settings: TransformerTraining, dataset: Dataset, place: Path, encoder: Any) -> Shape:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(place)

    def first_of(*ids: int | None) -> int | None:
        return next((i for i in ids if i is not None), None)

    special = Special(
        first=first_of(tokenizer.cls_token_id, tokenizer.bos_token_id),
        last=first_of(tokenizer.sep_token_id, tokenizer.eos_token_id),
        pad=first_of(tokenizer.pad_token_id, 0) or 0,
        types=not settings.is_packaged
        and "token_type_ids" in tokenizer.model_input_names
        and getattr(encoder.config, "type_vocab_size", 0) > 1,
        folds=settings.is_packaged,
    )
    return Shape(
        task=dataset.task,
        labels=dataset.labels,
        layers=tag_layers(dataset.labels, dataset.train) if dataset.task == "spans" else (),
        pooling=settings.pooling,
        width=settings.head_width,
        dropout=settings.dropout,
        max_length=min(settings.max_length, positions_of(encoder), tokenizer.model_max_length),
        max_windows=settings.max_windows,
        special=special,
    )


def _truth(items: Sequence[Item], labels: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([[label in item.labels for label in labels] for item in items], dtype=bool)


def _parameter_groups(network: TransformerNetwork, settings: TransformerTraining) -> list[dict[str, Any]]:
    """Return the parameters by rate; biases and norms are not drawn towards 0 (no weight decay)."""
    stack = layers_of(network.encoder)
    depth = {id(p): k for k, layer in enumerate(stack or ()) for p in layer.parameters()}
    top = len(stack or ())
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        rate = settings.head_learning_rate
        if name.startswith("encoder."):
            below = top - depth.get(id(parameter), -1) - 1  # what is in no layer, the embeddings, lies below them all
            rate = settings.learning_rate * (settings.layer_decay or 1.0) ** below
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": params, "lr": rate, "weight_decay": decay} for (rate, decay), params in groups.items()]
