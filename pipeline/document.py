"""What a reader hands on: a report as blocks in reading order, before any of it is interpreted.

Readers produce :class:`TextBlock` and :class:`GridBlock`. :mod:`gongkai.pipeline.tables.locate` then replaces runs
of text blocks that are really a table flattened to one cell a line by one :class:`FlatTable`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Diagnostic:
    """Something a user should know about this report: ``level`` of ``info|warning|error``, a stable ``code``."""

    level: Literal["info", "warning", "error"]
    code: str
    message: str
    where: str | None = None


@dataclass(slots=True)
class TextBlock:
    """One paragraph or heading, white space trimmed, its broken lines already joined.

    Attributes:
        text: the characters, after Unicode repair.
        level: heading level (1 = highest) when the format says so (``<h2>``, Word "Heading 2"), else ``None``.
        bold: the whole block is bold or otherwise set off like a heading.
        page: 1-based page number where the format has pages.
    """

    text: str
    level: int | None = None
    bold: bool = False
    page: int | None = None


@dataclass(slots=True)
class GridCell:
    """One cell as it stands in the source; ``row``/``column`` are 0-based, spans count grid positions."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1


@dataclass(slots=True)
class GridBlock:
    """A table with known geometry (HTML, DOCX, ruled PDF, pipe table)."""

    cells: list[GridCell]
    page: int | None = None

    @property
    def n_rows(self) -> int:
        """Number of grid rows."""
        return max((c.row + c.rowspan for c in self.cells), default=0)

    @property
    def n_columns(self) -> int:
        """Number of grid columns."""
        return max((c.column + c.colspan for c in self.cells), default=0)

    def matrix(self) -> list[list[GridCell | None]]:
        """Return ``n_rows`` x ``n_columns`` references; a merged cell stands at each position it covers."""
        n_rows, n_columns = self.n_rows, self.n_columns
        out: list[list[GridCell | None]] = [[None] * n_columns for _ in range(n_rows)]
        for cell in self.cells:
            for r in range(cell.row, cell.row + cell.rowspan):
                for c in range(cell.column, cell.column + cell.colspan):
                    if out[r][c] is None:
                        out[r][c] = cell
        return out

    @classmethod
    def from_rows(cls, rows: list[list[str]], page: int | None = None) -> GridBlock:
        """Build a grid without merged cells from lists of cell texts."""
        cells = [GridCell(t, r, c) for r, row in enumerate(rows) for c, t in enumerate(row)]
        return cls(cells, page)


@dataclass(slots=True)
class FlatTable:
    """A table whose geometry was lost: its lines in reading order (a line may hold one cell or several)."""

    lines: list[str]
    page: int | None = None


Block = TextBlock | GridBlock | FlatTable


@dataclass(slots=True)
class SourceInfo:
    """Where the bytes came from; ``sha256`` is of the raw bytes, ``encoding`` is null for binary formats."""

    path: str
    media_type: str
    encoding: str | None
    sha256: str
    bytes: int


@dataclass(slots=True)
class SourceDocument:
    """A report as read: its blocks, what the format itself says of title and date, and what went wrong.

    Attributes:
        meta: document metadata (``<title>``, ``<meta name=ArticleTitle>``, PDF info), lower-case keys.
    """

    source: SourceInfo
    blocks: list[Block]
    meta: dict[str, str] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


# ---- what structure makes of it -------------------------------------------------------------------------------

SectionKind = Literal[
    "front_matter",
    "overview",
    "proactive_disclosure",
    "applications",
    "review_litigation",
    "problems",
    "other_matters",
    "attachment",
    "unknown",
]
Form = Literal["pre2019", "2019", "2021", "unknown"]


@dataclass(slots=True)
class Section:
    """A statutory section or a heading below it."""

    id: str
    kind: SectionKind
    title: str
    level: int
    parent: str | None = None


@dataclass(slots=True)
class Paragraph:
    """A paragraph of the narrative; ``path`` is the headings it stands under, outermost first, a run-in one last."""

    id: str
    section: str
    section_kind: SectionKind
    path: list[str]
    text: str


@dataclass(slots=True)
class TableBlock:
    """A table kept apart from the narrative, with the section it stands in."""

    section: str | None
    section_kind: SectionKind
    content: GridBlock | FlatTable


@dataclass(slots=True)
class Outline:
    """The report's structure: what it says of itself, sections, narrative paragraphs and tables, in order."""

    title: str | None
    authority: str | None
    region: str | None
    year: int | None
    published: str | None
    form: Form
    sections: list[Section]
    paragraphs: list[Paragraph]
    tables: list[TableBlock]
    diagnostics: list[Diagnostic] = field(default_factory=list)
