"""The overview's numbers and the geometry of its plots."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.pipeline.outputs import Place
from gongkai.pipeline.report import charts, flows
from gongkai.pipeline.report.statistics import Flow, Statistics, magnitude
from gongkai.pipeline.report.vocabulary import domains
from gongkai.pipeline.schema import Check, Report, TableOut

Build = Callable[..., Report]


def _statistics(*reports: Report, cross: tuple[Check, ...] = ()) -> Statistics:
    statistics = Statistics()
    for report in reports:
        statistics.add(Place(f"{report.report.id}.json"), report, cross)
    statistics.rows.sort(key=lambda row: row.order)
    return statistics


def test_checks_are_tallied_by_rule_and_by_report(build: Build) -> None:
    late = Check(rule="cross_year.carry_over", status="failed", message="不等")
    found = _statistics(build("a"), build("b", checks=[]), cross=(late,))
    assert found.rules["applications.balance"].outcomes == {"failed": 1, "passed": 1}
    assert found.rules["applications.balance"].reports == 1
    assert found.rules["cross_year.carry_over"].reports == 2
    assert found.total("failed") == 4
    assert [row.failed for row in found.rows] == [3, 1]
    bars = charts.failures_by_rule(found).bars
    assert bars[0].en == "cross_year.carry_over"
    assert [bar.length for bar in bars] == sorted((bar.length for bar in bars), reverse=True)


def test_a_flow_sums_the_totals_by_result(build: Build) -> None:
    found = _statistics(build("a"), build("b"), build("c", year=2021, tables={}))
    assert set(found.flows) == {2022}
    flow = found.flows[2022]
    assert flow.reports == 2
    assert flow.counts == {
        "new_received": 14, "carried_over_in": 2, "granted": 12, "denied": 2, "carried_over_out": 0,
    }  # fmt: skip
    (drawn,) = flows.diagrams(found)
    assert (drawn.incoming, drawn.outgoing, drawn.difference) == (16, 14, 2)


def test_a_missing_total_is_the_sum_of_the_applicants(build: Build) -> None:
    rows = {"new_received": {"natural_person": 3, "business": 4}, "granted": {"natural_person": 7, "total": None}}
    flow = _statistics(build(tables={"applications": {"rows": rows}})).flows[2022]
    assert flow.counts == {"new_received": 7, "granted": 7}


@pytest.mark.parametrize("odd", [None, -5, float("nan"), float("inf"), 10**400])
def test_numbers_no_plot_can_hold_count_as_nothing(odd: int | float | None, build: Build) -> None:
    assert magnitude(odd) == 0
    report = build()
    report.tables["applications"] = TableOut(rows={"new_received": {"total": odd}})
    assert not flows.diagrams(_statistics(report))


KEYS = st.sampled_from([*flows.SOURCES, "granted", "denied", "refused", "other", "carried_over_out"])


@settings(deadline=None)  # a busy machine is no defect
@given(st.dictionaries(KEYS, st.integers(1, 10**6), min_size=1))
def test_bands_are_as_wide_as_their_counts_and_labels_never_overlap(counts: dict[str, int]) -> None:
    flow = Flow(1)
    flow.counts.update(counts)
    drawn = flows.diagram("2022", flow)
    bands = {band.key: band for band in (*drawn.sources, *drawn.results)}
    assert set(bands) == set(counts)
    scale = drawn.hub[1] / max(drawn.incoming, drawn.outgoing)
    for key, band in bands.items():
        assert band.block[1] == pytest.approx(max(scale * counts[key], 1), abs=0.06)
    for side in (drawn.sources, drawn.results):
        places = [band.label_y for band in side]
        assert all(after - before >= 16.9 for before, after in pairwise(places))
        assert all(0 < place < flows.HEIGHT for place in places)


def test_heat_maps_show_every_domain_and_shade_by_share(build: Build) -> None:
    summary = {"domains": [{"label": "education", "zh": "教育", "segments": 3, "characters": 9},
                           {"label": "healthcare", "zh": "医疗卫生", "segments": 1, "characters": 9},
                           {"label": "no_such_label", "zh": "?", "segments": 5, "characters": 9}]}  # fmt: skip
    found = _statistics(build("a", summary=summary), build("b", year=None, authority=None))
    years = charts.domains_by_year(found)
    assert [tick.text for tick in years.columns] == ["2022", "不详 n/a"]
    assert len(years.tiles) == 2 * len(domains())
    line = domains().index("education")
    assert [tile.count for tile in years.tiles[2 * line : 2 * line + 2]] == [3, 2]
    assert "75 %" in years.tiles[2 * line].tip
    authorities = charts.domains_by_authority(found)
    assert [tick.tip for tick in authorities.rows] == ["柳溪市人民政府 2022", "机关不详 authority not found 不详 n/a"]
    assert max(tile.level for tile in authorities.tiles) == 1


def test_a_large_set_shows_the_authorities_with_most_reports(build: Build) -> None:
    many = [build(f"x{i}", authority=f"第{i:03d}局") for i in range(70)]
    series = [build(f"y{year}", authority="甲局", year=year) for year in range(2015, 2023)]
    shown = charts.domains_by_authority(_statistics(*many, *series))
    assert len(shown.rows) == charts.MAX_ROWS
    assert sum("甲局" in tick.tip for tick in shown.rows) == len(series)
    assert shown.left_out == len(many) + len(series) - charts.MAX_ROWS


def test_the_years_of_a_hostile_set_do_not_widen_the_plot_without_end(build: Build) -> None:
    found = _statistics(*(build(f"x{i}", year=i) for i in range(1, 100)))
    assert len(charts.domains_by_year(found).columns) == charts.MAX_YEARS
    assert len(flows.diagrams(found)) == charts.MAX_YEARS
