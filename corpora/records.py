"""The corpus as data: reports and paragraphs with labels, metrics and entities; read from and written to JSONL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from gongkai.pipeline.document import SectionKind
from gongkai.pipeline.schema import Comparator, EntityType, Number

Split = Literal["train", "dev", "test"]


_ERAS = ((2013, "2008–2013"), (2018, "2014–2018"), (2020, "2019–2020"))
_LATEST = "2021–"


class Record(BaseModel):
    """Base of all parts: unknown fields are an error."""

    model_config = ConfigDict(extra="forbid")


class CorpusReport(Record):
    """Who is said to have written a report, and how it was made for the corpus."""

    id: str
    split: Split
    authority: str
    region: str
    level: Literal["ministry", "province", "prefecture", "county", "township", "department"]
    trade: str
    year: int
    form: Literal["pre2019", "2019", "2021"]
    style: str
    hand: str

    @property
    def era(self) -> str:
        """Return the years in which reports were written alike: by the rules and forms that held then."""
        return next((name for last, name in _ERAS if self.year <= last), _LATEST)


class Sentence(Record):
    """A sentence of a paragraph: code-point offsets, end exclusive, and its labels."""

    start: int
    end: int
    domains: list[str]
    activities: list[str]
    enumeration: bool = False
    template: bool = False


class Mention(Record):
    """A span of a paragraph: code-point offsets, end exclusive, and its surface."""

    start: int
    end: int
    text: str


class MetricMention(Mention):
    """A metric as annotated; ``words`` is the span of the indicator's words where they stand in the paragraph."""

    indicator: str
    words: tuple[int, int] | None = None
    value: Number
    value_max: Number | None = None
    unit: str | None
    comparator: Comparator = "eq"
    period: str | None = None
    scope: str | None = None
    optional: bool = False


class EntityMention(Mention):
    """A named thing as annotated."""

    type: EntityType


class CorpusParagraph(Record):
    """One paragraph, the unit that models see; one line of the JSONL."""

    report: str
    paragraph: str
    section: SectionKind
    path: list[str]
    text: str
    sentences: list[Sentence]
    metrics: list[MetricMention] = []
    entities: list[EntityMention] = []

    @property
    def mentions(self) -> list[Mention]:
        """Return metrics and entities alike."""
        return [*self.metrics, *self.entities]

    @property
    def id(self) -> str:
        """Return the paragraph's name in the whole corpus."""
        return f"{self.report}/{self.paragraph}"


def read_paragraphs(path: Path) -> Iterator[CorpusParagraph]:
    """Yield the paragraphs of a JSONL file.

    Raises:
        pydantic.ValidationError: a line does not follow the schema.
    """
    for line in json_lines(path.read_text(encoding="utf-8")):
        yield CorpusParagraph.model_validate_json(line)


def read_reports(path: Path) -> list[CorpusReport]:
    """Return the reports of a ``reports.jsonl``."""
    return [CorpusReport.model_validate_json(line) for line in json_lines(path.read_text(encoding="utf-8"))]


def json_lines(text: str) -> list[str]:
    """Return the lines of a JSONL text that hold something.

    Only a line feed ends a line: ``str.splitlines`` would also cut at U+2028 and its like, which stand in JSON as
    they are.
    """
    return [line for line in text.split("\n") if line.strip()]


def dump(records: Iterable[BaseModel]) -> str:
    """Return records as JSONL, one compact line each, Chinese as it is."""
    return "".join(
        json.dumps(r.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")) + "\n" for r in records
    )
