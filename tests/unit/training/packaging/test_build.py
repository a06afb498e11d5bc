"""Packages: what is in them, the same bytes each time, and what is refused before anything is written."""

from __future__ import annotations

import json
import os
import sys
import tarfile
import zipfile
from email.parser import BytesParser
from importlib.metadata import version
from pathlib import Path

import pytest

from gongkai.models.store import labels_sha256, read_config, scheme_labels
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.families.registry import FAMILIES
from gongkai.training.packaging.build import package, requirement

pytest.importorskip("build")
pytest.importorskip("flit_core")

SCORES = {"test": {"micro": {"f1": 0.875, "support": 40}, "labels": {"finance": {"f1": 0.5}}}}


def wheel(home: Path, out: Path, name: str | None = None, release: str | None = None) -> Path:
    return package([home], out, name, release, ["wheel"])[0]


def test_a_wheel_holds_the_model_its_card_and_its_scores(make_model, tmp_path) -> None:
    home = make_model(scores=SCORES)
    path = wheel(home, tmp_path / "dist")
    assert path.name == "my_model-1.0-py3-none-any.whl"
    assert [p.name for p in path.parent.iterdir()] == [path.name], "nothing is left beside it"
    archive = zipfile.ZipFile(path)
    held = {n.removeprefix("my_model/") for n in archive.namelist() if n.startswith("my_model/")}
    files = {f"model/{f}" for f in ("config.json", "README.md", "scores.json", "weights.npz", "deep/more.bin")}
    assert held == {"__init__.py", "meta.json", *files}
    for file in files:
        assert archive.read(f"my_model/{file}") == (home / file.removeprefix("model/")).read_bytes()
    told = BytesParser().parsebytes(archive.read("my_model-1.0.dist-info/METADATA"))
    assert (told["Name"], told["Version"]) == ("my-model", "1.0")
    assert told.get_all("Requires-Dist") == [f"gongkai>={version('gongkai')}"]
    described = json.loads(archive.read("my_model/meta.json"))["parts"][0]
    assert described["scores"] == SCORES
    assert described["label_scheme_sha256"] == labels_sha256(scheme_labels())
    prose = archive.read("my_model-1.0.dist-info/METADATA").decode()
    assert "中文卡片" in prose
    assert labels_sha256(scheme_labels()) in prose
    assert "gongkai annotate reports/ -r -o out --model my-model" in prose
    entries = archive.read("my_model-1.0.dist-info/entry_points.txt").decode()
    assert entries.split() == ["[gongkai_models]", "my-model=my_model:path"]


def test_the_same_model_gives_the_same_bytes(make_model, tmp_path) -> None:
    first, second = make_model("one", scores=SCORES), make_model("two", scores=SCORES)
    for path in second.rglob("*"):
        os.utime(path, (1e9, 1e9))
        path.chmod(0o700)
    before = os.umask(0o077)
    try:
        built = [
            package([home], tmp_path / home.name / "dist", None, None, ["wheel", "sdist"]) for home in (first, second)
        ]
    finally:
        os.umask(before)
    for one, two in zip(*built, strict=True):
        assert one.name == two.name
        assert one.read_bytes() == two.read_bytes()


def test_the_time_of_the_source_is_the_users_to_set(make_model, tmp_path, monkeypatch) -> None:
    home = make_model()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    dates = {entry.date_time[0] for entry in zipfile.ZipFile(wheel(home, tmp_path / "dist")).infolist()}
    assert dates == {2020}


def test_a_source_archive_makes_the_same_package(make_model, tmp_path) -> None:
    (path,) = package([make_model()], tmp_path / "dist", None, None, ["sdist"])
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "PKG-INFO", "my_model/__init__.py", "my_model/model/deep/more.bin"} <= names


def test_name_and_version_can_be_given_and_must_be_where_the_models_differ(make_model, tmp_path) -> None:
    make_model("both/fast-tagger", name="a")
    make_model("both/fast-metrics", name="b", version="2", family="network", labels=[])
    for name, release, told in ((None, None, "--name"), ("ours", None, "--version")):
        with pytest.raises(GongkaiError, match=told):
            wheel(tmp_path / "both", tmp_path / "dist", name, release)
    assert not (tmp_path / "dist").exists()
    path = wheel(tmp_path / "both", tmp_path / "dist", "Ours_2", "3")
    assert path.name == "ours_2-3-py3-none-any.whl"
    names = zipfile.ZipFile(path).namelist()
    assert {"ours_2/model/fast-tagger/config.json", "ours_2/model/fast-metrics/config.json"} <= set(names)


def test_a_model_of_another_task_without_a_card(make_model, tmp_path) -> None:
    home = make_model(card=False, scores=SCORES, family="sklearn", labels=["体育", "财经"])
    archive = zipfile.ZipFile(wheel(home, tmp_path / "dist"))
    prose = archive.read("my_model-1.0.dist-info/METADATA").decode()
    assert "| test, micro, f1 | 0.875 |" in prose
    assert "finance" not in prose, "scores label by label are in meta.json"
    assert "gongkai predict my-model FILE" in prose
    described = json.loads(archive.read("my_model/meta.json"))["parts"][0]
    assert described["label_scheme_sha256"] == labels_sha256(read_config(home)["labels"])


def test_a_package_asks_for_what_its_family_needs() -> None:
    ours = version("gongkai")
    assert requirement(["linear", "network"]) == f"gongkai>={ours}"
    for family, registered in FAMILIES.items():
        extra = f"[{registered.extra}]" if registered.extra else ""
        assert requirement([family]) == f"gongkai{extra}>={ours}"
    with pytest.raises(GongkaiError, match="magic"):
        requirement(["magic"])


def test_without_a_builder_nothing_is_written(make_model, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "build", None)
    with pytest.raises(GongkaiError) as caught:
        wheel(make_model(), tmp_path / "dist")
    assert caught.value.code == "package.unavailable"
    assert not (tmp_path / "dist").exists()


def test_a_place_that_cannot_be_written(make_model, tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(GongkaiError) as caught:
        wheel(make_model(), tmp_path / "file")
    assert caught.value.code == "output.unwritable"
