"""Training any family on any data set, by command: one folder a seed, and the mean and spread of several."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gongkai.models.store import CARD, CONFIG, SCORES, open_folder, read_config, save_config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import make_folder, write_atomically
from gongkai.training.families.base import Tell
from gongkai.training.families.registry import FAMILIES, get_family
from gongkai.training.runs.config import BEST, RESULT, TRIALS
from gongkai.training.runs.figures import spreads
from gongkai.training.runs.record import PLOTS, RECORD, Recorder, Run, Watcher, earlier_run, flat, read_run
from gongkai.training.runs.session import Session
from gongkai.training.tasks.config import TaskTraining
from gongkai.training.tasks.dataset import Dataset, Item
from gongkai.training.tasks.load import item_labels, load_dataset, load_names
from gongkai.training.tasks.score import score

# What stands in a model's folder and is not the model: it may change, or go, without the model being another.
_BESIDE = frozenset({CONFIG, CARD, SCORES, RECORD, PLOTS, TRIALS, BEST, RESULT, "train.spacy", "dev.spacy"})
_STUDIES = ".db"


def train_task(settings: TaskTraining, folder: Path, tell: Tell) -> dict[str, Any]:
    """Train a model with each seed and score it; first search for settings where a search is configured.

    Args:
        settings: the configuration.
        folder: of the model, or of ``seed-N`` for each where there are several. What is finished there, with the same
            settings and the same data, is not done again.
        tell: is told a line of progress now and then.

    Returns:
        ``{"dev": …, "test": …}`` as :func:`gongkai.training.tasks.score.score` gives them for one seed; for several,
        ``{"seeds": […], "dev": {flat name: {"mean", "sd"}}, …}``. The same stands in ``scores.json``.

    Raises:
        GongkaiError: ``data.…`` for data that cannot be used, ``model.unavailable`` for a family that is not installed,
            ``search.…``, ``tracking.…`` and ``extra.missing`` for what is configured beside.
    """
    dataset = load_dataset(settings.data, tell)
    if settings.search is not None:
        settings = _searched(settings, dataset, folder, tell)
    seeds = settings.seeds
    session = Session(
        settings.tracking,
        folder,
        name=settings.name,
        version=settings.version,
        settings=settings.anywhere(),
        data_sha256=dataset.sha256,
        seeds=len(seeds),
        tell=tell,
    )
    found = []
    with session:
        for seed in seeds:
            own = folder / f"seed-{seed}" if len(seeds) > 1 else folder
            found.append(train_seed(settings, dataset, own, seed, tell, session.watchers()))
            session.add(read_run(own))
        if len(found) == 1:
            return found[0]
        together: dict[str, Any] = {"seeds": list(seeds)}
        for split in found[0]:
            figures = spreads([flat(scores[split], split) for scores in found])
            together[split] = {name.removeprefix(f"{split}."): figure.to_json() for name, figure in figures.items()}
            tell(f"{len(seeds)} seeds: {split} micro F1 {figures[f'{split}.micro_f1']}")
        _write_json(folder / SCORES, together)  # inside, for the session logs it
    return together


def _searched(settings: TaskTraining, dataset: Dataset, folder: Path, tell: Tell) -> TaskTraining:
    """Return the best settings."""
    from gongkai.training.runs.search import SettingsSearch

    unseen = replace(dataset, test=())  # a search that looked at test would choose by it

    def train(chosen: TaskTraining, own: Path, watchers: Sequence[Watcher]) -> dict[str, float]:
        return flat(train_seed(chosen, unseen, own, chosen.seeds[0], tell, watchers)["dev"], "dev")

    return SettingsSearch(settings, folder, dataset.sha256, train, tell).run()


def train_seed(
    settings: TaskTraining, dataset: Dataset, folder: Path, seed: int, tell: Tell, watchers: Sequence[Watcher] = ()
) -> dict[str, Any]:
    """Train and score one model; arguments, returns and errors as for :func:`train_task`.

    Args:
        dataset: the data; the seed draws the share of it that is learnt.
        seed: of everything drawn at random.
    """
    run = Run(
        name=settings.name,
        version=settings.version,
        family=settings.family,
        seed=seed,
        settings=settings.anywhere(),
        data_sha256=dataset.sha256,
    )
    earlier = earlier_run(folder)
    if (
        earlier is not None
        and earlier.status == "finished"
        and earlier.same_training(run)
        and _whole(folder, settings.family)
    ):
        tell(f"seed {seed}: finished before, in {folder}")
        return json.loads((folder / SCORES).read_text(encoding="utf-8"))
    family = get_family(settings.family)
    make_folder(folder)
    _forget(folder)
    with Recorder(folder, run, watchers) as recorder:
        family.fit(settings, learnt(dataset, settings, seed), folder, seed, tell, recorder.progress)
        names = load_names(settings.data)
        save_config(
            folder,
            {
                "name": settings.name,
                "version": settings.version,
                "family": settings.family,
                "task": dataset.task,
                "labels": list(dataset.labels),
                "label_names": names,
                "seed": seed,
                "data_sha256": dataset.sha256,
                "training": settings.anywhere(),
            },
            model_files(folder),
        )
        predictor = family.open(folder)
        scores = {}
        for split, items in (("dev", dataset.dev), ("test", dataset.test)):
            if items:
                scores[split] = score(dataset.task, items, predictor.predict(items))
                tell(f"seed {seed}: {said(split, scores[split])}")
        _write_json(folder / SCORES, scores)
        recorder.score(scores)
    return scores


def said(split: str, scores: dict[str, Any]) -> str:
    """Return the main figures of a split as a line."""
    whole = next(name for name in ("accuracy", "subset_accuracy", "exact_texts") if name in scores)
    return (
        f"{split}: micro F1 {scores['micro']['f1']:.4f}, macro F1 {scores['macro']['f1']:.4f}, "
        f"{whole.replace('_', ' ')} {scores[whole]:.4f} of {scores['items']} texts"
    )


def learnt(dataset: Dataset, settings: TaskTraining, seed: int) -> Dataset:
    """Return what a family sees of a data set to learn from.

    Args:
        dataset: the whole.
        settings: ``train_share`` draws texts, of the project's corpus whole reports; for one seed the smaller share is
            always part of the larger.
        seed: draws them.

    Returns:
        The share of train; of dev what has only labels of the label set, for nothing can be learnt of others; no test.

    Raises:
        GongkaiError: ``data.labels`` where dev has no known label at all.
    """
    known = set(dataset.labels)
    dev = tuple(item for item in dataset.dev if known.issuperset(item_labels(item)))
    if not dev:
        raise GongkaiError("data.labels", "No text of dev has a label that train has. Write data.dev or data.labels.")
    group: Callable[[Item], str] = (
        (lambda item: item.id.partition("/")[0]) if settings.data.form == "corpus" else (lambda item: item.text)
    )
    groups = list(dict.fromkeys(map(group, dataset.train)))
    random.Random(seed).shuffle(groups)
    kept = set(groups[: max(1, round(len(groups) * settings.train_share))])
    return replace(dataset, train=tuple(item for item in dataset.train if group(item) in kept), dev=dev, test=())


def model_files(folder: Path) -> list[str]:
    """Return the names of a model's own files: all but records of the training, plots and hidden files."""
    return [
        name
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and (parts := path.relative_to(folder).parts)
        and parts[0] not in _BESIDE
        and not parts[0].endswith(_STUDIES)
        and not any(part.startswith((".", "checkpoint")) for part in parts)
        and (name := path.relative_to(folder).as_posix())
    ]


def _forget(folder: Path) -> None:
    """Take an earlier model of any data set out of the way: half trained anew, it must not pass for a finished one."""
    try:
        config = read_config(folder)
    except GongkaiError:
        return
    if config["family"] in FAMILIES:
        for name in (CONFIG, SCORES, *config["files"]):
            path = folder / name
            if path.resolve().is_relative_to(folder.resolve()):
                path.unlink(missing_ok=True)


def _whole(folder: Path, family: str) -> bool:
    try:
        open_folder(folder, family)
    except GongkaiError:
        return False
    return (folder / SCORES).is_file()


def _write_json(path: Path, value: Any) -> None:
    write_atomically(path, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())
