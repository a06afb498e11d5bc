"""An export from beginning to end: results in, tables out, one result in memory at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.export.forms import FORMS
from gongkai.pipeline.export.results import Entry
from gongkai.pipeline.export.target import staged

EXIT_SOME_DAMAGED = 1


@dataclass(slots=True)
class Tally:
    """What an export holds.

    Attributes:
        reports: reports exported.
        failures: records of reports that could not be read, exported as such.
        repeated: summaries left out because the same report came before.
        damaged: result files that could not be read; each is a row of ``failures`` too.
        rows: rows by table.
    """

    reports: int = 0
    failures: int = 0
    repeated: int = 0
    damaged: int = 0
    rows: Counter[str] = field(default_factory=Counter)

    @property
    def exit_status(self) -> int:
        """0, or 1 where a result file was damaged."""
        return EXIT_SOME_DAMAGED if self.damaged else 0

    def count(self, entry: Entry) -> None:
        """Count a result in."""
        self.reports += entry.kind == "report"
        self.failures += entry.kind == "failure"
        self.repeated += entry.kind == "repeated"
        self.damaged += entry.kind == "damaged"
        self.rows.update({name: len(rows) for name, rows in entry.rows.items()})


def export(results: Iterable[Entry], form: str, target: Path) -> Tally:
    """Write results as tables.

    Args:
        results: of an output set (:class:`~gongkai.pipeline.export.results.Results`).
        form: a key of :data:`~gongkai.pipeline.export.forms.FORMS`.
        target: the file or folder to write; an earlier export there is replaced.

    Returns:
        What was exported.

    Raises:
        GongkaiError: ``export.unavailable`` when the form's package is not installed, ``output.unwritable`` when the
            target cannot be written, ``read.corrupt`` when not one summary could be read, ``input.permission``.
            The target then is as it was.
    """
    chosen = FORMS[form]
    chosen.require_packages()
    tally = Tally()
    with staged(target, chosen) as place, chosen.open(place) as writer:
        for entry in results:
            writer.write(entry.rows)
            tally.count(entry)
        if not tally.reports:
            raise GongkaiError("read.corrupt", "Not one summary could be read; nothing was exported.")
        writer.finish()
    return tally
