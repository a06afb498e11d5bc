"""From a summary to rows: nothing of it is left behind, and what does not hold together is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from gongkai.pipeline.export.definitions import tables
from gongkai.pipeline.export.rows import CrossCheck, Rows, report_rows
from gongkai.pipeline.schema import Check, Report


def records(rows: Rows, table: str) -> list[dict[str, Any]]:
    return [dict(zip(tables()[table].names, row, strict=True)) for row in rows.get(table, [])]


def leaves(value: object) -> Iterator[object]:
    """Yield every text and number of a model, keys of mappings too."""
    if isinstance(value, BaseModel):
        assert value.model_fields_set == set(type(value).model_fields), f"tell {type(value).__name__} in full"
        for name in type(value).model_fields:
            yield from leaves(getattr(value, name))
    elif isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif value is not None:
        yield value


def test_every_value_of_a_summary_is_in_some_cell(report: Report) -> None:
    rows = report_rows(report)
    cells = [cell for own in rows.values() for row in own for cell in row if cell is not None]
    texts = "\n".join(str(cell) for cell in cells)
    for leaf in leaves(report):
        assert str(leaf) in texts if isinstance(leaf, str) else leaf in cells, leaf


def test_every_table_has_rows(report: Report) -> None:
    assert set(report_rows(report)) == set(tables()) - {"failures"}


def test_labels_tell_kept_from_candidates_in_order(report: Report) -> None:
    labels = records(report_rows(report), "segment_labels")
    assert [(r["facet"], r["label"], r["label_zh"], r["rank"], r["kept"]) for r in labels] == [
        ("domain", "education", "教育", 1, True),
        ("domain", "finance", "财政资金", 2, True),
        ("domain", "planning", "规划计划与重大决策", 3, False),
        ("activity", "institutions", "制度建设", 1, True),
        ("activity", "proactive_disclosure", "主动公开", 2, False),
    ]


def test_segments_hold_their_text_and_metrics_their_segment(report: Report) -> None:
    first, last = report.paragraphs[0].segments
    report.metrics = [
        report.metrics[0].model_copy(update={"id": f"m{at}", "start": at})
        for at in (first.start, first.end - 1, last.start, last.end)
    ]
    report.summary.headline = ["m0"]
    rows = report_rows(report)
    assert [r["segment_id"] for r in records(rows, "metrics")] == ["p1.1", "p1.1", "p1.2", None]
    assert [r["headline"] for r in records(rows, "metrics")] == [1, None, None, None]
    assert "".join(r["text"] for r in records(rows, "segments")) == report.paragraphs[0].text
    assert [r["position"] for r in records(rows, "segments")] == [1, 2]


def test_cells_and_checks_are_named_in_chinese(report: Report) -> None:
    rows = report_rows(report)
    cell = records(rows, "table_cells")[0]
    assert (cell["table_zh"], cell["row_zh"], cell["column_zh"]) == (
        "收到和处理政府信息公开申请情况",
        "本年新收",
        "自然人",
    )
    check = records(rows, "checks")[0]
    assert (check["rule_zh"], check["status_zh"], check["place_zh"]) == (
        "新收＋上年结转＝总计＋结转下年度",
        "未通过",
        "自然人",
    )


def test_checks_between_reports_follow_those_within(report: Report) -> None:
    cross = Check(rule="cross_year.carry_over", status="failed", where="total", message="不符", operands={"a": 1})
    rows = report_rows(report, [CrossCheck(cross, "r0")])
    assert [(r["check_no"], r["rule"], r["compared_with"]) for r in records(rows, "checks")] == [
        (1, "applications.balance", None),
        (2, "narrative.parts", None),
        (3, "cross_year.carry_over", "r0"),
    ]
    assert records(rows, "check_operands")[-1]["check_no"] == 3


def test_empty_texts_are_null(build_report: Callable[..., Report]) -> None:
    report = build_report()
    report.report.title = ""
    assert records(report_rows(report), "reports")[0]["title"] is None


def _twice(report: Report) -> None:
    report.metrics.append(report.metrics[0])


def _orphan(report: Report) -> None:
    report.metrics[0].paragraph = "p9"


def _orphan_section(report: Report) -> None:
    report.sections[1].parent = "s9"


def _orphan_highlight(report: Report) -> None:
    report.summary.domains[0].highlight = "p9.1"


def _same_label_twice(report: Report) -> None:
    segment = report.paragraphs[0].segments[0]
    segment.domain_candidates = [segment.domains[0]]


def _no_id(report: Report) -> None:
    report.entities[0].paragraph = "p1"
    report.paragraphs[0].segments[0].id = ""


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_twice, "metrics: m1 stands there twice"),
        (_orphan, "metrics: paragraphs has no p9"),
        (_orphan_section, "sections: sections has no s9"),
        (_orphan_highlight, "label_summaries: segments has no p9.1"),
        (_same_label_twice, "segment_labels: p1.1/domain/education stands there twice"),
        (_no_id, "segments: a row without report_id, segment_id"),
    ],
)
def test_ids_that_would_lose_rows_in_a_join_are_refused(
    report: Report, damage: Callable[[Report], None], told: str
) -> None:
    damage(report)
    with pytest.raises(ValueError, match=f"^{told}"):
        report_rows(report)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("metrics.value", 10**400),
        ("metrics.value", float("nan")),
        ("metrics.value_max", float("-inf")),
        ("report.year", 2**63),
        ("source.bytes", -(2**63) - 1),
        ("report.published", "31 January"),
        ("report.published", "2023-02-30"),
    ],
)
def test_values_that_no_column_can_hold_are_refused(report: Report, place: str, value: object) -> None:
    part, name = place.split(".")
    setattr(report.metrics[0] if part == "metrics" else getattr(report, part), name, value)
    with pytest.raises(ValueError, match=name):
        report_rows(report)


def test_the_largest_values_are_held(report: Report) -> None:
    report.report.year, report.source.bytes = 2**63 - 1, -(2**63)
    report.metrics[0].value = 10**300
    row = records(report_rows(report), "reports")[0]
    assert (row["year"], row["bytes"]) == (2**63 - 1, -(2**63))
