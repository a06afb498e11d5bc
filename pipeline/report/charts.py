"""The plots of the overview: geometry and tooltips of SVG shapes, and the same numbers as a table.

The templates draw the shapes. Colours are left to the style sheet, so that plots follow dark mode and print well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.pipeline import names
from gongkai.pipeline.cli.view_text import number
from gongkai.pipeline.report.statistics import Row, Statistics, Year
from gongkai.pipeline.report.vocabulary import domains, english

MAX_YEARS = 20
MAX_ROWS = 60


@dataclass(frozen=True, slots=True)
class Tile:
    """A cell of a heat map; ``level`` from 0 to 1 is how dark it is."""

    x: float
    y: float
    level: float
    count: int
    tip: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A row or column title at a place; ``more`` is a second, fainter text, ``href`` a link."""

    x: float
    y: float
    text: str
    more: str = ""
    href: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A matrix of tiles of one size with row and column titles.

    Attributes:
        kind: ``years`` (counts written in the tiles) or ``authorities`` (column titles run downwards).
        tiles: row by row, every column of each.
        left_out: rows or columns that did not fit.
    """

    kind: str
    title: str
    width: float
    height: float
    tile: tuple[float, float]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    tiles: tuple[Tile, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its titles and the text at its end."""

    y: float
    length: float
    zh: str
    en: str
    text: str
    tip: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Horizontal bars."""

    title: str
    width: float
    height: float
    left: float
    room: float
    bars: tuple[Bar, ...]


_LABEL, _TILE_W, _TILE_H, _HEAD = 272, 48, 24, 30


def year_name(year: Year) -> str:
    """Return a year as a column title."""
    return "不详 n/a" if year is None else str(year)


def domains_by_year(statistics: Statistics) -> HeatMap:
    """Return domains against years: segments, darker the larger their share of the year."""
    sums: dict[Year, list[int]] = {}
    for row in statistics.rows:
        total = sums.setdefault(row.year, [0] * len(domains()))
        for position, count in enumerate(row.domains):
            total[position] += count
    years = sorted(sums, key=lambda year: (year is None, year or 0))
    shown = years[-MAX_YEARS:]
    darkest = max((_share(counts, i) for counts in sums.values() for i in range(len(counts))), default=0) or 1
    tiles = [
        Tile(
            _LABEL + column * _TILE_W,
            _HEAD + line * _TILE_H,
            _share(sums[year], line) / darkest,
            sums[year][line],
            _tile_tip(label, year_name(year), sums[year], line),
        )
        for line, label in enumerate(domains())
        for column, year in enumerate(shown)
    ]
    return HeatMap(
        "years",
        "领域 × 年度：句段数 Domains by year: segments",
        _LABEL + _TILE_W * len(shown) + 8,
        _HEAD + _TILE_H * len(domains()) + 8,
        (_TILE_W - 2, _TILE_H - 2),
        tuple(
            Tick(_LABEL - 12, _HEAD + line * _TILE_H + 15, names.label_zh("domains", label), english(label))
            for line, label in enumerate(domains())
        ),
        tuple(Tick(_LABEL + i * _TILE_W + _TILE_W / 2 - 1, _HEAD - 10, year_name(y)) for i, y in enumerate(shown)),
        tuple(tiles),
        len(years) - len(shown),
    )


_NAME, _SIDE, _LINE, _TOP = 240, 36, 24, 136


def domains_by_authority(statistics: Statistics) -> HeatMap:
    """Return authorities and years against domains: the share of each domain in a report's labelled segments.

    Where there are more reports than fit, the authorities with most reports are shown.
    """
    shown = _most_reported(statistics.rows)
    darkest = max((_share(row.domains, i) for row in shown for i in range(len(row.domains))), default=0) or 1
    heads = tuple(
        Tick(_NAME + i * _SIDE + _SIDE / 2, _TOP - 8, names.label_zh("domains", label), tip=english(label))
        for i, label in enumerate(domains())
    )
    lines: list[Tick] = []
    tiles: list[Tile] = []
    before: str | None = ""
    for line, row in enumerate(shown):
        y = _TOP + line * _LINE
        name = row.authority or "机关不详 authority not found"
        short = "" if row.authority == before else name if len(name) <= 14 else f"{name[:13]}…"
        before = row.authority
        place = f"{name} {year_name(row.year)}"
        lines.append(Tick(_NAME - 10, y + 15, short, year_name(row.year), row.page, place))
        tips = [_tile_tip(label, place, row.domains, i) for i, label in enumerate(domains())]
        tiles += [
            Tile(_NAME + i * _SIDE, y, _share(row.domains, i) / darkest, row.domains[i], tips[i])
            for i in range(len(heads))
        ]
    return HeatMap(
        "authorities",
        "领域 × 机关与年度 Domains by authority and year",
        _NAME + _SIDE * len(heads) + 8,
        _TOP + _LINE * len(shown) + 8,
        (_SIDE - 2, _LINE - 2),
        tuple(lines),
        heads,
        tuple(tiles),
        len(statistics.rows) - len(shown),
    )


def _most_reported(rows: Sequence[Row]) -> list[Row]:
    """Return at most :data:`MAX_ROWS` rows, those of the authorities with most reports, in the order given."""
    if len(rows) <= MAX_ROWS:
        return list(rows)
    counts: dict[str | None, int] = {}
    for row in rows:
        counts[row.authority] = counts.get(row.authority, 0) + (row.authority is not None)
    ranked = sorted(range(len(rows)), key=lambda i: (-counts[rows[i].authority], i))
    return [rows[i] for i in sorted(ranked[:MAX_ROWS])]


def _share(counts: Sequence[int], position: int) -> float:
    return counts[position] / (sum(counts) or 1)


def _tile_tip(label: str, place: str, counts: Sequence[int], position: int) -> str:
    share = f"{100 * _share(counts, position):.0f} %"
    return f"{names.label_zh('domains', label)} {english(label)} · {place}：{counts[position]} 句段 segments，{share}"


_BAR_LEFT, _BAR_ROOM, _BAR_STEP = 206, 250, 40


def failures_by_rule(statistics: Statistics) -> BarChart:
    """Return failed checks by rule, most failures first; rules that never failed come with an empty bar."""
    ranked = sorted(statistics.rules.items(), key=lambda item: (-item[1].outcomes["failed"], item[0]))
    most = max((tally.outcomes["failed"] for _, tally in ranked), default=0) or 1
    bars = []
    for line, (rule, tally) in enumerate(ranked):
        failed, passed = tally.outcomes["failed"], tally.outcomes["passed"]
        text = f"{number(failed)} 处 / {number(tally.reports)} 份" if failed else "0"
        tip = (
            f"{names.zh('rules', rule)} {rule}：{failed} 未通过 failed，in {tally.reports} 份 reports；"
            f"{passed} 通过 passed；{tally.outcomes['not_applicable']} 不适用 n/a"
        )
        length = max(_BAR_ROOM * failed / most, 2 if failed else 0)
        bars.append(Bar(line * _BAR_STEP + 6, length, names.zh("rules", rule), rule, text, tip))
    return BarChart(
        "核对未通过，按规则 Failed checks by rule",
        _BAR_LEFT + _BAR_ROOM + 100,
        _BAR_STEP * len(bars) + 6,
        _BAR_LEFT,
        _BAR_ROOM,
        tuple(bars),
    )
