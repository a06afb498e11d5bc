"""Where sentences come from: a corpus, reports, or a file of sentences; and the gold on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gongkai.corpora.records import Record, json_lines
from gongkai.pipeline.cli.corpus import open_corpus, reading
from gongkai.pipeline.cli.inputs import expand
from gongkai.pipeline.cli.load import load_report
from gongkai.pipeline.document import SectionKind
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import Report
from gongkai.pipeline.tagging.base import ParagraphInput
from gongkai.training.targets import by_report, to_input
from gongkai.training.weak.config import CorpusSource, JsonlSource, ReportsSource
from gongkai.training.weak.sentences import SourceReport

AnySource = CorpusSource | ReportsSource | JsonlSource


class _Line(Record):
    model_config = ConfigDict(extra="ignore")

    text: str
    id: str | None = None
    path: tuple[str, ...] = ()
    section: SectionKind = "unknown"


class _GoldLine(Record):
    model_config = ConfigDict(extra="ignore")

    id: str
    labels: frozenset[str]
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """The truth about sentences.

    Attributes:
        labels: by the sentence's id; a sentence that is not there was not annotated.
        texts: what the annotator saw, where the file tells.
    """

    labels: dict[str, frozenset[str]]
    texts: dict[str, str]


def source_reports(source: AnySource) -> Iterator[SourceReport]:
    """Yield the reports of a source, one after the other.

    Raises:
        GongkaiError: it cannot be read; the code says why.
    """
    if isinstance(source, CorpusSource):
        yield from _of_corpus(source)
    elif isinstance(source, ReportsSource):
        yield from _of_reports(source)
    else:
        yield from _of_lines(source)


def _of_corpus(source: CorpusSource) -> Iterator[SourceReport]:
    corpus = open_corpus(None if source.folder is None else Path(source.folder))
    for paragraphs in by_report(corpus.paragraphs[source.split]):
        yield SourceReport(tuple(_named(p.id, to_input(p)) for p in paragraphs))


def _of_reports(source: ReportsSource) -> Iterator[SourceReport]:
    from gongkai.pipeline.api import annotate
    from gongkai.pipeline.config import load_config

    config = load_config(settings=["engine=rules", "segments.merge=false"])
    inputs = expand(source.paths, recursive=True)
    if not inputs.items:
        raise GongkaiError("input.not_found", f"{', '.join(source.paths)} names no report.")
    for item in inputs.items:
        if item.error is not None:
            raise item.error
        yield of_report(load_report(item.path, lambda path: annotate(path, config=config)))


def of_report(report: Report) -> SourceReport:
    """Return an annotated report as labelling functions see it; its labels are left behind."""
    kinds = {section.id: section.kind for section in report.sections}
    # Reports of one file name from two places are two reports.
    name = f"{report.report.id}-{report.source.sha256[:8]}"
    paragraphs = tuple(
        _named(
            f"{name}/{p.id}",
            ParagraphInput(p.text, tuple((s.start, s.end) for s in p.segments), tuple(p.path), kinds[p.section]),
        )
        for p in report.paragraphs
        if p.segments
    )
    return SourceReport(paragraphs, report.tables)


def _named(name: str, paragraph: ParagraphInput) -> tuple[tuple[str, ...], ParagraphInput]:
    return tuple(f"{name}/{start}" for start, _ in paragraph.segments), paragraph


def _of_lines(source: JsonlSource) -> Iterator[SourceReport]:
    path = Path(source.path)
    with reading(path):
        lines = list(_records(path, _Line))
    for number, line in enumerate(lines, 1):
        paragraph = ParagraphInput(line.text, ((0, len(line.text)),), line.path, line.section)
        yield SourceReport((((line.id or str(number),), paragraph),))


def read_gold(path: Path, known: Iterable[str]) -> Gold:
    """Read gold labels.

    Args:
        path: JSON Lines with ``id`` and ``labels``, perhaps ``text``.
        known: the labels that are being learnt; others in the file are not looked at.

    Raises:
        GongkaiError: ``input.*`` or ``read.corrupt`` where it cannot be read or names a sentence twice.
    """
    wanted = frozenset(known)
    labels: dict[str, frozenset[str]] = {}
    texts: dict[str, str] = {}
    with reading(path):
        for line in _records(path, _GoldLine):
            if line.id in labels:
                raise ValueError(f"sentence {line.id} stands there twice")
            labels[line.id] = line.labels & wanted
            if line.text is not None:
                texts[line.id] = line.text
    return Gold(labels, texts)


def _records(path: Path, shape: Any) -> Iterator[Any]:
    adapter = TypeAdapter(shape)
    for number, text in enumerate(json_lines(path.read_text(encoding="utf-8-sig")), 1):
        try:
            yield adapter.validate_python(json.loads(text))
        except ValueError as error:
            said = "" if isinstance(error, ValidationError) else f": {error}"
            raise ValueError(f"line {number}{said}") from error
