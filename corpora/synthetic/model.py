"""What a synthetic report is made of, and the truth that goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Form = Literal["pre2019", "2019", "2021"]
Number = int | float
Rows = dict[str, dict[str, Number | None]]
Tables = dict[str, Rows]


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is written down: the disorder of real files, each kind a switch of its own.

    Attributes:
        blank: what stands in a cell without a number (``""``, ``"/"``, ``"-"``, ``"—"``).
        zero_as_blank: share of zeros written as ``blank``, in [0, 1].
        fullwidth_digits: table numbers in full-width digits.
        thousands_separators: table numbers with commas (1,204).
        money: money cells as the form's header asks (``header``), ``251000元`` (``yuan``) or ``25.1万元`` (``wan``).
        extra_row: a row the official form does not know, below 第（六）项 of the first table.
        wrapped_labels: long labels and column heads broken over two lines.
        vertical_labels: group labels one character a line.
        ascii_punctuation: half-width ``, ( ) ; :`` throughout.
        bold_headings: headings as bold paragraphs rather than in the format's own heading style.
        flat_tables: HTML only: every cell is a paragraph, there is no ``<table>``.
        tall_rows: PDF only: table rows with more room, so that the applications table crosses pages.
        split_headers: PDF only: a page may end between the header rows of a table.
        web_chrome: text only: navigation, footer and the repeated title of a web page around the report.
        charset: bytes of text and HTML; ``gb18030`` pages declare gb2312, as most do.
        date_place: where the date of publication stands.
    """

    blank: Literal["", "/", "-", "—"] = "/"
    zero_as_blank: float = 0.0
    fullwidth_digits: bool = False
    thousands_separators: bool = False
    money: Literal["header", "yuan", "wan"] = "header"
    extra_row: bool = False
    wrapped_labels: bool = False
    vertical_labels: bool = False
    ascii_punctuation: bool = False
    bold_headings: bool = False
    flat_tables: bool = False
    tall_rows: bool = False
    split_headers: bool = False
    web_chrome: bool = False
    charset: Literal["utf-8", "gb18030"] = "utf-8"
    date_place: Literal["top", "end", "none"] = "none"


@dataclass(slots=True)
class MetricTruth:
    """A number of the narrative: offsets in its paragraph, normalised value, and the table cells it repeats."""

    start: int
    end: int
    text: str
    value: Number
    unit: str
    indicator: str
    comparator: str = "eq"
    cells: tuple[str, ...] = ()


@dataclass(slots=True)
class SentenceTruth:
    """A sentence's span in its paragraph and its labels."""

    start: int
    end: int
    domains: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()


@dataclass(slots=True)
class Passage:
    """A paragraph of the narrative."""

    text: str
    sentences: list[SentenceTruth] = field(default_factory=list)
    metrics: list[MetricTruth] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section; level 1 is the section's own title, 2 the one below it."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class TableSlot:
    """The place of a table: ``proactive_disclosure``, ``applications``, ``review_litigation`` or ``appendix``."""

    name: str


Part = Passage | Heading | TableSlot


@dataclass(slots=True)
class SyntheticSection:
    """A statutory section; ``title`` is empty for what stands before the first one."""

    kind: str
    title: str
    parts: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class SyntheticReport:
    """One report, independent of any file format.

    Attributes:
        published: ISO date; stated in the file only where ``style.date_place`` puts it.
        tables: canonical cells of the statutory tables (none before 2019), money in 元.
        appendix: numbers of the statistics appendix in use before 2019, by key of ``labels.yaml``.
        contradictions: ``"table.row.column"`` of cells that the narrative tells wrongly on purpose.
    """

    id: str
    title: str
    authority: str
    region: str
    year: int
    form: Form
    published: str
    sections: list[SyntheticSection]
    tables: Tables
    appendix: dict[str, Number] = field(default_factory=dict)
    style: Style = field(default_factory=Style)
    contradictions: list[str] = field(default_factory=list)

    def passages(self) -> Iterator[tuple[SyntheticSection, Passage]]:
        """Yield every narrative paragraph with its section, in reading order."""
        for section in self.sections:
            for part in section.parts:
                if isinstance(part, Passage):
                    yield section, part

    def narrative(self) -> Iterator[tuple[SyntheticSection, Passage]]:
        """Yield what the summary JSON holds as paragraphs: the passages, and the headings below a section's title."""
        for section in self.sections:
            for part in section.parts:
                if isinstance(part, Heading):
                    yield section, Passage(part.text)
                elif isinstance(part, Passage):
                    yield section, part

    def truth(self) -> dict[str, Any]:
        """Return what a perfect reader would find, in plain JSON types and the names of the summary JSON."""
        stated = self.published if self.style.date_place != "none" else None
        return {
            "report": {
                "id": self.id,
                "title": self.title,
                "authority": self.authority,
                "region": self.region,
                "year": self.year,
                "published": stated,
                "format": self.form,
            },
            "sections": [{"kind": s.kind, "title": s.title} for s in self.sections if s.title],
            "paragraphs": [{"section": s.kind, **asdict(p)} for s, p in self.narrative()],
            "tables": {name: {"rows": rows} for name, rows in self.tables.items()},
            "appendix": self.appendix,
            "contradictions": self.contradictions,
            "style": asdict(self.style),
        }
