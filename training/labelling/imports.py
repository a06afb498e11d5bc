"""Annotations back into a corpus's folder: merged, checked, recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gongkai.corpora.convert.sentences import sentence_examples
from gongkai.corpora.records import CorpusParagraph, CorpusReport, dump
from gongkai.corpora.store import Corpus, files_of
from gongkai.corpora.validate import validate
from gongkai.pipeline.writing import make_folder, write_atomically
from gongkai.training.labelling.candidates import sentence_texts
from gongkai.training.labelling.held_out import HeldOut
from gongkai.training.labelling.merge import Conflict, Take, UnfinishedError, merge
from gongkai.training.labelling.record import NAME, Said, joined, report_of

_DIGITS = re.compile(r"(\d+)")


@dataclass(slots=True)
class Outcome:
    """What an import came to.

    Attributes:
        annotations: how many were read.
        added, changed, same: paragraphs that are new in the corpus, that were there and are otherwise now, and that
            were there just so.
        conflicts: sentences that are seen differently.
        refused: what was not taken, by paragraph, and why.
        unfinished: paragraphs that wait for annotations of further sentences.
    """

    annotations: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    unfinished: dict[str, str] = field(default_factory=dict)

    def to_json(self, take: Take) -> dict[str, Any]:
        """Return the report of an import.

        Args:
            take: the rule by which conflicts were settled.
        """

        def say(found: tuple[frozenset[str], frozenset[tuple[int, int, str]]]) -> dict[str, Any]:
            return {"categories": sorted(found[0]), "spans": [list(s) for s in sorted(found[1])]}

        conflicts = [
            {
                "place": c.place,
                "text": c.text,
                "kind": c.kind,
                "votes": [{"by": v.by, **say(v.say)} for v in c.votes],
                "taken": say(c.taken),
            }
            for c in self.conflicts
        ]
        found = asdict(self) | {"conflicts": conflicts}
        return {"take": take, **found}


def import_annotations(
    said: Sequence[Said], recorded: Sequence[Said], corpus: Corpus, shipped: Corpus | None, take: Take
) -> tuple[Corpus, list[Said], Outcome]:
    """Merge annotations into the train split of a corpus; nothing is written.

    Args:
        said: the new annotations.
        recorded: those of earlier imports into this corpus.
        corpus: the corpus.
        shipped: the corpus whose dev and test splits must never be trained on, beside those of ``corpus``.
        take: see :func:`gongkai.training.labelling.merge.merge`.

    Returns:
        The corpus after it, the record after it, and what was done.
    """
    held_out = HeldOut([corpus, *([shipped] if shipped is not None else [])])
    standing = {(p.report, p.paragraph): p for p in corpus.paragraphs["train"]}
    reports = {r.id: r for r in corpus.reports}
    record = joined(recorded, said)
    groups: dict[tuple[str, str], list[Said]] = {}
    for one in record:
        groups.setdefault(one.paragraph, []).append(one)
    outcome = Outcome(annotations=len(said))
    merged: dict[tuple[str, str], _Merged] = {}
    for key in dict.fromkeys(one.paragraph for one in said):
        try:
            report = reports.get(key[0]) or report_of(groups[key][-1].data)
            merged[key] = _Merged(report, *merge(groups[key], standing.get(key), take))
        except UnfinishedError as waits:
            outcome.unfinished["/".join(key)] = str(waits)
        except ValueError as error:
            outcome.refused["/".join(key)] = (str(error).splitlines() or [""])[0]
    copies = _copies({k: m.paragraph for k, m in merged.items() if k not in standing}, held_out)
    for key, found in merged.items():
        reason = held_out.of_report(found.report.id, found.report.authority) or copies.get(key)
        reason = f"held out for dev or test: {reason}" if reason else _problem(found)
        if reason:
            outcome.refused["/".join(key)] = reason
            continue
        outcome.conflicts += found.conflicts
        old = standing.get(key)
        kind = outcome.added if old is None else outcome.same if old == found.paragraph else outcome.changed
        kind.append(found.paragraph.id)
        standing[key] = found.paragraph
        reports.setdefault(found.report.id, found.report)
    paragraphs = {**corpus.paragraphs, "train": _in_order(standing.values())}
    after = Corpus(list(reports.values()), paragraphs)
    return after, _marked(record, standing), outcome


@dataclass(frozen=True, slots=True)
class _Merged:
    report: CorpusReport
    paragraph: CorpusParagraph
    conflicts: list[Conflict]


def _copies(paragraphs: dict[tuple[str, str], CorpusParagraph], held_out: HeldOut) -> dict[tuple[str, str], str]:
    """Return why paragraphs are held out; those in train already were let in by the corpus's own checks."""
    owners = [(key, text) for key, paragraph in paragraphs.items() for text in sentence_texts(paragraph)]
    return {owners[i][0]: reason for i, reason in held_out.copies([text for _, text in owners]).items()}


def _problem(found: _Merged) -> str | None:
    """Return the first thing that ``gongkai corpus validate`` would say of a paragraph."""
    alone = Corpus([found.report], {"train": [found.paragraph], "dev": [], "test": []})
    return next((f"{problem.code}: {problem.message}" for problem in validate(alone)), None)


def _in_order(paragraphs: Iterable[CorpusParagraph]) -> list[CorpusParagraph]:
    """Return paragraphs report by report as they came, within a report by number."""
    reports: dict[str, list[CorpusParagraph]] = {}
    for paragraph in paragraphs:
        reports.setdefault(paragraph.report, []).append(paragraph)
    return [p for found in reports.values() for p in sorted(found, key=lambda p: _natural(p.paragraph))]


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in _DIGITS.split(name)]


def _marked(record: Sequence[Said], standing: dict[tuple[str, str], CorpusParagraph]) -> list[Said]:
    """Return the record with each annotation marked whether the corpus holds just that."""
    says: dict[tuple[tuple[str, str], int], Any] = {}
    for key in {one.paragraph for one in record} & standing.keys():
        for k, example in enumerate(sentence_examples([standing[key]])):
            says[key, k] = frozenset(example["categories"]), frozenset(example["spans"])
    return [one.model_copy(update={"stands": says.get((one.paragraph, one.sentence)) == one.say}) for one in record]


def write(folder: Path, corpus: Corpus, record: Sequence[Said]) -> None:
    """Write a corpus and its record; each file whole or not at all, and the same import again mends what is missing.

    Args:
        folder: made if missing.
        corpus: as :func:`import_annotations` returned it.
        record: likewise.

    Raises:
        GongkaiError: ``output.unwritable``.
    """
    make_folder(folder)
    for name, content in files_of(corpus).items():
        write_atomically(folder / name, content.encode())
    write_atomically(folder / NAME, dump(record).encode())
