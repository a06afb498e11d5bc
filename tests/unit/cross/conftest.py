"""Summaries made by hand: as much of a report as the checks between reports look at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gongkai.pipeline.schema import Report
from gongkai.pipeline.tables.templates import load

COLUMNS = list(load("applications").column_names())


def make_summary(
    report_id: str = "anyuan-2022",
    *,
    authority: str | None = "安源区人民政府",
    region: str | None = "江西省萍乡市安源区",
    year: int | None = 2022,
    form: str = "2021",
    carried: tuple[int, int] = (0, 0),
    documents: tuple[int | None, int | None, int | None] = (0, 0, 0),
    rules: tuple[int | None, int | None, int | None] = (0, 0, 0),
    paragraphs: Sequence[str] = (),
    sha256: str | None = None,
) -> Report:
    """Build a summary; ``carried`` is in and out of 自然人, documents are issued, abolished, effective."""
    applications = {row: dict.fromkeys(COLUMNS, 0) for row in ("carried_over_in", "carried_over_out")}
    for row, count in zip(applications, carried, strict=True):
        applications[row] |= {"natural_person": count, "total": count}
    cells = ("issued", "abolished", "effective")
    proactive = {
        "rules": dict(zip(cells, rules, strict=True)),
        "normative_documents": dict(zip(cells, documents, strict=True)),
    }
    return Report.model_validate(
        {
            "report": {"id": report_id, "authority": authority, "region": region, "year": year, "format": form},
            "source": {
                "path": f"{report_id}.html",
                "media_type": "text/html",
                "sha256": sha256 or hashlib.sha256(report_id.encode()).hexdigest(),
                "bytes": 1,
            },
            "sections": [
                {"id": "s1", "kind": "overview", "title": "一、总体情况", "level": 1},
                {"id": "s2", "kind": "attachment", "title": "附件", "level": 1},
            ],
            "paragraphs": [
                {"id": f"p{number}", "section": "s1", "text": text} for number, text in enumerate(paragraphs, 1)
            ],
            "tables": {
                "applications": {"form": form, "rows": applications},
                "proactive_disclosure": {"form": form, "rows": proactive},
            },
            "pipeline": {"version": "0.0", "config_sha256": "f" * 64},
        }
    )


@pytest.fixture
def summary() -> Callable[..., Report]:
    return make_summary


@pytest.fixture
def output_set(tmp_path: Path) -> Callable[..., Path]:
    """Write summaries to a folder, a file each, and with ``jsonl=True`` all into reports.jsonl."""

    def write(*reports: Report, jsonl: bool = False) -> Path:
        if jsonl:
            lines = "".join(report.model_dump_json() + "\n" for report in reports)
            (tmp_path / "reports.jsonl").write_text(lines, encoding="utf-8")
        else:
            for report in reports:
                path = tmp_path / f"{report.report.id}.json"
                path.write_text(report.model_dump_json(indent=2), encoding="utf-8")
        return tmp_path

    return write
