"""Installed models: found by name without being imported, and refused where they are not what was packaged."""

from __future__ import annotations

import importlib
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from gongkai.models.engines import make_tagger, parts
from gongkai.models.installed import installed, locate
from gongkai.models.store import labels_sha256, save_config, scheme_labels
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.packaging.build import package

pytest.importorskip("build")
pytest.importorskip("flit_core")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("trained")
    (home / "network.onnx").write_bytes(b"a graph")
    told = {"name": "test-model", "version": "2.5", "family": "network", "labels": scheme_labels()}
    save_config(home, told, ["network.onnx"])
    return package([home], home / "dist", None, None, ["wheel"])[0]


@pytest.fixture
def site(wheel, tmp_path, monkeypatch) -> Path:
    """A folder on the path with the wheel unpacked, which is all that pip does with one of plain files."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.chdir(tmp_path)
    importlib.invalidate_caches()
    return site


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    importlib.invalidate_caches()


def refusal(code: str, told: str, reference: str = "test-model") -> None:
    with pytest.raises(GongkaiError, match=told) as caught:
        locate(reference)
    assert caught.value.code == code


def ours():
    return next(model for model in installed() if model.name == "test-model")


@pytest.mark.parametrize("name", ["test-model", "Test_Model", "test.model"])
def test_found_by_name_without_import(name: str, site: Path) -> None:
    assert locate(name) == site / "test_model" / "model"
    assert "test_model" not in sys.modules
    assert (ours().version, ours().reads_reports) == ("2.5", True)
    assert parts(None, name).tagger == parts(None, name).metrics == site / "test_model" / "model"


def test_the_import_package_tells_the_same_place(site: Path) -> None:
    module = importlib.import_module("test_model")
    try:
        assert module.path() == locate("test-model")
        assert module.__version__ == "2.5"
    finally:
        del sys.modules["test_model"]


def test_an_installed_name_comes_before_a_folder_and_a_separator_makes_a_folder(site: Path, tmp_path: Path) -> None:
    (tmp_path / "test-model").mkdir()
    assert locate("test-model").is_relative_to(site)
    assert locate(f".{os.sep}test-model") == Path("test-model")
    assert locate(str(tmp_path)) == tmp_path


def test_none_of_that_name(site: Path) -> None:
    refusal("model.unavailable", "test-model", "test-modle")
    refusal("model.unavailable", "no model at", "./test-modle")


def test_one_that_needs_a_newer_version(site: Path) -> None:
    edit(site / "test_model-2.5.dist-info" / "METADATA", "Requires-Dist: gongkai>=", "Requires-Dist: gongkai>=99.")
    refusal("model.incompatible", r"needs gongkai>=99")


def test_one_of_another_format(site: Path) -> None:
    edit(site / "test_model" / "meta.json", '"format": 1', '"format": 2')
    refusal("model.incompatible", "format 1")


def test_one_whose_settings_were_changed(site: Path) -> None:
    edit(site / "test_model" / "model" / "config.json", '"version": "2.5"', '"version": "2.6"')
    refusal("model.incompatible", "not the one that was packaged")


def test_one_whose_files_were_changed(site: Path) -> None:
    (site / "test_model" / "model" / "network.onnx").write_bytes(b"another graph")
    with pytest.raises(GongkaiError, match="was changed") as caught:
        make_tagger(None, "test-model", 1, 0.0, None)
    assert caught.value.code == "model.incompatible"


def test_one_whose_files_are_gone(site: Path) -> None:
    (site / "test_model").rename(site / "elsewhere")
    importlib.invalidate_caches()
    refusal("model.unavailable", "no files")


def test_one_made_for_another_label_scheme(site: Path) -> None:
    config_path, meta_path = site / "test_model" / "model" / "config.json", site / "test_model" / "meta.json"
    config = json.loads(config_path.read_text(encoding="utf-8"))
    config["labels"][0] = ["domains", "space_travel"]
    config_path.write_text(json.dumps(config), encoding="utf-8")
    refusal("model.incompatible", "not the one that was packaged")
    # Packaged for another scheme from the first, it is whole and refused all the same.
    meta = json.loads(meta_path.read_text(encoding="utf-8"))
    meta["parts"][0] |= {"label_scheme_sha256": labels_sha256(config["labels"]), "sha256": canonical(config)}
    meta_path.write_text(json.dumps(meta), encoding="utf-8")
    assert locate("test-model")
    with pytest.raises(GongkaiError, match="space_travel") as caught:
        make_tagger(None, "test-model", 1, 0.0, None)
    assert caught.value.code == "model.incompatible"


def canonical(config: dict[str, object]) -> str:
    from gongkai.models.store import ModelFolder

    return ModelFolder(Path(), config).sha256


def test_the_hash_of_a_label_scheme_is_that_of_its_labels_in_any_order() -> None:
    labels = scheme_labels()
    assert labels_sha256(labels) == labels_sha256([list(pair) for pair in reversed(labels)])
    assert labels_sha256(labels) != labels_sha256(labels[1:])
