"""CoNLL files: a token and its tag a line, a blank line between texts; BIO, IOB, BIOES, BMES or BILOU."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.tasks.config import Data
from gongkai.training.tasks.records import read_lines

_PREFIXED = re.compile(r"([BIMESLU])[-_](.+)", re.S)
_SUFFIXED = re.compile(r"(.+)[-_]([BIMESLU])", re.S)
_NUMBERED = re.compile(r".[0-9]")

_BEGINS, _ENDS = "BSU", "ESLU"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text as tokens.

    Attributes:
        where: file and first line.
        line: the first line.
        tokens: the tokens.
        tags: a tag for each; None where the file has no tags.
    """

    where: str
    line: int
    tokens: tuple[str, ...]
    tags: tuple[str, ...] | None


def read_conll(path: Path, data: Data) -> list[Tagged]:
    """Return the texts of a CoNLL file.

    Tokens that all carry a digit for their place in a word, as in Weibo NER (``科0``), lose it.

    Args:
        path: the file.
        data: says which columns hold token and tag (the first and the last unless told otherwise).

    Raises:
        GongkaiError: ``data.unreadable`` for a line without the columns.
    """
    texts: list[Tagged] = []
    rows: list[tuple[str, str | None]] = []
    first = 1
    for number, line in read_lines(path, data.encoding):
        if line.strip():
            if line.startswith("-DOCSTART-"):
                continue
            first = number if not rows else first
            rows.append(_row(line, data, f"{path}, line {number}"))
        elif rows:
            texts.append(_tagged(rows, path, first))
            rows = []
    if rows:
        texts.append(_tagged(rows, path, first))
    if texts and all(_NUMBERED.fullmatch(token) for text in texts for token in text.tokens):
        return [Tagged(t.where, t.line, tuple(token[0] for token in t.tokens), t.tags) for t in texts]
    return texts


def _row(line: str, data: Data, where: str) -> tuple[str, str | None]:
    delimiter = data.delimiter or ("\t" if "\t" in line else None)
    columns = line.split(delimiter)
    if delimiter is None and len(columns) == 1 and line[0].isspace():
        columns = [line[0], *columns]  # the token is itself a space
    text = 0 if data.fields.text is None else int(data.fields.text)
    tag = -1 if data.fields.labels is None else int(data.fields.labels)
    if len(columns) == 1 and text in (0, -1):
        return columns[0], None
    for name, column in (("text", text), ("labels", tag)):
        if not -len(columns) <= column < len(columns):
            raise GongkaiError(
                "data.field", f"{where} has {len(columns)} columns, no column {column}. Write data.fields.{name}."
            )
    return columns[text], columns[tag].strip()


def _tagged(rows: Sequence[tuple[str, str | None]], path: Path, first: int) -> Tagged:
    tags = [tag for _, tag in rows if tag is not None]
    if tags and len(tags) != len(rows):
        number = first + next(i for i, (_, tag) in enumerate(rows) if tag is None)
        raise GongkaiError("data.unreadable", f"{path}, line {number} has a token without a tag. Write data.delimiter.")
    return Tagged(f"{path}, line {first}", first, tuple(token for token, _ in rows), tuple(tags) if tags else None)


def tag_spans(tags: Sequence[str], loose: Callable[[], None]) -> list[tuple[int, int, str]]:
    """Return the spans that tags mark: (first token, token after the last, label).

    Args:
        tags: of any of the schemes; the prefix may also stand behind the label (``PER-B``). An inside tag that follows
            no span of its label opens one, as IOB1 has it.
        loose: called for each span that was opened so, or by an end tag.

    Raises:
        ValueError: a tag is of no scheme.
    """
    spans: list[tuple[int, int, str]] = []
    start, label = -1, ""
    for i, tag in enumerate([*tags, "O"]):
        place, name = _parse(tag)
        goes_on = label == name and start >= 0 and place not in _BEGINS
        if start >= 0 and not goes_on:
            spans.append((start, i, label))
            start = -1
        if not name:
            continue
        if not goes_on:
            start, label = i, name
            if place not in _BEGINS:
                loose()
        if place in _ENDS:
            spans.append((start, i + 1, label))
            start = -1
    return spans


def _parse(tag: str) -> tuple[str, str]:
    if tag in ("O", "o"):
        return "O", ""
    if match := _PREFIXED.fullmatch(tag):
        return match[1], match[2]
    if match := _SUFFIXED.fullmatch(tag):
        return match[2], match[1]
    raise ValueError(f"tag {tag!r} is of none of the schemes BIO, BIOES, BMES and BILOU")
