"""The ledger of a labelling project: what was given out to be labelled, so that it is not given out again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gongkai.corpora.records import Record, dump, json_lines
from gongkai.pipeline.writing import write_atomically

NAME = "ledger.jsonl"


class Entry(Record):
    """A paragraph that was given out.

    Attributes:
        key: hash of its text, see :attr:`gongkai.training.labelling.candidates.Candidate.key`.
        batch: number of the batch it went into.
        strategy, score: by which it was chosen.
        model: whose predictions went with it.
    """

    key: str
    report: str
    paragraph: str
    sentences: int
    batch: int
    strategy: str
    score: float
    model: str


class Ledger:
    """The ledger in a project's folder.

    Args:
        folder: the project; need not exist.

    Raises:
        ValueError: a line is no entry.
        OSError: the file cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / NAME
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        self.entries = [Entry.model_validate_json(line) for line in json_lines(text)]
        self.keys = frozenset(entry.key for entry in self.entries)

    @property
    def next_batch(self) -> int:
        """The number of the batch to come."""
        return max((entry.batch for entry in self.entries), default=0) + 1

    def add(self, entries: Iterable[Entry]) -> None:
        """Write further entries.

        Raises:
            GongkaiError: ``output.unwritable``.
        """
        self.entries = [*self.entries, *entries]
        self.keys = frozenset(entry.key for entry in self.entries)
        write_atomically(self._path, dump(self.entries).encode())
