"""The record of annotations: who said what of which sentence, when, with which tool and on whose prediction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

import yaml

from gongkai.corpora.convert.doccano import annotations_of as of_doccano
from gongkai.corpora.convert.label_studio import annotations_of as of_label_studio
from gongkai.corpora.convert.sentences import ConversionError
from gongkai.corpora.records import CorpusReport, Record, json_lines
from gongkai.training.labelling.export import Tool

NAME = "annotations.jsonl"
_FORMS = get_args(CorpusReport.model_fields["form"].annotation)


# Categories and spans of a sentence, to compare.
Say = tuple[frozenset[str], frozenset[tuple[int, int, str]]]


class Said(Record):
    """What one annotator said of one sentence.

    Attributes:
        tool, key: by which the annotation is known.
        annotator: who.
        updated: when it was last changed in the tool; None where the tool does not tell.
        imported: when it came into the record, ISO 8601.
        file: from which export.
        model, changed: on whose prediction it was made, and whether it differs from it; None where that is not known.
        text, spans, categories, data: the sentence, see :mod:`gongkai.corpora.convert.sentences`.
        stands: whether the corpus now holds just this.
    """

    tool: Tool
    key: str
    annotator: str
    updated: str | None
    imported: str
    file: str
    model: str | None
    changed: bool | None
    text: str
    spans: list[tuple[int, int, str]]
    categories: list[str]
    data: dict[str, Any]
    stands: bool = False

    @property
    def paragraph(self) -> tuple[str, str]:
        """The report and the paragraph."""
        return self.data["report"], self.data["paragraph"]

    @property
    def sentence(self) -> int:
        """The sentence's number in its paragraph, from 0."""
        return int(self.data["sentence"])

    @property
    def place(self) -> str:
        """The sentence by name."""
        return f"{self.data['report']}/{self.data['paragraph']}.{self.sentence + 1}"

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What another version of the same annotation shares."""
        return self.tool, self.annotator, self.key, self.place

    @property
    def when(self) -> datetime:
        """When it was said, as far as is known."""
        return datetime.fromisoformat(self.updated or self.imported)

    @property
    def say(self) -> Say:
        """Categories and spans, to compare."""
        return frozenset(self.categories), frozenset(self.spans)


def read_export(path: Path, tool: Tool | None, names: dict[str, str], imported: str) -> list[Said]:
    """Read the annotations of an export.

    Args:
        path: the file.
        tool: which wrote it; None takes JSON for Label Studio's and JSON Lines for doccano's.
        names: of annotators, by what the tool calls them.
        imported: the time to record.

    Raises:
        ConversionError: it is no such export, or was not made from what Gongkai gave out.
        OSError: it cannot be read.
    """
    tool = tool or ("doccano" if path.suffix == ".jsonl" else "label-studio")
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = list(of_doccano(text, path.stem) if tool == "doccano" else of_label_studio(text))
        return [
            _checked(
                Said(
                    tool=tool,
                    key=a.key,
                    annotator=names.get(a.annotator, a.annotator),
                    updated=_utc(a.updated),
                    imported=imported,
                    file=path.name,
                    model=a.model,
                    changed=a.changed,
                    text=a.example["text"],
                    spans=sorted(set(a.example["spans"])),
                    categories=sorted(set(a.example["categories"])),
                    data=a.example["data"],
                )
            )
            for a in found
        ]
    except ConversionError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else (str(error).splitlines() or [""])[0]
        raise ConversionError(f"{path} is no export by {tool} of what Gongkai gave out: {told}") from error


def _utc(moment: str | None) -> str | None:
    if moment is None:
        return None
    read = datetime.fromisoformat(moment)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).isoformat()


def now() -> str:
    """Return the present moment as the record writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _checked(said: Said) -> Said:
    """Return what was said, if all that is needed to put it back stands in it and its spans lie in its text."""
    data = said.data
    wanted = {"report": str, "paragraph": str, "section": str, "path": list, "sentence": int, "start": int}
    wanted |= {"gap": str, "lead": str, "enumeration": bool, "template": bool, "metrics": dict, "entities": list}
    for key, kind in wanted.items():
        if not isinstance(data[key], kind):
            raise ValueError(f"{key} is no {kind.__name__}")
    for start, end, label in said.spans:
        if not 0 <= start < end <= len(said.text):
            raise ValueError(f"the span {start}-{end} {label} of {said.place} lies outside the sentence")
    return said


def read_record(folder: Path) -> list[Said]:
    """Return what is recorded in a corpus's folder, nothing if there is no record.

    Raises:
        ValueError: a line is no annotation.
        OSError: the file cannot be read.
    """
    path = folder / NAME
    if not path.exists():
        return []
    return [Said.model_validate_json(line) for line in json_lines(path.read_text(encoding="utf-8"))]


def joined(recorded: Iterable[Said], new: Iterable[Said]) -> list[Said]:
    """Return the record with new annotations; a later version of an annotation takes the place of an earlier one."""
    found = {said.identity: said for said in recorded}
    for said in new:
        known = found.get(said.identity)
        if known is None or (known.say, known.updated) != (said.say, said.updated):
            found[said.identity] = said
    return list(found.values())


@cache
def _levels() -> list[tuple[str, re.Pattern[str]]]:
    raw = yaml.safe_load(Path(__file__).with_name("levels.yaml").read_text(encoding="utf-8"))
    return [(level, re.compile(pattern)) for level, pattern in raw]


def report_of(data: dict[str, Any]) -> CorpusReport:
    """Return the report that a sentence comes from as the corpus lists it.

    Args:
        data: of the sentence, with the ``origin`` that ``gongkai label export`` gave it.

    Raises:
        ValueError: nothing is told of the report, or not its year.
    """
    origin = data.get("origin")
    if not isinstance(origin, dict):
        raise ValueError("nothing is known of the report: the task was not made by gongkai label export")
    year = origin.get("year")
    if not isinstance(year, int):
        raise ValueError("the report states no year: name its file by one (xx-2023.pdf) and export again")
    authority = str(origin["authority"])
    level = next(level for level, pattern in _levels() if pattern.search(authority))
    by_year = "pre2019" if year < 2019 else "2019" if year < 2021 else "2021"
    return CorpusReport(
        id=data["report"],
        split="train",
        authority=authority,
        region=str(origin["region"]),
        level=cast(Any, level),
        trade="unspecified" if level == "department" else "government",
        year=year,
        form=origin["format"] if origin.get("format") in _FORMS else cast(Any, by_year),
        style="as published",
        hand="label import",
    )
