"""What one strategy made of a table, before the best is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field

from gongkai.pipeline.document import Diagnostic
from gongkai.pipeline.schema import Number

Cells = dict[str, Number | None]


@dataclass(slots=True)
class Reading:
    """Canonical cells as one strategy read them.

    Attributes:
        strategy: name of the strategy.
        rows: cells by row and column; ``None`` is a blank cell, a missing key was not read.
        similarity: how well each row's label matched, in [0, 1].
        extra_rows: rows without a canonical name, as written.
        diagnostics: what could not be read.
    """

    strategy: str
    rows: dict[str, Cells] = field(default_factory=dict)
    similarity: dict[str, float] = field(default_factory=dict)
    extra_rows: list[dict[str, str]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def n_cells(self) -> int:
        """Number of cells read, blank ones included."""
        return sum(map(len, self.rows.values()))

    @property
    def confidence(self) -> float:
        """Mean similarity of the row labels."""
        return sum(self.similarity.values()) / len(self.similarity) if self.similarity else 0.0
