"""From a summary to the rows of the tables."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from gongkai.pipeline.export.definitions import tables
from gongkai.pipeline.export.values import Cell, Row
from gongkai.pipeline.names import column_zh, label_zh, place, row_zh, zh
from gongkai.pipeline.schema import Check, Failure, LabelSummary, ParagraphOut, Report, Segment, TableOut

Rows = dict[str, list[Row]]
_Cells = Mapping[str, Cell]
_Named = Iterator[tuple[str, _Cells]]

PATH_JOINT = " › "


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A check between two reports, told with the later one; ``previous`` is the id of the earlier."""

    check: Check
    previous: str


def report_rows(report: Report, cross: Sequence[CrossCheck] = ()) -> Rows:
    """Return the rows of a report by table; tables without a row are left out.

    Args:
        report: the summary.
        cross: the checks between it and the report of the year before.

    Raises:
        ValueError: for a value that no table can hold, a key told twice, or a reference to what is not there.
    """
    report_id = report.report.id
    rows: Rows = {}
    for name, cells in chain(
        _report(report),
        _narrative(report),
        _figures(report),
        _digest(report),
        _tables(report),
        _outcomes(report, cross),
    ):
        rows.setdefault(name, []).append(tables()[name].row({"report_id": report_id, **cells}))
    _check_integrity(rows)
    return rows


def failure_rows(result: str, failure: Failure) -> Rows:
    """Return the row of the record of a failure.

    Args:
        result: the file that holds the record.
        failure: the record.
    """
    return _failure(result, failure.path, failure.code, failure.message, failure.advice)


def damage_rows(result: str, code: str, message: str, advice: str) -> Rows:
    """Return the row of a result file that cannot be read, by its error code, message and advice."""
    return _failure(result, None, code, message, advice)


def _failure(result: str, path: str | None, code: str, message: str, advice: str) -> Rows:
    cells = {"result": result, "path": path, "code": code, "message": message, "advice": advice}
    return {"failures": [tables()["failures"].row(cells)]}


def _value_zh(table: str, column: str, value: str) -> str:
    return tables()[table].column[column].values.get(value, value)


def _report(report: Report) -> _Named:
    about = report.report
    yield (
        "reports",
        about.model_dump(exclude={"id"})
        | report.source.model_dump()
        | {
            "status": report.status,
            "digest": report.summary.text,
            "schema_version": report.schema_version,
            "pipeline_version": report.pipeline.version,
            "config_sha256": report.pipeline.config_sha256,
            "models": json.dumps(report.pipeline.models, ensure_ascii=False, sort_keys=True),
        },
    )


def _narrative(report: Report) -> _Named:
    for i, section in enumerate(report.sections, 1):
        yield (
            "sections",
            {
                "section_id": section.id,
                "position": i,
                "kind": section.kind,
                "kind_zh": zh("sections", section.kind),
                "title": section.title,
                "level": section.level,
                "parent_id": section.parent,
            },
        )
    positions = count(1)
    for i, paragraph in enumerate(report.paragraphs, 1):
        yield (
            "paragraphs",
            {
                "paragraph_id": paragraph.id,
                "position": i,
                "section_id": paragraph.section,
                "path": PATH_JOINT.join(paragraph.path),
                "text": paragraph.text,
            },
        )
        for segment in paragraph.segments:
            yield (
                "segments",
                {
                    "segment_id": segment.id,
                    "position": next(positions),
                    "paragraph_id": paragraph.id,
                    "start_offset": segment.start,
                    "end_offset": segment.end,
                    "text": paragraph.text[segment.start : segment.end],
                },
            )
            yield from _labels(segment)


def _labels(segment: Segment) -> _Named:
    for facet, group, kept, candidates in (
        ("domain", "domains", segment.domains, segment.domain_candidates),
        ("activity", "activities", segment.activities, segment.activity_candidates),
    ):
        for rank, label in enumerate([*kept, *candidates], 1):
            yield (
                "segment_labels",
                {
                    "segment_id": segment.id,
                    "facet": facet,
                    "label": label.label,
                    "label_zh": label_zh(group, label.label),
                    "rank": rank,
                    "score": label.score,
                    "kept": rank <= len(kept),
                },
            )


def _figures(report: Report) -> _Named:
    segments = {paragraph.id: _SegmentFinder(paragraph) for paragraph in report.paragraphs}
    headline = {metric_id: rank for rank, metric_id in enumerate(report.summary.headline, 1)}
    for i, metric in enumerate(report.metrics, 1):
        finder = segments.get(metric.paragraph)
        yield (
            "metrics",
            metric.model_dump(exclude={"id", "paragraph", "start", "end", "domains"})
            | {
                "metric_id": metric.id,
                "position": i,
                "paragraph_id": metric.paragraph,
                "segment_id": finder(metric.start) if finder else None,
                "start_offset": metric.start,
                "end_offset": metric.end,
                "headline": headline.get(metric.id),
            },
        )
        for rank, domain in enumerate(metric.domains, 1):
            name = label_zh("domains", domain)
            yield "metric_domains", {"metric_id": metric.id, "domain": domain, "domain_zh": name, "rank": rank}
    for i, entity in enumerate(report.entities, 1):
        yield (
            "entities",
            {
                "entity_no": i,
                "type": entity.type,
                "type_zh": _value_zh("entities", "type", entity.type),
                "text": entity.text,
                "normalized": entity.normalized,
                "paragraph_id": entity.paragraph,
                "start_offset": entity.start,
                "end_offset": entity.end,
            },
        )


class _SegmentFinder:
    """Tells which segment of a paragraph an offset stands in."""

    def __init__(self, paragraph: ParagraphOut):
        self._segments = sorted(paragraph.segments, key=lambda segment: segment.start)
        self._starts = [segment.start for segment in self._segments]

    def __call__(self, offset: int) -> str | None:
        """Return the id of the segment, None between segments."""
        at = bisect_right(self._starts, offset) - 1
        return self._segments[at].id if at >= 0 and offset < self._segments[at].end else None


def _digest(report: Report) -> _Named:
    summaries: tuple[tuple[str, list[LabelSummary]], ...] = (
        ("domain", report.summary.domains),
        ("activity", report.summary.activities),
    )
    for facet, labels in summaries:
        for rank, summary in enumerate(labels, 1):
            yield (
                "label_summaries",
                {
                    "facet": facet,
                    "label": summary.label,
                    "label_zh": summary.zh,
                    "rank": rank,
                    "segments": summary.segments,
                    "characters": summary.characters,
                    "highlight_id": summary.highlight,
                },
            )


def _tables(report: Report) -> _Named:
    for name, table in report.tables.items():
        title = zh("tables", name)
        yield (
            "statutory_tables",
            {"table_name": name, "table_zh": title, "form": table.form, "strategy": table.strategy},
        )
        yield from _cells(name, title, table)


def _cells(name: str, title: str, table: TableOut) -> _Named:
    for row, values in table.rows.items():
        for column, value in values.items():
            yield (
                "table_cells",
                {
                    "table_name": name,
                    "row_name": row,
                    "column_name": column,
                    "table_zh": title,
                    "row_zh": row_zh(name, row),
                    "column_zh": column_zh(name, column),
                    "value": value,
                },
            )
    for i, extra in enumerate(table.extra_rows, 1):
        for column, text in extra.items():
            yield "extra_cells", {"table_name": name, "row_no": i, "column_name": column, "text": text}


def _outcomes(report: Report, cross: Sequence[CrossCheck]) -> _Named:
    own = [(check, None) for check in report.checks]
    for i, (check, previous) in enumerate([*own, *((found.check, found.previous) for found in cross)], 1):
        yield (
            "checks",
            check.model_dump(exclude={"where", "operands", "paragraph"})
            | {
                "check_no": i,
                "rule_zh": zh("rules", check.rule),
                "status_zh": _value_zh("checks", "status", check.status),
                "place": check.where,
                "place_zh": None if check.where is None else place(check.where, check.rule),
                "paragraph_id": check.paragraph,
                "compared_with": previous,
            },
        )
        for j, (operand, value) in enumerate(check.operands.items(), 1):
            yield "check_operands", {"check_no": i, "operand_no": j, "operand": operand, "value": value}
    for i, diagnostic in enumerate(report.diagnostics, 1):
        cells = diagnostic.model_dump(exclude={"where"})
        yield "diagnostics", {"diagnostic_no": i, "place": diagnostic.where, **cells}


def _check_integrity(rows: Rows) -> None:
    """Refuse a report whose ids are not unique or point nowhere: its rows would be lost in any join.

    Raises:
        ValueError: naming the table and the key.
    """
    keys: dict[str, set[Row]] = {}
    for name, own in rows.items():
        at = tables()[name].positions(tables()[name].key)
        found = keys[name] = set()
        for row in own:
            key = tuple(row[i] for i in at)
            if None in key:
                raise ValueError(f"{name}: a row without {', '.join(tables()[name].key)}")
            if key in found:
                raise ValueError(f"{name}: {_shown(key)} stands there twice")
            found.add(key)
    for name, own in rows.items():
        for foreign in tables()[name].foreign_keys:
            at = tables()[name].positions(foreign.columns)
            known = keys.get(foreign.table, set())
            for row in own:
                key = tuple(row[i] for i in at)
                if key[-1] is not None and key not in known:
                    raise ValueError(f"{name}: {foreign.table} has no {_shown(key)}")


def _shown(key: Row) -> str:
    return "/".join(str(part) for part in (key[1:] or key))
