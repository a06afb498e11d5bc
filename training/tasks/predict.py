"""A trained model on a file of texts: predictions as JSON lines, and scores where the file has labels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from gongkai.models.store import ModelFolder, open_folder, read_config
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.families.base import Prediction, Predictor
from gongkai.training.families.registry import FAMILIES, get_family
from gongkai.training.tasks.config import Data, Fields, Form
from gongkai.training.tasks.dataset import Item, Task
from gongkai.training.tasks.examples import Examples, read_examples
from gongkai.training.tasks.notes import Notes
from gongkai.training.tasks.records import read_lines
from gongkai.training.tasks.score import score

_BATCH = 256  # texts whose predictions are made before they are written
_SUFFIXES: dict[str, Form] = {".jsonl": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv", ".conll": "conll"}
_JSON = ("json", "jsonl")


@dataclass(frozen=True)
class TaskModel:
    """A trained model whose files were found whole.

    Attributes:
        folder: where it lies, with its ``config.json``.
        data: how the data was written that it learnt from.
        predictor: the model itself.
    """

    folder: ModelFolder
    data: Data
    predictor: Predictor

    @property
    def task(self) -> Task:
        """What it says of a text."""
        return self.data.task


def open_model(folder: Path) -> TaskModel:
    """Open what ``gongkai train`` made of any data set.

    Raises:
        GongkaiError: ``model.unavailable`` where there is none or its family is not installed, ``model.incompatible``
            where a file was changed or the model is one that reads reports.
    """
    family = read_config(folder)["family"]
    if family not in FAMILIES:
        raise GongkaiError("model.incompatible", f"{folder} reads whole reports: gongkai annotate --model {folder}.")
    model = open_folder(folder, family)
    raw = model.config["training"]["data"]
    # Where training files lay is no matter now, nor is the file of the label names, which the model holds itself.
    data = Data.model_validate({**raw, "label_names": model.config["label_names"]})
    return TaskModel(model, data, get_family(family).open(folder))


def read_texts(model: TaskModel, file: Path, form: Form | None, notes: Notes) -> Examples:
    """Read a file of texts.

    Args:
        model: to whose data the file is taken to be like, as far as its name does not say otherwise: a ``.txt`` holds a
            text a line unless the model learnt from such a file.
        file: the texts.
        form: of the file, where neither tells.
        notes: counts what is odd.

    Raises:
        GongkaiError: ``data.…`` where it cannot be used.
    """
    own = model.data
    like = own.train is not None and Path(own.train).suffix == file.suffix
    if form is None and file.suffix == ".txt" and not like:
        return Examples([Item(str(n), line) for n, line in read_lines(file, own.encoding) if line.strip()], False)
    if form is None and not like:
        form = _SUFFIXES.get(file.suffix)
    if form is None:
        form = "jsonl" if own.form == "corpus" else own.form
    same = form == own.form or {form, own.form} <= set(_JSON)
    # Of another form it is known only that it should be the plainest of its kind.
    shape = {} if same else {"fields": Fields(), "header": True, "delimiter": None, "quotes": None}
    update = {**shape, "form": form, "train": str(file), "target": None, "folder": None}
    data = own.model_copy(update=update)
    return read_examples(file, data, data.label_names if isinstance(data.label_names, dict) else None, notes)


def predictions(model: TaskModel, items: Sequence[Item]) -> Iterator[Prediction]:
    """Yield a prediction for each text, in order; an empty text has nothing, and no model is asked of it."""
    for start in range(0, len(items), _BATCH):
        batch = items[start : start + _BATCH]
        found = iter(model.predictor.predict([item for item in batch if item.text.strip()]))
        yield from (next(found) if item.text.strip() else Prediction() for item in batch)


def to_line(task: Task, item: Item, prediction: Prediction, gold: bool) -> bytes:
    """Return a prediction as a line of JSON.

    Args:
        task: what was predicted.
        item: the text.
        prediction: what the model says.
        gold: whether the item's own labels are to be shown beside it.
    """
    held: dict[str, Any] = {"id": item.id, "text": item.text}
    if task == "spans":
        held["spans"] = [_shown(span, item.text) for span in prediction.spans]
        if gold:
            held["gold"] = [_shown(span, item.text) for span in item.spans]
    else:
        held["labels"] = list(prediction.labels)
        held["scores"] = {label: round(value, 4) for label, value in prediction.scores.items()}
        if gold:
            held["gold"] = list(item.labels)
    return (json.dumps(held, ensure_ascii=False) + "\n").encode()


def _shown(span: Any, text: str) -> dict[str, Any]:
    return {**asdict(span), "text": text[span.start : span.end]}


def predict_file(
    model: TaskModel, file: Path, form: Form | None, write: Callable[[bytes], None], tell: Callable[[str], None]
) -> dict[str, Any] | None:
    """Predict a file.

    Args:
        model: the model.
        file: the texts, see :func:`read_texts`.
        form: of the file.
        write: is given a line of JSON for each text.
        tell: is told what is odd about the file.

    Returns:
        The scores, see :func:`gongkai.training.tasks.score.score`; None where the file has no labels.

    Raises:
        GongkaiError: ``data.…`` where the file cannot be used.
    """
    notes = Notes()
    examples = read_texts(model, file, form, notes)
    notes.tell(tell)
    if not examples.items:
        raise GongkaiError("data.empty", f"{file} holds no text.")
    found = []
    for item, prediction in zip(examples.items, predictions(model, examples.items), strict=True):
        write(to_line(model.task, item, prediction, examples.labelled))
        found.append(prediction)
    return score(model.task, examples.items, found) if examples.labelled else None


def forms() -> tuple[str, ...]:
    """Return the forms that a file of texts may have."""
    return tuple(form for form in get_args(Form) if form != "corpus")
