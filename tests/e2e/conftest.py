"""A small hand-made report, and a stand-in for the pipeline that is quick and fails on demand."""

from __future__ import annotations

import hashlib
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Report

TEXT = "2023年，市图书馆主动公开信息1,204条，其中通过网站公开800余条。办理建议提案12件，按时答复率不低于95%。"


def make_report(name: str = "example-2023", text: str = TEXT) -> Report:
    """Build a report with one failed check, every kind of part and the given paragraph."""
    cut = text.find("。") + 1 or len(text)
    count = text.find("1,204条")
    metrics = [
        {"id": "m1", "paragraph": "p1", "start": count, "end": count + 6, "text": "1,204条",
         "indicator": "主动公开信息数", "value": 1204, "unit": "条", "period": "2023年",
         "domains": ["culture_tourism_sports"]},
        {"id": "m2", "paragraph": "p1", "start": count + 13, "end": count + 18, "text": "800余条",
         "indicator": "网站公开信息数", "value": 800, "unit": "条", "comparator": "gt", "scope": "网站"},
    ] if count >= 0 else []  # fmt: skip
    return Report.model_validate(
        {
            "report": {"id": name, "title": "柳溪市2023年政府信息公开工作年度报告", "authority": "柳溪市人民政府",
                       "region": "柳溪市", "year": 2023, "format": "2021"},
            "source": {"path": f"{name}.txt", "media_type": "text/plain", "encoding": "utf-8", "sha256": "0" * 64,
                       "bytes": len(text.encode("utf-8", "replace"))},
            "sections": [
                {"id": "s1", "kind": "overview", "title": "一、总体情况", "level": 1},
                {"id": "s2", "kind": "overview", "title": "（一）主动公开", "level": 2, "parent": "s1"},
                {"id": "s3", "kind": "applications", "title": "三、收到和处理政府信息公开申请情况", "level": 1},
            ],
            "paragraphs": [
                {"id": "p1", "section": "s2", "path": ["一、总体情况", "（一）主动公开"], "text": text, "segments": [
                    {"id": "p1.1", "start": 0, "end": cut,
                     "domains": [{"label": "culture_tourism_sports", "score": 0.9}],
                     "activities": [{"label": "proactive_disclosure", "score": 0.8}]},
                    {"id": "p1.2", "start": cut, "end": len(text),
                     "activities": [{"label": "public_participation", "score": 0.7}]},
                ]},
            ],
            "metrics": metrics,
            "tables": {"applications": {"form": "2021", "strategy": "grid", "rows": {
                "new_received": {"natural_person": 5, "business": 2, "total": 7},
                "carried_over_in": {"natural_person": 1, "business": None, "total": 1},
                "total": {"natural_person": 5, "business": 2, "total": 7},
                "carried_over_out": {"natural_person": 0, "business": 0, "total": 0}}}},
            "checks": [
                {"rule": "applications.balance", "status": "failed", "where": "natural_person", "expected": 6,
                 "actual": 5, "message": "新收5件加上年结转1件，应为6件，表内为5件。",
                 "operands": {"new_received": 5, "carried_over_in": 1, "total": 5, "carried_over_out": 0}},
                {"rule": "applications.balance", "status": "passed", "where": "business", "message": "一致。"},
                {"rule": "review_litigation.sum", "status": "not_applicable", "message": "没有该表。"},
            ],
            "summary": {
                "domains": [{"label": "culture_tourism_sports", "zh": "文化旅游体育", "segments": 1, "characters": 40,
                             "metrics": ["m1"], "highlight": "p1.1"}],
                "activities": [{"label": "proactive_disclosure", "zh": "主动公开", "segments": 1, "characters": 40}],
                "headline": ["m1"] if metrics else [],
                "text": "柳溪市2023年主动公开信息1,204条。"},
            "diagnostics": [{"level": "warning", "code": "table.cell_unreadable", "message": "一个单元格不是数字。"}],
            "pipeline": {"version": "0.0", "config_sha256": "f" * 64, "models": {"tagger": "fake"}},
        }
    )  # fmt: skip


def fake_annotate(path: str | Path, *, config: object = None, nlp: object = None) -> Report:
    """Stand in for the pipeline: what a file holds decides what becomes of it."""
    path = str(path)
    if path == "-":
        return make_report("-", sys.stdin.read() or TEXT)
    if not Path(path).exists():
        raise GongkaiError("input.not_found", f"{path} does not exist.")
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    if text.startswith("RAISE "):
        raise GongkaiError(text.split()[1], "made up for the test.")
    if text == "DEFECT":
        raise ZeroDivisionError("a defect")
    if text == "CTRL-C":
        raise KeyboardInterrupt
    report = make_report(Path(path).stem, text or TEXT)
    report.source.path = path
    report.source.sha256 = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    if text == "PARTIAL":
        report.status = "partial_success"
    if text == "NO TABLE":
        report.tables, report.checks = {}, []
    if text == "GOOD":
        report.checks = [check for check in report.checks if check.status != "failed"]
    return report


@pytest.fixture
def report() -> Report:
    return make_report()


@pytest.fixture
def build_report() -> Callable[..., Report]:
    return make_report


@pytest.fixture
def fake_api(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Put the stand-in in the place of ``gongkai.pipeline.api``; its ``calls`` are the paths it was given."""
    module = types.ModuleType("gongkai.pipeline.api")
    module.calls = []  # type: ignore[attr-defined]

    def annotate(path: str | Path, **kwargs: object) -> Report:
        module.calls.append(str(path))  # type: ignore[attr-defined]
        return fake_annotate(path)

    module.annotate = module.check_tables = annotate  # type: ignore[attr-defined]
    module.load = lambda config=None: object()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gongkai.pipeline.api", module)
    return module


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make files in an empty current folder: ``folder(**{"a.txt": "text"})``."""
    monkeypatch.chdir(tmp_path)

    def make(files: dict[str, str]) -> Path:
        for name, text in files.items():
            target = tmp_path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return tmp_path

    return make
