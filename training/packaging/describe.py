"""What a package says of its models: for machines ``meta.json``, for people the README that pip and indexes show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gongkai.models.installed import META_FORMAT
from gongkai.models.store import REPORT_FAMILIES, labels_sha256
from gongkai.training.packaging.contents import Part
from gongkai.training.packaging.names import module_name

_DEPTH = 3  # of a score that is listed: split, kind and figure; what lies deeper is told label by label


def meta(name: str, version: str, parts: Sequence[Part]) -> dict[str, Any]:
    """Return the contents of ``meta.json``.

    Args:
        name, version: of the package.
        parts: its models.

    Returns:
        ``format, name, version`` and ``parts``, each with where it lies (``folder``), what it is (``model, family,
        labels``), the hashes by which it is known (``sha256`` over settings and files, ``label_scheme_sha256``) and
        its ``scores``.
    """
    return {
        "format": META_FORMAT,
        "name": name,
        "version": version,
        "parts": [
            {
                "folder": part.folder,
                "model": part.model.name,
                "family": part.model.config["family"],
                "labels": len(part.model.config.get("labels", [])),
                "sha256": part.model.sha256,
                "label_scheme_sha256": labels_sha256(part.model.config.get("labels", [])),
                "scores": part.scores,
            }
            for part in parts
        ],
    }


def readme(described: Mapping[str, Any], requires: str, parts: Sequence[Part]) -> str:
    """Return the README: how to use the models, what they are, their scores and their cards.

    Args:
        described: of :func:`meta`.
        requires: what the package needs of Gongkai.
        parts: its models.
    """
    name, version = described["name"], described["version"]
    for_reports = all(part["family"] in REPORT_FAMILIES for part in described["parts"])
    use = f"gongkai annotate reports/ -r -o out --model {name}" if for_reports else f"gongkai predict {name} FILE"
    lines = [
        f"# {name} {version}",
        "",
        f"A trained model for Gongkai, made by `gongkai package`. It needs `{requires}`.",
        "",
        "```sh",
        # Not by its name alone: an index may have a package of that name that is another's.
        f"pip install {module_name(name)}-{version}-py3-none-any.whl",
        use,
        "```",
        "",
        "| model | family | labels | SHA-256 | SHA-256 of the label scheme |",
        "|---|---|---|---|---|",
    ]
    for told in described["parts"]:
        hashes = [f"`{told[key]}`" for key in ("sha256", "label_scheme_sha256")]
        lines.append(f"| {told['model']} | {told['family']} | {told['labels']} | {' | '.join(hashes)} |")
    for part in parts:
        lines += ["", *(_deeper(part.card) if part.card else _scores(part))]
    return "\n".join(lines).rstrip() + "\n"


def _deeper(card: str) -> Iterator[str]:
    """Yield the lines of a card with every heading one level down, for the README has the title."""
    fenced = False
    for line in card.splitlines():
        fenced ^= line.startswith("```")
        yield f"#{line}" if line.startswith("#") and not fenced else line


def _scores(part: Part) -> Iterator[str]:
    yield from (f"## {part.model.name}", "")
    figures = list(_figures(part.scores, ()))
    if not figures:
        yield "No scores were kept."
        return
    yield from ("| score | value |", "|---|---|")
    for place, value in figures:
        yield f"| {', '.join(place)} | {value:.4g} |"


def _figures(scores: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float]]:
    for key, value in scores.items():
        if isinstance(value, Mapping) and len(place) + 1 < _DEPTH:
            yield from _figures(value, (*place, str(key)))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield (*place, str(key)), value
