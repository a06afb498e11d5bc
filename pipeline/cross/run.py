"""Goes over an output set twice: who and when of every summary, then authority by authority the comparisons.

In memory stand one line for each summary, and the sentences of two reports at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gongkai.pipeline.cross.duplicates import duplicate_text
from gongkai.pipeline.cross.pairing import Entry, Index
from gongkai.pipeline.cross.schema import Pair, Unreadable
from gongkai.pipeline.cross.sentences import Sentence, sentences_of
from gongkai.pipeline.cross.settings import CrossSettings
from gongkai.pipeline.cross.tables import TableYear, carry_over, normative
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.outputs import OutputSet, Place
from gongkai.pipeline.schema import Report


@dataclass(frozen=True, slots=True)
class _Year:
    """What of one report the comparisons need."""

    entry: Entry
    tables: TableYear
    sentences: list[Sentence]


def index_outputs(outputs: OutputSet, places: Iterable[Place]) -> tuple[Index, list[Unreadable]]:
    """Make the first pass.

    Args:
        outputs: the output set.
        places: its summaries, in order.

    Returns:
        The index, and what could not be read as a summary.
    """
    index, unreadable = Index(), []
    for place in places:
        try:
            index.add(place, outputs.read(place))
        except GongkaiError as error:
            unreadable.append(Unreadable(file=str(place), code=error.code, message=error.message))
    return index, unreadable


def compare_years(outputs: OutputSet, index: Index, settings: CrossSettings) -> Iterator[Pair]:
    """Make the second pass: compare each report with that of the same authority on the year before.

    Args:
        outputs: the output set.
        index: of the first pass.
        settings: of the checks.

    Yields:
        A pair for each two reports compared, by code, body and year.

    Raises:
        GongkaiError: a summary changed or vanished since the first pass.
    """
    for chain in index.chains():
        previous: _Year | None = None
        for entry in chain:
            current = _year(entry, outputs.read(entry.place), settings)
            if previous is not None:
                yield _pair(previous, current, settings)
            previous = current


def _year(entry: Entry, report: Report, settings: CrossSettings) -> _Year:
    return _Year(entry, TableYear.of(report, entry.year), sentences_of(report, settings))


def _pair(previous: _Year, current: _Year, settings: CrossSettings) -> Pair:
    duplicate, copies = duplicate_text(previous.sentences, current.sentences, previous.entry.year, settings.duplicate)
    return Pair(
        authority=current.entry.identity.shown(),
        previous=previous.entry.shown(),
        current=current.entry.shown(),
        checks=[
            *carry_over(previous.tables, current.tables),
            *normative(previous.tables, current.tables),
            duplicate,
        ],
        copies=copies,
    )
