"""What the rules on table sums share: operands that may be blank or missing, and sentences about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.pipeline.schema import Check, Number, TableOut
from gongkai.pipeline.tables.templates import load

TOLERANCE = 1e-6
_MAX_TERMS = 6


@dataclass(frozen=True, slots=True)
class Operand:
    """One cell that takes part in a sum.

    Attributes:
        id: row or column id, the key under ``operands``.
        name: its Chinese name for the message.
        value: the number; ``None`` for a blank cell, which counts as 0.
        found: whether the cell was read at all; a missing cell is unknown, not 0.
    """

    id: str
    name: str
    value: Number | None
    found: bool = True


def operand(table: TableOut, row: str, column: str, key: str, name: str) -> Operand:
    """Return a cell as an operand called ``key`` (its id) and ``name`` (in Chinese)."""
    cells = table.rows.get(row, {})
    return Operand(key, name, cells.get(column), column in cells)


def compare(
    rule_id: str, where: str, place: str, left: Sequence[Operand], right: Sequence[Operand], left_name: str = ""
) -> Check:
    """Compare two sums of cells.

    Args:
        rule_id: id of the rule.
        where: row or column id.
        place: Chinese name of that row or column.
        left: the cells whose sum is expected.
        right: the cells whose sum is the actual value.
        left_name: what the left sum is called when it has too many terms to be written out.

    Returns:
        ``passed`` or ``failed``, with the operands; ``not_applicable`` when a cell was not read.
    """
    cells = [*left, *right]
    operands = {cell.id: cell.value for cell in cells if cell.found}
    missing = [cell.name for cell in cells if not cell.found]
    if missing:
        message = f"{place}：没有读到{'、'.join(missing[:4])}{'等' if len(missing) > 4 else ''}，无法核对"
        return Check(rule=rule_id, status="not_applicable", where=where, message=message, operands=operands)
    expected = _sum(left)
    actual = _sum(right)
    difference = abs(expected - actual)
    holds = difference <= TOLERANCE
    sides = f"{_side(left, expected, left_name)}，{'与' if holds else '而'}{_side(right, actual, '')}"
    return Check(
        rule=rule_id,
        status="passed" if holds else "failed",
        where=where,
        expected=expected,
        actual=actual,
        message=f"{place}：{sides}{' 相符' if holds else f'，相差 {plain(difference)}'}",
        operands=operands,
        assumed_blank=sum(cell.value is None for cell in cells),
        evidence="；".join(f"{cell.name} {'空白' if cell.value is None else plain(cell.value)}" for cell in cells),
    )


def _sum(cells: Sequence[Operand]) -> Number:
    total = sum(cell.value or 0 for cell in cells)
    return int(total) if float(total).is_integer() else round(total, 6)


def _side(cells: Sequence[Operand], total: Number, name: str) -> str:
    if len(cells) == 1:
        return f"{cells[0].name} {plain(total)}"
    shown = list(cells) if len(cells) <= _MAX_TERMS else [c for c in cells if c.value]
    terms = " + ".join(f"{c.name} {plain(c.value or 0)}" for c in shown[:_MAX_TERMS])
    if not shown or len(shown) > _MAX_TERMS:
        return f"{name} {plain(total)}"
    if len(shown) < len(cells):
        return f"{name}（{terms}）= {plain(total)}"
    return f"{terms} = {plain(total)}"


def plain(number: Number) -> str:
    """Return a number as a reader would write it."""
    return str(int(number)) if float(number).is_integer() else f"{number:.4f}".rstrip("0")


def table_absent(rule_id: str, table: str) -> Check:
    """Return the one check of a rule whose table was not found."""
    message = f"报告中没有读到“{load(table).title}”的表格，无法核对"
    return Check(rule=rule_id, status="not_applicable", where=table, message=message)
