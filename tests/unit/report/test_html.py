"""Pages against hostile reports: text stays text, the policy allows the page's own parts and nothing else."""

import base64
import hashlib
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from gongkai.pipeline.cli.terminal import clean
from gongkai.pipeline.outputs import Place
from gongkai.pipeline.report.article import article
from gongkai.pipeline.report.html import render
from gongkai.pipeline.report.statistics import Row, Statistics
from gongkai.pipeline.report.write import survey, write_report
from gongkai.pipeline.schema import Report

Build = Callable[..., Report]
Outputs = Callable[..., Path]

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></script><svg onload=alert(1)>",
    "<!-- --!><iframe src=//evil.example>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "javascript:alert(1)",
    "&lt;b&gt;&amp;&#60;",
    "abc\u202egnp.exe\u2066x\u2069",
    "\x00\x1b[31m\x85\u2028\ufeff",
    "=cmd|' /C calc'!A1",
    "]]><base href=//evil.example>",
]


def _page(report: Report) -> str:
    row = Statistics()
    row.add(Place("x.json"), report, ())
    shown: Row = row.rows[0]
    pieces = render("report.html", one=article(report, "r"), row=shown, pages={}, overview="report.html")
    return b"".join(pieces).decode("utf-8")


def _soiled(report: Report, text: str) -> Report:
    """Put ``text`` wherever a summary holds free text."""
    info = report.report
    info.title = info.authority = info.region = info.id = info.published = text
    report.source.path = report.source.media_type = report.source.sha256 = text
    report.pipeline.version, report.pipeline.models = text, {text: text}
    report.summary.text = text
    for section in report.sections:
        section.title = text
    for paragraph in report.paragraphs:
        paragraph.id, paragraph.text = text, text * 3
        for segment in paragraph.segments:
            segment.id, segment.start, segment.end = text, 0, len(text)
            for label in (*segment.domains, *segment.activities):
                label.label = text
    for metric in report.metrics:
        metric.indicator = metric.text = metric.unit = metric.period = metric.scope = metric.paragraph = text
        metric.domains, metric.start, metric.end = [text], 0, len(text) + 1
    for entity in report.entities:
        entity.type = entity.text = entity.normalized = entity.paragraph = text
        entity.start, entity.end = 1, len(text)
    for check in report.checks:
        check.rule = check.where = check.message = check.evidence = check.paragraph = text
    for label in report.summary.domains:
        label.label = label.zh = text
    for told in report.diagnostics:
        told.code = told.message = told.where = text
    table = report.tables.pop("applications")
    table.rows = {text: {text: 1}}
    table.strategy, table.form, table.extra_rows = text, text, [{text: text}]
    report.tables[text] = table
    return report


def _shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return every element with the names of its attributes: what a page is made of, whatever its text."""
    tree = LexborHTMLParser(page)
    return [(node.tag, tuple(sorted(node.attributes))) for node in tree.css("*")]


ALLOWED_ATTRIBUTES = {
    "aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "colspan", "content", "data-tip", "height",
    "href", "http-equiv", "id", "lang", "name", "open", "role", "rowspan", "rx", "scope", "tabindex", "title",
    "viewbox", "viewBox", "width",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_changes_no_element_and_no_attribute(text: str, build: Build) -> None:
    plain = _shape(_page(_soiled(build(), "甲" * len(text))))
    page = _page(_soiled(build(), text))
    assert _shape(page) == plain
    assert {name for _, names in plain for name in names} <= ALLOWED_ATTRIBUTES
    assert not LexborHTMLParser(page).css("script, iframe, object, embed, base, img, form, link")
    assert not re.search(r'href="(?!#|\.\./)', page)


def test_bidirectional_controls_and_lone_surrogates_become_visible(build: Build) -> None:
    page = _page(_soiled(build(), "甲\u202e乙\u2066丙\ud800丁"))
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
    assert "甲\ufffd乙\ufffd丙\ufffd丁" in page


@given(text=st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=30))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_shown_as_it_is_but_for_what_no_page_may_hold(text: str, build: Build) -> None:
    report = build()
    report.summary.text = text
    report.paragraphs[0].text = f"文{text}末"
    tree = LexborHTMLParser(_page(report))
    shown = tree.css_first(".digest").text()
    assert shown == clean(text)
    assert f"文{clean(text)}末" in tree.body.text()


def _sources(page: str) -> dict[str, list[str]]:
    policy = LexborHTMLParser(page).css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    return {name: values for name, *values in (part.split() for part in (policy or "").split(";"))}


def test_the_policy_allows_the_own_style_and_script_and_nothing_else(
    build: Build, outputs: Outputs, tmp_path: Path
) -> None:
    write_report(survey(outputs(build())), tmp_path / "r.html", single_page_limit=50)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    sources = _sources(page)
    assert sources["default-src"] == sources["base-uri"] == sources["form-action"] == ["'none'"]
    for kind in ("style", "script"):
        (inline,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert sources[f"{kind}-src"] == [f"'sha256-{digest}'"]
    tree = LexborHTMLParser(page)
    assert not tree.css("[style], [src], [onclick]")  # the policy would block them
    assert "http:" not in page.replace("http-equiv", "")
    assert "https:" not in page


def test_every_table_and_heading_can_be_found_by_ear(build: Build, outputs: Outputs, tmp_path: Path) -> None:
    write_report(survey(outputs(build("a"), build("b"))), tmp_path / "r.html", single_page_limit=50)
    tree = LexborHTMLParser((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert tree.css_first("html").attributes["lang"] == "zh-CN"
    assert tree.css("th")
    assert all(head.attributes.get("scope") for head in tree.css("th"))
    levels = [int(node.tag[1]) for node in tree.css("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    targets = {link.attributes["href"] for link in tree.css("a[href^='#']")}
    assert targets <= {f"#{name}" for name in ids}
    for reference in tree.css("[aria-labelledby]"):
        assert reference.attributes["aria-labelledby"] in ids


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_contrast_enough_to_be_read(scheme: int, build: Build) -> None:
    page = _page(build())
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", page.split(":root")[1 + scheme]))
    pairs = (
        "ink paper, ink card, soft paper, soft card, soft wash, link card, link paper, bad bad-wash, bad card, "
        "good good-wash, good card, domain domain-wash, activity activity-wash, ink metric-wash, metric card, "
        "ink bad-wash, soft bad-wash, on-tile tile"
    )
    for ink, ground in map(str.split, pairs.split(",")):
        bright, dark = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
