"""Rules on what the narrative says: its counts against the tables, and its lists of parts against their whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gongkai.pipeline.checks.base import CheckInput, rule
from gongkai.pipeline.checks.narrative_claims import Claim, find_claims
from gongkai.pipeline.checks.narrative_parts import PartList, find_part_lists, judge
from gongkai.pipeline.checks.sums import TOLERANCE, plain
from gongkai.pipeline.schema import Check, Number, TableOut
from gongkai.pipeline.tables.identities import APPLICANTS

_TABLE_RULE = "narrative.table"
_PARTS_RULE = "narrative.parts"
_ORGANISATIONS = tuple(column for column in APPLICANTS if column != "natural_person")
_TABLES = {
    "applications": "“收到和处理政府信息公开申请情况”表",
    "review_litigation": "“行政复议、行政诉讼情况”表",
    "proactive_disclosure": "“主动公开政府信息情况”表",
}
_PART_NUMBER = re.compile(r"(?<![\d.])\d+(?![\d.])(?=[\u4e00-\u9fff])")

Sum = tuple[Number, dict[str, Number | None]]


@rule(_TABLE_RULE)
def table(given: CheckInput) -> Iterable[Check]:
    """Compare counts told in the narrative with the cells they speak of.

    Args:
        given: the report; its paragraphs with segments, and its tables.

    Returns:
        One check per count that could be compared (``expected`` is the table's, ``actual`` the narrative's); one that
        is not applicable when there was none. Doubtful counts that disagree are left out, as are smaller ones where
        the paragraph tells the table's own number too: they are what one of several bodies did.
    """
    checks = [
        check
        for paragraph in given.paragraphs
        for claim in find_claims(paragraph, given.year)
        if (check := _compare(claim, given.tables)) is not None
    ]
    if checks:
        return _distinct(_without_shares(checks))
    message = "叙述中没有读到可以与表格核对的数字"
    return [Check(rule=_TABLE_RULE, status="not_applicable", where=None, message=message)]


def _without_shares(checks: list[Check]) -> list[Check]:
    """Leave out smaller counts of a cell that the same paragraph tells right ("制发文件12件。县政府制发5件")."""
    right = {(check.where, check.paragraph) for check in checks if check.status == "passed"}
    return [
        check
        for check in checks
        if check.status == "passed"
        or (check.where, check.paragraph) not in right
        or (check.actual or 0) >= (check.expected or 0)
    ]


def _distinct(checks: list[Check]) -> Iterator[Check]:
    """Keep one check of a cell, paragraph and value: the same count may match two wordings."""
    seen: set[tuple[str | None, str | None, Number | None]] = set()
    for check in checks:
        key = (check.where, check.paragraph, check.actual)
        if key not in seen:
            seen.add(key)
            yield check


def _compare(claim: Claim, tables: dict[str, TableOut]) -> Check | None:
    """Compare a claim with the first alternative it agrees with, else with the first that was read."""
    sums = [(cell, found) for cell in claim.cells if (found := _sum(cell, tables)) is not None]
    if not sums:
        return None
    cell, (expected, operands) = next((s for s in sums if _same(s[1][0], claim.value)), sums[0])
    holds = _same(expected, claim.value)
    if not holds and (not claim.sure or _is_told_as_part(claim, expected)):
        return None
    value = int(claim.value) if float(claim.value).is_integer() else claim.value
    table_name = _TABLES[cell.split(".")[0]]
    verdict = "相符" if holds else f"不符（表中为{plain(expected)}，相差{plain(abs(expected - value))}）"
    return Check(
        rule=_TABLE_RULE,
        status="passed" if holds else "failed",
        where=cell,
        expected=expected,
        actual=value,
        message=f"叙述所说“{claim.text}”与{table_name}{verdict}",
        operands=operands,
        assumed_blank=sum(v is None for v in operands.values()),
        evidence=f"{claim.paragraph}：{claim.sentence}",
        paragraph=claim.paragraph,
    )


def _is_told_as_part(claim: Claim, expected: Number) -> bool:
    """Whether the table's number follows as a part of the claim's ("审理复议12件，其中以县政府为被申请人的3件")."""
    following = claim.sentence.partition(claim.text)[2]
    numbers = _PART_NUMBER.findall(following.partition("其中")[2])
    return claim.value > expected and plain(expected) in numbers


def _same(a: Number, b: Number) -> bool:
    return abs(a - b) <= TOLERANCE


def _sum(cells: str, tables: dict[str, TableOut]) -> Sum | None:
    """Add the named cells, blank as 0; None when a table or row was not read."""
    operands: dict[str, Number | None] = {}
    for cell in cells.split(" + "):
        found = _cells(cell, tables)
        if not found:
            return None
        operands.update(found)
    return sum(value or 0 for value in operands.values()), operands


def _cells(cell: str, tables: dict[str, TableOut]) -> dict[str, Number | None]:
    name, row, column = cell.split(".")
    if name not in tables:
        return {}
    rows = tables[name].rows
    columns = _ORGANISATIONS if column == "organisations" else (column,)
    names = [r for r in rows if r.startswith(row[:-1])] if row.endswith("*") else [row]
    wanted = [(r, c) for r in names for c in columns]
    if any(c not in rows.get(r, {}) for r, c in wanted):
        return {}
    return {f"{r}.{c}": rows[r][c] for r, c in wanted}


@rule(_PARTS_RULE)
def parts(given: CheckInput) -> Iterable[Check]:
    """Compare lists of parts (其中…, 分别…) with the whole they open with.

    Args:
        given: the report; only its paragraphs are looked at.

    Returns:
        ``passed`` where the parts, or the first of them, add up to the whole; ``failed`` where a part or a list that
        claims to divide the whole does not fit; ``not_applicable`` where parts may overlap. 其中 alone promises no
        complete list, so parts that fall short of the whole say nothing.
    """
    checks = [_part_check(found) for paragraph in given.paragraphs for found in find_part_lists(paragraph)]
    kept = [check for check in checks if check is not None]
    if kept:
        return kept
    return [Check(rule=_PARTS_RULE, status="not_applicable", where=None, message="叙述中没有读到可以核对的分项")]


def _part_check(found: PartList) -> Check | None:
    verdict = judge(found)
    if verdict is None:
        return None
    status, used, total, message = verdict
    operands: dict[str, Number | None] = {f"{i}:{part.label}": part.value for i, part in enumerate(used, 1)}
    return Check(
        rule=_PARTS_RULE,
        status=status,
        where=f"{found.paragraph}:{found.whole_start}",
        expected=found.whole,
        actual=total,
        message=message,
        operands={"总数": found.whole, **operands},
        evidence=f"{found.paragraph}：{found.sentence}",
        paragraph=found.paragraph,
    )
