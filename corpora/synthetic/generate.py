"""Draw a whole synthetic report from a seed."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from gongkai.corpora.synthetic.data import material
from gongkai.corpora.synthetic.figures import draw_appendix, draw_tables
from gongkai.corpora.synthetic.model import (
    Form,
    Heading,
    Number,
    Part,
    Style,
    SyntheticReport,
    SyntheticSection,
    Tables,
    TableSlot,
)
from gongkai.corpora.synthetic.narrative import Teller

_YEARS: dict[Form, tuple[int, int]] = {"pre2019": (2014, 2018), "2019": (2019, 2020), "2021": (2021, 2025)}
_HALF_WIDTH = str.maketrans("，（）；：", ",();:")
_TELLABLE = (
    "applications.new_received.total",
    "applications.total.total",
    "review_litigation.review.total",
    "appendix.received",
)


def generate(
    seed: int,
    *,
    form: Form | None = None,
    consistent: bool = True,
    authority_kind: str | None = None,
    scale: int | None = None,
    style: Style | None = None,
) -> SyntheticReport:
    """Draw a report; equal arguments give an equal report.

    Args:
        seed: any integer.
        form: which official form; drawn when ``None``.
        consistent: ``False`` makes the narrative tell one table cell wrongly (see ``contradictions``); a report
            whose narrative repeats no cell stays as it is.
        authority_kind: a key of ``kinds`` in ``authorities.yaml``; drawn when ``None``.
        scale: how many requests: 0 none, 1 a few, 2 dozens, 3 hundreds to thousands; drawn when ``None``.
        style: how the files are written; drawn when ``None``.
    """
    rng = Random(seed)
    forms: tuple[Form, ...] = ("2019", "2021", "2021", "pre2019")
    drawn_form: Form = form if form is not None else rng.choice(forms)
    year = rng.randint(*_YEARS[drawn_form])
    body = _authority(rng, authority_kind, year)
    drawn_style = style or draw_style(rng)
    tables = {} if drawn_form == "pre2019" else draw_tables(rng, drawn_form, scale)
    appendix = draw_appendix(rng) if drawn_form == "pre2019" else {}
    words = {"year": str(year), "next": str(year + 1), "self": body["self"], "authority": body["name"]}
    teller = Teller(rng, words, flatten(tables, appendix))
    if not consistent:
        teller.wrong = {cell: _clear_mistake(rng, tables) for cell in _TELLABLE}
    sections = _sections(teller, drawn_form)
    report = SyntheticReport(
        id=f"synthetic-{seed:05d}",
        title=body["title"],
        authority=body["name"],
        region=body["region"],
        year=year,
        form=drawn_form,
        published=f"{year + 1}-01-{rng.randint(5, 31):02d}",
        sections=sections,
        tables=tables,
        appendix=appendix,
        style=drawn_style,
        contradictions=sorted(set(teller.told_wrong)),
    )
    return half_width(report) if drawn_style.ascii_punctuation else report


def _clear_mistake(rng: Random, tables: Tables) -> int:
    """Draw an amount that no reading of the sentence makes right, as counting what was carried over would."""
    rows = tables.get("applications", {})
    carried = sum(rows.get(row, {}).get("total") or 0 for row in ("carried_over_in", "carried_over_out"))
    return int(carried) + rng.choice((1, 2, 10))


def draw_style(rng: Random) -> Style:
    """Draw one way of writing a report down."""

    def often(share: float) -> bool:
        return rng.random() < share

    return Style(
        blank=rng.choice(("", "/", "-", "—")),
        zero_as_blank=rng.choice((0.0, 0.0, 0.3, 1.0)),
        fullwidth_digits=often(0.1),
        thousands_separators=often(0.1),
        money=rng.choice(("header", "header", "yuan", "wan")),
        extra_row=often(0.1),
        wrapped_labels=often(0.2),
        vertical_labels=often(0.4),
        ascii_punctuation=often(0.2),
        bold_headings=often(0.5),
        flat_tables=often(0.2),
        tall_rows=often(0.5),
        split_headers=often(0.3),
        web_chrome=often(0.4),
        charset=rng.choice(("utf-8", "utf-8", "gb18030")),
        date_place=rng.choice(("top", "end", "none")),
    )


def flatten(tables: Tables, appendix: dict[str, Number]) -> dict[str, Number]:
    """Return all cells as ``"table.row.column"`` and ``"appendix.key"``, blanks as 0."""
    cells: dict[str, Number] = {f"appendix.{key}": value for key, value in appendix.items()}
    for name, rows in tables.items():
        for row, columns in rows.items():
            cells |= {f"{name}.{row}.{column}": value or 0 for column, value in columns.items()}
    return cells


def half_width(report: SyntheticReport) -> SyntheticReport:
    """Write a report's text with half-width punctuation; one character for one, so offsets stay."""
    for section in report.sections:
        section.title = section.title.translate(_HALF_WIDTH)
        for index, part in enumerate(section.parts):
            if isinstance(part, Heading):
                section.parts[index] = replace(part, text=part.text.translate(_HALF_WIDTH))
            elif not isinstance(part, TableSlot):
                part.text = part.text.translate(_HALF_WIDTH)
                for metric in part.metrics:
                    metric.text = metric.text.translate(_HALF_WIDTH)
    return report


def _authority(rng: Random, kind: str | None, year: int) -> dict[str, str]:
    source = material("authorities")
    spec = source["kinds"][kind or rng.choice(list(source["kinds"]))]
    places = {
        "province": rng.choice(source["provinces"]),
        "city": rng.choice(source["cities"]),
        "county": rng.choice(source["counties"]),
        "town": rng.choice(source["towns"]),
        "street": rng.choice(source["streets"]),
    }
    body = {key: spec[key].format(**places) for key in ("name", "region", "self")}
    titles = list(source["titles"])
    if "place" in spec:
        body["place"] = spec["place"].format(**places)
        titles += source["place_titles"]
    title: str = rng.choice(titles)
    body["title"] = title.format(authority=body["name"], year=year, place=body.get("place", ""))
    return body


def _sections(teller: Teller, form: Form) -> list[SyntheticSection]:
    writers = _OLD_WRITERS if form == "pre2019" else _WRITERS
    sections = []
    for number, spec in enumerate(material("labels")["sections"][form]):
        title = teller.rng.choice(spec["titles"])
        sections.append(SyntheticSection(spec["kind"], title, writers[number](teller, form)))
    return sections


def _overview(teller: Teller, form: Form) -> list[Part]:
    material_of = material("sentences")
    bodies: list[list[dict[str, Any]]] = [
        teller.pick("proactive", teller.rng.randint(2, 5)) + teller.pick(material_of["regulations"][form], 1),
        teller.pick("requests", 1) + teller.pick("results", 1) + teller.pick("reviews", 1),
        teller.pick("management", 2),
        teller.pick("platforms", 2),
        teller.pick("interpretation", 2),
        teller.pick("supervision", 2),
    ]
    parts: list[Part] = [teller.passage(teller.pick("openings", 2))]
    for heading, entries in zip(material_of["headings"][form], bodies, strict=True):
        parts += [Heading(heading), teller.passage(entries)]
    return parts


def _problems(teller: Teller, form: Form) -> list[Part]:
    return [
        teller.passage(teller.pick("problems", 3)),
        teller.passage(teller.pick("improvements", teller.rng.randint(1, 3))),
    ]


def _matters(teller: Teller, form: Form) -> list[Part]:
    return [teller.passage(teller.pick("matters", teller.rng.randint(1, 3)))]


def _old_overview(teller: Teller, form: Form) -> list[Part]:
    parts: list[Part] = [teller.passage(teller.pick("openings", 2))]
    parts += [teller.passage(teller.pick(pool, 2)) for pool in ("management", "platforms", "supervision")]
    return parts


def _old_proactive(teller: Teller, form: Form) -> list[Part]:
    return [
        teller.passage(teller.pick("old_proactive", 1) + teller.pick("proactive", 2)),
        teller.passage(teller.pick("interpretation", 2)),
    ]


def _told(pool: str) -> Any:
    return lambda teller, form: [teller.passage(teller.pick(pool, 1))]


def _table(name: str) -> Any:
    return lambda teller, form: [TableSlot(name)]


_WRITERS = (
    _overview,
    _table("proactive_disclosure"),
    _table("applications"),
    _table("review_litigation"),
    _problems,
    _matters,
)
_OLD_WRITERS = (
    _old_overview,
    _old_proactive,
    _told("old_requests"),
    _told("old_fees"),
    _told("old_reviews"),
    _problems,
    _table("appendix"),
)
