"""Markup that would make an HTML parser slow or huge is simplified before it is parsed.

The HTML standard asks for work that grows with the square of the input in three cases: elements nested without end
(every block start searches the open elements), unclosed formatting elements (each is opened anew in every following
paragraph), and thousands of attributes on one tag (each is compared with all before it). Browsers cap the first at
512 levels; real pages stay far below all of these bounds.
"""

from __future__ import annotations

import re

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.readers.html_tree import BLOCKS

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]*)[^<>]*>?")
_FORMATTING = re.compile(
    r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^<>]*>?", re.IGNORECASE
)
_GIANT_TAG = re.compile(r"(<[A-Za-z][A-Za-z0-9]*)\s[^<>]{30000,}>?")
# Void elements, and those whose end tag is mostly left out because the next one closes them.
_FLAT_TAGS = """
    area base br col embed hr img input link meta param source track wbr p li dd dt option optgroup
    tr td th thead tbody tfoot colgroup
"""
_NEVER_NESTED = frozenset(_FLAT_TAGS.split())
_MAX_TAGS = 500_000
_SAFE_TAGS = 5_000  # with fewer tags even the worst nesting parses in milliseconds
_MAX_DEPTH = 400
_MAX_REOPENED = 500_000  # open formatting elements x tags, about the nodes they can multiply into
_MAX_OPEN_FORMATTING = 100


def tame(markup: str) -> str:
    """Return markup that parses in time and memory proportional to its length.

    Args:
        markup: the page as text.

    Returns:
        The markup itself, or without the tags that nest too deep, the formatting tags or the attributes of giant tags.

    Raises:
        GongkaiError: ``read.corrupt`` when the page holds more than half a million tags.
    """
    tags = markup.count("<")
    if tags > _MAX_TAGS:
        raise GongkaiError("read.corrupt", f"The page holds {tags} tags; no report does.")
    if len(markup) > 30000:
        markup = _GIANT_TAG.sub(r"\1>", markup)
    if _open_formatting(markup) > max(4, min(_MAX_OPEN_FORMATTING, _MAX_REOPENED // max(tags, 1))):
        markup = _FORMATTING.sub("", markup)
    return _flatten(markup) if tags > _SAFE_TAGS else markup


def _open_formatting(markup: str) -> int:
    depth = deepest = 0
    for match in _FORMATTING.finditer(markup):
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _flatten(markup: str) -> str:
    """Remove start tags below the depth limit, and as many end tags; blocks stay apart by a line break."""
    depth = removed = 0
    out: list[str] = []
    position = 0
    for match in _TAG.finditer(markup):
        if match[2].lower() in _NEVER_NESTED:
            continue
        if match[1]:
            drop = removed > 0
            removed -= drop
            depth -= not drop and depth > 0
        else:
            drop = depth >= _MAX_DEPTH
            removed += drop
            depth += not drop
        if drop:
            out += markup[position : match.start()], "<br>" if match[2].lower() in BLOCKS else ""
            position = match.end()
    return "".join([*out, markup[position:]]) if out else markup
