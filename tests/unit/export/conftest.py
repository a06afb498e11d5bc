"""A report in which every field is told, texts that break careless writers, and readers of every form."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gongkai.pipeline.export.definitions import Column, tables
from gongkai.pipeline.export.results import Results
from gongkai.pipeline.export.run import Tally, export
from gongkai.pipeline.export.to_csv import unguard
from gongkai.pipeline.schema import Failure, Report

# What a spreadsheet would compute, what XlsxWriter takes for XML, what CSV must quote, what XML cannot hold.
NASTY = (
    '=HYPERLINK("http://x","y")', "+1", "-1+2", "@SUM(A1)", "＝1+1", "'=1", "''-", "\t=1", "<r><t>x</t></r>", "<r></r>",
    'a"b,c;d', "两行\n文字\r\n完", "\x00\x07\x1b\ufffe", "_x0041_", " 空格 ", "𠮷😀", "NULL", "true",
    "2022-01-01", "007", "1e5",
)  # fmt: skip


def make_report(report_id: str = "r1", text: str = "全年公开信息12条。其中网站8条。", note: str = "说明") -> Report:
    """Build a report that leaves no field of the schema untold."""
    cut = max(len(text) // 2, 1)
    return Report.model_validate(
        {
            "schema_version": "1.0",
            "status": "partial_success",
            "report": {"id": report_id, "title": "标题", "authority": "柳溪市人民政府", "region": "柳溪市",
                       "year": 2022, "published": "2023-01-31", "format": "2021"},
            "source": {"path": f"in/{report_id}.html", "media_type": "text/html", "encoding": "gb18030",
                       "sha256": "ab" * 32, "bytes": 24446},
            "sections": [
                {"id": "s1", "kind": "overview", "title": "一、总体情况", "level": 1, "parent": None},
                {"id": "s2", "kind": "problems", "title": "（一）主动公开", "level": 2, "parent": "s1"},
            ],
            "paragraphs": [
                {"id": "p1", "section": "s2", "path": ["外层标题", "内层标题"], "text": text, "segments": [
                    {"id": "p1.1", "start": 0, "end": cut,
                     "domains": [{"label": "education", "score": 0.875}, {"label": "finance", "score": 0.5}],
                     "activities": [{"label": "institutions", "score": 0.75}],
                     "domain_candidates": [{"label": "planning", "score": 0.25}],
                     "activity_candidates": [{"label": "proactive_disclosure", "score": 0.125}]},
                    {"id": "p1.2", "start": cut, "end": len(text), "domains": [], "activities": [],
                     "domain_candidates": [], "activity_candidates": []},
                ]},
            ],
            "metrics": [
                {"id": "m1", "paragraph": "p1", "start": 0, "end": 1, "text": "12条", "indicator": "公开信息数",
                 "value": 12, "value_max": 13.5, "unit": "条", "comparator": "approx", "period": "全年",
                 "scope": "网站", "domains": ["education", "finance"], "score": 0.93},
            ],
            "entities": [{"type": "DOCUMENT", "paragraph": "p1", "start": 0, "end": 2, "text": "《条例》",
                          "normalized": "政府信息公开条例"}],
            "tables": {"applications": {"form": "2021", "strategy": "grid", "rows": {
                "new_received": {"natural_person": 5, "total": 7}, "granted": {"natural_person": None, "total": 0.5}},
                "extra_rows": [{"label": "另行统计", "c1": "约3件"}]}},
            "checks": [
                {"rule": "applications.balance", "status": "failed", "where": "natural_person", "expected": 6,
                 "actual": 5, "message": note, "operands": {"total": 5, "new_received": None}, "assumed_blank": 1,
                 "evidence": "自然人 5", "paragraph": "p1"},
                {"rule": "narrative.parts", "status": "passed", "where": "p1:0", "expected": 8, "actual": 8.0,
                 "message": "相符", "operands": {}, "assumed_blank": 0, "evidence": None, "paragraph": None},
            ],
            "summary": {
                "domains": [{"label": "education", "zh": "教育", "segments": 3, "characters": 41, "metrics": ["m1"],
                             "highlight": "p1.1"}],
                "activities": [{"label": "institutions", "zh": "制度建设", "segments": 2, "characters": 17,
                                "metrics": [], "highlight": "p1.2"}],
                "headline": ["m1"], "text": "内容摘要。"},
            "diagnostics": [{"level": "warning", "code": "table.x", "message": "读不出。", "where": "p1"}],
            "pipeline": {"version": "0.1", "config_sha256": "cd" * 32, "models": {"tagger": "phrases-1"}},
        }
    )  # fmt: skip


def make_outputs(folder: Path) -> Path:
    """Fill a folder as ``gongkai annotate`` does: a plain report, nasty ones, a failure."""
    folder.mkdir(parents=True, exist_ok=True)
    reports = [make_report("a"), *(make_report(f"n{i:02}", text, text) for i, text in enumerate(NASTY))]
    for report in reports:
        (folder / f"{report.report.id}.json").write_text(report.model_dump_json(indent=2), encoding="utf-8")
    failure = Failure(path="x.pdf", code="read.scanned_pdf", message="Pictures only.", advice="Run OCR.")
    (folder / "x.failure.json").write_text(failure.model_dump_json(), encoding="utf-8")
    return folder


Content = dict[str, list[tuple[Any, ...]]]


def cell(column: Column, value: Any) -> Any:
    """Return what a form gives for a cell in the type of its column."""
    if value is None or value == "":
        return None
    if column.type == "date":
        return value if type(value) is date else date.fromisoformat(str(value)[:10])
    if column.type == "boolean":
        return value if isinstance(value, bool) else {"true": True, "false": False}[value]
    return {"integer": int, "number": float, "text": str}[column.type](value)


def read_jsonl(folder: Path) -> Content:
    content: Content = {}
    for name, table in tables().items():
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        assert all(tuple(record) == table.names for record in records)
        content[name] = [tuple(cell(c, record[c.name]) for c in table.columns) for record in records]
    return content


def read_csv(folder: Path) -> Content:
    content: Content = {}
    for name, table in tables().items():
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            head, *rows = csv.reader(file)
        assert tuple(head) == table.names
        content[name] = [
            tuple(cell(c, unguard(v) if c.type == "text" else v) for c, v in zip(table.columns, row, strict=True))
            for row in rows
        ]
    return content


def read_duckdb(file: Path) -> Content:
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        return {name: connection.execute(f"FROM {name}").fetchall() for name in tables()}


def read_parquet(folder: Path) -> Content:
    """Read through DuckDB, another implementation than the one that wrote it."""
    import duckdb

    with duckdb.connect() as connection:
        return {
            name: connection.execute("FROM read_parquet(?)", [str(folder / f"{name}.parquet")]).fetchall()
            for name in tables()
        }


def read_xlsx(file: Path) -> Content:
    import openpyxl

    book = openpyxl.load_workbook(file)
    content: Content = {}
    for name, table in tables().items():
        sheets = [s for s in book.worksheets if s.title == table.zh or s.title.startswith(f"{table.zh}（")]
        rows = [
            row for sheet in sheets for row in sheet.iter_rows(min_row=3, max_col=len(table.columns), values_only=True)
        ]
        content[name] = [
            tuple(cell(c, unescaped(v) if c.type == "text" else v) for c, v in zip(table.columns, row, strict=True))
            for row in rows
        ]
    return content


def unescaped(text: Any) -> Any:
    """Undo the escapes of Excel's files, which openpyxl leaves as they are."""
    return re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text) if isinstance(text, str) else text


READERS: dict[str, tuple[str, Callable[[Path], Content]]] = {
    "jsonl": ("tables-jsonl", read_jsonl),
    "csv": ("tables-csv", read_csv),
    "parquet": ("tables-parquet", read_parquet),
    "duckdb": ("t.duckdb", read_duckdb),
    "xlsx": ("t.xlsx", read_xlsx),
}


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_outputs(tmp_path_factory.mktemp("export") / "out")


@pytest.fixture(scope="session")
def exported(outputs: Path) -> dict[str, Path]:
    """The output set in every form."""
    targets = {form: outputs.parent / name for form, (name, _) in READERS.items()}
    for form, target in targets.items():
        export(Results(outputs), form, target)
    return targets


@pytest.fixture
def report() -> Report:
    return make_report()


@pytest.fixture
def build_report() -> Callable[..., Report]:
    return make_report


@pytest.fixture
def nasty() -> tuple[str, ...]:
    return NASTY


@pytest.fixture(params=list(READERS))
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def read() -> Callable[[str, Path], Content]:
    """Read an export of a form."""
    return lambda form, target: READERS[form][1](target)


@pytest.fixture
def run_export(tmp_path: Path) -> Callable[..., tuple[Tally, Path]]:
    """Export a folder to a form; return the tally and the target."""

    def run(folder: Path, form: str = "jsonl") -> tuple[Tally, Path]:
        target = tmp_path / f"export-{READERS[form][0]}"
        return export(Results(folder), form, target), target

    return run
