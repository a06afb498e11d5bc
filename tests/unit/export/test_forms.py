"""The writers: the same content in every form, bounded groups, keys, views, colours, nothing that computes."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.export.batches import Batches
from gongkai.pipeline.export.definitions import tables, views
from gongkai.pipeline.export.forms import FORMS
from gongkai.pipeline.export.results import Results
from gongkai.pipeline.export.rows import report_rows
from gongkai.pipeline.export.sheets import CUT_MARK, cut
from gongkai.pipeline.export.to_csv import guard, unguard
from gongkai.pipeline.export.to_duckdb import DuckDbWriter
from gongkai.pipeline.export.to_parquet import ParquetWriter
from gongkai.pipeline.export.to_xlsx import GUIDE, XlsxWriter
from gongkai.pipeline.schema import Report

Build = Callable[..., Report]
Read = Callable[[str, Path], dict[str, list[tuple[Any, ...]]]]


def test_every_form_holds_the_same(exported: dict[str, Path], outputs: Path, read: Read, form: str) -> None:
    wanted: dict[str, list[tuple[Any, ...]]] = {name: [] for name in tables()}
    for entry in Results(outputs):
        for name, rows in entry.rows.items():
            wanted[name].extend(rows)
    assert all(wanted.values()), "every table is put to the test"
    found = read(form, exported[form])
    for name in tables():
        assert found[name] == wanted[name], name


@pytest.mark.parametrize("folder_form", ["jsonl", "csv", "parquet"])
def test_a_repetition_gives_the_same_bytes(
    exported: dict[str, Path], outputs: Path, run_export: Callable[..., Any], folder_form: str
) -> None:
    _, again = run_export(outputs, folder_form)
    for path in exported[folder_form].iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(GongkaiError, match="duckdb") as error:
        FORMS["duckdb"].require_packages()
    assert error.value.code == "export.unavailable"
    assert "gongkai[export]" in error.value.entry.advice
    FORMS["csv"].require_packages()


def test_rows_in_memory_are_bounded_and_none_is_lost(build_report: Build) -> None:
    written: list[tuple[str, int]] = []
    batches = Batches(lambda name, batch: written.append((name, batch.num_rows)), max_rows=100)
    total = 0
    for i in range(40):
        rows = report_rows(build_report(f"r{i}"))
        total += sum(map(len, rows.values()))
        batches.add(rows)
        assert total - sum(number for _, number in written) <= 100
    batches.finish()
    assert sum(number for _, number in written) == total
    assert {name for name, _ in written} == set(tables()) - {"failures"}


def test_parquet_comes_in_row_groups_with_described_fields(tmp_path: Path, build_report: Build) -> None:
    with ParquetWriter(tmp_path, max_rows=50) as writer:
        for i in range(30):
            writer.write(report_rows(build_report(f"r{i:02}")))
        writer.finish()
    file = parquet.ParquetFile(tmp_path / "segment_labels.parquet")
    assert file.metadata.num_row_groups > 2
    assert max(file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)) <= 50
    field = file.schema_arrow.field("label_zh")
    assert field.metadata[b"zh"].decode() == "标签名称"
    ids = parquet.read_table(tmp_path / "segment_labels.parquet")["report_id"].to_pylist()
    assert ids == sorted(ids)


@given(st.text())
def test_guarded_texts_come_back_and_never_compute(text: str) -> None:
    assert unguard(guard(text)) == text
    assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", guard(text))


def test_duckdb_enforces_keys_and_explains_itself(exported: dict[str, Path], tmp_path: Path, report: Report) -> None:
    with duckdb.connect(str(exported["duckdb"]), read_only=True) as connection:
        keys = dict(
            connection.execute(
                "SELECT table_name, constraint_column_names FROM duckdb_constraints() "
                "WHERE constraint_type = 'PRIMARY KEY'"
            ).fetchall()
        )
        assert {name: tuple(key) for name, key in keys.items()} == {n: t.key for n, t in tables().items()}
        told = connection.execute("SELECT comment FROM duckdb_columns() WHERE NOT internal AND table_name = 'metrics'")
        assert all(comment for (comment,) in told.fetchall())
        for view in views().values():
            assert tuple(c[0] for c in connection.execute(f"FROM {view.name}").description or ()) == view.columns
    with DuckDbWriter(tmp_path / "t.duckdb") as writer:
        writer.write(report_rows(report))
        writer.write(report_rows(report))
        with pytest.raises(duckdb.ConstraintException):
            writer.finish()


def test_duckdb_views_answer(tmp_path: Path, build_report: Build) -> None:
    first, second, other = build_report("a22"), build_report("a23"), build_report("b22")
    second.report.year = 2023
    second.checks[0].status = "passed"
    second.tables["applications"].rows["denied_state_secret"] = {"total": 2}
    second.tables["applications"].rows["denied_third_party"] = {"total": 3}
    second.metrics[0].value = 20
    other.report.authority, other.report.region = "乙县人民政府", "乙县"
    sentence = first.paragraphs[0].text[: first.paragraphs[0].segments[0].end]
    with DuckDbWriter(tmp_path / "t.duckdb") as writer:
        for report in (first, second, other):
            writer.write(report_rows(report))
        writer.finish()
    with duckdb.connect(str(tmp_path / "t.duckdb"), read_only=True) as connection:

        def ask(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        assert ask("SELECT authority, rule, failed, checked, failed_reports, first_year, last_year "
                   "FROM failed_checks_by_authority ORDER BY authority") == [
            ("乙县人民政府", "applications.balance", 1, 1, 1, 2022, 2022),
            ("柳溪市人民政府", "applications.balance", 1, 2, 1, 2022, 2022),
        ]  # fmt: skip
        assert ask("SELECT report_id, difference FROM failed_checks ORDER BY 1") == [("a22", -1), ("b22", -1)]
        assert ask("SELECT year, unit, metrics, reports, authorities, lowest, median, highest "
                   "FROM metrics_by_domain_year WHERE domain = 'education' ORDER BY year") == [
            (2022, "条", 2, 2, 2, 12, 12, 12), (2023, "条", 1, 1, 1, 20, 20, 20),
        ]  # fmt: skip
        assert ask("SELECT report_id, new_received, granted, denied, refused FROM application_flows ORDER BY 1") == [
            ("a22", 7, 0.5, None, None), ("a23", 7, 0.5, 5, None), ("b22", 7, 0.5, None, None),
        ]  # fmt: skip
        assert ask("SELECT year, domain, reports, segments, characters, share FROM domains_by_authority_year "
                   "WHERE authority = '柳溪市人民政府' ORDER BY year") == [
            (2022, "education", 1, 3, 41, 1.0), (2023, "education", 1, 3, 41, 1.0),
        ]  # fmt: skip
        assert ask("SELECT count(*), count(DISTINCT metric_id), min(sentence) FROM metrics_with_context "
                   "WHERE report_id = 'a22'") == [(2, 1, sentence)]  # fmt: skip


def test_workbook_reads_like_one_made_for_people(exported: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(exported["xlsx"])
    assert book.sheetnames == [GUIDE, *(table.zh for table in tables().values())]
    for table in tables().values():
        sheet = book[table.zh]
        assert [c.value for c in sheet[1]] == [column.zh for column in table.columns]
        assert [c.value for c in sheet[2]] == list(table.names)
        assert sheet.freeze_panes == "B3"
        assert sheet.auto_filter.ref.startswith("A2:")
    reports = book["报告"]
    at = {c.value: c.column - 1 for c in reports[2]}
    row = reports[3]
    assert row[at["year"]].number_format == "0"
    assert row[at["bytes"]].number_format == "#,##0"
    assert row[at["published"]].number_format == "yyyy-mm-dd"
    metric = {c.value: book["数据指标"][3][c.column - 1] for c in book["数据指标"][2]}
    assert metric["value"].number_format == "#,##0"
    assert metric["value_max"].number_format == "#,##0.######"
    guide = [c.value for row in book[GUIDE].iter_rows() for c in row if c.value is not None]
    assert all(table.name in guide and table.en in guide for table in tables().values())
    assert book[GUIDE].max_row > sum(len(table.columns) for table in tables().values())


def test_failed_checks_are_red(exported: dict[str, Path]) -> None:
    sheet = openpyxl.load_workbook(exported["xlsx"])["核对结果"]
    ((area, (rule,)),) = sheet.conditional_formatting._cf_rules.items()
    status = next(c.column_letter for c in sheet[2] if c.value == "status")
    assert rule.formula == [f'${status}3="failed"']
    assert str(area.sqref) == f"A3:{sheet.cell(1, sheet.max_column).column_letter}{sheet.max_row}"
    assert rule.dxf.fill.bgColor.rgb == "FFFFC7CE"


def test_nothing_in_a_workbook_computes_or_is_markup(exported: dict[str, Path], nasty: tuple[str, ...]) -> None:
    with zipfile.ZipFile(exported["xlsx"]) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(re.search(r"<f[ >]", sheet) for sheet in sheets)
    assert "&lt;t&gt;x&lt;/t&gt;" in "".join(sheets), f"{nasty[8]} is shown as it is written"


def test_more_rows_than_a_sheet_holds_go_on_openly(tmp_path: Path, build_report: Build, read: Read) -> None:
    file = tmp_path / "t.xlsx"
    wanted = []
    with XlsxWriter(file, max_rows=7) as writer:  # two rows of headers, five of data
        for i in range(6):
            rows = report_rows(build_report(f"r{i}"))
            wanted += rows["segments"]
            writer.write(rows)
        writer.finish()
    book = openpyxl.load_workbook(file)
    names = [name for name in book.sheetnames if name.startswith("句段") and not name.startswith("句段标签")]
    assert names == ["句段", "句段（2）", "句段（3）"]
    assert [book[name].max_row for name in names] == [7, 7, 4]
    assert all(book[name]["A1"].value == "报告编号" for name in names)
    assert read("xlsx", file)["segments"] == wanted
    guide = [[c.value for c in row] for row in book[GUIDE].iter_rows()]
    assert any("句段（3）" in row for row in guide)
    assert any(row[1:3] == ["segments", 12] for row in guide)
    assert any("句段" in str(row[0]) and "Continued" in str(row[0]) for row in guide)


def test_texts_too_long_for_a_cell_are_cut_openly(tmp_path: Path, build_report: Build) -> None:
    text = "公开" * 20_000
    with XlsxWriter(tmp_path / "t.xlsx") as writer:
        writer.write(report_rows(build_report("long", text)))
        writer.finish()
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    shown = book["段落"].cell(3, tables()["paragraphs"].names.index("text") + 1)
    assert len(shown.value) == 32_767
    assert shown.value.endswith(CUT_MARK)
    assert text.startswith(shown.value.removesuffix(CUT_MARK))
    assert shown.fill.bgColor.rgb != book["段落"].cell(3, 1).fill.bgColor.rgb
    assert any("1 cell(s) cut" in str(c.value) for c in book[GUIDE]["A"])


@given(st.integers(16_300, 16_500), st.sampled_from(["公", "𠮷"]))
def test_cut_counts_as_excel_does(number: int, character: str) -> None:
    text = character * number + "尾" * 16_367
    units = len(text.encode("utf-16-le")) // 2
    shown = cut(text)
    assert (shown == text) == (units <= 32_767)
    assert len(shown.encode("utf-16-le")) // 2 <= 32_767
