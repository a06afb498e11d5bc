"""The part of a training's configuration that all families of :mod:`gongkai.training.families` share."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from gongkai.pipeline.config import Part
from gongkai.training.runs.config import Search, Tracking
from gongkai.training.tasks.dataset import Task

Form = Literal["corpus", "jsonl", "json", "csv", "tsv", "conll"]
Target = Literal["domains", "activities", "labels", "metrics", "entities", "parts"]
Name = str | int

_SPAN_TARGETS = ("metrics", "entities", "parts")


class Fields(Part):
    """Where in a record the parts of an example stand: a JSON field, a column by its header or, from 0, by its number.

    Attributes:
        text: the text, or a list of its tokens; left out, ``text`` or the first column.
        labels: the labels, spans or tags; left out, ``label``, or the second column (CoNLL: the last).
        id: names the example in predictions; left out, the number of its line or record.
        context: what a model may see beside the text.
    """

    text: Name | None = None
    labels: Name | None = None
    id: Name | None = None
    context: Name | None = None


class SpanFields(Part):
    """How a span is written where it is an object.

    Attributes:
        start, end, label: the names of these in the object.
        position: name of a pair ``[start, end]`` that stands for both, e.g. ``pos``.
        surface: name of the span's own text; it is compared with what the offsets cut out. Where an object has no
            offsets, every place where this text stands is a span.
    """

    start: str = "start"
    end: str = "end"
    label: str = "label"
    position: str | None = None
    surface: str | None = None


class Data(Part):
    """A data set: where it lies and how it is written.

    Attributes:
        task: ``multi_class`` (one label a text), ``multi_label`` (any number) or ``spans``.
        form: of the files; ``corpus`` is the project's own corpus.
        train, dev, test: the files; a path is taken from the configuration's folder, else from the working folder.
        dev_share: share of train that becomes dev where no dev file is given, always the same texts.
        encoding: of the files.
        fields: the names of fields or columns.
        header: whether the first line of CSV or TSV names the columns; if not, fields are numbers from 0.
        delimiter: between columns; left out, a comma (csv), a tab (tsv), any white space (conll).
        quotes: whether ``"`` encloses columns; left out, yes for csv and no for tsv.
        separator: between labels written as one text, ``a|b``; ``multi_label`` only.
        label_names: names of labels that are written as numbers or codes: a file with one name a line for 0, 1, 2 …, a
            YAML or JSON file with a list or a mapping, or the mapping itself.
        labels: the label set in its order; left out, every label of train, sorted.
        span_fields: how a span is written as an object.
        end_inclusive: whether the end of a span is its last character and not the one after it.
        joiner: what stands between tokens where a text is given as tokens.
        folder: of a compiled corpus; left out, the one that comes with a checkout.
        target: what is learnt of the corpus.
        unit: whether an example of the corpus's spans is a paragraph or a sentence.
        templates: whether sentences of the corpus that were made from templates are trained on.
    """

    task: Task
    form: Form
    train: str | None = None
    dev: str | None = None
    test: str | None = None
    dev_share: float = Field(gt=0, lt=1, default=0.1)
    encoding: str = "utf-8"
    fields: Fields = Fields()
    header: bool = True
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    quotes: bool | None = None
    separator: str = Field(default="|", min_length=1)
    label_names: str | dict[str, str] | None = None
    labels: tuple[str, ...] | None = Field(default=None, min_length=1)
    span_fields: SpanFields = SpanFields()
    end_inclusive: bool = False
    joiner: str = ""
    folder: str | None = None
    target: Target | None = None
    unit: Literal["paragraph", "sentence"] = "paragraph"
    templates: bool = True

    @field_validator("label_names", "labels", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Take keys and labels that YAML read as numbers (``102: news_entertainment``) for the text they are."""
        if isinstance(value, dict):
            return {str(key): str(name) for key, name in value.items()}
        return [str(label) for label in value] if isinstance(value, list) else value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            return codecs.lookup(encoding).name
        except LookupError as error:
            raise ValueError(f"there is no encoding {encoding}; most Chinese files are utf-8 or gb18030") from error

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.form == "corpus":
            if self.target is None:
                raise ValueError("form corpus needs target: domains, activities, labels, metrics, entities or parts")
            wanted = "spans" if self.target in _SPAN_TARGETS else "multi_label"
            if self.task != wanted:
                raise ValueError(f"target {self.target} is learnt as task {wanted}, not {self.task}")
            if self.train or self.dev or self.test:
                raise ValueError("form corpus takes a folder, not train, dev and test files")
        elif self.train is None:
            raise ValueError(f"form {self.form} needs a train file")
        elif self.target is not None or self.folder is not None:
            raise ValueError("target and folder belong to form corpus")
        if self.form == "conll" and self.task != "spans":
            raise ValueError(f"form conll holds spans; task {self.task} needs another form")
        if self.form == "conll" and not all(
            isinstance(field, int | None) for field in (self.fields.text, self.fields.labels)
        ):
            raise ValueError(
                "the columns of form conll have no names: fields.text and fields.labels are numbers from 0"
            )
        if self.labels is not None and len(set(self.labels)) != len(self.labels):
            raise ValueError("labels names a label twice")
        return self


class TaskTraining(Part):
    """What the training of any family has in common; each family adds keys of its own.

    Attributes:
        family: which family; a subclass narrows it to its own name.
        name, version: of the model.
        seeds: of everything drawn at random; several give as many models, and the mean and spread of their scores.
        train_share: share of the train split that is learnt, for learning curves; the smaller is part of the larger.
        data: the data set.
        search: settings to be searched for instead of trained with as they are.
        tracking: where the training is logged.
    """

    # Dotted names of settings that are paths; a family with more of them says so by a longer tuple.
    PATHS: ClassVar[tuple[str, ...]] = ("data.train", "data.dev", "data.test", "data.label_names", "data.folder")

    family: str
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    seeds: tuple[int, ...] = Field(min_length=1, default=(1,))
    train_share: float = Field(gt=0, le=1, default=1.0)
    data: Data
    search: Search | None = None
    tracking: Tracking = Tracking()

    @field_validator("version", mode="before")
    @classmethod
    def _version_as_text(cls, value: Any) -> Any:
        """Take a version that YAML read as a number (``1.0``) for the text it is."""
        return str(value) if isinstance(value, int | float) else value

    @field_validator("seeds")
    @classmethod
    def _different_seeds(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) != len(seeds):
            raise ValueError("a seed stands there twice; the same seed gives the same model")
        return seeds

    @classmethod
    def beside(cls, raw: dict[str, Any], folder: Path) -> dict[str, Any]:
        """Return settings, not yet checked, whose paths lead where a configuration in a folder means them to.

        Args:
            raw: as read from the configuration.
            folder: where the configuration lies. A path that leads nowhere from there is left as it is and so is
                taken from the working folder.
        """

        def found(value: Any) -> Any:
            return str(folder / value) if isinstance(value, str) and (folder / value).exists() else value

        return _at_paths(raw, cls.PATHS, found)

    def anywhere(self) -> dict[str, Any]:
        """Return the settings as JSON with file names in the place of paths: the same on every machine."""

        def named(value: Any) -> Any:
            return Path(value).name if isinstance(value, str) else value

        return _at_paths(self.model_dump(mode="json"), self.PATHS, named)


def _at_paths(raw: dict[str, Any], paths: tuple[str, ...], change: Any) -> dict[str, Any]:
    out = dict(raw)
    for dotted in paths:
        key, _, rest = dotted.partition(".")
        if rest and isinstance(out.get(key), dict):
            out[key] = _at_paths(out[key], (rest,), change)
        elif not rest and key in out:
            out[key] = change(out[key])
    return out
