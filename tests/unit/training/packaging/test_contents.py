"""What goes into a package: all that a model is made of, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.packaging.contents import parts_of


def code_of(*folders: Path) -> str:
    with pytest.raises(GongkaiError) as caught:
        parts_of(folders)
    return caught.value.code


def test_what_training_left_beside_stays_out(make_model) -> None:
    (part,) = parts_of([make_model(scores={"test": {}})])
    assert sorted(part.files) == ["README.md", "config.json", "deep/more.bin", "scores.json", "weights.npz"]
    assert part.folder == "."


def test_a_pair_is_found_in_one_folder_or_by_two_in_any_order(make_model, tmp_path) -> None:
    tagger = make_model("both/fast-tagger")
    metrics = make_model("both/fast-metrics", family="network", labels=[])
    found = [parts_of(folders) for folders in ([tmp_path / "both"], [tagger, metrics], [metrics, tagger])]
    assert found[0] == found[1] == found[2]
    assert [part.folder for part in found[0]] == ["fast-tagger", "fast-metrics"]


def test_what_makes_no_whole_is_refused(make_model, tmp_path) -> None:
    tagger = make_model("tagger")
    metrics = make_model("metrics", family="network", labels=[])
    assert code_of(tagger, tagger) == "package.invalid"
    assert code_of(tagger, make_model("news", family="sklearn", labels=["体育"])) == "package.invalid"
    assert code_of(metrics) == "package.invalid", "it gives no labels"
    assert code_of(tmp_path / "none") == "model.unavailable"
    (tmp_path / "both").mkdir()
    tagger.rename(tmp_path / "both" / "fast-tagger")
    assert code_of(tmp_path / "both") == "model.unavailable", "half of a pair"


def test_of_several_seeds_one_is_to_be_named(make_model, tmp_path) -> None:
    make_model("many/seed-1")
    with pytest.raises(GongkaiError, match="seed-1"):
        parts_of([tmp_path / "many"])


def test_a_changed_file_is_refused(make_model) -> None:
    home = make_model()
    (home / "deep" / "more.bin").write_bytes(b"other")
    assert code_of(home) == "model.incompatible"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "deep/../../secret", "link", "..\\secret"])
def test_a_file_outside_the_folder_is_refused(name: str, make_model, tmp_path) -> None:
    home = make_model()
    (tmp_path / "secret").write_bytes(b"secret")
    (home / "link").symlink_to(tmp_path / "secret")
    config = json.loads((home / "config.json").read_text(encoding="utf-8"))
    config["files"][name] = "0"
    (home / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert code_of(home) == "package.invalid"


@pytest.mark.parametrize("text", ["{", "[]"])
def test_scores_that_are_none_are_refused(text: str, make_model) -> None:
    home = make_model()
    (home / "scores.json").write_text(text, encoding="utf-8")
    (part,) = parts_of([home])
    with pytest.raises(GongkaiError, match="scores"):
        _ = part.scores
