"""Figures of matplotlib as files: fonts that have the characters, text taken as it is, SVG and PNG alike.

Needs matplotlib (the extra ``plots``), which is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from gongkai.pipeline.cli.terminal import clean
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import make_folder, write_atomically

FORMS = (".svg", ".png", ".pdf")
_LATIN = "DejaVu Sans"  # comes with matplotlib
_LONGEST = 40  # characters of a name; longer ones would leave no room for the plot
_DPI = 120


@contextmanager
def drawing() -> Iterator[type[Any]]:
    """Give the class of figures; what is made of it must also be saved inside.

    Raises:
        GongkaiError: ``extra.missing`` without matplotlib.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise GongkaiError("extra.missing", "Plots need matplotlib: pip install 'gongkai[plots]'.") from error
    chinese = chinese_font()
    style: dict[Any, Any] = {
        "font.family": [_LATIN, chinese[0]] if chinese else [_LATIN],
        "svg.hashsalt": "gongkai",  # the same figures give the same file
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.alpha": 0.3,
        "legend.frameon": False,
    }
    with rc_context(style):
        yield Figure


@cache
def chinese_font() -> tuple[str, frozenset[int]] | None:
    """Return the name of a font with Chinese characters and the characters it has, None where none is installed."""
    from matplotlib.font_manager import fontManager
    from matplotlib.ft2font import FT2Font

    wanted = yaml.safe_load(files("gongkai.training.runs").joinpath("fonts.yaml").read_text(encoding="utf-8"))
    installed = {font.name: font for font in fontManager.ttflist if font.weight in (400, "normal", "regular")}
    for name in wanted["chinese"]:
        if name in installed:
            font = installed[name]
            return name, frozenset(FT2Font(font.fname).get_charmap())
    return None


def drawable(text: str) -> bool:
    """Tell whether a font that is installed has all characters of a text."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    chinese = chinese_font()
    known = FT2Font(findfont(_LATIN)).get_charmap().keys() | (chinese[1] if chinese else frozenset())
    return all(ord(character) in known for character in clean(text))


def plain(text: str) -> str:
    """Return a text as matplotlib draws it literally: no formula, no hidden entry of a legend, not too long."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    shown = clean(cut).replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown


def save(figure: Any, path: Path) -> Path:
    """Write a figure, whole or not at all, in the form that the name of the file says.

    Raises:
        GongkaiError: ``output.unwritable``.
    """
    make_folder(path.parent)
    form = path.suffix.lower().removeprefix(".")
    held = BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
    figure.savefig(held, format=form, dpi=_DPI, metadata=undated)
    write_atomically(path, held.getvalue())
    return path
