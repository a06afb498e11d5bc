"""Deciding which statutory table each table of the report is, and which tables belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gongkai.pipeline.document import FlatTable, GridBlock, TableBlock
from gongkai.pipeline.tables.flat import tokens_of
from gongkai.pipeline.tables.grid import GridRow, lines_of, rows_of
from gongkai.pipeline.tables.labels import normalise
from gongkai.pipeline.tables.templates import TABLES, load
from gongkai.pipeline.tables.tokens import Token

_ENOUGH = 2
_ALSO = 4


@dataclass
class Piece:
    """A table of the report with the labels that stand in it."""

    block: TableBlock

    @cached_property
    def lines(self) -> list[str]:
        """The piece as lines of flattened text."""
        content = self.block.content
        return lines_of(content) if isinstance(content, GridBlock) else content.lines

    @cached_property
    def tokens(self) -> list[Token]:
        """The piece as labels and values in reading order."""
        return tokens_of(self.lines)

    @cached_property
    def labels(self) -> frozenset[str]:
        """Its normalised labels."""
        content = self.block.content
        if isinstance(content, GridBlock):
            return frozenset(normalise(cell.text) for cell in content.cells if cell.text)
        return frozenset(t.bare for t in self.tokens) | frozenset(map(normalise, content.lines))


@dataclass
class Group:
    """The pieces of one copy of one table, in order."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def is_grid(self) -> bool:
        """Whether some piece has known geometry."""
        return any(isinstance(p.block.content, GridBlock) for p in self.pieces)

    @cached_property
    def grid_rows(self) -> list[GridRow]:
        """The rows of all pieces with known geometry."""
        return rows_of([p.block.content for p in self.pieces if isinstance(p.block.content, GridBlock)])

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of all pieces."""
        return [token for piece in self.pieces for token in piece.tokens]

    @cached_property
    def flat_tokens(self) -> list[Token]:
        """The tokens of the pieces without geometry."""
        return [t for p in self.pieces if isinstance(p.block.content, FlatTable) for t in p.tokens]

    @property
    def labels(self) -> frozenset[str]:
        """All normalised labels."""
        return frozenset().union(*(piece.labels for piece in self.pieces))


def tables_of(piece: Piece) -> list[str]:
    """Return the statutory tables that a piece (part of) holds: by its labels, else by the section it stands in."""
    hits = {name: len(piece.labels & load(name).distinctive) for name in TABLES}
    best = max(hits, key=lambda name: hits[name])
    kind = piece.block.section_kind
    if hits[best] >= _ENOUGH:
        return [name for name in TABLES if name == best or hits[name] >= _ALSO]
    if hits.get(kind, 0) >= 1 or (kind in hits and piece.labels & load(kind).vocabulary):
        return [kind]
    return [best] if hits[best] else []


def group_pieces(pieces: Sequence[Piece]) -> tuple[dict[str, list[Group]], list[Piece]]:
    """Sort the pieces into copies of the statutory tables.

    A piece that repeats rows already seen starts a second copy (a report may print the authority's own numbers and
    those of its whole region).

    Returns:
        The copies by table, and the pieces that are none of the statutory tables.
    """
    groups: dict[str, list[Group]] = {name: [] for name in TABLES}
    rest: list[Piece] = []
    for piece in pieces:
        names = tables_of(piece)
        if not names:
            rest.append(piece)
        for name in names:
            copies = groups[name]
            if not copies or _repeats(name, copies[-1], piece):
                copies.append(Group())
            copies[-1].pieces.append(piece)
    return groups, rest


def _repeats(name: str, group: Group, piece: Piece) -> bool:
    index = load(name).row_index
    ours = {key for bare in piece.labels for key in index.exact(bare)[:1] if len(bare) > 2}
    theirs = {key for bare in group.labels for key in index.exact(bare)[:1] if len(bare) > 2}
    return len(ours & theirs) > max(1, len(ours) // 2)
