"""An output set on disk: everything in it is found once, and what is no summary is told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.outputs import OutputSet
from gongkai.pipeline.report.source import load_cross, scan
from gongkai.pipeline.schema import Failure, Report
from gongkai.pipeline.writing import to_json

Build = Callable[..., Report]
Outputs = Callable[..., Path]


def test_summaries_failures_and_strangers_are_told_apart(build: Build, outputs: Outputs) -> None:
    folder = outputs(build("b"), build("a"))
    failure = Failure(path="c.pdf", code="read.encrypted_pdf", message="locked", advice="unlock")
    (folder / "c.failure.json").write_bytes(to_json(failure))
    (folder / "d.json").write_text('{"report": 1}')
    (folder / "e.json").write_bytes(b"\xff\xfe not JSON")
    (folder / "f.failure.json").write_text("[]")
    (folder / "gongkai.log").write_text("not JSON at all")
    (folder / ".hidden.json").write_text("{}")
    (folder / "folder.json").mkdir()
    found = list(scan(OutputSet(folder)))
    assert [report.report.id for _, report in (x for x in found if isinstance(x, tuple))] == ["a", "b"]
    assert [x for x in found if isinstance(x, Failure)] == [failure]
    errors = [x for x in found if isinstance(x, GongkaiError)]
    assert [error.code for error in errors] == ["read.corrupt"] * 3
    assert "d.json" in errors[0].message


def test_lines_are_read_where_they_stand_and_repeat_no_single_summary(build: Build, outputs: Outputs) -> None:
    folder = outputs(build("a"))
    again, other = build("a"), build("b")
    other.report.title = "第二行的报告"
    lines = [to_json(again, indent=None), b"\n", to_json(other, indent=None), b"{broken\n"]
    (folder / "reports.jsonl").write_bytes(b"".join(lines))
    found = list(scan(OutputSet(folder)))
    places = [x[0] for x in found if isinstance(x, tuple)]
    assert [str(place) for place in places] == ["a.json", "reports.jsonl:3"]
    assert OutputSet(folder).read(places[1]) == other
    assert sum(isinstance(x, GongkaiError) for x in found) == 1


def test_checks_between_reports_are_found_by_the_later_report(tmp_path: Path) -> None:
    assert load_cross(tmp_path) == {}
    check = {"rule": "cross_year.carry_over", "status": "failed", "message": "不等"}
    pair = {
        "authority": {"code": None, "division": None, "body": "市政府"},
        "previous": {"file": "a.json", "id": "a"},
        "current": {"file": "reports.jsonl:7", "id": "b"},
        "checks": [check],
    }
    text = json.dumps({"version": "0", "settings_sha256": "0", "pairs": [pair]})
    (tmp_path / "cross.json").write_text(text, encoding="utf-8")
    (found,) = load_cross(tmp_path).items()
    assert (found[0], found[1].previous.file) == ("reports.jsonl:7", "a.json")
    (tmp_path / "cross.json").write_text('{"settings_sha256": 1}')
    with pytest.raises(GongkaiError, match="gongkai cross"):
        load_cross(tmp_path)
