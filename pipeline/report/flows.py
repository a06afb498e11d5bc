"""The applications of a year as a diagram: new and carried over ones join, then part into results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.pipeline.cli.view_text import number
from gongkai.pipeline.report.charts import MAX_YEARS, year_name
from gongkai.pipeline.report.statistics import Flow, Statistics
from gongkai.pipeline.report.vocabulary import vocabulary

SOURCES = ("new_received", "carried_over_in")


@dataclass(frozen=True, slots=True)
class Band:
    """One stream: the path of its area, its block at the outer end, and its label.

    Attributes:
        key: what flows, a key of ``flows`` in ``names.yaml``; the style sheet colours by it.
        path: SVG path data.
        block: y and height of the block.
        label_y: baseline of the label.
    """

    key: str
    path: str
    block: tuple[float, float]
    label_y: float
    zh: str
    en: str
    value: str
    tip: str


@dataclass(frozen=True, slots=True)
class FlowDiagram:
    """The flow of one year.

    Attributes:
        difference: what came in less what went out, 0 where the year's tables balance.
        hub: y and height of the block where all streams join.
    """

    year: str
    reports: int
    title: str
    sources: tuple[Band, ...]
    results: tuple[Band, ...]
    hub: tuple[float, float]
    difference: int
    incoming: int
    outgoing: int


WIDTH, HEIGHT = 510, 226
LEFT, MIDDLE, RIGHT, BLOCK = 108, 208, 308, 10
_TOP, _ROOM, _GAP, _LINE = 14, 150, 6, 17


def diagrams(statistics: Statistics) -> list[FlowDiagram]:
    """Return the flows of the latest years that have any application, the latest first."""
    years = sorted((year for year, flow in statistics.flows.items() if sum(flow.counts.values())), key=lambda y: y or 0)
    return [diagram(year_name(year), statistics.flows[year]) for year in reversed(years[-MAX_YEARS:])]


def diagram(year: str, flow: Flow) -> FlowDiagram:
    """Return the flow of one year.

    Args:
        year: its name.
        flow: its counts, not all 0.
    """
    results = [key for key in vocabulary()["flows"] if key not in SOURCES]
    incoming = sum(flow.counts[key] for key in SOURCES)
    outgoing = sum(flow.counts[key] for key in results)
    scale = _ROOM / max(incoming, outgoing)
    hub = (_TOP + 18, scale * max(incoming, outgoing))
    return FlowDiagram(
        year,
        flow.reports,
        f"{year} 申请流向 Applications",
        _bands(flow, SOURCES, scale, hub, LEFT + BLOCK, MIDDLE, incoming),
        _bands(flow, results, scale, hub, RIGHT, MIDDLE + BLOCK, outgoing),
        hub,
        incoming - outgoing,
        incoming,
        outgoing,
    )


def _bands(
    flow: Flow, keys: Sequence[str], scale: float, hub: tuple[float, float], outer: float, inner: float, whole: int
) -> tuple[Band, ...]:
    present = [key for key in keys if flow.counts[key]]
    used = scale * whole + _GAP * (len(present) - 1)
    inner_y, outer_y = hub[0], max(_TOP, hub[0] + (hub[1] - used) / 2)
    bands: list[Band] = []
    places = _label_places([scale * flow.counts[key] for key in present], outer_y)
    for key, place in zip(present, places, strict=True):
        count = flow.counts[key]
        height = scale * count
        name = vocabulary()["flows"][key]
        share = 100 * count / whole
        bands.append(
            Band(
                key,
                _area(inner, inner_y, outer, outer_y, height),
                (round(outer_y, 1), round(max(height, 1), 1)),
                place,
                name["zh"],
                name["en"],
                number(count),
                f"{name['zh']} {name['en']}：{number(count)} 件（{share:.1f} %）",
            )
        )
        inner_y += height
        outer_y += height + _GAP
    return tuple(bands)


def _label_places(heights: Sequence[float], top: float) -> list[float]:
    """Return baselines beside the blocks, pushed apart so that labels never overlap and stay within the picture."""
    places: list[float] = []
    at = top
    for height in heights:
        centre = at + height / 2 + 4
        places.append(max(centre, places[-1] + _LINE) if places else centre)
        at += height + _GAP
    limit = float(HEIGHT - 6)
    for position in reversed(range(len(places))):
        places[position] = round(min(places[position], limit), 1)
        limit = places[position] - _LINE
    return places


def _area(x0: float, y0: float, x1: float, y1: float, height: float) -> str:
    """Return a band of one height between two points, as two mirrored Bézier curves."""
    bend = (x0 + x1) / 2
    low0, low1 = y0 + max(height, 0.6), y1 + max(height, 0.6)
    return (
        f"M{x0:.1f},{y0:.1f} C{bend:.1f},{y0:.1f} {bend:.1f},{y1:.1f} {x1:.1f},{y1:.1f} "
        f"L{x1:.1f},{low1:.1f} C{bend:.1f},{low1:.1f} {bend:.1f},{low0:.1f} {x0:.1f},{low0:.1f} Z"
    )
