"""The manifest: what is put is found again, also by the next run, and two runs never write at once."""

from __future__ import annotations

import sqlite3
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.pipeline.batch.manifest import Entry, Manifest
from gongkai.pipeline.errors import GongkaiError

ENTRY = Entry(
    path="in/甲.txt", report_id="甲", content_sha256="c" * 64, content_stamp="1:2:3", suffix=".txt",
    config_sha256="f" * 64, engine_sha256="e" * 64, status="success", code=None, message=None, failed_checks=2,
    result_sha256="r" * 64, result_stamp="4:5:6", linked_to=None, run=1, finished="2026-01-01T00:00:00Z", seconds=0.25,
)  # fmt: skip
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    st.builds(
        Entry, path=texts, report_id=texts, content_sha256=st.none() | texts, content_stamp=texts, suffix=texts,
        config_sha256=texts, engine_sha256=texts, status=st.sampled_from(["success", "partial_success", "failure"]),
        code=st.none() | texts, message=st.none() | texts, failed_checks=st.integers(0, 2**40), result_sha256=texts,
        result_stamp=texts, linked_to=st.none() | texts, run=st.integers(1, 2**40), finished=texts,
        seconds=st.floats(0, 1e9),
    )
)  # fmt: skip
def test_every_field_comes_back(entry: Entry) -> None:
    with Manifest(Path(":memory:")) as manifest:
        manifest.put(entry)
        assert manifest.get(entry.path) == entry


def test_found_by_path_content_and_report(tmp_path: Path) -> None:
    other = replace(ENTRY, path="in/乙.txt", report_id="乙")
    word = replace(ENTRY, path="in/丙.docx", report_id="丙", suffix=".docx")
    with Manifest(tmp_path / "m") as manifest:
        for entry in (ENTRY, other, word, replace(other, failed_checks=0)):
            manifest.put(entry)
        assert manifest.get("in/丁.txt") is None
        assert [e.path for e in manifest.of_content("c" * 64, ".txt")] == ["in/乙.txt", "in/甲.txt"]
        assert list(manifest.of_content("d" * 64, ".txt")) == []
        assert [e.path for e in manifest.entries()] == ["in/丙.docx", "in/乙.txt", "in/甲.txt"]
        assert manifest.get("in/乙.txt") == replace(other, failed_checks=0), "the later one counts"


def test_the_next_run_finds_it_and_has_the_next_number(tmp_path: Path) -> None:
    with Manifest(tmp_path / "m") as manifest:
        assert manifest.run == 1
        manifest.put(replace(ENTRY, run=manifest.run))
    with Manifest(tmp_path / "m") as manifest:
        assert manifest.run == 2
        manifest.restamp(ENTRY, "7:8:9", "4:5:6")
    with Manifest(tmp_path / "m") as manifest:
        assert manifest.get(ENTRY.path) == replace(ENTRY, content_stamp="7:8:9")
    assert [path.name for path in tmp_path.iterdir()] == ["m"], "no journal is left"


def test_what_was_put_is_there_without_a_close(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "m")
    manifest.put(ENTRY)
    for name in ("m", "m-wal"):  # what a process that is killed now leaves on the disk
        (tmp_path / f"killed-{name}").write_bytes((tmp_path / name).read_bytes())
    manifest.close()
    with Manifest(tmp_path / "killed-m") as found:
        assert found.get(ENTRY.path) == ENTRY


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with Manifest(tmp_path / "m"), pytest.raises(GongkaiError, match="Another run is writing") as caught:
        Manifest(tmp_path / "m")
    assert caught.value.code == "output.in_use"
    Manifest(tmp_path / "m").close()


def test_others_read_it_with_any_tool(tmp_path: Path) -> None:
    with Manifest(tmp_path / "m") as manifest:
        manifest.put(ENTRY)
    database = sqlite3.connect(tmp_path / "m")
    assert [row[1] for row in database.execute("PRAGMA table_info(inputs)")] == [field.name for field in fields(Entry)]
    assert database.execute("SELECT report_id, status FROM inputs").fetchall() == [("甲", "success")]
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(GongkaiError, match="another version"):
        Manifest(tmp_path / "m")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"no database at all, " * 100)
    with pytest.raises(GongkaiError, match="m cannot be written") as caught:
        Manifest(tmp_path / "m")
    assert caught.value.code == "output.unwritable"
