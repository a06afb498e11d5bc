"""Files of the report: one page or many, whole or not at all, in bounded memory."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
from selectolax.lexbor import LexborHTMLParser

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.report.write import survey, write_report
from gongkai.pipeline.schema import Report
from gongkai.pipeline.writing import to_json

Build = Callable[..., Report]
Outputs = Callable[..., Path]


def _links(page: Path) -> list[str]:
    tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
    return [str(link.attributes["href"]) for link in tree.css("a[href]")]


def test_up_to_the_limit_everything_is_on_one_page(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    target = tmp_path / "r.html"
    found = survey(outputs(build("a", authority="乙局"), build("b", authority="甲局")))
    assert write_report(found, target, single_page_limit=2) is None
    tree = LexborHTMLParser(target.read_text(encoding="utf-8"))
    assert [node.attributes["id"] for node in tree.css("article")] == ["r1", "r2"]
    rows = [row.text(strip=True) for row in tree.css("#list tbody th a")]
    assert rows == ["乙局", "甲局"]
    assert not (tmp_path / "r-pages").exists()


def test_past_the_limit_each_report_has_a_file_that_links_back(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    names = ["plain", "带 空格#和?号&", "%41", "CASE"]
    found = survey(outputs(*(build(name.replace("?", "？")) for name in names)))
    target = tmp_path / "总 览#1.html"
    folder = write_report(found, target, single_page_limit=3)
    assert folder == tmp_path / "总 览#1-pages"
    assert not LexborHTMLParser(target.read_text(encoding="utf-8")).css("article")
    pages = [link for link in _links(target) if not link.startswith("#")]
    assert len(set(pages)) == len(names)
    for link in pages:
        page = tmp_path / unquote(link)
        assert page.is_file()
        back = urljoin(link, _links(page)[0])
        assert tmp_path / unquote(back) == target


def test_pages_of_lines_never_leave_their_folder_or_share_a_name(build: Build, tmp_path: Path) -> None:
    ids = ["../../evil", "a", "a", "", "x/y", "nul\x00", "A", "a" * 300]
    lines = []
    for number, name in enumerate(ids):
        report = build(name)
        report.source.sha256 = str(number)
        lines.append(to_json(report, indent=None))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "reports.jsonl").write_bytes(b"".join(lines))
    folder = write_report(survey(tmp_path / "out"), tmp_path / "web" / "r.html", single_page_limit=0)
    assert folder is not None
    assert len(list(folder.iterdir())) == len(ids)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "web"]


def test_pages_that_are_no_longer_wanted_go_and_strangers_stay(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    target, out = tmp_path / "r.html", outputs(build("a"), build("b"))
    folder = write_report(survey(out), target, single_page_limit=0)
    assert folder is not None
    (folder / "mine.html").write_text("<p>my own notes")
    (out / "b.json").unlink()
    write_report(survey(out), target, single_page_limit=0)
    assert sorted(path.name for path in folder.iterdir()) == ["a.html", "mine.html"]
    (folder / "mine.html").unlink()
    write_report(survey(out), target, single_page_limit=50)
    assert not folder.exists()


def test_equal_summaries_give_equal_pages(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    out = outputs(build("a"), build("b"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_report(survey(out), tmp_path / name / "r.html", single_page_limit=50)
    assert (tmp_path / "one" / "r.html").read_bytes() == (tmp_path / "two" / "r.html").read_bytes()


def test_a_page_that_fails_half_way_leaves_the_earlier_one(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    target, out = tmp_path / "r.html", outputs(build("a"), build("b"))
    target.write_text("earlier")
    found = survey(out)
    (out / "b.json").write_text("{}")
    with pytest.raises(GongkaiError) as caught:
        write_report(found, target, single_page_limit=50)
    assert caught.value.code == "read.corrupt"
    assert target.read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "r.html"]


def test_nothing_to_report_is_said(tmp_path: Path) -> None:
    with pytest.raises(GongkaiError) as caught:
        survey(tmp_path)
    assert caught.value.code == "input.not_found"


def test_what_cross_found_stands_on_the_later_page_with_a_link(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    out = outputs(build("a", year=2021), build("b"))
    pair = {
        "authority": {"code": None, "division": None, "body": "市政府"},
        "previous": {"file": "a.json", "id": "a", "year": 2021},
        "current": {"file": "b.json", "id": "b", "year": 2022},
        "checks": [{"rule": "cross_year.carry_over", "status": "failed", "message": "结转不等"}],
        "copies": [
            {
                "kind": "verbatim",
                "overlap": 1,
                "paragraph": "p2",
                "text": "今年的句子",
                "previous_paragraph": "p2",
                "previous_text": "去年的句子",
            }
        ],
    }
    text = json.dumps({"version": "0", "settings_sha256": "0", "pairs": [pair]})
    (out / "cross.json").write_text(text, encoding="utf-8")
    folder = write_report(survey(out), tmp_path / "r.html", single_page_limit=0)
    assert folder is not None
    later, earlier = ((folder / f"{name}.html").read_text(encoding="utf-8") for name in "ba")
    assert all(part in later for part in ("结转不等", "今年的句子", "去年的句子", 'href="../r-pages/a.html"'))
    assert "结转不等" not in earlier


def test_a_damaged_cross_file_costs_one_line(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    out = outputs(build("a"))
    (out / "cross.json").write_text('{"settings_sha256": 1}')
    found = survey(out)
    assert [error.code for error in found.statistics.unreadable] == ["read.corrupt"]
    write_report(found, tmp_path / "r.html", single_page_limit=50)
    assert "cross.json" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_summaries_in_folders_below_have_pages_of_their_own(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    out = outputs(build("a"))
    twin = build("a", year=2021)
    twin.source.path = "2021/a.txt"
    outputs(twin, folder="out/2021")
    folder = write_report(survey(out), tmp_path / "r.html", single_page_limit=0)
    assert folder is not None
    assert len(list(folder.iterdir())) == 2


def test_memory_does_not_grow_with_the_text(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    out = tmp_path / "out"
    text = "本年度主动公开政府信息若干条。" * 2000
    for number in range(40):
        report = build(f"r{number}")
        report.paragraphs[1].text = text
        outputs(report)
    total = sum(path.stat().st_size for path in out.iterdir())
    tracemalloc.start()
    write_report(survey(out), tmp_path / "r.html", single_page_limit=50)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "r.html").stat().st_size > total * 0.9
    assert peak < total / 2
