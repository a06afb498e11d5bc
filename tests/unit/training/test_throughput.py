"""Throughput: sentences are counted, operations agree with what the shapes say, peaks are found by the card's name."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

from gongkai.pipeline.errors import GongkaiError  # noqa: E402
from gongkai.training.families.transformer_config import TransformerTraining  # noqa: E402
from gongkai.training.throughput import Throughput, measure, peak_of  # noqa: E402

pytestmark = pytest.mark.ml


@pytest.fixture
def config(tiny_bert, tmp_path):
    lines = [json.dumps({"text": "年月日县市省政府" + c, "label": c}) for c in "甲乙" * 40]
    (tmp_path / "train.jsonl").write_text("\n".join(lines), encoding="utf-8")
    data = {"task": "multi_class", "form": "jsonl", "train": str(tmp_path / "train.jsonl"), "dev_share": 0.5}
    return TransformerTraining.model_validate(
        {
            "family": "transformer", "name": "tiny", "version": "1", "encoder": str(tiny_bert), "data": data,
            "device": "cpu", "precision": "fp32", "batch_size": 4, "pooling": "cls",
        }
    )  # fmt: skip


def test_sentences_and_operations_are_counted(config):
    found = measure(config, 3)
    assert (found.steps, found.items) == (3, 12)
    assert found.per_second == pytest.approx(12 / found.seconds)
    batch, tokens, width, labels = 4, 11, 32, 2
    # A multiplication and an addition for each weight and token, twice that again on the way back; in the attention
    # products of tokens with tokens.
    layer = 4 * width * width + 2 * width * 64
    weights = 2 * batch * tokens * 2 * layer
    attention = 2 * 2 * (2 * batch * tokens * tokens * width)
    head = 2 * batch * width * labels
    assert found.flops == pytest.approx(3 * 3 * (weights + attention + head), rel=0.01)
    assert found.device == "cpu"
    assert found.share is None


def test_accumulated_batches_are_one_step(config):
    found = measure(config.model_copy(update={"accumulate": 2}), 2)
    assert (found.steps, found.items) == (2, 16)


def test_too_little_data_is_said(config):
    with pytest.raises(GongkaiError) as caught:
        measure(config.model_copy(update={"batch_size": 40}), 2)
    assert caught.value.code == "data.empty"


def test_peaks_by_name():
    assert peak_of("NVIDIA A100-SXM4-80GB") == 312
    assert peak_of("NVIDIA A10") == 125
    assert peak_of("NVIDIA H100 PCIe") == 756
    assert peak_of("NVIDIA H100 80GB HBM3") == 989
    assert peak_of("NVIDIA L40S") == 362
    assert peak_of("NVIDIA A100-SXM4-40GB MIG 1g.5gb") is None
    assert peak_of("NVIDIA T400 4GB") is None
    assert peak_of("cpu") is None
    assert Throughput("NVIDIA A100-SXM4-80GB", 1, 10, 2.0, 62.4e12, 312).share == pytest.approx(0.1)
