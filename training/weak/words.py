"""Labelling functions that look at words and places: phrases, regular expressions, sections, table facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.schema import TableOut
from gongkai.pipeline.tagging.matcher import Entry, PhraseIndex, squeeze, uncovered
from gongkai.training.weak.function_settings import Function, PhraseFunction, RegexFunction, TableFunction
from gongkai.training.weak.sentences import Sentence, SourceReport
from gongkai.training.weak.votes import ABSTAIN, SIDES, Votes

Holds = Callable[[Sentence], bool]

_WANTED, _HIDING, _SILENCING = "wanted", "hiding", "silencing"
# A pattern whose automaton would need more than this is refused; RE2 then takes linear time and bounded memory.
_MAX_MEMORY = 8 << 20


class WordFunction:
    """Casts one vote wherever a condition on the sentence holds.

    Args:
        settings: its vote and sections.
        holds: the condition.
    """

    def __init__(self, settings: Function, holds: Holds) -> None:
        self._vote = SIDES[settings.vote]
        self._sections = settings.sections
        self._holds = holds

    def vote(self, report: SourceReport) -> Votes:
        """Return a vote on each sentence of a report."""
        found = [in_sections(s, self._sections) and self._holds(s) for s in report.sentences]
        return np.where(np.array(found, dtype=bool), self._vote, ABSTAIN).astype(np.int8)


def in_sections(sentence: Sentence, sections: frozenset[str] | None) -> bool:
    """Tell whether a function that is limited to sections votes on a sentence at all."""
    return sections is None or sentence.section in sections


class TableVotes:
    """Casts its vote on sentences of reports whose table says what is asked."""

    def __init__(self, settings: TableFunction) -> None:
        self._settings = settings
        self._words = WordFunction(settings, phrase_finder(settings.phrases) if settings.phrases else always)

    def vote(self, report: SourceReport) -> Votes:
        """Return a vote on each sentence of a report."""
        if not self._says(report.tables.get(self._settings.table)):
            return np.full(len(report.sentences), ABSTAIN, dtype=np.int8)
        return self._words.vote(report)

    def _says(self, table: TableOut | None) -> bool:
        asked = self._settings
        cells = table.rows.get(asked.row, {}) if table is not None else {}
        values = cells.values() if asked.column is None else [cells.get(asked.column)]
        return any(
            value is not None
            and (asked.at_least is None or value >= asked.at_least)
            and (asked.at_most is None or value <= asked.at_most)
            for value in values
        )


def always(sentence: Sentence) -> bool:
    """Hold of every sentence."""
    return True


def phrase_condition(settings: PhraseFunction) -> Holds:
    """Return the condition of a phrase function."""
    find = _PhraseSet(settings.phrases, settings.excluded, settings.unless)

    def holds(sentence: Sentence) -> bool:
        return find.count(sentence.look(settings.where)) >= settings.at_least

    return holds


def phrase_finder(phrases: Sequence[str]) -> Holds:
    """Return the condition that one of some phrases stands in the sentence."""
    find = _PhraseSet(phrases)
    return lambda sentence: find.count((sentence.text,)) > 0


class _PhraseSet:
    def __init__(self, wanted: Sequence[str], hiding: Sequence[str] = (), silencing: Sequence[str] = ()) -> None:
        entries: dict[str, Entry] = {}
        for group, phrases in ((_WANTED, wanted), (_HIDING, hiding), (_SILENCING, silencing)):
            for phrase in phrases:
                squeezed = squeeze(phrase)
                if not squeezed:
                    raise GongkaiError("config.invalid", f"The phrase {phrase!r} holds nothing that is matched.")
                entries.setdefault(squeezed, Entry()).groups.append(group)
        self._index = PhraseIndex(entries)

    def count(self, texts: Iterable[str]) -> int:
        """Return how many different phrases stand in some texts, 0 where one that silences does."""
        found: set[str] = set()
        for text in texts:
            hits = self._index.scan(squeeze(text))
            if any(_SILENCING in hit.entry.groups for hit in hits):
                return 0
            shown = uncovered(hits)
            found.update(h.phrase for h in shown if _WANTED in h.entry.groups and _HIDING not in h.entry.groups)
        return len(found)


def regex_condition(settings: RegexFunction) -> Holds:
    """Return the condition of a regular expression.

    Raises:
        GongkaiError: ``config.invalid`` where RE2 does not take the expression, ``model.unavailable`` where it is not
            installed.
    """
    try:
        import re2
    except ModuleNotFoundError as error:
        raise missing(error) from error
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        compiled = re2.compile(settings.pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise GongkaiError(
            "config.invalid",
            f"{settings.name}: {settings.pattern!r} is no expression of RE2's, which has neither back references nor "
            f"look-around: {told}.",
        ) from error

    def holds(sentence: Sentence) -> bool:
        return any(compiled.search(text) is not None for text in sentence.look(settings.where))

    return holds


def missing(error: ModuleNotFoundError) -> GongkaiError:
    """Return the error for a library of the extra ``weak`` that is not installed."""
    return GongkaiError("model.unavailable", f"Weak supervision needs {error.name}; pip install 'gongkai[weak]'.")
