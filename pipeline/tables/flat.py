"""Reading tables of labelled rows whose geometry was lost (proactive disclosure, applications, appendix)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gongkai.pipeline.document import Diagnostic
from gongkai.pipeline.tables.align import Anchor, in_any_order, in_order
from gongkai.pipeline.tables.cells import Context, read_cell
from gongkai.pipeline.tables.flat_labels import label_sequence, row_anchors, value_run
from gongkai.pipeline.tables.identities import (
    APPLICANTS,
    NOT_RESULTS,
    equations,
    held,
    result_rows,
    row_holds,
    row_sum_parts,
)
from gongkai.pipeline.tables.labels import normalise
from gongkai.pipeline.tables.placement import agreed, consistent, narrow
from gongkai.pipeline.tables.reading import Cells, Reading
from gongkai.pipeline.tables.templates import Row
from gongkai.pipeline.tables.tokens import Token, tokenize
from gongkai.pipeline.tables.values import CellValue, money_unit

_NUMBERLESS_SIMILARITY = 0.8


@dataclass(slots=True)
class _Chunk:
    """Values that follow one label."""

    label: str
    values: list[Token] = field(default_factory=list)

    def numbers(self) -> list[CellValue]:
        return [t.cell for t in self.values if t.kind == "value" and t.cell]

    def with_gaps(self, width: int) -> list[CellValue]:
        """Cells with empty ones between bars, those beyond the width dropped from the end."""
        cells = [t.cell for t in self.values if t.cell]
        kinds = [t.kind for t in self.values]
        while len(cells) > width and kinds[-1] == "gap":
            cells.pop()
            kinds.pop()
        return cells


def tokens_of(lines: Iterable[str]) -> list[Token]:
    """Return the tokens of a flattened table."""
    return [token for line in lines for token in tokenize(line)]


def read_by_label(context: Context, tokens: list[Token]) -> Reading:
    """Read a flattened table by its row labels: the numbers between one label and the next are that row's.

    Blank cells may have vanished; a short row is placed by the sums of the table or left out with a diagnostic.
    """
    template = context.template
    reading = Reading("flat.label")
    ordered = template.name != "proactive_disclosure"
    width = {"applications": 7, "statistics_appendix": 1}.get(template.name, 0)
    candidates = row_anchors(tokens, template.row_index, width)
    anchors = in_order(candidates, len(template.rows)) if ordered else in_any_order(candidates)
    anchors = [a for a in anchors if _is_row(a, tokens)]
    pending: dict[str, list[Cells]] = {}
    columns: list[str] = []
    header_from = 0
    for anchor, following in zip(anchors, [*anchors[1:], None], strict=False):
        row = template.rows[anchor.row]
        between = tokens[header_from : anchor.start]
        columns = _header(context, between) or columns
        end = following.start if following else len(tokens)
        segment = tokens[anchor.end : end]
        header_from = anchor.end + value_run(segment, 0)
        _read_row(
            context, reading, row, segment, _columns(context, row, columns), _unit(context, between, segment), pending
        )
        if row.id in reading.rows or row.id in pending:
            reading.similarity[row.id] = anchor.similarity
    _place(context, reading, pending)
    return reading


def _is_row(anchor: Anchor, tokens: Sequence[Token]) -> bool:
    """A label without numbers counts only when it is surely the row's: all its cells were blank."""
    return value_run(tokens, anchor.end) > anchor.end or anchor.similarity >= _NUMBERLESS_SIMILARITY


def _header(context: Context, tokens: Sequence[Token]) -> list[str]:
    ids = [context.template.columns[key].id for _, key in label_sequence(tokens, context.template.column_index)]
    return list(dict.fromkeys(ids))


def _unit(context: Context, header: Sequence[Token], segment: Sequence[Token]) -> str | None:
    """Return the unit of money that the header states, or the unit cell before the number in the appendix."""
    stated = segment[:1] if context.template.name == "statistics_appendix" else header
    return money_unit("".join(t.text for t in stated if t.kind == "label"))


def _columns(context: Context, row: Row, header: Sequence[str]) -> list[str]:
    """Return the row's columns in the order of the table.

    In reading order the upper header row of the applications table comes first (自然人, 总计), so only the order of
    the five kinds of organisation below it can be told.
    """
    default = list(row.columns_of(context.form))
    if context.template.name == "applications":
        middle = [c for c in header if c in default[1:-1]]
        return [default[0], *middle, default[-1]] if len(middle) == 5 else default
    told = [c for c in header if c in {c for ids in row.columns.values() for c in ids}]
    return told if len(told) >= len(default) else default


def _read_row(
    context: Context,
    reading: Reading,
    row: Row,
    segment: Sequence[Token],
    columns: list[str],
    unit: str | None,
    pending: dict[str, list[Cells]],
) -> None:
    chunks = _chunks(context, segment, len(columns))
    cells = _with_unreadable(segment, len(columns))
    if cells is None:
        own, extra = _own_chunk(chunks)
        _keep_extra(reading, extra, columns, context)
        numbers, gapped = own.numbers(), own.with_gaps(len(columns))
        if len(numbers) == len(columns):
            cells = numbers
        elif len(gapped) == len(columns) and _gaps_hold(context, columns, gapped):
            cells = gapped
        elif len(numbers) < len(columns) and not any(n.number for n in numbers):
            cells = [CellValue("blank", "")] * len(columns)
        else:
            values = [n.number for n in numbers]
            parts = row_sum_parts(context.template.name)
            pending[row.id] = consistent(values, columns, lambda c: row_holds(c, parts) is True) if parts else []
            return
    reading.rows[row.id] = {}
    for column, cell in zip(columns, cells, strict=True):
        read_cell(context, reading, row, column, cell, unit)


def _chunks(context: Context, segment: Sequence[Token], width: int) -> list[_Chunk]:
    """Cut what follows a row's label at labels that are not the rest of a wrapped label."""
    template = context.template
    chunks = [_Chunk("")]
    for at, token in enumerate(segment):
        if token.kind != "label":
            chunks[-1].values.append(token)
            continue
        known = token.bare in template.vocabulary and token.text not in template.units
        rest = not known and (len(token.bare) <= 1 or token.bare in template.fragments or token.text in template.units)
        full = len(chunks[-1].numbers()) >= width
        if not rest or (full and value_run(segment, at + 1) - at - 1 >= width):
            chunks.append(_Chunk(token.text))
    return chunks


def _own_chunk(chunks: list[_Chunk]) -> tuple[_Chunk, list[_Chunk]]:
    if not chunks[0].numbers() and len(chunks) > 1 and not chunks[1].label:
        return chunks[1], chunks[2:]
    return chunks[0], chunks[1:]


def _with_unreadable(segment: Sequence[Token], width: int) -> list[CellValue] | None:
    """Return a full row in which words stand in place of some numbers, e.g. ``5 0 见附件 0 0 0 5``."""
    run = list(segment[:width])
    if len(run) < width or width < 3 or any(t.kind == "gap" for t in run):
        return None
    words = sum(t.kind == "label" for t in run)
    inner = run[0].kind == run[-1].kind == "value" and 0 < words <= width // 3
    if not inner or value_run(segment, width) != width:
        return None
    return [t.cell or CellValue("unreadable", t.text) for t in run]


def _gaps_hold(context: Context, columns: list[str], cells: list[CellValue]) -> bool:
    """Gaps between bars are trusted when the row's sum holds with them (or the table has no such sum)."""
    parts = row_sum_parts(context.template.name)
    return not parts or row_holds({c: cell.number for c, cell in zip(columns, cells, strict=True)}, parts) is True


def _keep_extra(reading: Reading, chunks: list[_Chunk], columns: list[str], context: Context) -> None:
    """Keep rows that offices have added to the form, as written: an unknown label with a full row of numbers."""
    for chunk in chunks:
        numbers = chunk.numbers()
        foreign = normalise(chunk.label) not in context.template.vocabulary or context.template.name == "applications"
        if len(numbers) == len(columns) and foreign:
            reading.extra_rows.append(
                {"label": chunk.label} | {c: n.text for c, n in zip(columns, numbers, strict=True)}
            )


def _place(context: Context, reading: Reading, pending: dict[str, list[Cells]]) -> None:
    """Settle the short rows: what all placements that the table's sums allow agree on."""
    if not pending:
        return
    possible = {row: [cells] for row, cells in reading.rows.items()} | {r: p for r, p in pending.items() if p}
    if context.template.name == "applications":
        sums = ((NOT_RESULTS[:2], NOT_RESULTS[2:]), (result_rows(context.form), ("total",)))
        narrow(possible, sums, (*APPLICANTS, "total"))
    rows = {row.id: row for row in context.template.rows}
    for row_id in pending:
        cells = agreed(possible.get(row_id, []))
        if cells:
            reading.rows[row_id] = cells
        else:
            reading.similarity.pop(row_id, None)
        if len(cells) < len(rows[row_id].columns_of(context.form)):
            message = f"“{rows[row_id].zh}”一行的数字个数与列数不符，不能确定各数属于哪一列，未能确定的单元格没有填写"
            where = f"{context.template.name}.{row_id}"
            reading.diagnostics.append(Diagnostic("warning", "table.row_ambiguous", message, where))


def read_by_order(context: Context, tokens: list[Token]) -> Reading | None:
    """Read a table whose labels are scrambled, as the last resort.

    Accepted only when there are exactly as many numbers as the form has cells and every one of the table's sums
    holds, some of them not trivially.
    """
    values = [t.cell for t in tokens if t.kind == "value" and t.cell]
    rows = context.template.rows_of(context.form)
    columns = rows[0].columns_of(context.form)
    if context.template.name != "applications" or len(values) != len(rows) * len(columns):
        return None
    reading = Reading("flat.order")
    supply = iter(values)
    for row in rows:
        reading.rows[row.id] = {}
        for column in columns:
            read_cell(context, reading, row, column, next(supply), None)
    sums = list(equations(context.template.name, reading.rows, context.form))
    sound = all(held(a, b) for a, b in sums) and any(any(a) for a, _ in sums)
    return reading if sound else None
