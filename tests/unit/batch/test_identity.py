"""What a result depends on: the same hashes for the same result, other hashes for what could give another."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from gongkai.pipeline.batch.identity import Content, content_of, engine_sha256
from gongkai.pipeline.config import load_config
from gongkai.pipeline.errors import GongkaiError

OLD = time.time() - 3600


def written(path: Path, data: bytes, when: float = OLD) -> Path:
    path.write_bytes(data)
    os.utime(path, (when, when))
    return path


def test_a_file_of_the_same_size_and_times_is_not_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a", b"one")
    first = content_of(path, 10)
    assert first is not None
    assert first.sha256 == hashlib.sha256(b"one").hexdigest()
    known = Content("what the manifest says", first.stamp)
    assert content_of(path, 10, known) is known


def test_a_change_that_keeps_size_and_time_of_writing_is_seen(tmp_path: Path) -> None:
    path = written(tmp_path / "a", b"one")
    first = content_of(path, 10)
    changed = content_of(written(path, b"two"), 10, first)
    assert changed is not None
    assert changed.sha256 == hashlib.sha256(b"two").hexdigest()


def test_a_file_just_written_is_hashed_the_next_time_too(tmp_path: Path) -> None:
    path = written(tmp_path / "a", b"one", when=time.time())
    first = content_of(path, 10)
    assert first is not None
    assert first.stamp == ""
    assert content_of(path, 10, Content("stale", "")) == first


def test_what_cannot_be_hashed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    written(tmp_path / "big", b"x" * 11)
    for name in ("pipe", "big", "missing", ".", "nul\0"):
        assert content_of(f"{tmp_path}/{name}", 10) is None, name
    assert content_of("-", 10) is None


@pytest.mark.parametrize("setting", ["threads=3", "batch.workers=7", "batch.timeout_s=1.5"])
def test_how_a_run_is_carried_out_enters_no_hash(setting: str) -> None:
    plain, other = load_config(settings=["engine=rules"]), load_config(settings=["engine=rules", setting])
    assert plain != other
    assert plain.sha256 == other.sha256
    assert engine_sha256(plain) == engine_sha256(other)


@pytest.mark.parametrize("setting", ["segments.merge=true", "summary.headline=1", "limits.max_pages=7", "engine=fast"])
def test_what_decides_the_result_enters_the_hash(setting: str) -> None:
    assert load_config(settings=["engine=rules"]).sha256 != load_config(settings=["engine=rules", setting]).sha256


def test_another_model_is_another_engine(tmp_path: Path) -> None:
    config = load_config(settings=[f"model={tmp_path}"])
    with pytest.raises(GongkaiError) as caught:
        engine_sha256(config)
    assert caught.value.code == "model.unavailable"
    seen = {engine_sha256(load_config(settings=["engine=rules"])), engine_sha256(load_config())}
    for sha256 in ("1", "2"):
        save(tmp_path, family="network", files={"network.onnx": sha256})
        seen.add(engine_sha256(config))
    assert len(seen) == 4, "rules, the shipped model, one, another"


@pytest.mark.parametrize("changed", ["fast-tagger", "fast-metrics"])
def test_both_models_of_a_pair_count(changed: str, tmp_path: Path) -> None:
    config = load_config(settings=[f"model={tmp_path}"])
    for name, family in (("fast-tagger", "linear"), ("fast-metrics", "network")):
        (tmp_path / name).mkdir()
        save(tmp_path / name, family=family, files={})
    before = engine_sha256(config)
    assert before == engine_sha256(config)
    save(tmp_path / changed, family="network", files={"other": "2"})
    assert engine_sha256(config) != before


def save(folder: Path, family: str, files: dict[str, str]) -> None:
    settings = {"format": 1, "family": family, "labels": [["domains", "finance"]], "files": files}
    (folder / "config.json").write_text(json.dumps(settings))
