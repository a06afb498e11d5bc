"""Settings of labelling functions, one class for each kind."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from gongkai.pipeline.config import Engine, Part, taxonomy
from gongkai.pipeline.document import SectionKind
from gongkai.pipeline.tables.templates import TABLES, load
from gongkai.training.weak.sentences import Where
from gongkai.training.weak.votes import Side

Phrases = tuple[Annotated[str, Field(min_length=1)], ...]


class Function(Part):
    """What all labelling functions share. Where its condition does not hold, a function abstains.

    Attributes:
        name: unlike that of every other function of the label.
        vote: for the label or against it.
        sections: it votes on sentences of these sections only; left out, on those of all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str = Field(min_length=1)
    vote: Side = "for"
    sections: frozenset[SectionKind] | None = Field(default=None, min_length=1)


class PhraseFunction(Function):
    """Votes where phrases stand. White space and quotation marks do not count, as in ``pipeline/tagging``.

    Attributes:
        phrases: any of these; a longer one hides a shorter one inside it.
        excluded: YAML key ``not``: a phrase inside one of these does not count (交通 in 交通局).
        unless: it abstains where one of these stands.
        where: in the sentence, in the headings above it or in the sentences beside it.
        at_least: how many different phrases it takes.
        each: every phrase becomes a function of its own, ``NAME:PHRASE``, so that each is weighed by itself.
    """

    kind: Literal["phrases"]
    phrases: Phrases = Field(min_length=1)
    excluded: Phrases = Field(alias="not", default=())
    unless: Phrases = ()
    where: Where = "sentence"
    at_least: int = Field(gt=0, default=1)
    each: bool = False

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.each and self.at_least > 1:
            raise ValueError("each looks at one phrase at a time; at_least cannot be more than 1")
        return self

    def alone(self) -> tuple[PhraseFunction, ...]:
        """Return the functions that this one stands for."""
        if not self.each:
            return (self,)
        return tuple(
            self.model_copy(update={"name": f"{self.name}:{phrase}", "phrases": (phrase,), "each": False})
            for phrase in self.phrases
        )


class RegexFunction(Function):
    """Votes where a regular expression of RE2's syntax matches: in linear time, whatever the expression and the text.

    Attributes:
        pattern: the expression; RE2 has neither back references nor look-around.
        where: as for phrases.
    """

    kind: Literal["regex"]
    pattern: str = Field(min_length=1)
    where: Where = "sentence"


class SectionFunction(Function):
    """Votes on every sentence of its ``sections``."""

    kind: Literal["section"]

    @model_validator(mode="after")
    def _names_sections(self) -> Self:
        if self.sections is None:
            raise ValueError("kind section needs sections")
        return self


class TableFunction(Function):
    """Votes where a statutory table of the report says something; needs a source that has tables (form: reports).

    Attributes:
        table: proactive_disclosure, applications, review_litigation or statistics_appendix.
        row, column: canonical ids, see ``pipeline/tables/``; without a column any cell of the row will do.
        at_least, at_most: bounds of the cell; blank cells fulfil none. One of the two is needed.
        phrases: only sentences with one of these; left out, every sentence.
    """

    kind: Literal["table"]
    table: str
    row: str
    column: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    phrases: Phrases = ()

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.table not in TABLES:
            raise ValueError(f"there is no table {self.table}; there are {', '.join(TABLES)}")
        template = load(self.table)
        for what, name, known in (
            ("row", self.row, template.row_names()),
            ("column", self.column, template.column_names()),
        ):
            if name is not None and name not in known:
                raise ValueError(f"table {self.table} has no {what} {name}; it has {', '.join(known)}")
        if self.at_least is None and self.at_most is None:
            raise ValueError("kind table needs at_least or at_most")
        return self


class _ScoreFunction(Function):
    above: float | None = Field(default=None, ge=0, le=1)
    below: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give either above or below")
        return self


class TaggerFunction(_ScoreFunction):
    """Votes by what a tagger of the label scheme says.

    Attributes:
        engine: accurate, fast or rules.
        weights: folder of one's own models; left out, the shipped ones.
        labels: ``domains/…`` or ``activities/…``; what counts is the highest of their scores.
        above, below: it votes where that score is at least, or at most, this.
    """

    kind: Literal["tagger"]
    engine: Engine = "fast"
    weights: str | None = None
    labels: tuple[str, ...] = Field(min_length=1)

    @field_validator("labels")
    @classmethod
    def _of_the_scheme(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        scheme = taxonomy()
        for label in labels:
            facet, _, key = label.partition("/")
            if key not in scheme.get(facet, {}):
                raise ValueError(f"the label scheme has no {label}; write domains/finance, activities/training")
        return labels


class ModelFunction(_ScoreFunction):
    """Votes by what a model says that ``gongkai train`` made of a data set of labelled texts.

    Attributes:
        folder: the model's.
        labels: of the model; what counts is the highest of their probabilities.
        above, below: as for a tagger.
    """

    kind: Literal["model"]
    folder: str
    labels: tuple[str, ...] = Field(min_length=1)


class PythonFunction(Function):
    """Votes by a function in Python, see :mod:`gongkai.training.weak.registry`; it says itself for or against.

    Attributes:
        function: the name it was registered under.
        options: handed to its maker.
    """

    kind: Literal["python"]
    function: str
    options: dict[str, Any] = Field(default={})

    @model_validator(mode="after")
    def _says_itself(self) -> Self:
        if "vote" in self.model_fields_set:
            raise ValueError("kind python says itself how it votes; leave vote out")
        return self


AnyFunction = Annotated[
    PhraseFunction | RegexFunction | SectionFunction | TableFunction | TaggerFunction | ModelFunction | PythonFunction,
    Field(discriminator="kind"),
]
