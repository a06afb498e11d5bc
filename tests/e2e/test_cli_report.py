"""``gongkai report``: from the folder of a run to a page, with exit statuses that tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from typer.testing import CliRunner, Result

from gongkai.pipeline.cli.main import app
from gongkai.pipeline.schema import Report
from gongkai.pipeline.writing import to_json

SAMPLES = Path(__file__).parents[2] / "corpora" / "samples"


@pytest.fixture
def results(tmp_path: Path, build_report: Callable[..., Report]) -> Path:
    folder = tmp_path / "结果 [red]"
    folder.mkdir()
    for name in ("a-2023", "b-2023"):
        (folder / f"{name}.json").write_bytes(to_json(build_report(name)))
    return folder


@pytest.fixture
def call(runner: CliRunner) -> Callable[..., Result]:
    def run(*arguments: object) -> Result:
        return runner.invoke(app, ["report", *map(str, arguments)])

    return run


def test_a_page_is_written_where_it_is_asked_for(call: Callable[..., Result], results: Path, tmp_path: Path) -> None:
    target = tmp_path / "web" / "report.html"
    result = call(results, "-o", target, "--title", "柳溪 <b>2023</b>")
    assert result.exit_code == 0, result.output
    assert "2 份报告" in result.stderr
    assert str(target) in result.stderr
    assert result.stdout == ""
    tree = LexborHTMLParser(target.read_text(encoding="utf-8"))
    assert tree.css_first("h1").text() == "柳溪 <b>2023</b>"
    assert len(tree.css("article")) == 2


def test_without_a_file_the_page_goes_beside_the_summaries(call: Callable[..., Result], results: Path) -> None:
    assert call(results, "-q").output == ""
    tree = LexborHTMLParser((results / "report.html").read_text(encoding="utf-8"))
    assert tree.css_first("h1").text() == results.name
    assert call(results).exit_code == 0  # the page of an earlier run is no stranger among the summaries


def test_many_reports_get_a_folder_of_pages(call: Callable[..., Result], results: Path, tmp_path: Path) -> None:
    result = call(results, "-o", tmp_path / "r.html", "--single-page-limit", 1)
    assert result.exit_code == 0
    assert str(tmp_path / "r-pages") in result.stderr
    assert sorted(path.name for path in (tmp_path / "r-pages").iterdir()) == ["a-2023.html", "b-2023.html"]


def test_a_stranger_among_the_summaries_is_told_and_costs_nothing_else(
    call: Callable[..., Result], results: Path, tmp_path: Path
) -> None:
    (results / "stranger.json").write_text("{}")
    result = call(results, "-o", tmp_path / "r.html")
    assert result.exit_code == 1
    assert "stranger.json" in result.stderr
    assert "read.corrupt" in result.stderr
    assert "stranger.json" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["missing", "file", "empty", "unwritable", "limit", "no page"])
def test_wrong_calls_write_nothing(kind: str, call: Callable[..., Result], results: Path, tmp_path: Path) -> None:
    target = tmp_path / "r.html"
    if kind == "unwritable":
        (tmp_path / "file").write_text("")
        target = tmp_path / "file" / "r.html"
    if kind == "no page":
        target = tmp_path / "summary.json"
    (tmp_path / "empty").mkdir()
    folder = {"missing": tmp_path / "no", "file": results / "a-2023.json", "empty": tmp_path / "empty"}.get(
        kind, results
    )
    result = call(folder, "-o", target, "--single-page-limit", -1 if kind == "limit" else 50)
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert not target.exists()


def test_the_help_teaches(call: Callable[..., Result]) -> None:
    told = call("--help").stdout
    for part in ("示例", "退出码", "--single-page-limit", "gongkai report out -o report.html"):
        assert part in told


def test_real_reports_go_from_text_to_page(runner: CliRunner, call: Callable[..., Result], tmp_path: Path) -> None:
    out = tmp_path / "out"
    samples = [str(SAMPLES / name) for name in ("zhuxi-2022.txt", "linlan-2017.html")]
    assert runner.invoke(app, ["annotate", *samples, "-o", str(out), "-e", "rules"]).exit_code == 0
    assert call(out, "-o", tmp_path / "r.html").exit_code == 0
    tree = LexborHTMLParser((tmp_path / "r.html").read_text(encoding="utf-8"))
    zhuxi = next(node for node in tree.css("article") if "竹溪镇" in node.css_first("h3").text())
    red = [cell.text(deep=False) for cell in zhuxi.css(".grid td.bad")]
    assert red == ["5", "5", "1", "1", "5", "5", "0", "0"]  # 自然人 and 总计: 新收, 上年结转, 总计, 结转下年度
    metric = next(mark for mark in zhuxi.css("a.m") if mark.text() == "21次")
    assert "发布暴雨预警信息" in str(metric.attributes["data-tip"])
    assert any("灾害预警与应急救援" in chip.text() for chip in zhuxi.css(".chip"))
