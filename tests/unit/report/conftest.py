"""Summaries made by hand: small, valid, and free to be bent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gongkai.pipeline.schema import Report
from gongkai.pipeline.writing import to_json

TEXT = "全年受理申请12件，答复率不低于95%。市教育局印发《公开办法》。"


def make_report(name: str = "liuxi-2022", **over: Any) -> Report:
    """Build a report with one of everything; ``over`` replaces top-level parts or fields of ``report``."""
    data: dict[str, Any] = {
        "report": {"id": name, "title": f"{name}年度报告", "authority": "柳溪市人民政府", "region": "柳溪市",
                   "year": 2022, "format": "2021"},
        "source": {"path": f"{name}.txt", "media_type": "text/plain", "encoding": "utf-8", "sha256": "0" * 64,
                   "bytes": 100},
        "sections": [
            {"id": "s1", "kind": "overview", "title": "一、总体情况", "level": 1},
            {"id": "s2", "kind": "overview", "title": "（一）概述", "level": 2, "parent": "s1"},
            {"id": "s3", "kind": "applications", "title": "三、申请情况", "level": 1},
        ],
        "paragraphs": [
            {"id": "p1", "section": "s1", "text": "（一）概述"},
            {"id": "p2", "section": "s2", "text": TEXT, "segments": [
                {"id": "p2.1", "start": 0, "end": 19, "domains": [{"label": "education", "score": 0.9}],
                 "activities": [{"label": "disclosure_on_request", "score": 0.8}]},
                {"id": "p2.2", "start": 19, "end": len(TEXT), "domains": [{"label": "education", "score": 0.7}]},
            ]},
        ],
        "metrics": [
            {"id": "m1", "paragraph": "p2", "start": 6, "end": 9, "text": "12件", "indicator": "受理申请", "value": 12,
             "unit": "件", "period": "全年", "domains": ["education"]},
            {"id": "m2", "paragraph": "p2", "start": 13, "end": 18, "text": "低于95%", "indicator": "答复率",
             "value": 95, "unit": "%", "comparator": "gte"},
        ],
        "entities": [
            {"type": "ORG", "paragraph": "p2", "start": 19, "end": 23, "text": "市教育局"},
            {"type": "DOCUMENT", "paragraph": "p2", "start": 25, "end": 31, "text": "《公开办法》"},
        ],
        "tables": {"applications": {"form": "2021", "strategy": "grid", "rows": {
            "new_received": {"natural_person": 5, "business": 2, "total": 7},
            "carried_over_in": {"natural_person": 1, "business": None, "total": 1},
            "granted": {"natural_person": 4, "business": 2, "total": 6},
            "denied_state_secret": {"natural_person": 1, "total": 1},
            "denied_third_party": {"natural_person": 0, "total": 0},
            "total": {"natural_person": 5, "business": 2, "total": 7},
            "carried_over_out": {"natural_person": 0, "business": 0, "total": 0}}}},
        "checks": [
            {"rule": "applications.balance", "status": "failed", "where": "natural_person", "expected": 6, "actual": 5,
             "message": "相差 1",
             "operands": {"new_received": 5, "carried_over_in": 1, "total": 5, "carried_over_out": 0}},
            {"rule": "applications.balance", "status": "passed", "where": "business", "message": "相符"},
            {"rule": "narrative.parts", "status": "failed", "where": "p2:6", "expected": 12, "actual": 11,
             "message": "分项之和不等", "paragraph": "p2", "evidence": "全年受理申请12件"},
        ],
        "summary": {"domains": [{"label": "education", "zh": "教育", "segments": 2, "characters": 30}],
                    "activities": [], "headline": ["m1"], "text": "柳溪市全年受理申请12件。"},
        "diagnostics": [{"level": "warning", "code": "table.cell_unreadable", "message": "一格不是数字。"}],
        "pipeline": {"version": "0.0", "config_sha256": "f" * 64, "models": {"tagger": "fake"}},
    }  # fmt: skip
    for key, value in over.items():
        if key in data:
            data[key] = value
        else:
            data["report"][key] = value
    return Report.model_validate(data)


@pytest.fixture
def build() -> Callable[..., Report]:
    return make_report


@pytest.fixture
def outputs(tmp_path: Path) -> Callable[..., Path]:
    """Write reports as an output set: one file for each, by id."""

    def write(*reports: Report, folder: str = "out") -> Path:
        target = tmp_path / folder
        target.mkdir(exist_ok=True)
        for one in reports:
            (target / f"{one.report.id}.json").write_bytes(to_json(one))
        return target

    return write
