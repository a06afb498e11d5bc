"""Reading an output set: what is damaged costs one entry, nothing is lost or told twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gongkai.pipeline.cross.schema import CrossReport
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.export.results import Entry, Results
from gongkai.pipeline.schema import Failure, Report

Build = Callable[..., Report]


@pytest.fixture
def put(tmp_path: Path, build_report: Build) -> Callable[..., Path]:
    """Write a report into the output folder ``out``."""

    def write(name: str, report_id: str | None = None, **changes: Any) -> Path:
        target = tmp_path / "out" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        report = build_report(report_id or target.stem)
        report.source = report.source.model_copy(update=changes)
        target.write_text(report.model_dump_json(), encoding="utf-8")
        return target

    return write


def entries(folder: Path) -> list[Entry]:
    return list(Results(folder))


def told(folder: Path) -> list[tuple[str, str, str | None]]:
    """Return name, kind and report id of every entry."""
    return [
        (e.name, e.kind, str(e.rows["reports"][0][0]) if "reports" in e.rows else None) for e in entries(folder)
    ]  # fmt: skip


def test_summaries_come_by_name_and_failures_after(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("b.json")
    put("a.json")
    put(".hidden.json")
    put(".gongkai-x.tmp/c.json")
    failure = Failure(path="f.pdf", code="read.empty", message="m", advice="a")
    (tmp_path / "out/aa.failure.json").write_text(failure.model_dump_json(), encoding="utf-8")
    (tmp_path / "out/gongkai.log").write_text("{}", encoding="utf-8")
    assert told(tmp_path / "out") == [
        ("a.json", "report", "a"), ("b.json", "report", "b"), ("aa.failure.json", "failure", None)
    ]  # fmt: skip
    assert Results(tmp_path / "out").count() == 3
    assert entries(tmp_path / "out")[-1].rows == {"failures": [("aa.failure.json", "f.pdf", "read.empty", "m", "a")]}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"report": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": "\\ud800"}',
        b'{"path": "x", "code": "c"}',
    ],
)
def test_a_damaged_file_is_one_entry_and_one_row(tmp_path: Path, put: Callable[..., Path], damage: bytes) -> None:
    put("a.json")
    put("c.json")
    (tmp_path / "out/b.json").write_bytes(damage)
    (tmp_path / "out/d.failure.json").write_bytes(damage)
    found = entries(tmp_path / "out")
    assert [entry.kind for entry in found] == ["report", "damaged", "report", "damaged"]
    for entry, name in ((found[1], "b.json"), (found[3], "d.failure.json")):
        assert entry.error is not None
        assert entry.error.code == "read.corrupt"
        assert name in entry.error.message
        assert [row[:3] for row in entry.rows["failures"]] == [(name, None, "read.corrupt")]


def test_a_report_cut_anywhere_is_damaged_as_a_whole(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("a.json")
    whole = put("b.json").read_bytes()
    for at in range(0, len(whole), 997):
        (tmp_path / "out/b.json").write_bytes(whole[:at])
        assert [entry.kind for entry in entries(tmp_path / "out")] == ["report", "damaged"]


def test_ids_that_do_not_hold_together_are_damage(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("a.json")
    broken = put("b.json")
    data = json.loads(broken.read_text(encoding="utf-8"))
    data["metrics"][0]["paragraph"] = "p9"
    broken.write_text(json.dumps(data), encoding="utf-8")
    put("c.json", "b", path="other")
    found = entries(tmp_path / "out")
    assert [entry.kind for entry in found] == ["report", "damaged", "report"]
    assert "paragraphs has no p9" in str(found[1].error)
    assert found[2].rows["reports"][0][0] == "b", "the id that the damaged one did not get is free"


def test_lines_of_reports_jsonl_are_results(tmp_path: Path, build_report: Build) -> None:
    (tmp_path / "out").mkdir()
    lines = [build_report("a").model_dump_json(), "{broken", "", build_report("b").model_dump_json()]
    (tmp_path / "out/reports.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert told(tmp_path / "out") == [
        ("reports.jsonl:1", "report", "a"), ("reports.jsonl:2", "damaged", None), ("reports.jsonl:4", "report", "b")
    ]  # fmt: skip


def test_the_same_report_is_told_once_and_another_of_its_name_keeps_its_rows(
    tmp_path: Path, put: Callable[..., Path]
) -> None:
    put("a.json", "a")
    put("b.json", "a")  # a copy
    put("c.json", "a", path="elsewhere/a.html")
    put("cc.json", "a", path="elsewhere/a.html")
    put("d.json", "a", sha256="00" * 32)
    put("sub/a.json", "a")
    found = told(tmp_path / "out")
    assert [kind for _, kind, _ in found] == ["report", "repeated", "report", "repeated", "report", "report"]
    ids = [report_id for _, kind, report_id in found if kind == "report"]
    assert len(set(ids)) == 4
    assert ids[0] == "a"
    assert ids[3] == "sub/a"
    assert told(tmp_path / "out") == found, "ids do not depend on chance"


def test_checks_between_reports_are_told_with_the_later(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("a22.json")
    put("a23.json")
    ref = {"authority": "柳溪市人民政府", "region": None}
    cross = CrossReport.model_validate(
        {
            "version": "0", "settings_sha256": "0",
            "pairs": [{
                "authority": {"code": None, "division": None, "body": "柳溪市人民政府"},
                "previous": {"file": "a22.json", "id": "a22", "year": 2022, **ref},
                "current": {"file": "a23.json", "id": "a23", "year": 2023, **ref},
                "checks": [{"rule": "cross_year.carry_over", "status": "failed", "message": "不符"}],
            }],
        }
    )  # fmt: skip
    (tmp_path / "out/cross.json").write_text(cross.model_dump_json(), encoding="utf-8")
    first, second = entries(tmp_path / "out")
    assert len(first.rows["checks"]) == 2
    assert second.rows["checks"][2][2] == "cross_year.carry_over"
    assert second.rows["checks"][2][-1] == "a22"
    for damage in ("{", '{"settings_sha256": "0"'):
        (tmp_path / "out/cross.json").write_text(damage, encoding="utf-8")
        assert sorted(e.kind for e in entries(tmp_path / "out")) == ["damaged", "report", "report"]


def test_the_summary_of_a_report_called_cross_is_a_report(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("cross.json")
    assert told(tmp_path / "out") == [("cross.json", "report", "cross")]


def test_what_is_no_output_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GongkaiError) as error:
        Results(tmp_path / "nix")
    assert error.value.code == "input.not_found"
    (tmp_path / "file").touch()
    with pytest.raises(GongkaiError) as error:
        Results(tmp_path / "file")
    assert error.value.code == "input.not_a_file"
    with pytest.raises(GongkaiError) as error:
        Results(tmp_path)
    assert error.value.code == "input.not_found"
