"""The templates: what comes from a report is cleaned and escaped; a page runs and loads nothing but its own parts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gongkai.pipeline import names
from gongkai.pipeline.cli.terminal import clean
from gongkai.pipeline.cli.view_text import number, quantity
from gongkai.pipeline.report.vocabulary import english, vocabulary
from gongkai.pipeline.schema import Check

_FOLDER = Path(__file__).with_name("templates")


def _cleaned(value: Any) -> Any:
    """Return a value as text fit to be shown; what a template made itself stays as it is."""
    if value is None or isinstance(value, Markup):
        return value
    return clean(str(value))


def _place(check: Check) -> str:
    """Return what a check speaks of, in Chinese; nothing for a place in the text (``p12:40``)."""
    if check.where is None or re.fullmatch(r"[^:]*:\d+", check.where):
        return ""
    return names.place(check.where, check.rule)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        finalize=_cleaned,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(number=number, quantity=quantity, english=english, place=_place)
    made.globals.update(
        zh=names.zh,
        en=names.en,
        label_zh=names.label_zh,
        vocabulary=vocabulary(),
        style=_inline("style.css"),
        script=_inline("page.js"),
        policy=_policy(),
    )
    return made


@cache
def _inline(name: str) -> Markup:
    return Markup((_FOLDER / name).read_text(encoding="utf-8"))


def _policy() -> str:
    """Return the Content-Security-Policy: the inline style sheet and script by their hashes, and nothing else.

    Whatever got past the escaping could then neither run nor reach the network.
    """
    style, script = (_digest(_inline(name)) for name in ("style.css", "page.js"))
    return f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def render(template: str, **context: Any) -> Iterator[bytes]:
    """Yield a page piece by piece, as UTF-8.

    Args:
        template: name of a file in ``templates``.
        context: what it shows; generators are drawn from as they are reached, so that long pages never stand whole
            in memory.
    """
    for piece in _environment().get_template(template).generate(**context):
        yield piece.encode()
