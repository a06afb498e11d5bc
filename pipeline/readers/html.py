"""HTML pages of government sites: the article found, its paragraphs, headings and tables read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gongkai.pipeline.config import Limits
from gongkai.pipeline.document import Block, Diagnostic, TextBlock
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.normalise import repair
from gongkai.pipeline.readers.chrome import date_above, drop_chrome, facts_of_text, page_facts
from gongkai.pipeline.readers.content import Content
from gongkai.pipeline.readers.encoding import decode
from gongkai.pipeline.readers.html_article import find_article, furniture, shown_title, title_above
from gongkai.pipeline.readers.html_blocks import article_blocks
from gongkai.pipeline.readers.html_guard import tame
from gongkai.pipeline.readers.html_tree import measure

_JSON_STRING = re.compile(
    r'"(?:content|htmlContent|contentHtml|articleContent|body|text)"\s{0,4}:\s{0,4}("(?:[^"\\]|\\.)*")'
)
_MARKUP = re.compile(r"<(?:p|div|br|span|table)\b", re.I)
_CHINESE = re.compile("[一-鿿]")
_MIN_CHINESE = 40  # characters; a page with fewer ("正在加载……") does not hold its article
_LOOK_AHEAD = 6


def read_html(data: bytes, limits: Limits) -> Content:
    """Read a saved web page.

    Args:
        data: the whole file; its encoding is found from the bytes, the declaration only helps.
        limits: bounds on the input; a page needs none beyond its size.

    Returns:
        The article's blocks; the page's title and ``<meta name>`` values as metadata with lower-case keys.

    Raises:
        GongkaiError: ``read.no_article`` when the page holds no text, ``read.unknown_type`` when the bytes are no text.
    """
    decoded = decode(data)
    tree = LexborHTMLParser(tame(decoded.text))
    page = _page(tree)
    blocks, diagnostics = page.blocks, decoded.diagnostics()
    if page.pictures:
        message = f"{page.pictures} picture(s) in the article not read; a table may be among them."
        diagnostics.append(Diagnostic("info", "read.pictures_skipped", message))
    if _chinese(blocks) < _MIN_CHINESE:
        embedded = _embedded(tree)
        if embedded and _chinese(embedded) > _chinese(blocks):
            blocks = embedded
            message = "The page itself is empty; its article was read from a script or form field of the page."
            diagnostics.append(Diagnostic("info", "read.embedded_article", message))
    blocks, dropped = drop_chrome(blocks)
    if not blocks:
        raise GongkaiError("read.no_article", "The page holds no text that could be an article.")
    return Content(blocks, {**page.facts, **_meta(tree)}, diagnostics + dropped, decoded.encoding)


class _Page(NamedTuple):
    blocks: list[Block]
    facts: dict[str, str]
    pictures: int


def _page(tree: LexborHTMLParser) -> _Page:
    body = tree.body
    if body is None:
        return _Page([], {}, 0)
    measured = measure(body)
    skipped = furniture(body, measured)
    article = find_article(body, measured)
    blocks = article_blocks(article, measured, skipped)
    n_before = measured.weights[article.mem_id].before
    before = measured.pieces[:n_before]
    facts = {**facts_of_text(" ".join(before)[-2000:]), **page_facts(blocks)}
    if "pubdate" not in facts and (date := date_above(before)):
        facts["pubdate"] = date
    pictures = sum(_is_picture(node) for node in article.css("img"))
    own = [text for i, text in enumerate(before) if i not in measured.linked]
    return _Page(_with_title(blocks, shown_title(body) or title_above(own)), facts, pictures)


def _is_picture(image: LexborNode) -> bool:
    # The symbols that editors put before the names of attachments are GIFs or called icons.
    source = (image.attributes.get("src") or "").lower()
    return not source.endswith(".gif") and "icon" not in source


def _with_title(blocks: list[Block], title: str | None) -> list[Block]:
    """Put the page's own title first when the article does not open with one."""
    head = [b.text for b in blocks[:_LOOK_AHEAD] if isinstance(b, TextBlock)]
    if not blocks or title is None or any(_same_title(title, text) for text in head):
        return blocks
    return [TextBlock(repair(title), level=1), *blocks]


def _same_title(title: str, text: str) -> bool:
    squeezed = text.replace(" ", "")
    return len(squeezed) <= 80 and (
        title.replace(" ", "") in squeezed or ("公开" in squeezed and squeezed.endswith(("报告", "年报")))
    )


def _meta(tree: LexborHTMLParser) -> dict[str, str]:
    meta: dict[str, str] = {}
    for node in tree.css("meta[name][content]"):
        name, content = node.attributes.get("name"), node.attributes.get("content")
        if name and content and content.strip():
            meta.setdefault(name.strip().lower(), repair(content))
    title = tree.css_first("title")
    if title is not None and (text := repair(" ".join((title.text() or "").split()))):
        meta["title"] = text
    return meta


def _chinese(blocks: list[Block]) -> int:
    return sum(len(_CHINESE.findall(b.text)) for b in blocks if isinstance(b, TextBlock)) + 40 * sum(
        not isinstance(b, TextBlock) for b in blocks
    )


# ---- articles that the page keeps in a script or a form field ---------------------------------------------------


def _embedded(tree: LexborHTMLParser) -> list[Block]:
    """Read the longest piece of markup that stands in a textarea, a template or a script's JSON."""
    longest = max(_embedded_markup(tree), key=len, default="")
    return _page(LexborHTMLParser(tame(longest))).blocks if longest else []


def _embedded_markup(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("textarea, input[type=hidden]"):
        text = node.attributes.get("value") or node.text() or ""
        if _MARKUP.search(text):
            yield text
    for node in tree.css("template"):
        markup = node.html or ""  # the content is no part of the tree, only the serialisation has it
        yield markup[markup.find(">") + 1 : markup.rfind("</")]
    for node in tree.css("script"):
        text = node.text() or ""
        if (node.attributes.get("type") or "").startswith(("text/template", "text/html", "text/x-")):
            yield text
        for match in _JSON_STRING.finditer(text):
            value = _json(match[1])
            if _MARKUP.search(value):
                yield value


def _json(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return ""
