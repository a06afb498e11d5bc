"""Writes the HTML report: one page with everything, or one overview with a folder of pages beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gongkai.pipeline.cross.schema import Pair
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.outputs import OutputSet
from gongkai.pipeline.report import charts, flows
from gongkai.pipeline.report.article import Article, article
from gongkai.pipeline.report.html import render
from gongkai.pipeline.report.source import load_cross, scan
from gongkai.pipeline.report.statistics import Row, Statistics
from gongkai.pipeline.schema import Failure
from gongkai.pipeline.writing import PendingFile, display_path, make_folder, report_ids

# The first line of every page; what lacks it in the folder of pages is not ours to remove.
_MARK = b"<!DOCTYPE html><!-- gongkai report -->"


@dataclass(frozen=True, slots=True)
class Survey:
    """An output set as its first reading found it: what the overview shows, and the checks between its reports."""

    outputs: OutputSet
    statistics: Statistics
    cross: dict[str, Pair]


def survey(folder: Path) -> Survey:
    """Read all summaries of an output set once, for the overview.

    Args:
        folder: what ``gongkai annotate -o`` wrote.

    Raises:
        GongkaiError: ``input.not_found`` or ``input.not_a_file`` when it is no folder or holds no summary;
            ``input.permission`` for a JSON Lines file that cannot be opened. What else cannot be read is told in the
            statistics.
    """
    outputs, statistics = OutputSet(folder), Statistics()
    try:
        cross = load_cross(folder)
    except GongkaiError as error:
        cross = {}
        statistics.unreadable.append(error)
    for found in scan(outputs):
        if isinstance(found, GongkaiError):
            statistics.unreadable.append(found)
        elif isinstance(found, Failure):
            statistics.failures.append(found)
        else:
            place, report = found
            pair = cross.get(str(place))
            statistics.add(place, report, pair.checks if pair else ())
    if not statistics.rows:
        raise GongkaiError("input.not_found", f"{display_path(str(folder))} holds no summary of a report.")
    statistics.rows.sort(key=lambda row: row.order)
    return Survey(outputs, statistics, cross)


def write_report(
    found: Survey,
    target: Path,
    *,
    single_page_limit: int,
    title: str | None = None,
    done: Callable[[str], None] = lambda name: None,
) -> Path | None:
    """Write the report on an output set.

    The summaries are read a second time, one by one for their pages, so that memory does not grow with their text.
    Every page appears only when it is whole, the overview last.

    Args:
        found: the output set, by :func:`survey`.
        target: the HTML file to write.
        single_page_limit: with more reports than this, each gets a file of its own in the folder ``NAME-pages``.
        title: of the page; by default the name of the folder of the output set.
        done: told the name of each report that is written.

    Returns:
        The folder of pages, None when everything is on one page.

    Raises:
        GongkaiError: ``output.unwritable``; ``input.permission`` or ``read.corrupt`` for a summary that was removed or
            overwritten since :func:`survey`.
    """
    rows = found.statistics.rows
    make_folder(target.parent)
    folder = target.with_name(f"{target.stem}-pages")
    single = len(rows) <= single_page_limit
    _address(rows, None if single else folder)
    pages = {str(row.place): row for row in rows}
    if not single:
        make_folder(folder)
        for row in rows:
            context: dict[str, Any] = {"one": _article(row, found), "row": row, "pages": pages}
            _write(folder / f"{row.file}.html", render("report.html", **context, overview=quote(target.name)))
            done(row.id)
    context = {
        "title": title or display_path(found.outputs.folder.resolve().name),
        "statistics": found.statistics,
        "pages": pages,
        "articles": _told(found, done) if single else (),
        "single": single,
        "heat": [charts.domains_by_year(found.statistics), charts.domains_by_authority(found.statistics)],
        "bars": charts.failures_by_rule(found.statistics),
        "flows": flows.diagrams(found.statistics),
        "size": flows,
    }
    _write(target, render("index.html", **context))
    _remove_stale(folder, set() if single else {f"{row.file}.html" for row in rows})
    return None if single else folder


def _address(rows: list[Row], folder: Path | None) -> None:
    """Give each report its anchor on the one page, or a file name of its own and the address of that file."""
    keys = [f"{row.place}/{row.id}.json" if row.place.line else row.place.file for row in rows]
    files = report_ids(keys)
    for position, (row, key) in enumerate(zip(rows, keys, strict=True), 1):
        row.file = files[key]
        row.slug = f"r{position}" if folder is None else "r"
        row.page = f"#{row.slug}" if folder is None else f"{quote(folder.name)}/{quote(row.file)}.html"


def _article(row: Row, found: Survey) -> Article:
    return article(found.outputs.read(row.place), row.slug, found.cross.get(str(row.place)))


def _told(found: Survey, done: Callable[[str], None]) -> Iterator[Article]:
    for row in found.statistics.rows:
        yield _article(row, found)
        done(row.id)


def _write(target: Path, pieces: Iterator[bytes]) -> None:
    pending = PendingFile(target)
    try:
        for piece in pieces:
            pending.write(piece)
        pending.commit()
    finally:
        pending.discard()


def _remove_stale(folder: Path, current: set[str]) -> None:
    """Remove the pages of an earlier report in ``folder`` that this one no longer has; other files stay."""
    if not folder.is_dir():
        return
    for path in folder.glob("*.html"):
        if path.name in current or not path.is_file():
            continue
        with path.open("rb") as opened:
            ours = opened.read(len(_MARK)) == _MARK
        if ours:
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
