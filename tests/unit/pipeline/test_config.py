"""Configuration is typed: an unknown key or a wrong type is an error, and every setting changes the hash."""

import pytest

from gongkai.pipeline.config import load_config, taxonomy
from gongkai.pipeline.errors import GongkaiError


def test_defaults_load():
    config = load_config()
    assert config.limits.max_pages > 0
    assert config == load_config()
    assert config.sha256 == load_config().sha256


def test_settings_override_the_file_and_the_file_the_defaults(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("limits: {max_pages: 7, max_bytes: 9}\n", encoding="utf-8")
    config = load_config(path, ["limits.max_pages=8"])
    assert (config.limits.max_pages, config.limits.max_bytes) == (8, 9)
    assert config.tagging == load_config().tagging
    assert config.sha256 != load_config().sha256


@pytest.mark.parametrize(
    "setting",
    [
        "limits.max_page=3",
        "nonsense",
        "limits.max_pages=many",
        "engine=magic",
        "tagging.min_score=2",
        "limits=3",
        "model=''",
        "engine=",
        "a.b.c=1",
        "x=[",
        "=3",
    ],
)
def test_bad_settings(setting):
    with pytest.raises(GongkaiError) as caught:
        load_config(settings=[setting])
    assert caught.value.code == "config.invalid"


@pytest.mark.parametrize(
    ("file", "settings", "chosen"),
    [
        ("", [], ("accurate", None)),
        ("", ["model=my"], (None, "my")),
        ("", ["model=my", "engine=fast"], ("fast", None)),
        ("", ["engine=fast", "model=my"], (None, "my")),
        ("model: my", [], (None, "my")),
        ("model: my", ["engine=rules"], ("rules", None)),
        ("model: my", ["model=yours"], (None, "yours")),
        ("engine: fast\nmodel: null", ["threads=1"], ("fast", None)),
        ("engine: fast\nmodel: null", ["model=my"], (None, "my")),
    ],
)
def test_of_engine_and_model_the_one_named_last_counts(tmp_path, file, settings, chosen):
    path = tmp_path / "c.yaml"
    path.write_text(file, encoding="utf-8")
    config = load_config(path, settings)
    assert (config.engine, config.model) == chosen


@pytest.mark.parametrize(
    "content", [b"engine: fast\nmodel: my", b"- a list", b"limits: [", b"\xff\xfe\x00", b"unknown: 1"]
)
def test_bad_files(tmp_path, content):
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    with pytest.raises(GongkaiError) as caught:
        load_config(path)
    assert caught.value.code == "config.invalid"


def test_missing_file(tmp_path):
    with pytest.raises(GongkaiError):
        load_config(tmp_path / "none.yaml")


def test_taxonomy_has_both_facets_whole():
    labels = taxonomy()
    assert (len(labels["domains"]), len(labels["activities"])) == (24, 17)
    assert all(entry["zh"] and entry["covers"] for facet in labels.values() for entry in facet.values())
