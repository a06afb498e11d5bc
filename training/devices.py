"""Where a network is trained and in what precision, by configuration: the same one runs on a CPU and on a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Literal

import torch
from torch import Tensor

from gongkai.pipeline.errors import GongkaiError


def choose_device(wanted: Literal["auto", "cpu", "cuda"]) -> torch.device:
    """Return the device of a configuration.

    Args:
        wanted: ``auto`` for a GPU where torch sees one, else the CPU.

    Raises:
        GongkaiError: ``config.invalid``, a GPU is wanted where there is none.
    """
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise GongkaiError("config.invalid", "device: cuda is set, but torch sees no GPU; write device: auto or cpu.")
    return torch.device("cuda" if there and wanted != "cpu" else "cpu")


def half_precision(device: torch.device, precision: Literal["bf16", "fp16", "fp32"]) -> torch.dtype | None:
    """Return the type the forward pass computes in, or None for float32.

    A CPU has no use for ``fp16`` and takes ``bf16``; a GPU that does not compute in ``bf16`` (before Ampere) takes
    ``fp16``.
    """
    if precision == "fp32":
        return None
    if device.type == "cuda" and (precision == "fp16" or not torch.cuda.is_bf16_supported(including_emulation=False)):
        return torch.float16
    return torch.bfloat16


def autocast(device: torch.device, dtype: torch.dtype | None) -> AbstractContextManager[None]:
    """Return the context in which matrices are multiplied in a type; None for float32."""
    context: AbstractContextManager[None] = torch.autocast(
        device.type, dtype=dtype or torch.bfloat16, enabled=dtype is not None
    )
    return context


def moved(tensors: Mapping[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    """Return tensors on a device. On the way to a GPU they are pinned, so that the copying waits for nothing."""
    if device.type != "cuda":
        return dict(tensors)
    return {name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in tensors.items()}


def attention_for(device: torch.device) -> str:
    """Return which of an encoder's attentions is the faster one on a device.

    "eager" on a CPU: torch's fused kernel takes longer than everything else together on short batches there.
    """
    return "sdpa" if device.type == "cuda" else "eager"
