"""A data set as configured: its files read, dev drawn where there is none, its label set settled, its oddities told."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import yaml

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.tasks.config import Data
from gongkai.training.tasks.corpus import corpus_splits
from gongkai.training.tasks.dataset import Dataset, Item
from gongkai.training.tasks.examples import read_examples
from gongkai.training.tasks.notes import Notes
from gongkai.training.tasks.records import read_lines

_DEV_SEED = 0  # dev is the same whatever the seed of the training, so that seeds can be compared


def load_dataset(data: Data, tell: Callable[[str], None]) -> Dataset:
    """Read a data set.

    Args:
        data: where it lies and how it is written.
        tell: is told what is odd about it, with counts and the first place.

    Returns:
        The data set. A test file without labels is left out, for there is nothing to score on it.

    Raises:
        GongkaiError: ``data.…`` with file, line and what to write in the configuration.
    """
    notes = Notes()
    names = load_names(data)
    splits = corpus_splits(data, notes) if data.form == "corpus" else _splits(data, names, notes)
    splits = {name: _with_text(name, items, notes) for name, items in splits.items()}
    if not splits["train"]:
        raise GongkaiError("data.empty", "The train split holds no text. Write data.train.")
    if not splits.get("dev"):
        splits["train"], splits["dev"] = draw_dev(splits["train"], data.dev_share)
    train, dev, test = (tuple(splits.get(name, ())) for name in ("train", "dev", "test"))
    labels = _label_set(data, names, train)
    _note_labels(labels, {"train": train, "dev": dev, "test": test}, notes)
    _note_copies(train, {"dev": dev, "test": test}, notes)
    notes.tell(tell)
    tell(f"{len(train)} texts in train, {len(dev)} in dev, {len(test)} in test; {len(labels)} labels")
    return Dataset(data.task, labels, train, dev, test, _sha256(data.task, labels, (train, dev, test)))


def _splits(data: Data, names: Mapping[str, str] | None, notes: Notes) -> dict[str, list[Item]]:
    splits: dict[str, list[Item]] = {}
    for split, file in (("train", data.train), ("dev", data.dev), ("test", data.test)):
        if file is None:
            continue
        found = read_examples(Path(file), data, names, notes)
        if not found.items:
            raise GongkaiError("data.empty", f"{file} holds no text. Write data.{split}.")
        if found.labelled:
            splits[split] = found.items
        elif split == "test":
            notes.add("texts of test without labels, left out (gongkai predict labels them)", file, len(found.items))
        else:
            raise GongkaiError(
                "data.field", f"{file} has no labels. Write data.fields.labels: the field or column that holds them."
            )
    return splits


def load_names(data: Data) -> dict[str, str] | None:
    """Return the names of labels by what stands in the files for them; None where the files have the names.

    Raises:
        GongkaiError: ``data.unreadable`` where the file of the names cannot be used.
    """
    source = data.label_names
    if source is None or isinstance(source, dict):
        return source
    path = Path(source)
    lines = [line for _, line in read_lines(path, data.encoding)]
    if path.suffix in (".yaml", ".yml", ".json"):
        try:
            found = yaml.safe_load("\n".join(lines))  # JSON is YAML
        except yaml.YAMLError as error:
            raise GongkaiError("data.unreadable", f"{path} cannot be read: {error}.") from error
        if isinstance(found, dict):
            return {str(key): str(name) for key, name in found.items()}
        if not isinstance(found, list):
            raise GongkaiError("data.unreadable", f"{path} holds neither a list nor a mapping of label names.")
        lines = [str(name) for name in found]
    return {str(number): name.strip() for number, name in enumerate(lines) if name.strip()}


def _with_text(split: str, items: Iterable[Item], notes: Notes) -> list[Item]:
    kept = []
    for item in items:
        if item.text.strip():
            kept.append(item)
        else:
            notes.add("empty texts, left out", f"{split}, {item.id}")
    return kept


def draw_dev(items: Sequence[Item], share: float) -> tuple[list[Item], list[Item]]:
    """Return train and dev: the same for the same items, and no text in both.

    Args:
        items: to be shared out.
        share: of the items that become dev, about.

    Raises:
        GongkaiError: ``data.empty`` where there are not two different texts.
    """
    texts = list(dict.fromkeys(item.text for item in items))
    if len(texts) < 2:
        raise GongkaiError("data.empty", "The train split holds no two different texts, of which one could be dev.")
    random.Random(_DEV_SEED).shuffle(texts)
    copies = Counter(item.text for item in items)
    chosen: set[str] = set()
    taken = 0
    for text in texts[:-1]:
        if chosen and taken >= share * len(items):
            break
        chosen.add(text)
        taken += copies[text]
    return [x for x in items if x.text not in chosen], [x for x in items if x.text in chosen]


def item_labels(item: Item) -> tuple[str, ...]:
    """Return the labels of an item or of its spans."""
    return item.labels or tuple(span.label for span in item.spans)


def _label_set(data: Data, names: Mapping[str, str] | None, train: Sequence[Item]) -> tuple[str, ...]:
    found = {label for item in train for label in item_labels(item)}
    if data.labels is not None:
        if foreign := sorted(found - set(data.labels)):
            raise GongkaiError(
                "data.labels", f"The train split has labels that data.labels does not list: {', '.join(foreign[:10])}."
            )
        return data.labels
    if not found:
        raise GongkaiError("data.labels", "No text of the train split has a label. Write data.fields.labels.")
    if names is not None:
        order = {name: i for i, name in enumerate(names.values())}
        return tuple(sorted(found, key=lambda label: (order.get(label, len(order)), label)))
    return tuple(sorted(found))


def _note_labels(labels: Sequence[str], splits: Mapping[str, Sequence[Item]], notes: Notes) -> None:
    known = set(labels)
    for split in ("dev", "test"):
        for item in splits[split]:
            for label in sorted(set(item_labels(item)) - known):
                notes.add(f"texts of {split} with label {label}, which train never has: it counts as missed", item.id)
    learnt = {label for item in splits["train"] for label in item_labels(item)}
    for label in labels:
        if label not in learnt:
            notes.add("labels of data.labels that no text of train has", label)


def _note_copies(train: Sequence[Item], others: Mapping[str, Sequence[Item]], notes: Notes) -> None:
    texts = {item.text for item in train}
    for split, items in others.items():
        for item in items:
            if item.text in texts:
                notes.add(f"texts of {split} that stand in train too", item.id)


def _sha256(task: str, labels: Sequence[str], splits: Iterable[Sequence[Item]]) -> str:
    digest = hashlib.sha256(json.dumps([task, labels], ensure_ascii=False).encode())
    for items in splits:
        digest.update(b"\n")
        for item in items:
            digest.update(json.dumps(asdict(item), ensure_ascii=False, sort_keys=True).encode())
    return digest.hexdigest()
