"""Reading the statutory tables of a report into canonical cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.pipeline.document import Diagnostic, Form, Outline
from gongkai.pipeline.schema import Number, TableOut
from gongkai.pipeline.tables import flat, grid, review
from gongkai.pipeline.tables.cells import Context
from gongkai.pipeline.tables.identities import equations, held, score
from gongkai.pipeline.tables.pieces import Group, Piece, group_pieces
from gongkai.pipeline.tables.reading import Reading
from gongkai.pipeline.tables.templates import TABLES, Template, load

_SURE = 0.95
_NAMED_CELLS = 5
_THREE_OTHERS = ("other_not_corrected", "other_unpaid")


@dataclass(slots=True)
class TablesResult:
    """The statutory tables of one report.

    Attributes:
        form: the official form they follow.
        tables: canonical cells by table name; what was not found is absent.
        diagnostics: what could not be read or was assumed.
    """

    form: Form
    tables: dict[str, TableOut] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read_tables(outline: Outline) -> TablesResult:
    """Read the statutory tables of a report.

    Every table is read in several ways; the reading under which most of the table's own sums hold is kept and its
    name is given as ``strategy``. Numbers are never assigned by order unless their count and all sums agree.

    Args:
        outline: the structure of the report.

    Returns:
        Canonical cells (names of the summary JSON), the form, diagnostics.
    """
    groups, rest = group_pieces([Piece(block) for block in outline.tables])
    form = _form(outline, groups)
    result = TablesResult(form)
    for name in TABLES:
        template = load(name)
        context = Context(template, _table_form(template, groups[name], form))
        copies = _ranked_copies(context, groups[name])
        if not copies:
            if groups[name]:
                message = f"“{template.title}”的表格没有读出任何一行"
                result.diagnostics.append(Diagnostic("error", "table.unreadable", message, name))
            continue
        best, *others = copies
        if len(groups[name]) > 1:
            result.diagnostics.append(_duplicate(context, len(groups[name]), best, others))
        result.tables[name] = _out(context, best)
        result.diagnostics += [*best.diagnostics, *_missing(context, best), *_extra(context, best)]
    result.diagnostics += _absent(result, form)
    for piece in rest:
        head = " ".join(" ".join(piece.lines[:2]).split())[:60]
        message = f"有一个表格不属于法定表格，没有读取：{head}"
        result.diagnostics.append(Diagnostic("info", "table.unrecognised", message, piece.block.section))
    return result


def _form(outline: Outline, groups: dict[str, list[Group]]) -> Form:
    """Tell the form by the words of the headers, then by the rows 其他处理, then by the year (the outline's form)."""
    votes: Counter[Form] = Counter()
    for group in groups["proactive_disclosure"]:
        votes[_signature_form(group)] += 2
    for group in groups["applications"]:
        votes["2021" if _has_three_others(group) else "2019"] += 1
    if votes["2019"] + votes["2021"]:
        return "2021" if votes["2021"] > votes["2019"] else "2019"
    if groups["statistics_appendix"]:
        return "pre2019"
    return outline.form


def _signature_form(group: Group) -> Form:
    text = "\n".join(group.labels)
    count = {
        form: sum(word in text for word in words) for form, words in load("proactive_disclosure").signatures.items()
    }
    if count["2019"] == count["2021"]:
        return "unknown"
    return "2021" if count["2021"] > count["2019"] else "2019"


def _has_three_others(group: Group) -> bool:
    template = load("applications")
    ids = {
        template.rows[key].id
        for bare in group.labels
        for key, score_ in template.row_index.match(bare)
        if score_ >= 0.7 and len(bare) >= 4
    }
    return any(row in ids for row in _THREE_OTHERS)


def _table_form(template: Template, copies: Sequence[Group], form: Form) -> Form:
    if template.name == "statistics_appendix":
        return "pre2019"
    if template.name == "applications" and copies:
        return "2021" if any(map(_has_three_others, copies)) else "2019"
    return form if form in ("2019", "2021") else "2021"


def _ranked_copies(context: Context, copies: Sequence[Group]) -> list[Reading]:
    """Return the best reading of every copy that could be read, the best copy first."""
    best = []
    for group in copies:
        own = _in_own_section(context, group)
        ranked = [((own, score(context.template.name, r, context.form)), r) for r in _tried(context, group)]
        if ranked:
            best.append(max(ranked, key=lambda entry: entry[0]))
    return [reading for _, reading in sorted(best, key=lambda entry: entry[0], reverse=True)]


def _duplicate(context: Context, n_copies: int, best: Reading, others: Sequence[Reading]) -> Diagnostic:
    """Tell that a table is printed more than once, and name the first cells in which the copies disagree."""
    message = f"“{context.template.title}”的表格出现{n_copies}次，采用其中一份"
    unequal = list(dict.fromkeys(cell for other in others for cell in _unequal(context, best, other)))
    if not unequal:
        return Diagnostic("info", "table.duplicate", message, context.template.name)
    more = f"等{len(unequal)}处" if len(unequal) > _NAMED_CELLS else ""
    cells = "、".join(unequal[:_NAMED_CELLS]) + more
    return Diagnostic("warning", "table.duplicate", f"{message}；各份数值不一致：{cells}", context.template.name)


def _unequal(context: Context, best: Reading, other: Reading) -> Iterator[str]:
    """Yield the cells that both copies give, differently; a blank is a zero."""
    row_names, column_names = context.template.row_names(), context.template.column_names()
    for row, cells in best.rows.items():
        theirs = other.rows.get(row, {})
        for column, value in cells.items():
            if column in theirs and (theirs[column] or 0) != (value or 0):
                yield f"{row_names[row]}·{column_names[column]}（{_shown(value)}／{_shown(theirs[column])}）"


def _shown(value: Number | None) -> str:
    return "空" if value is None else str(value)


def _tried(context: Context, group: Group) -> Iterator[Reading]:
    """Yield the readings until one is beyond doubt: the whole form was read and all its sums hold."""
    for reading in _readings(context, group):
        if reading.rows:
            yield reading
        if _beyond_doubt(context, reading):
            return


def _beyond_doubt(context: Context, reading: Reading) -> bool:
    rows = context.template.rows_of(context.form)
    whole = all(set(row.columns_of(context.form)) <= reading.rows.get(row.id, {}).keys() for row in rows)
    if not whole or reading.confidence < _SURE:
        return False
    return all(held(a, b) for a, b in equations(context.template.name, reading.rows, context.form))


def _in_own_section(context: Context, group: Group) -> bool:
    return group.pieces[0].block.section_kind == context.template.name


def _readings(context: Context, group: Group) -> Iterator[Reading]:
    """Yield the readings of one copy, the most reliable strategy first: on equal scores the first is kept."""
    if context.template.name == "review_litigation":
        if group.is_grid:
            yield review.read_grid(context, group.grid_rows)
            yield review.read_grid_tail(context, group.grid_rows)
        yield review.read_flat(context, group.tokens)
        return
    if group.is_grid:
        remainder = flat.read_by_label(context, group.flat_tokens) if group.flat_tokens else None
        for strategy in ("grid.label", "grid.tail"):
            reading = grid.read_grid(context, group.grid_rows, strategy)
            if remainder:
                _complete(reading, remainder)
            yield reading
    yield flat.read_by_label(context, group.tokens)
    if ordered := flat.read_by_order(context, group.tokens):
        yield ordered


def _complete(reading: Reading, other: Reading) -> None:
    """Add the rows that only the pieces without geometry hold."""
    new = [row for row in other.rows if row not in reading.rows]
    reading.rows |= {row: other.rows[row] for row in new}
    reading.similarity |= {row: other.similarity[row] for row in new if row in other.similarity}
    reading.extra_rows += other.extra_rows
    reading.diagnostics += other.diagnostics


def _out(context: Context, reading: Reading) -> TableOut:
    in_order = [row.id for row in context.template.rows if row.id in reading.rows]
    return TableOut(
        rows={row: reading.rows[row] for row in in_order},
        strategy=reading.strategy,
        form=context.form,
        extra_rows=reading.extra_rows,
    )


def _missing(context: Context, reading: Reading) -> Iterator[Diagnostic]:
    if context.template.name == "statistics_appendix":
        return  # offices print a choice of its indicators
    told = {d.where for d in reading.diagnostics if d.code == "table.row_ambiguous"}
    rows = context.template.rows_of(context.form)
    names = [r.zh for r in rows if not reading.rows.get(r.id) and f"{context.template.name}.{r.id}" not in told]
    if names:
        message = f"“{context.template.title}”表中没有找到这些行：{'、'.join(names)}"
        yield Diagnostic("warning", "table.row_missing", message, context.template.name)


def _extra(context: Context, reading: Reading) -> Iterator[Diagnostic]:
    if reading.extra_rows:
        names = "、".join(row["label"][:40] for row in reading.extra_rows)
        message = f"“{context.template.title}”表中有法定格式之外的行，照录于 extra_rows：{names}"
        yield Diagnostic("warning", "table.extra_row", message, context.template.name)


def _absent(result: TablesResult, form: Form) -> Iterator[Diagnostic]:
    if form not in ("2019", "2021"):
        return
    for name in TABLES[:3]:
        if name not in result.tables and not any(d.where == name for d in result.diagnostics):
            message = f"没有找到“{load(name).title}”的表格"
            yield Diagnostic("warning", "table.missing", message, name)
