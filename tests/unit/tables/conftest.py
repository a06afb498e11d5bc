"""Statutory tables composed for the tests: consistent numbers, written as grids, lines or both."""

from __future__ import annotations

import random
import re
from types import SimpleNamespace

import pytest

from gongkai.pipeline.document import FlatTable, GridBlock, GridCell, Outline, TableBlock, TextBlock

COLUMNS = ["natural_person", "business", "research", "nonprofit", "legal_service", "other", "total"]
OUTCOMES = ["upheld", "corrected", "other", "pending", "total"]
REVIEW_ROWS = ["review", "litigation_direct", "litigation_after_review"]
RESULT_GROUPS = [
    ("（一）予以公开", [("granted", "（一）予以公开")]),
    ("（二）部分公开", [("partially_granted", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）")]),
    (
        "（三）不予公开",
        [
            ("denied_state_secret", "1.属于国家秘密"),
            ("denied_prohibited_by_law", "2.其他法律行政法规禁止公开"),
            ("denied_security_stability", "3.危及“三安全一稳定”"),
            ("denied_third_party", "4.保护第三方合法权益"),
            ("denied_internal_affairs", "5.属于三类内部事务信息"),
            ("denied_process_information", "6.属于四类过程性信息"),
            ("denied_enforcement_file", "7.属于行政执法案卷"),
            ("denied_administrative_inquiry", "8.属于行政查询事项"),
        ],
    ),
    (
        "（四）无法提供",
        [
            ("unavailable_not_held", "1.本机关不掌握相关政府信息"),
            ("unavailable_needs_creation", "2.没有现成信息需要另行制作"),
            ("unavailable_unclear", "3.补正后申请内容仍不明确"),
        ],
    ),
    (
        "（五）不予处理",
        [
            ("refused_petition", "1.信访举报投诉类申请"),
            ("refused_repeated", "2.重复申请"),
            ("refused_publication", "3.要求提供公开出版物"),
            ("refused_excessive", "4.无正当理由大量反复申请"),
            ("refused_confirmation", "5.要求行政机关确认或重新出具已获取信息"),
        ],
    ),
]
OTHERS = {
    "2019": [("other_other", "（六）其他处理")],
    "2021": [
        ("other_not_corrected", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
        ("other_unpaid", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
        ("other_other", "3.其他"),
    ],
}


def labelled_rows(form: str) -> list[tuple[str, list[str]]]:
    """Rows of the applications table: id and the label cells from left to right."""
    rows = [
        ("new_received", ["一、本年新收政府信息公开申请数量"]),
        ("carried_over_in", ["二、上年结转政府信息公开申请数量"]),
    ]
    results = "三、本年度办理结果"
    for group, members in [*RESULT_GROUPS, ("（六）其他处理", OTHERS[form])]:
        for row, label in members:
            rows.append((row, [results, label] if group[:3] == label[:3] else [results, group, label]))
    return [*rows, ("total", [results, "（七）总计"]), ("carried_over_out", ["四、结转下年度继续办理"])]


def random_applications(seed: int, form: str, largest: int = 40) -> dict[str, dict[str, int]]:
    """A table whose every sum holds."""
    rng = random.Random(seed)
    ids = [row for row, _ in labelled_rows(form)]
    results = [r for r in ids if r not in ("new_received", "carried_over_in", "total", "carried_over_out")]
    table: dict[str, dict[str, int]] = {r: {} for r in ids}
    for column in COLUMNS[:-1]:
        for row in results:
            table[row][column] = rng.choice([0, 0, 0, rng.randrange(largest + 1)])
        table["total"][column] = sum(table[r][column] for r in results)
        table["carried_over_out"][column] = rng.randrange(4)
        came = table["total"][column] + table["carried_over_out"][column]
        table["carried_over_in"][column] = rng.randrange(min(came, 5) + 1)
        table["new_received"][column] = came - table["carried_over_in"][column]
    for cells in table.values():
        cells["total"] = sum(cells[c] for c in COLUMNS[:-1])
    return table


def random_review(seed: int) -> dict[str, dict[str, int]]:
    rng = random.Random(seed)
    table = {}
    for row in REVIEW_ROWS:
        cells = {o: rng.choice([0, rng.randrange(30)]) for o in OUTCOMES[:-1]}
        table[row] = cells | {"total": sum(cells.values())}
    return table


HEADER_LINES = [
    "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）",
    *["申请人情况", "自然人", "法人或其他组织", "总计", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
]


def text_of(value: object) -> str:
    return "" if value is None else str(value)


def applications_lines(table: dict, form: str, style: str = "cells") -> list[str]:
    """The table as text: ``cells`` (a cell a line, blanks gone), ``rows`` (a row a line), ``bars``."""
    lines = list(HEADER_LINES)
    shown: set[str] = set()
    for row, labels in labelled_rows(form):
        if row not in table:
            continue
        fresh = [label for label in labels if label not in shown]
        shown.update(labels[:-1])
        values = [text_of(table[row][c]) for c in COLUMNS if c in table[row]]
        if style == "cells":
            lines += [*fresh, *[v for v in values if v]]
        elif style == "rows":
            lines += [*fresh[:-1], " ".join([fresh[-1], *[v for v in values if v]])]
        else:
            lines += [f"{cell} |" for cell in [*fresh, *values]]
    return lines


def applications_grid(table: dict, form: str, columns: list[str] | None = None, spans: bool = True) -> GridBlock:
    """The table as a grid of three label columns and seven numbers, merged cells as the form has them."""
    columns = columns or COLUMNS
    names = {
        "natural_person": "自然人", "business": "商业企业", "research": "科研机构", "nonprofit": "社会公益组织",
        "legal_service": "法律服务机构", "other": "其他", "total": "总计",
    }  # fmt: skip
    cells = [GridCell(HEADER_LINES[0], 0, 0, 3, 3), GridCell("申请人情况", 0, 3, 1, len(columns))]
    for at, column in enumerate(columns, 3):
        if column in ("natural_person", "total"):
            cells.append(GridCell(names[column], 1, at, 2, 1))
        else:
            cells += [GridCell("法人或其他组织", 1, at), GridCell(names[column], 2, at)]
    for number, (row, labels) in enumerate([r for r in labelled_rows(form) if r[0] in table], 3):
        for at, label in enumerate(labels):
            width = 3 - at if at == len(labels) - 1 else 1
            cells.append(GridCell(label, number, at, 1, width))
        cells += [GridCell(text_of(table[row][c]), number, at) for at, c in enumerate(columns, 3)]
    grid = GridBlock(cells)
    return grid if spans else GridBlock.from_rows([_distinct(line) for line in grid.matrix()])


def _distinct(line: list[GridCell | None]) -> list[str]:
    seen: dict[int, str] = {id(cell): cell.text for cell in line if cell is not None}
    return list(seen.values())


def review_lines(table: dict) -> list[str]:
    names = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    heads = ["行政复议", "行政诉讼", *names, "未经复议直接起诉", "复议后起诉", *names, *names]
    return [*heads, *[text_of(table[r][o]) for r in REVIEW_ROWS for o in OUTCOMES]]


def review_grid(table: dict) -> GridBlock:
    names = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    cells = [GridCell("行政复议", 0, 0, 1, 5), GridCell("行政诉讼", 0, 5, 1, 10)]
    cells += [GridCell(name, 1, at, 2, 1) for at, name in enumerate(names)]
    cells += [GridCell("未经复议直接起诉", 1, 5, 1, 5), GridCell("复议后起诉", 1, 10, 1, 5)]
    cells += [GridCell(name, 2, at) for at, name in enumerate([*names, *names], 5)]
    numbers = [text_of(table[r][o]) for r in REVIEW_ROWS for o in OUTCOMES]
    return GridBlock([*cells, *[GridCell(n, 3, at) for at, n in enumerate(numbers)]])


def outline(*contents: object, year: int | None = None, kinds: list[str] | None = None) -> Outline:
    """An outline that holds nothing but tables."""
    blocks = [c if isinstance(c, GridBlock) else FlatTable(list(c)) for c in contents]
    sections = kinds or ["unknown"] * len(blocks)
    tables = [TableBlock(None, kind, block) for kind, block in zip(sections, blocks, strict=True)]
    return Outline(None, None, None, year, None, "unknown", [], [], tables)


def text_blocks(lines: list[str]) -> list[TextBlock]:
    return [TextBlock(line.strip()) for line in lines if re.search(r"\S", line)]


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Builders of tables, outlines and blocks."""
    return SimpleNamespace(
        COLUMNS=COLUMNS,
        OUTCOMES=OUTCOMES,
        REVIEW_ROWS=REVIEW_ROWS,
        applications=random_applications,
        applications_lines=applications_lines,
        applications_grid=applications_grid,
        labelled_rows=labelled_rows,
        review=random_review,
        review_lines=review_lines,
        review_grid=review_grid,
        outline=outline,
        blocks=text_blocks,
    )
