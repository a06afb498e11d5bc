"""Renders the hand-written sample reports of ``corpora/samples/sources``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from gongkai.corpora import samples_dir
from gongkai.corpora.synthetic.data import material
from gongkai.corpora.synthetic.figures import result_rows
from gongkai.corpora.synthetic.generate import half_width
from gongkai.corpora.synthetic.model import (
    Heading,
    Passage,
    Rows,
    Style,
    SyntheticReport,
    SyntheticSection,
    TableSlot,
)
from gongkai.corpora.synthetic.render import render

_TABLE = re.compile(r"\[(\w+)\]")


def load_source(path: Path) -> tuple[SyntheticReport, str]:
    """Read one source file.

    Its ``body`` is written with ``# `` before a section's title, ``## `` before a heading in it, ``[name]`` for a
    table and a line for every other paragraph. Rows missing from ``applications`` and ``review_litigation`` are zeros.

    Returns:
        The report and the format it is to be rendered in.
    """
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    form = raw["form"]
    tables: dict[str, Rows] = {}
    if form != "pre2019":
        labels = material("labels")
        rows = ["new_received", "carried_over_in", *result_rows(form), "total", "carried_over_out"]
        tables = {
            "proactive_disclosure": raw["proactive_disclosure"],
            "applications": _expand(raw["applications"], rows, labels["applications"]["columns"]),
            "review_litigation": _expand(
                raw.get("review_litigation", {}),
                ["review", "litigation_direct", "litigation_after_review"],
                labels["review_litigation"]["columns"],
            ),
        }
    report = SyntheticReport(
        id=path.stem,
        title=raw["title"],
        authority=raw["authority"],
        region=raw["region"],
        year=raw["year"],
        form=form,
        published=str(raw["published"]),
        sections=_sections(raw["body"], [s["kind"] for s in material("labels")["sections"][form]]),
        tables=tables,
        appendix=raw.get("appendix", {}),
        style=Style(**raw.get("style", {})),
    )
    return (half_width(report) if report.style.ascii_punctuation else report), raw["format"]


def write_samples(folder: Path | None = None) -> list[Path]:
    """Render every source into ``folder`` (the package's own samples when ``None``); equal sources, equal bytes."""
    target = folder or samples_dir()
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for source in sorted((samples_dir() / "sources").glob("*.yaml")):
        report, file_format = load_source(source)
        path = target / f"{source.stem}.{file_format}"
        path.write_bytes(render(report, file_format))
        paths.append(path)
    return paths


def _expand(given: dict[str, list[int]], rows: list[str], columns: dict[str, str]) -> Rows:
    unknown = given.keys() - set(rows)
    if unknown:
        raise ValueError(f"unknown rows {sorted(unknown)}")
    zeros = [0] * len(columns)
    return {row: dict(zip(columns, given.get(row, zeros), strict=True)) for row in rows}


def _sections(body: str, kinds: list[str]) -> list[SyntheticSection]:
    sections: list[SyntheticSection] = []
    for line in filter(None, map(str.strip, body.splitlines())):
        table = _TABLE.fullmatch(line)
        if line.startswith("# "):
            sections.append(SyntheticSection(kinds[len(sections)], line[2:]))
        elif line.startswith("## "):
            sections[-1].parts.append(Heading(line[3:]))
        elif table:
            sections[-1].parts.append(TableSlot(table.group(1)))
        else:
            sections[-1].parts.append(Passage(line))
    return sections
