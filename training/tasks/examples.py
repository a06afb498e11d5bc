"""Records become items: texts, labels by their names, spans with code-point offsets and the end after the last."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.tasks.config import Data, Name
from gongkai.training.tasks.conll import Tagged, read_conll, tag_spans
from gongkai.training.tasks.dataset import Item, Span
from gongkai.training.tasks.notes import Notes
from gongkai.training.tasks.records import Record, read_records
from gongkai.training.tasks.spans import Written, written_spans

# From this share on, spans that fit no text mean that the configuration is wrong and not a few of the spans.
_TOO_MANY = 0.05
_OUTSIDE = "spans that lie outside their text or are empty, and are left out"
_DIFFERS = "spans whose text in the file is not what the offsets cut out; the offsets count"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Examples:
    """A file's examples.

    Attributes:
        items: in the order of the file; empty texts among them.
        labelled: whether the file says anything of labels.
    """

    items: list[Item]
    labelled: bool


def read_examples(path: Path, data: Data, names: Mapping[str, str] | None, notes: Notes) -> Examples:
    """Read a file.

    Args:
        path: the file.
        data: says how it is written.
        names: names of the labels by what stands in the file; None if that is the name.
        notes: counts what is odd.

    Raises:
        GongkaiError: ``data.…`` with file and line where it cannot be used.
    """
    reader = _Reader(path, data, names, notes)
    if data.form == "conll":
        texts = read_conll(path, data)
        items = [reader.tagged(text) for text in texts]
        labelled = any(text.tags is not None for text in texts)
    else:
        items = [reader.item(record) for record in read_records(path, data)]
        labelled = reader.labelled > 0
        if labelled and reader.unlabelled:
            reader.partly()
    reader.check_spans()
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            notes.add("ids that stood there before", f"{path}, {item.id}")
        seen.add(item.id)
    return Examples(items, labelled)


class _Reader:
    def __init__(self, path: Path, data: Data, names: Mapping[str, str] | None, notes: Notes):
        self.path, self.data, self.names, self.notes = path, data, names, notes
        self.labelled = self.unlabelled = 0
        self.first_unlabelled = ""
        self._spans = self._off_by_one = self._bad = 0
        self._first_bad = ""
        by_name = data.form in ("json", "jsonl") or data.header
        self._text: Name = _or(data.fields.text, "text" if by_name else 0)
        self._labels: Name = _or(data.fields.labels, "label" if by_name else 1)

    def item(self, record: Record) -> Item:
        value = record.get(self._text, "text")
        tokens = [str(token) for token in value] if isinstance(value, list) else None
        text = self._clean(self._join(tokens) if tokens is not None else self._as_text(value), record.where)
        fields = self.data.fields
        name = str(record.number) if fields.id is None else str(record.get(fields.id, "id"))
        context = "" if fields.context is None else self._clean(
            self._as_text(record.get(fields.context, "context")), record.where
        )  # fmt: skip
        if not record.has(self._labels):
            self.unlabelled += 1
            self.first_unlabelled = self.first_unlabelled or record.where
            return Item(name, text, context)
        self.labelled += 1
        found = record.get(self._labels, "labels")
        if self.data.task == "spans":
            return Item(name, text, context, spans=self._of_value(found, text, tokens, record.where))
        return Item(name, text, context, labels=self._label_names(found, record.where))

    def partly(self) -> None:
        """Say, or refuse, that some records of a labelled file have no labels."""
        if self.data.task == "multi_class":
            raise GongkaiError(
                "data.field",
                f"{self.first_unlabelled} has no field {self._labels!r}, which other records have. "
                "Write data.fields.labels, or a label in each record.",
            )
        what = f"records without the field {self._labels!r}, taken to have none"
        self.notes.add(what, self.first_unlabelled, self.unlabelled)

    def tagged(self, text: Tagged) -> Item:
        whole = self._clean(self._join(text.tokens), text.where)
        spans = () if text.tags is None else self._of_tags(text.tags, text.tokens, text.where)
        return Item(str(text.line), whole, spans=spans)

    def check_spans(self) -> None:
        """Refuse the file where so many spans fit no text that its offsets must be of another kind.

        Raises:
            GongkaiError: ``data.spans``.
        """
        if self._bad <= _TOO_MANY * self._spans:
            return
        other = "false" if self.data.end_inclusive else "true"
        if self._off_by_one > self._bad / 2:
            advice = f"Most would fit with data.end_inclusive: {other}; write that."
        else:
            advice = "Write data.span_fields, data.joiner or data.end_inclusive as the file has it."
        raise GongkaiError(
            "data.spans", f"{self._first_bad}: {self._bad} of {self._spans} spans do not fit their text. {advice}"
        )

    def _as_text(self, value: Any) -> str:
        return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def _clean(self, text: str, where: str) -> str:
        if _LONE_SURROGATE.search(text):
            self.notes.add("texts with half a surrogate pair, shown as U+FFFD", where)
            return _LONE_SURROGATE.sub("\ufffd", text)
        return text

    def _join(self, tokens: Sequence[str]) -> str:
        return self.data.joiner.join(tokens)

    def _label_names(self, value: Any, where: str) -> tuple[str, ...]:
        if self.data.task == "multi_class":
            if isinstance(value, list) and len(value) == 1:
                value = value[0]
            if value is None or isinstance(value, list | dict) or not str(value).strip():
                raise GongkaiError(
                    "data.labels",
                    f"{where} has {value!r:.60} where one label is wanted. "
                    "Write data.fields.labels, or data.task: multi_label where a text has several.",
                )
            return (self._name(value, where),)
        if isinstance(value, str):
            value = value.split(self.data.separator)
        elif not isinstance(value, list):
            value = [] if value is None else [value]
        found = [self._name(label, where) for label in value if label is not None and str(label).strip()]
        return tuple(dict.fromkeys(found))

    def _name(self, label: Any, where: str) -> str:
        if isinstance(label, list | dict):
            raise GongkaiError("data.labels", f"{where} has {label!r:.60} for a label. Write data.fields.labels.")
        written = str(label).strip()
        if self.names is None:
            return written
        if written in self.names:
            return self.names[written]
        if written in self.names.values():
            return written
        raise GongkaiError("data.labels", f"{where} has label {written!r}, which data.label_names does not name.")

    def _of_value(self, value: Any, text: str, tokens: Sequence[str] | None, where: str) -> tuple[Span, ...]:
        tags = isinstance(value, list) and value and all(isinstance(tag, str | int) for tag in value)
        if tokens is not None and tags:
            return self._of_tags([self._tag(tag) for tag in value], tokens, where)
        found: list[Span] = []
        try:
            written = list(written_spans(value, self.data.span_fields))
        except ValueError as error:
            raise GongkaiError("data.spans", f"{where}: {error}.") from error
        bounds = None if tokens is None else _bounds(tokens, self.data.joiner)
        for span in written:
            found += self._placed(span, text, bounds, where)
        return self._sorted(found, where)

    def _tag(self, tag: str | int) -> str:
        # Sets made for the datasets library write a tag as its number.
        return self.names.get(str(tag), str(tag)) if self.names is not None else str(tag)

    def _placed(self, span: Written, text: str, bounds: Sequence[tuple[int, int]] | None, where: str) -> list[Span]:
        label = self._name(span.label, where)
        if span.start is None or span.end is None:
            places = (
                [match.start() for match in re.finditer(re.escape(span.surface or ""), text)] if span.surface else []
            )
            if not places:
                self.notes.add("spans whose text stands nowhere, left out", where)
            return [Span(at, at + len(span.surface or ""), label) for at in places]
        self._spans += 1
        start, end = span.start, span.end + self.data.end_inclusive
        limit = len(text) if bounds is None else len(bounds)
        if not 0 <= start < end <= limit:
            # An empty span, or one that ends a character too far, is what the other kind of end looks like.
            near = start == end or end == limit + 1
            self._misfit(_OUTSIDE, where, near)
            return []
        if bounds is not None:
            start, end = bounds[start][0], bounds[end - 1][1]
        elif span.surface is not None and text[start:end] != span.surface:
            other = end - 1 if self.data.end_inclusive else end + 1
            self._misfit(_DIFFERS, where, text[start:other] == span.surface)
        return [Span(start, end, label)]

    def _misfit(self, what: str, where: str, off_by_one: bool) -> None:
        self.notes.add(what, where)
        self._bad += 1
        self._off_by_one += off_by_one
        self._first_bad = self._first_bad or where

    def _of_tags(self, tags: Sequence[str], tokens: Sequence[str], where: str) -> tuple[Span, ...]:
        if len(tags) != len(tokens):
            raise GongkaiError("data.spans", f"{where} has {len(tokens)} tokens and {len(tags)} tags.")

        def loose() -> None:
            self.notes.add("spans that begin with an inside tag", where)

        try:
            found = tag_spans(tags, loose)
        except ValueError as error:
            raise GongkaiError(
                "data.spans", f"{where}: {error}. Write data.fields.labels or, for numbered tags, data.label_names."
            ) from error
        bounds = _bounds(tokens, self.data.joiner)
        return self._sorted(
            [
                Span(
                    bounds[start][0], bounds[end - 1][1], label if self.names is None else self.names.get(label, label)
                )
                for start, end, label in found
            ],
            where,
        )

    def _sorted(self, spans: Sequence[Span], where: str) -> tuple[Span, ...]:
        found = sorted(set(spans))
        self.notes.add("spans that stand there twice", where, len(spans) - len(found))
        reached = 0
        for span in found:
            if span.start < reached:
                self.notes.add("spans that overlap one before them", where)
            reached = max(reached, span.end)
        return tuple(found)


def _or(name: Name | None, default: Name) -> Name:
    return default if name is None else name


def _bounds(tokens: Sequence[str], joiner: str) -> list[tuple[int, int]]:
    out, at = [], 0
    for token in tokens:
        out.append((at, at + len(token)))
        at += len(token) + len(joiner)
    return out
