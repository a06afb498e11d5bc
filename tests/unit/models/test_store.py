"""Model folders: whole or refused, each with a code and advice."""

import json

import pytest

from gongkai.models.store import open_folder, save_config, scheme_labels, shipped
from gongkai.pipeline.errors import GongkaiError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "weights.npz").write_bytes(b"weights")
    save_config(
        tmp_path,
        {"name": "m", "version": "1", "family": "linear", "labels": scheme_labels()},
        ["weights.npz"],
    )
    return tmp_path


def refused(folder, family="linear") -> str:
    with pytest.raises(GongkaiError) as caught:
        open_folder(folder, family)
    return caught.value.code


def test_a_whole_one_is_opened(folder):
    model = open_folder(folder, "linear")
    assert model.name.startswith("m-1+")
    assert model.labels == scheme_labels()


def test_none_there(tmp_path):
    assert refused(tmp_path / "nothing") == "model.unavailable"


def test_another_family(folder):
    assert refused(folder, "network") == "model.incompatible"


def test_changed_weights(folder):
    (folder / "weights.npz").write_bytes(b"others")
    assert refused(folder) == "model.incompatible"


def test_missing_weights(folder):
    (folder / "weights.npz").unlink()
    assert refused(folder) == "model.incompatible"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 99}'])
def test_another_shape(folder, text):
    (folder / "config.json").write_text(text, encoding="utf-8")
    assert refused(folder) == "model.incompatible"


def test_another_label_scheme(folder):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["labels"][0] = ["domains", "space_travel"]
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(GongkaiError, match="space_travel"):
        open_folder(folder, "linear")


@pytest.mark.parametrize(
    ("name", "family"), [("accurate", "network"), ("fast-tagger", "linear"), ("fast-metrics", "network")]
)
def test_the_shipped_ones_are_whole_and_carded(name, family):
    model = open_folder(shipped(name), family)
    assert model.labels == ([] if name == "fast-metrics" else scheme_labels())  # that one is asked for metrics only
    assert (shipped(name) / "README.md").read_text(encoding="utf-8").startswith(f"# {model.config['name']}")


def test_the_shipped_ones_are_small_and_hold_no_pickle():
    files = [p for p in shipped("accurate").parent.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) <= 60e6
    assert {p.suffix for p in files} <= {".onnx", ".npz", ".json", ".md"}
