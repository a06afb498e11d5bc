"""spaCy's configuration of a training, from a template and our settings, and the training itself."""

from __future__ import annotations

import io
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

import spacy
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.training.loop import DIR_MODEL_BEST, DIR_MODEL_LAST
from spacy.training.loop import train as train_loop
from spacy.util import load_config, load_config_from_str, registry
from thinc.api import Config, ConfigValidationError

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import write_atomically
from gongkai.training.families.base import Progress, Tell
from gongkai.training.families.spacy_config import SpacyTraining

CONFIG = "config.cfg"
TRAIN, DEV = "train.spacy", "dev.spacy"

# A pass over little text has at least this many steps, of at least so many tokens, whatever the template's batches.
_LEAST_STEPS, _LEAST_TOKENS = 20, 32
_LOGGER = "gongkai.Listener.v1"
_JIEBA = {"@tokenizers": "spacy.zh.ChineseTokenizer", "segmenter": "jieba"}
# What a word is told by besides itself: its first character, its last ones and which of them are digits.
_JIEBA_FEATURES = {"attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"], "rows": [5000, 1000, 2500, 500]}
# spaCy's names of scores → those of our histories.
_FIGURES = {
    "cats_micro_f": "dev_micro_f1",
    "cats_macro_f": "dev_macro_f1",
    "ents_f": "dev_micro_f1",
    "spans_sc_f": "dev_micro_f1",
}


def template(component: str) -> Config:
    """Return the configuration that stands in ``configs/training/spacy`` for a component, variables unresolved."""
    text = files("gongkai.configs.training").joinpath("spacy", f"{component}.cfg").read_text(encoding="utf-8")
    return load_config_from_str(text, interpolate=False)


def tokenizing(settings: SpacyTraining) -> Language:
    """Return an empty pipeline with the tokenizer of the settings.

    Raises:
        GongkaiError: ``model.unavailable`` where jieba is wanted and not installed.
    """
    if settings.tokenizer == "characters":
        return spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "gongkai.CharacterTokenizer.v1"}}})
    _quiet_jieba()
    return spacy.blank("zh", config={"nlp": {"tokenizer": _JIEBA}})


def load_pipeline(model: Path) -> Language:
    """Load a saved pipeline.

    Raises:
        GongkaiError: ``model.unavailable`` where there is none or jieba is missing, ``model.incompatible`` where
            spaCy cannot read it.
    """
    if not (model / CONFIG).is_file():
        raise GongkaiError("model.unavailable", f"There is no spaCy model at {model}.")
    try:
        if load_config(model / CONFIG)["nlp"]["tokenizer"].get("segmenter") == "jieba":
            _quiet_jieba()
        return spacy.load(model)
    except (OSError, ValueError, KeyError) as error:
        raise GongkaiError("model.incompatible", f"{model} cannot be loaded: {error}") from error


def _quiet_jieba() -> None:
    try:
        import jieba
    except ImportError as error:
        raise GongkaiError(
            "model.unavailable", "tokenizer: jieba needs jieba; pip install 'gongkai[spacy-jieba]'."
        ) from error
    jieba.setLogLevel(logging.WARNING)  # or it tells everyone how long its dictionary took


def make_config(settings: SpacyTraining, component: str, tokens: int, seed: int, sizes: list[int]) -> Config:
    """Fill in the template of a component.

    Args:
        settings: ours.
        component: ``textcat``, ``textcat_multilabel``, ``ner`` or ``spancat``.
        tokens: of the train split, from which the steps of a pass are reckoned.
        seed: of the training.
        sizes: lengths in tokens that ``spancat`` looks at; empty for the others.

    Raises:
        GongkaiError: ``config.invalid`` where the overrides do not fit spaCy's configuration.
    """
    config = template(component)
    training, own = config["training"], config["components"][component]
    batch = training["batcher"]["size"]
    training["batcher"]["size"] = settings.batch_tokens or min(batch, max(_LEAST_TOKENS, tokens // _LEAST_STEPS))
    if settings.dropout is not None:
        training["dropout"] = settings.dropout
    training["optimizer"]["learn_rate"] = settings.learning_rate
    training["max_epochs"] = settings.epochs
    training["eval_frequency"] = max(1, round(tokens / training["batcher"]["size"]))
    training["patience"] = settings.patience * training["eval_frequency"]
    config["system"]["seed"] = seed
    if settings.tokenizer == "jieba":
        config["nlp"]["tokenizer"] = dict(_JIEBA)
        own["model"]["tok2vec"]["embed"].update(_JIEBA_FEATURES)
    if sizes:
        own["suggester"]["sizes"] = sizes
    with _told_of_config():
        return Config().from_str(config.to_str(), interpolate=False, overrides=settings.overrides)


def run_training(folder: Path, device: str, tell: Tell, progress: Progress) -> Path:
    """Train what ``config.cfg``, ``train.spacy`` and ``dev.spacy`` of a folder say, as ``spacy train`` does.

    spaCy cannot go on from the middle of a training, so an interrupted one begins again, with the same outcome.

    Returns:
        The folder of the best model. Its own ``config.cfg`` has no paths of this machine in it.

    Raises:
        GongkaiError: ``config.invalid`` where spaCy refuses the configuration, ``model.unavailable`` where a GPU is
            asked for and spaCy has none.
    """
    written = load_config(folder / CONFIG, interpolate=False)
    paths = {"train": str(folder / TRAIN), "dev": str(folder / DEV)}
    config = written.copy()
    config["paths"].update(paths)
    config["training"]["logger"] = {"@loggers": _LOGGER}
    use_gpu = _choose_device(device)
    listener = _LISTENER.set((tell, progress))
    try:
        with _told_of_config():
            nlp = init_nlp(config, use_gpu=use_gpu)
        train_loop(nlp, folder, use_gpu=use_gpu, stdout=io.StringIO(), stderr=io.StringIO())
    finally:
        _LISTENER.reset(listener)
    shutil.rmtree(folder / DIR_MODEL_LAST)
    best = folder / DIR_MODEL_BEST
    edit_config(best, ("paths",), written["paths"])
    edit_config(best, ("training", "logger"), written["training"]["logger"])
    return best


def edit_config(model: Path, section: Sequence[str], values: Mapping[str, Any]) -> None:
    """Change values in one section of the ``config.cfg`` of a saved pipeline."""
    config = load_config(model / CONFIG, interpolate=False)
    part = config
    for name in section:
        part = part[name]
    part.update(values)
    write_atomically(model / CONFIG, config.to_bytes())


def _choose_device(device: str) -> int:
    """Make spaCy compute on a device; return the number that its functions know it by, -1 for the CPU."""
    if device == "cuda":
        try:
            spacy.require_gpu()
        except ValueError as error:
            raise GongkaiError(
                "model.unavailable", "device: cuda needs a GPU and CuPy; pip install 'spacy[cuda12x]'."
            ) from error
        return 0
    if device == "auto" and spacy.prefer_gpu():
        return 0
    spacy.require_cpu()
    return -1


@contextmanager
def _told_of_config() -> Iterator[None]:
    """Turn spaCy's refusal of a configuration into ours."""
    try:
        yield
    except ConfigValidationError as error:
        raise GongkaiError("config.invalid", f"spaCy cannot use the configuration: {error}") from error


# spaCy resolves a logger from its name in the configuration, so it cannot be handed over as an argument.
_LISTENER: ContextVar[tuple[Tell, Progress]] = ContextVar("gongkai_spacy_listener")

_Log = Callable[[dict[str, Any] | None], None]


@registry.loggers(_LOGGER)
def make_logger() -> Callable[..., tuple[_Log, Callable[[], None]]]:
    """Create the logger by which a training of ours is followed; used by :func:`run_training` alone."""

    def set_up(nlp: Language, stdout: IO[str], stderr: IO[str]) -> tuple[_Log, Callable[[], None]]:
        tell, progress = _LISTENER.get()
        last = -1

        def log(info: dict[str, Any] | None) -> None:
            nonlocal last
            if info is None:
                return
            loss = sum(info["losses"].values()) / (info["step"] - last)
            last = info["step"]
            figures = {"step": info["step"], "epoch": info["epoch"], "train_loss": float(loss)}
            scores = info["other_scores"]
            figures |= {ours: float(scores[its]) for its, ours in _FIGURES.items() if its in scores}
            progress(figures)
            told = f"pass {info['epoch'] + 1}, step {info['step']}: loss {loss:.3f}"
            tell(f"{told}, micro-F1 on dev {figures.get('dev_micro_f1', 0.0):.3f}")

        return log, lambda: None

    return set_up
