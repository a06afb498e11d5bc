"""Numbers for the statutory tables that obey the official arithmetic."""

from __future__ import annotations

from random import Random
from typing import Any

from gongkai.corpora.synthetic.data import material
from gongkai.corpora.synthetic.model import Form, Number, Rows, Tables

# Scale of new requests a year for quiet bodies, ordinary ones and those of big cities, with how often each occurs.
_SCALES = ((0, 0), (1, 9), (10, 80), (120, 4200))
_SCALE_WEIGHTS = (25, 35, 30, 10)
_APPLICANT_SHARES = {"natural_person": 0.86, "business": 0.1, "research": 0.005, "nonprofit": 0.01}
_APPLICANT_SHARES |= {"legal_service": 0.02, "other": 0.005}
_COMMON_RESULTS = {"granted": 40, "unavailable_not_held": 25, "partially_granted": 8, "refused_petition": 5}


def result_rows(form: Form) -> list[str]:
    """Return the names of the rows that add up to 总计 of the applications table, in the form's order."""
    labels = material("labels")["applications"]
    groups = [*labels["groups"], labels["other"][form]]
    return [row for group in groups for row in group["rows"]]


def draw_tables(rng: Random, form: Form, scale: int | None = None) -> Tables:
    """Draw the three statutory tables.

    Args:
        rng: source of all choices.
        form: ``"2019"`` or ``"2021"``.
        scale: 0 (no requests at all) to 3 (thousands); drawn when ``None``.

    Returns:
        Canonical cells, money in 元.
    """
    size = rng.choices(range(4), _SCALE_WEIGHTS)[0] if scale is None else scale
    return {
        "proactive_disclosure": _proactive(rng, form, size),
        "applications": _applications(rng, form, size),
        "review_litigation": _review(rng, size),
    }


def draw_appendix(rng: Random) -> dict[str, Number]:
    """Draw the statistics appendix in use before 2019; rows declared as sums are sums."""
    rows: list[dict[str, Any]] = [r for r in material("labels")["appendix"]["rows"] if "key" in r]
    tops = {"条": 4000, "件": 40, "次": 30, "篇": 120, "人": 30, "人次": 400, "万元": 0}
    leaves = {r["key"]: rng.choice((0, 1)) * rng.randint(0, tops[r["unit"]]) for r in rows if "sum" not in r}
    leaves["via_website"] += 120
    out: dict[str, Number] = dict(leaves)
    for row in rows:
        if "sum" in row:
            out[row["key"]] = sum(out[k] for k in row["sum"])
    return {row["key"]: out[row["key"]] for row in rows}


def _applications(rng: Random, form: Form, size: int) -> Rows:
    results = result_rows(form)
    names = ["new_received", "carried_over_in", *results, "total", "carried_over_out"]
    table: Rows = {name: {} for name in names}
    overall = rng.randint(*_SCALES[size])
    for column, share in _APPLICANT_SHARES.items():
        new = sum(rng.random() < share for _ in range(overall)) if overall < 100 else round(overall * share)
        carried_in = rng.randint(0, new // 8)
        carried_out = rng.randint(0, (new + carried_in) // 10)
        handled = new + carried_in - carried_out
        counts = dict.fromkeys(results, 0)
        for row in rng.choices(results, [_COMMON_RESULTS.get(r, 1) for r in results], k=handled):
            counts[row] += 1
        cells = {**counts, "new_received": new, "carried_over_in": carried_in}
        cells |= {"total": handled, "carried_over_out": carried_out}
        for name in names:
            table[name][column] = cells[name]
    for row_cells in table.values():
        row_cells["total"] = sum(v or 0 for v in row_cells.values())
    return table


def _review(rng: Random, size: int) -> Rows:
    table: Rows = {}
    for row in ("review", "litigation_direct", "litigation_after_review"):
        tops = (0, 1, 3, 40)
        cells: dict[str, Number | None] = {
            c: rng.choice((0, 1)) * rng.randint(0, tops[size]) for c in ("upheld", "corrected", "other", "pending")
        }
        cells["total"] = sum(v or 0 for v in cells.values())
        table[row] = cells
    return table


def _proactive(rng: Random, form: Form, size: int) -> Rows:
    documents = rng.randint(0, 4 + 6 * size)
    if form == "2021":
        return {
            "rules": {"issued": 0, "abolished": 0, "effective": rng.choice((0, 0, 0, 7))},
            "normative_documents": {
                "issued": documents,
                "abolished": rng.randint(0, 5),
                "effective": documents + rng.randint(0, 90),
            },
            "licensing": {"decisions": _decisions(rng, size)},
            "punishment": {"decisions": _decisions(rng, size)},
            "compulsion": {"decisions": rng.choice((0, 1)) * _decisions(rng, size)},
            "fees": {"amount": rng.choice((0, 0, 1)) * rng.randint(1, 90_000) * 100},
        }
    made = {"made": documents, "published": documents, "total": documents + rng.randint(0, 90)}
    rows: Rows = {"rules": {"made": 0, "published": 0, "total": 0}, "normative_documents": {**made}}
    for row in ("licensing", "other_services", "punishment", "compulsion"):
        decisions = _decisions(rng, size)
        change = rng.choice((0, 0, rng.randint(-decisions, decisions)))
        rows[row] = {"previous": decisions - change, "change": change, "decisions": decisions}
    rows["fees"] = {"previous": rng.randint(0, 20), "change": rng.choice((0, 0, 2, -1))}
    projects = rng.randint(0, 60 * (size + 1))
    rows["procurement"] = {"projects": projects, "amount": projects * rng.randint(300, 90_000) * 100}
    return rows


def _decisions(rng: Random, size: int) -> int:
    return rng.choice((0, rng.randint(1, 40), rng.randint(1, (90, 400, 3000, 260_000)[size])))
