"""Finding the element of a page that holds the report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from selectolax.lexbor import LexborNode

from gongkai.pipeline.readers.chrome import is_report_title
from gongkai.pipeline.readers.html_tree import Measured, Weight

_LANDINGS = frozenset(("body", "div", "td", "section", "article", "main", "form", "center", "blockquote", "dd", "li"))
_TITLES_THAT_TELL = 2  # with fewer numbered section titles only the amount of text tells
_SHARE_WITH_TITLES = 0.5
_SHARE_WITHOUT = 0.8
_SMALL_SHARE = 0.3  # an element to drop holds less than this share of the page's text, else it is no furniture


@cache
def selectors(kind: str) -> str:
    """Return the CSS selector list of ``html.yaml`` under ``article``, ``drop``, ``hidden`` or ``title``."""
    raw = yaml.safe_load(Path(__file__).with_name("html.yaml").read_text(encoding="utf-8"))
    return ",".join(raw[kind])


def matches(root: LexborNode, kind: str) -> list[LexborNode]:
    """Return the elements below ``root`` that a list of ``html.yaml`` names, each once."""
    return list({node.mem_id: node for node in root.css(selectors(kind))}.values())


def furniture(body: LexborNode, measured: Measured) -> frozenset[int]:
    """Return the ``mem_id`` of navigation, sharing and hidden elements.

    A class called ``print`` may as well wrap the whole article, and pages unhide their article by script: what holds
    much of the page's text or its section titles stays.
    """
    total = measured.weights[body.mem_id]
    nodes = matches(body, "drop") + matches(body, "hidden")
    return frozenset(n.mem_id for n in nodes if _is_small(_weight(n, measured), total))


def _weight(node: LexborNode, measured: Measured) -> Weight:
    return measured.weights.get(node.mem_id) or Weight(chars=len(node.text() or ""))


def _is_small(weight: Weight, total: Weight) -> bool:
    return weight.chars <= _SMALL_SHARE * total.chars and weight.titles < _TITLES_THAT_TELL


def find_article(body: LexborNode, measured: Measured) -> LexborNode:
    """Choose the smallest known container that holds nearly all of the report, or the densest element.

    Args:
        body: the page's ``<body>``.
        measured: weights of its elements.
    """
    dense = _densest(body, measured)
    known = [n for n in matches(body, "article") if n.mem_id in measured.weights]
    goal = measured.weights[dense.mem_id]
    whole = [n for n in known if _holds(measured.weights[n.mem_id], goal)]
    return min([dense, *whole], key=lambda n: measured.weights[n.mem_id].chars)


def _densest(body: LexborNode, measured: Measured) -> LexborNode:
    """Descend from the body as long as one child holds nearly all of its parent."""
    best = node = body
    while True:
        children = [c for c in node.iter() if c.mem_id in measured.weights]
        child = max(children, key=lambda c: measured.weights[c.mem_id].chars, default=None)
        if child is None or not _holds(measured.weights[child.mem_id], measured.weights[node.mem_id]):
            return best
        node = child
        if node.tag in _LANDINGS:
            best = node


def _holds(part: Weight, whole: Weight) -> bool:
    share = _SHARE_WITH_TITLES if whole.titles >= _TITLES_THAT_TELL else _SHARE_WITHOUT
    return part.chars >= share * whole.chars and part.titles >= whole.titles and part.cells >= 0.9 * whole.cells


def shown_title(body: LexborNode) -> str | None:
    """Return the report's title as the page shows it, often outside the article element."""
    for node in matches(body, "title"):
        text = " ".join((node.text() or "").split())
        if _is_title(text):
            return text
    return None


def title_above(pieces: Sequence[str]) -> str | None:
    """Return the title among the texts before the article, of which headings of lists of reports name no year."""
    return next((text for text in reversed(pieces) if is_report_title(text)), None)


def _is_title(text: str) -> bool:
    return 6 <= len(text) <= 80 and "公开" in text and ("报告" in text or "年报" in text)
