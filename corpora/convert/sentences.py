"""One example per sentence, as labelling tools want it: spans of the sentence, categories, and what they cannot hold.

Tools such as doccano and Label Studio know labelled spans and categories. A metric's value, unit and the rest have no
place there; they travel as plain data beside the example, keyed by the span, so that a span that is deleted or added
by an annotator is seen when the example comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gongkai.corpora.records import CorpusParagraph, EntityMention, MetricMention, Sentence

DOMAIN, ACTIVITY = "domain:", "activity:"
METRIC = "METRIC"


class ConversionError(ValueError):
    """A form cannot hold something, or what came back does not fit together."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a model says of a sentence, for tools that show predictions to correct.

    Attributes:
        model: name and version.
        score: of the sentence as a whole, in [0, 1]; tools sort by it.
        scores: of each category (``domain:healthcare``) and span (``14-16-METRIC``, offsets in the sentence).
        data: travels with the example and comes back with its annotation.
    """

    model: str
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def with_guesses(
    examples: Iterable[dict[str, Any]], guesses: Sequence[Guess] | None
) -> Iterator[tuple[dict[str, Any], Guess | None]]:
    """Yield the examples with the guess on each, whose data joins that of the example.

    Raises:
        ValueError: there are guesses and not one for each example.
    """
    if guesses is None:
        yield from ((example, None) for example in examples)
        return
    for example, guess in zip(examples, guesses, strict=True):
        yield {**example, "data": {**example["data"], **guess.data}}, guess


@dataclass(frozen=True, slots=True)
class Annotated:
    """What one annotator said of one sentence.

    Attributes:
        key: by which the tool knows the annotation.
        annotator: by the name or number that the tool gives.
        updated: when it was last changed, ISO 8601; None where the tool does not tell.
        model: on whose prediction it was made; None if on none.
        changed: whether it differs from that prediction; None where the tool does not tell.
        example: text, spans, categories and data, as :func:`sentence_examples` yields them.
    """

    key: str
    annotator: str
    updated: str | None
    model: str | None
    changed: bool | None
    example: dict[str, Any]


def sentence_examples(paragraphs: Iterable[CorpusParagraph]) -> Iterator[dict[str, Any]]:
    """Yield an example per sentence: ``text, spans [(start, end, label)], categories, data``.

    Raises:
        ConversionError: a span reaches over the end of its sentence.
    """
    for paragraph in paragraphs:
        for number, sentence in enumerate(paragraph.sentences):
            yield _example(paragraph, number, sentence)
        inside = sum(s.start <= x.start and x.end <= s.end for x in paragraph.mentions for s in paragraph.sentences)
        if inside != len(paragraph.mentions):
            raise ConversionError(
                f"{paragraph.id}: a span lies in no single sentence; one example per sentence cannot hold it"
            )


def _example(paragraph: CorpusParagraph, number: int, sentence: Sentence) -> dict[str, Any]:
    at, end = sentence.start, sentence.end
    spans: list[tuple[int, int, str]] = []
    metrics: dict[str, dict[str, Any]] = {}
    order: list[str] = []
    for metric in paragraph.metrics:
        if at <= metric.start and metric.end <= end:
            spans.append((metric.start - at, metric.end - at, METRIC))
            rest = metric.model_dump(mode="json", exclude={"start", "end", "text"})
            metrics[f"{metric.start - at}-{metric.end - at}"] = rest
    for entity in paragraph.entities:
        if at <= entity.start and entity.end <= end:
            spans.append((entity.start - at, entity.end - at, entity.type))
            order.append(f"{entity.start - at}-{entity.end - at}-{entity.type}")
    data = {
        "report": paragraph.report,
        "paragraph": paragraph.paragraph,
        "section": paragraph.section,
        "path": paragraph.path,
        "sentence": number,
        "start": at,
        # White space between two sentences belongs to neither; the gap is kept so that the paragraph is whole again.
        "gap": paragraph.text[end : _next_start(paragraph, number)],
        "lead": paragraph.text[:at] if number == 0 else "",
        "enumeration": sentence.enumeration,
        "template": sentence.template,
        "metrics": metrics,
        "entities": order,
    }
    categories = [DOMAIN + x for x in sentence.domains] + [ACTIVITY + x for x in sentence.activities]
    return {"text": paragraph.text[at:end], "spans": spans, "categories": categories, "data": data}


def _next_start(paragraph: CorpusParagraph, number: int) -> int:
    following = paragraph.sentences[number + 1 :]
    return following[0].start if following else len(paragraph.text)


def paragraphs_from(examples: Iterable[dict[str, Any]]) -> list[CorpusParagraph]:
    """Put paragraphs together again from the examples of their sentences, in the order they come.

    Raises:
        ConversionError: sentences are missing, or a metric's span was added without saying what it measures.
    """
    paragraphs: list[CorpusParagraph] = []
    for example in examples:
        data = example["data"]
        current = paragraphs[-1] if paragraphs else None
        if current is None or (current.report, current.paragraph) != (data["report"], data["paragraph"]):
            current = CorpusParagraph(
                report=data["report"],
                paragraph=data["paragraph"],
                section=data["section"],
                path=data["path"],
                text=data["lead"],
                sentences=[],
            )
            paragraphs.append(current)
        if len(current.sentences) != data["sentence"] or len(current.text) != data["start"]:
            raise ConversionError(
                f"{current.id}: sentence {data['sentence']} is not where it belongs; some are missing"
            )
        _append(current, example)
    return paragraphs


def _append(paragraph: CorpusParagraph, example: dict[str, Any]) -> None:
    data, at, text = example["data"], len(paragraph.text), example["text"]
    labels = {"domains": DOMAIN, "activities": ACTIVITY}
    found = {
        facet: [c[len(prefix) :] for c in example["categories"] if c.startswith(prefix)]
        for facet, prefix in labels.items()
    }
    paragraph.sentences.append(
        Sentence(start=at, end=at + len(text), enumeration=data["enumeration"], template=data["template"], **found)
    )
    known = {key: i for i, key in enumerate(data["entities"])}
    entities = []
    for start, end, label in example["spans"]:
        span = {"start": at + start, "end": at + end, "text": text[start:end]}
        if label == METRIC:
            rest = data["metrics"].get(f"{start}-{end}")
            if rest is None:
                raise ConversionError(
                    f"{paragraph.id}: the metric {text[start:end]!r} at {start}-{end} is new or was moved; "
                    "give its value, unit and indicator in the written form of the corpus"
                )
            paragraph.metrics.append(MetricMention.model_validate({**span, **rest}))
        else:
            rank = known.get(f"{start}-{end}-{label}", len(known))
            entities.append((rank, EntityMention.model_validate({**span, "type": label})))
    paragraph.entities.extend(e for _, e in sorted(entities, key=lambda pair: pair[0]))
    paragraph.text += text + data["gap"]
