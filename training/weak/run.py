"""Weak supervision by command: votes, label model, training set, figures and provenance, all into one folder."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import make_folder, write_atomically
from gongkai.training.weak.analysis import FunctionFigures, Scores, figures, score
from gongkai.training.weak.config import Keep, Source, WeakSupervision
from gongkai.training.weak.functions import Functions, Voted
from gongkai.training.weak.label_model import Floats, LabelModel, fit_label_model
from gongkai.training.weak.sentences import Sentence
from gongkai.training.weak.sources import read_gold, source_reports
from gongkai.training.weak.votes import FOR

Tell = Callable[[str], None]
FORMAT = 1
TRAIN, PROVENANCE, SCORES, FUNCTIONS_JSON, FUNCTIONS_CSV = (
    "train.jsonl",
    "provenance.json",
    "scores.json",
    "functions.json",
    "functions.csv",
)
_LIKELY = 0.5
_DIGITS = 5


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        functions: the figures of every function.
        scores: by split, label and way of labelling (``any_for``: a function votes for it and none against;
            ``label_model``: more probable than not).
        kept: sentences of the training set; None where only the table was asked for.
        positives: how many of them have each label.
        undecided: how many were left out: no vote, or a probability between the bounds.
    """

    functions: list[FunctionFigures]
    scores: dict[str, dict[str, dict[str, Scores]]]
    kept: int | None = None
    positives: dict[str, int] | None = None
    undecided: int | None = None


@dataclass(frozen=True)
class _Split:
    voted: Voted
    truth: dict[str, NDArray[np.bool_]]


def supervise(settings: WeakSupervision, folder: Path, tell: Tell, *, table_only: bool = False) -> Outcome:
    """Let functions vote, learn the label models and write the training set.

    Args:
        settings: the configuration.
        folder: made if missing; gets ``functions.json`` and ``functions.csv``, and unless ``table_only``
            ``train.jsonl``, ``dev.jsonl`` and ``test.jsonl``, ``scores.json`` and ``provenance.json``.
        tell: is told a line of progress now and then.
        table_only: stop at the table of functions; nothing is learnt.

    Raises:
        GongkaiError: a source, a model or the configuration cannot be used, or the folder not be written.
    """
    functions = Functions(settings.labels)
    splits = {name: _read_split(functions, source, settings) for name, source in _with_gold(settings)}
    voted = functions.vote(source_reports(settings.unlabelled))
    if not voted.sentences:
        raise GongkaiError("read.empty", "The source of unlabelled sentences holds none.")
    tell(f"{len(voted.sentences)} sentences, {sum(v.shape[1] for v in voted.votes.values())} functions")
    make_folder(folder)
    models: dict[str, LabelModel] = {}
    believed: dict[str, Floats] = {}
    if not table_only:
        for label, votes in voted.votes.items():
            models[label] = fit_label_model(label, votes, settings.label_model)
            believed[label] = models[label].probabilities(votes)
            tell(f"{label}: label model learnt")
    table = [line for label in settings.labels for line in _table(settings, label, voted, believed, splits)]
    scores = {name: _scores(split, models) for name, split in splits.items()}
    _write_table(folder, table)
    if table_only:
        return Outcome(table, scores)
    chosen, undecided = _choose(believed, settings.keep, settings.label_model.seed)
    lines = [_line(voted.sentences[i], believed, i, settings.keep.above) for i in chosen]
    positives = {label: sum(label in line["labels"] for line in lines) for label in settings.labels}
    _write(folder, settings, functions, lines, splits, scores)
    return Outcome(table, scores, len(lines), positives, undecided)


def _with_gold(settings: WeakSupervision) -> list[tuple[str, Source]]:
    return [(name, source) for name, source in (("dev", settings.dev), ("test", settings.test)) if source is not None]


def _read_split(functions: Functions, source: Source, settings: WeakSupervision) -> _Split:
    """Return the sentences of a source that have gold, with their votes."""
    path = Path(str(source.gold))
    gold = read_gold(path, settings.labels)
    voted = functions.vote(source_reports(source))
    rows = [i for i, sentence in enumerate(voted.sentences) if sentence.id in gold.labels]
    sentences = tuple(voted.sentences[i] for i in rows)
    missing = gold.labels.keys() - {s.id for s in sentences}
    if missing or not rows:
        named = f"has gold on {min(missing)}, which" if missing else "has no gold that"
        raise GongkaiError("read.corrupt", f"{path} {named} does not stand in its source.")
    changed = next((s for s in sentences if gold.texts.get(s.id, s.text) != s.text), None)
    if changed is not None:
        raise GongkaiError("read.corrupt", f"{path}: the text of {changed.id} is another one in its source.")
    truth = {label: np.array([label in gold.labels[s.id] for s in sentences]) for label in settings.labels}
    return _Split(Voted(sentences, {label: votes[rows] for label, votes in voted.votes.items()}), truth)


def _table(
    settings: WeakSupervision, label: str, voted: Voted, believed: dict[str, Floats], splits: dict[str, _Split]
) -> list[FunctionFigures]:
    names = [function.name for function in settings.labels[label].voters]
    dev = splits.get("dev")
    gold = None if dev is None else (dev.voted.votes[label], dev.truth[label])
    return figures(label, names, voted.votes[label], believed.get(label), gold)


def _scores(split: _Split, models: dict[str, LabelModel]) -> dict[str, dict[str, Scores]]:
    found: dict[str, dict[str, Scores]] = {}
    for label, votes in split.voted.votes.items():
        found[label] = {"any_for": score((votes == FOR).any(axis=1), split.truth[label])}
        if label in models:
            # No vote compares as false: nothing speaks for the label.
            said = models[label].probabilities(votes) > _LIKELY
            found[label]["label_model"] = score(said, split.truth[label])
    return found


def _choose(believed: dict[str, Floats], keep: Keep, seed: int) -> tuple[list[int], int]:
    """Return which sentences are kept, and how many were undecided: every label must be sure one way or the other."""
    table = np.stack(list(believed.values()), axis=1)
    decided = ((table >= keep.above) | (table <= keep.below)).all(axis=1)
    positive = decided & (table >= keep.above).any(axis=1)
    negatives = np.flatnonzero(decided & ~positive)
    if keep.negatives is not None:
        wanted = min(len(negatives), round(keep.negatives * int(positive.sum())))
        negatives = np.random.default_rng(seed).choice(negatives, wanted, replace=False)
    return sorted([*np.flatnonzero(positive).tolist(), *negatives.tolist()]), int((~decided).sum())


def _line(sentence: Sentence, believed: dict[str, Floats], i: int, above: float) -> dict[str, Any]:
    probabilities = {label: round(float(found[i]), _DIGITS) for label, found in believed.items()}
    sure = min(max(p, 1 - p) for p in probabilities.values())
    labels = [label for label, found in believed.items() if found[i] >= above]
    return {**_shown(sentence), "labels": labels, "probabilities": probabilities, "weight": round(sure, _DIGITS)}


def _shown(sentence: Sentence) -> dict[str, Any]:
    return {"id": sentence.id, "text": sentence.text, "context": sentence.context}


def _write_table(folder: Path, table: Sequence[FunctionFigures]) -> None:
    write_atomically(folder / FUNCTIONS_JSON, _json([asdict(line) for line in table]))
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(FunctionFigures)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(line) for line in table)
    write_atomically(folder / FUNCTIONS_CSV, text.getvalue().encode())


def _write(
    folder: Path,
    settings: WeakSupervision,
    functions: Functions,
    lines: list[dict[str, Any]],
    splits: dict[str, _Split],
    scores: dict[str, dict[str, dict[str, Scores]]],
) -> None:
    files = {TRAIN: _jsonl(lines)}
    for name, split in splits.items():
        labels = [[label for label, has in split.truth.items() if has[i]] for i in range(len(split.voted.sentences))]
        shown = zip(split.voted.sentences, labels, strict=True)
        files[f"{name}.jsonl"] = _jsonl({**_shown(sentence), "labels": found} for sentence, found in shown)
    files[SCORES] = _json(
        {
            split: {label: {way: asdict(found) for way, found in ways.items()} for label, ways in by_label.items()}
            for split, by_label in scores.items()
        }
    )
    for name, data in files.items():
        write_atomically(folder / name, data)
    told = settings.model_dump(mode="json", by_alias=True)
    provenance = {
        "format": FORMAT,
        "name": settings.name,
        "version": settings.version,
        "settings": told,
        "settings_sha256": hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest(),
        "models": functions.models,
        "libraries": {name: _version(name) for name in ("gongkai", "stepmix", "google-re2")},
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    # Written last: where it stands, the files it names are whole.
    write_atomically(folder / PROVENANCE, _json(provenance))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _jsonl(records: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
