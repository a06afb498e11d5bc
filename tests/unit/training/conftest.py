"""A small corpus and small configurations, so that trainings take seconds."""

from __future__ import annotations

import pytest

from gongkai.corpora.store import Corpus, default_folder, read_corpus
from gongkai.training.config import NetworkTraining


@pytest.fixture(scope="session")
def small_corpus() -> Corpus:
    whole = read_corpus(default_folder())
    paragraphs = {
        "train": whole.paragraphs["train"][:60],
        "dev": whole.paragraphs["dev"][:20],
        "test": whole.paragraphs["test"][:20],
    }
    kept = {p.report for found in paragraphs.values() for p in found}
    return Corpus([r for r in whole.reports if r.id in kept], paragraphs)


@pytest.fixture
def small_network() -> NetworkTraining:
    return NetworkTraining.model_validate(
        {
            "family": "network",
            "name": "small",
            "version": "1",
            "seed": 1,
            "backbone": {"kind": "convolution", "width": 16, "dilations": (1, 2)},
            "epochs": 2,
            "batch_characters": 2000,
            "learning_rate": 0.01,
            "weight_decay": 0.01,
            "warmup": 0.1,
            "dropout": 0.1,
            "loss": {"labels": 1, "tags": 1, "numbers": 1, "links": 0.03},
            "precision": "fp32",
            "int8": False,
        }
    )


_TINY_CHARACTERS = (
    "年月日县市省政府信息公开条例全面推进学校教师招生医院疫情接种道路桥梁修建万元件人次的了在和是，。、甲乙丙丁"
)
_TINY_WORDS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(scope="session")
def tiny_tokenizer():
    """A WordPiece tokenizer that lowers case, drops control characters and takes ideographs one by one."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    pieces = [*_TINY_CHARACTERS, *_TINY_WORDS, *("##" + c for c in _TINY_WORDS), "play", "##ing", "20"]
    words = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *pieces])}
    tokenizer = Tokenizer(models.WordPiece(words, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


@pytest.fixture(scope="session")
def tiny_bert(tiny_tokenizer, tmp_path_factory):
    """The folder of a random BERT of two layers, 32 wide, as a hub would give it."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("bert")
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tiny_tokenizer, **special).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tiny_tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    return folder
