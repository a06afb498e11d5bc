"""Configuration of weak supervision: labels and their functions, sources, label model, what is kept to train on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from gongkai.corpora.records import Split
from gongkai.pipeline.config import Part
from gongkai.pipeline.errors import GongkaiError
from gongkai.training.weak.function_settings import AnyFunction, PhraseFunction

FEWEST_FUNCTIONS = 3


class WeakLabel(Part):
    """A label that has no gold yet.

    Attributes:
        zh: its Chinese name.
        covers: what it covers, in a sentence; for people.
        functions: three or more; the label model cannot tell fewer apart.
    """

    zh: str
    covers: str = ""
    functions: tuple[AnyFunction, ...] = Field(min_length=1)

    @property
    def voters(self) -> tuple[AnyFunction, ...]:
        """The functions that vote, one for each phrase where ``each`` says so."""
        found: list[AnyFunction] = []
        for function in self.functions:
            found += function.alone() if isinstance(function, PhraseFunction) else (function,)
        return tuple(found)

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        names = [function.name for function in self.voters]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two functions are called {', '.join(sorted(twice))}")
        if len(names) < FEWEST_FUNCTIONS:
            raise ValueError(f"it takes {FEWEST_FUNCTIONS} functions to tell how far each can be trusted")
        return self


class CorpusSource(Part):
    """Sentences of a compiled corpus, whose own labels are not looked at.

    Attributes:
        split: train, dev or test.
        folder: of the corpus; left out, the one that comes with a checkout.
        gold: JSON Lines with ``id`` and ``labels``: the truth about this split's sentences, to measure with.
    """

    form: Literal["corpus"]
    split: Split
    folder: str | None = None
    gold: str | None = None


class ReportsSource(Part):
    """Sentences of reports, with their tables.

    Attributes:
        paths: report files, summaries (.json) that ``gongkai annotate`` wrote, folders and globs.
        gold: as for a corpus.
    """

    form: Literal["reports"]
    paths: tuple[str, ...] = Field(min_length=1)
    gold: str | None = None


class JsonlSource(Part):
    """Sentences of a JSON Lines file: ``text``, and where they are known ``id``, ``path`` (headings) and ``section``.

    Attributes:
        path: the file.
        gold: as for a corpus; may be the same file.
    """

    form: Literal["jsonl"]
    path: str
    gold: str | None = None


Source = Annotated[CorpusSource | ReportsSource | JsonlSource, Field(discriminator="form")]


class LabelModelSettings(Part):
    """How votes become probabilities.

    Attributes:
        kind: ``latent_class`` learns how far each function can be trusted from where they agree; ``majority`` counts
            votes.
        starts: how often the estimate begins anew from other values; the likeliest is taken.
        iterations: at most, of each start.
        seed: of everything drawn at random; one seed, one result.
    """

    kind: Literal["latent_class", "majority"] = "latent_class"
    starts: int = Field(gt=0, default=10)
    iterations: int = Field(gt=0, default=1000)
    seed: int = Field(ge=0, default=1)


class Keep(Part):
    """Which sentences become training data.

    Attributes:
        above: a sentence has the label from this probability on.
        below: it has it not up to this one. What lies between, and what no function voted on, is left out.
        negatives: at most so many sentences without any label for each one with a label, drawn by the label model's
            seed; left out, all.
    """

    above: float = Field(gt=0, lt=1, default=0.8)
    below: float = Field(gt=0, lt=1, default=0.05)
    negatives: float | None = Field(gt=0, default=None)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.below >= self.above:
            raise ValueError("below must be less than above")
        return self


class WeakSupervision(Part):
    """A whole configuration.

    Attributes:
        name, version: of what comes out.
        labels: by key.
        unlabelled: where the training set is taken from.
        dev, test: sentences with gold; functions, label model and later the trained model are measured on them.
        label_model, keep: see there.
    """

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    labels: dict[str, WeakLabel] = Field(min_length=1)
    unlabelled: Source
    dev: Source | None = None
    test: Source | None = None
    label_model: LabelModelSettings = LabelModelSettings()
    keep: Keep = Keep()

    @model_validator(mode="after")
    def _measured_by_gold(self) -> Self:
        for split, source in (("dev", self.dev), ("test", self.test)):
            if source is not None and source.gold is None:
                raise ValueError(f"{split} needs gold")
        return self


def load_weak(path: Path) -> WeakSupervision:
    """Read a configuration. Paths in it are taken from its own folder, or else from the working folder.

    Raises:
        GongkaiError: ``config.invalid`` for an unknown key, a wrong type or unreadable YAML.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return WeakSupervision.model_validate(_beside(raw, path.parent))
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
        raise GongkaiError("config.invalid", f"{path} cannot be used:\n" + ";\n".join(lines)) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GongkaiError("config.invalid", f"{path} cannot be used: {error}") from error


_PATHS = frozenset({"folder", "gold", "path", "paths", "weights"})


def _beside(value: Any, folder: Path, key: str = "") -> Any:
    """Return what YAML held with its paths led from the configuration's folder where they lead somewhere there."""
    if isinstance(value, dict):
        return {name: _beside(item, folder, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_beside(item, folder, key) for item in value]
    if key in _PATHS and isinstance(value, str) and (folder / value).exists():
        return str(folder / value)
    return value
