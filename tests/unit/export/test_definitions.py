"""``tables.yaml``: keys, vocabularies and views agree with the schema of the summaries and with each other."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from gongkai.configs import __file__ as configs
from gongkai.pipeline.document import Form, SectionKind
from gongkai.pipeline.export.definitions import tables, views
from gongkai.pipeline.export.dictionary import dictionary
from gongkai.pipeline.names import zh
from gongkai.pipeline.schema import CheckStatus, Comparator, DiagnosticOut, EntityType, Report
from gongkai.pipeline.tables.templates import TABLES

PAGE = Path(configs).parents[1] / "docs" / "data-dictionary.md"


def test_the_data_dictionary_is_current() -> None:
    told = "made anew by: gongkai export --dictionary > docs/data-dictionary.md"
    assert PAGE.read_text(encoding="utf-8") == dictionary(), told


def test_the_dictionary_tells_every_column_and_view() -> None:
    page = dictionary()
    for table in tables().values():
        part = page.split(f"### {table.name}\n")[1].split("\n### ")[0]
        assert all(f"| `{name}` |" in part for name in table.names)
    assert all(f"### {name}\n" in page for name in views())
    lines = [line.replace("\\|", "") for line in page.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in lines)


@pytest.mark.parametrize("name", list(tables()))
def test_keys_and_foreign_keys_exist_and_fit(name: str) -> None:
    table = tables()[name]
    before = list(tables())[: list(tables()).index(name) + 1]
    assert set(table.key) <= set(table.names)
    assert name in ("reports", "failures") or any(f.table == "reports" for f in table.foreign_keys)
    for foreign in table.foreign_keys:
        other = tables()[foreign.table]
        assert foreign.table in before, "a table comes after those it speaks of"
        types = [table.column[column].type for column in foreign.columns]
        assert types == [other.column[column].type for column in other.key]
    assert all(table.column[h.column].values.get(h.value) for h in table.highlights)


def test_headers_fit_into_excel() -> None:
    sheets = [table.zh for table in tables().values()]
    assert len(set(sheets)) == len(sheets)
    assert all(len(f"{name}（99）") <= 31 and not set(name) & set("[]:*?/\\") for name in sheets)
    for table in tables().values():
        assert len({column.zh for column in table.columns}) == len(table.columns), table.name


@pytest.mark.parametrize(
    ("column", "vocabulary"),
    [
        ("reports.format", get_args(Form)),
        ("reports.status", get_args(Report.model_fields["status"].annotation)),
        ("sections.kind", get_args(SectionKind)),
        ("metrics.comparator", get_args(Comparator)),
        ("entities.type", get_args(EntityType)),
        ("statutory_tables.table_name", TABLES),
        ("checks.status", get_args(CheckStatus)),
        ("diagnostics.level", get_args(DiagnosticOut.model_fields["level"].annotation)),
    ],
)
def test_closed_vocabularies_are_those_of_the_schema(column: str, vocabulary: tuple[str, ...]) -> None:
    table, name = column.split(".")
    assert set(tables()[table].column[name].values) == set(vocabulary)


@pytest.mark.parametrize(
    ("column", "group"),
    [("sections.kind", "sections"), ("reports.format", "forms"), ("statutory_tables.table_name", "tables")],
)
def test_names_are_those_of_the_command_line(column: str, group: str) -> None:
    table, name = column.split(".")
    values = tables()[table].column[name].values
    assert values == {value: zh(group, value) for value in values}
