"""The data dictionary: ``tables.yaml`` as a Markdown page (``docs/data-dictionary.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gongkai.pipeline.export.definitions import Column, Table, View, introduction, tables, views


def dictionary() -> str:
    """Return the page as Markdown."""
    parts = [introduction(), *_contents(), *(_table(table) for table in tables().values())]
    parts += ["## 视图 Views of the DuckDB file\n", *(_view(view) for view in views().values())]
    return "\n".join(parts)


def _contents() -> Iterator[str]:
    yield "## 表 Tables\n"
    yield _grid(
        ("表 table", "中文", "内容", "contents", "key"),
        ((f"[{t.name}](#{t.name})", t.zh, t.note, t.en, _codes(t.key)) for t in tables().values()),
    )


def _table(table: Table) -> str:
    lines = [f"### {table.name}\n", f"{table.zh}：{table.note} {table.en}\n"]
    foreign = [f"{_codes(f.columns)} → [{f.table}](#{f.table})" for f in table.foreign_keys]
    lines.append(
        f"主键 key: {_codes(table.key)}" + (f"; 外键 foreign keys: {'; '.join(foreign)}" if foreign else "") + "\n"
    )
    lines.append(_grid(("列 column", "中文", "类型 type", "含义 meaning"), map(_column, table.columns)))
    return "\n".join(lines)


def _column(column: Column) -> tuple[str, ...]:
    meaning = " ".join(filter(None, (column.en, column.note)))
    if column.values:
        meaning += " " + ", ".join(f"`{value}` {zh}" for value, zh in column.values.items())
    return f"`{column.name}`", column.zh, column.type, meaning


def _view(view: View) -> str:
    return "\n".join(
        [
            f"### {view.name}\n",
            f"{view.zh}. {view.en}\n",
            f"列 columns: {_codes(view.columns)}\n",
            f"```sql\n{view.sql}```\n",
        ]
    )


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"
