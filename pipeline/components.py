"""The steps on narrative text as spaCy components, registered by entry points.

A Doc is the narrative of one report, its paragraphs separated by line breaks. After the pipeline it carries

* ``doc.spans["paragraphs"]``: ``span._.section`` (kind of section) and ``span._.path`` (headings above it; the title
  of a section that is not one of the statutory ones comes first, for it says what the section is about);
* ``doc.spans["segments"]``: ``span._.domains`` and ``span._.activities``, lists of (label, score), best first, and
  ``span._.domain_candidates`` and ``span._.activity_candidates``, which were not kept (empty unless asked for);
* ``doc.spans["metrics"]``: ``span._.metric``, a :class:`~gongkai.pipeline.metrics.base.LinkedMetric`;
* ``doc.spans["entities"]``: the type is ``span.label_``, ``span._.normalized`` a canonical form if there is one.

Token i is character i, so ``span.start`` and ``span.end`` are code-point offsets.
"""

from __future__ import annotations

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from gongkai.pipeline.document import Outline, Paragraph, SourceDocument, SourceInfo, TextBlock
from gongkai.pipeline.metrics.base import EntityFinder, MetricExtractor
from gongkai.pipeline.segments import split_segments
from gongkai.pipeline.structure.build import build_outline
from gongkai.pipeline.tagging.base import ParagraphInput, Tagger

_EXTENSIONS = (
    "path",
    "section",
    "domains",
    "activities",
    "domain_candidates",
    "activity_candidates",
    "metric",
    "normalized",
)
for _name in _EXTENSIONS:
    # Another package may have set an attribute of this name first; it then serves both.
    if not Span.has_extension(_name):
        Span.set_extension(_name, default=None)


def doc_from_outline(nlp: Language, outline: Outline) -> Doc:
    """Make the Doc of a report that has been read: one line per paragraph, headings and sections attached."""
    doc = nlp.make_doc("\n".join(p.text for p in outline.paragraphs))
    spans, at = [], 0
    titles = {section.id: section.title for section in outline.sections}
    for paragraph in outline.paragraphs:
        spans.append(_paragraph_span(doc, at, at + len(paragraph.text), paragraph, titles))
        at += len(paragraph.text) + 1
    doc.spans["paragraphs"] = SpanGroup(doc, name="paragraphs", spans=spans)
    return doc


def _paragraph_span(doc: Doc, start: int, end: int, paragraph: Paragraph, titles: dict[str, str]) -> Span:
    span = doc[start:end]
    title = titles[paragraph.section] if paragraph.section_kind in ("overview", "unknown") else ""
    span._.path = (*filter(None, [title]), *paragraph.path)
    span._.section = paragraph.section_kind
    return span


def paragraph_inputs(doc: Doc) -> list[ParagraphInput]:
    """Return the paragraphs of a segmented Doc in the form that taggers and extractors take."""
    segments: list[list[tuple[int, int]]] = [[] for _ in doc.spans["paragraphs"]]
    starts = [p.start for p in doc.spans["paragraphs"]]
    for index, span in _by_paragraph(doc, "segments"):
        segments[index].append((span.start - starts[index], span.end - starts[index]))
    text = doc.text  # a token is a character; Span.text would ask each of them for its text
    return [
        ParagraphInput(text[p.start : p.end], tuple(s), p._.path or (), p._.section or "unknown")
        for p, s in zip(doc.spans["paragraphs"], segments, strict=True)
    ]


def _by_paragraph(doc: Doc, group: str) -> Iterator[tuple[int, Span]]:
    """Yield (paragraph index, span) of a group whose spans stand in reading order."""
    paragraphs = list(doc.spans["paragraphs"])
    index = 0
    for span in doc.spans[group]:
        while span.start >= paragraphs[index].end:
            index += 1
        yield index, span


class ParagraphFinder:
    """Finds paragraphs and their headings in a Doc made from plain text; a Doc made from a report has them."""

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc.spans["paragraphs"]`` unless it is there."""
        if "paragraphs" in doc.spans:
            return doc
        source = SourceInfo("", "text/plain", None, "", 0)
        lines = [TextBlock(line.strip()) for line in doc.text.split("\n") if line.strip()]
        outline = build_outline(SourceDocument(source, list(lines)))
        titles = {section.id: section.title for section in outline.sections}
        # Structure joins and cuts lines and takes titles out, but keeps order and every visible character; so the
        # paragraphs stand in the text one after the other once white space is left out of account.
        places = [i for i, character in enumerate(doc.text) if not character.isspace()]
        visible = "".join(doc.text[i] for i in places)
        spans, at = [], 0
        for paragraph in outline.paragraphs:
            squeezed = "".join(paragraph.text.split())
            start = visible.index(squeezed, at)
            at = start + len(squeezed)
            spans.append(_paragraph_span(doc, places[start], places[at - 1] + 1, paragraph, titles))
        doc.spans["paragraphs"] = SpanGroup(doc, name="paragraphs", spans=spans)
        return doc


class Segmenter:
    """Splits paragraphs into sentence-like segments."""

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc.spans["segments"]``."""
        spans = [
            doc[p.start + start : p.start + end]
            for p in doc.spans["paragraphs"]
            for start, end in split_segments(p.text)
        ]
        doc.spans["segments"] = SpanGroup(doc, name="segments", spans=spans)
        return doc


class TaggerComponent:
    """Runs a :class:`~gongkai.pipeline.tagging.base.Tagger` on the segments of a Doc."""

    def __init__(self, tagger: Tagger):
        self.tagger = tagger

    def __call__(self, doc: Doc) -> Doc:
        """Set ``span._.domains`` and ``span._.activities`` of every segment."""
        labels = [x for paragraph in self.tagger.predict(paragraph_inputs(doc)) for x in paragraph]
        for span, found in zip(doc.spans["segments"], labels, strict=True):
            span._.domains = [(x.label, x.score) for x in found.domains]
            span._.activities = [(x.label, x.score) for x in found.activities]
            span._.domain_candidates = [(x.label, x.score) for x in found.domain_candidates]
            span._.activity_candidates = [(x.label, x.score) for x in found.activity_candidates]
        return doc


class MetricsComponent:
    """Runs a :class:`~gongkai.pipeline.metrics.base.MetricExtractor` on the paragraphs of a Doc."""

    def __init__(self, extractor: MetricExtractor, min_score: float):
        self.extractor = extractor
        self.min_score = min_score

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc.spans["metrics"]``."""
        spans = []
        found = self.extractor.extract(paragraph_inputs(doc))
        for paragraph, metrics in zip(doc.spans["paragraphs"], found, strict=True):
            for metric in metrics:
                if metric.score < self.min_score:
                    continue
                quantity = metric.quantity
                span = Span(doc, paragraph.start + quantity.start, paragraph.start + quantity.end, "METRIC")
                span._.metric = metric
                spans.append(span)
        doc.spans["metrics"] = SpanGroup(doc, name="metrics", spans=spans)
        return doc


class EntitiesComponent:
    """Runs an :class:`~gongkai.pipeline.metrics.base.EntityFinder` on the paragraphs of a Doc."""

    def __init__(self, finder: EntityFinder):
        self.finder = finder

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc.spans["entities"]``."""
        spans = []
        found = self.finder.find(paragraph_inputs(doc))
        for paragraph, entities in zip(doc.spans["paragraphs"], found, strict=True):
            for entity in entities:
                span = Span(doc, paragraph.start + entity.start, paragraph.start + entity.end, entity.type)
                span._.normalized = entity.normalized
                spans.append(span)
        doc.spans["entities"] = SpanGroup(doc, name="entities", spans=spans)
        return doc


class Merger:
    """Joins neighbouring segments of one paragraph that have the same labels; a score becomes the mean by length."""

    def __call__(self, doc: Doc) -> Doc:
        """Replace ``doc.spans["segments"]``."""
        merged: list[list[Span]] = []
        last = -1
        for index, span in _by_paragraph(doc, "segments"):
            if merged and index == last and _labels(merged[-1][0]) == _labels(span):
                merged[-1].append(span)
            else:
                merged.append([span])
            last = index
        doc.spans["segments"] = SpanGroup(doc, name="segments", spans=[_joined(doc, group) for group in merged])
        return doc


def _labels(span: Span) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(label for label, _ in getattr(span._, facet)) for facet in ("domains", "activities"))


def _joined(doc: Doc, group: list[Span]) -> Span:
    span = doc[group[0].start : group[-1].end]
    total = sum(len(s) for s in group)
    for name in ("domains", "activities", "domain_candidates", "activity_candidates"):
        scores: dict[str, float] = {}
        for part in group:
            for label, score in getattr(part._, name) or []:
                scores[label] = scores.get(label, 0.0) + score * len(part) / total
        span._.set(name, sorted(scores.items(), key=lambda item: -item[1]))
    return span


@Language.factory("gongkai_paragraphs")
def make_paragraphs(nlp: Language, name: str) -> ParagraphFinder:
    """Create the component that finds paragraphs in plain text."""
    return ParagraphFinder()


@Language.factory("gongkai_segmenter")
def make_segmenter(nlp: Language, name: str) -> Segmenter:
    """Create the segmenter."""
    return Segmenter()


@Language.factory("gongkai_merger")
def make_merger(nlp: Language, name: str) -> Merger:
    """Create the component that joins segments with the same labels."""
    return Merger()


# Which models are at work, see gongkai.models.engines.parts; a model takes the place of the engine's.
_ENGINE = {"engine": "accurate", "model": None, "threads": 0}


@Language.factory("gongkai_tagger", default_config={**_ENGINE, "min_score": 0.0, "candidates": None})
def make_tagger(
    nlp: Language,
    name: str,
    engine: str | None,
    model: str | None,
    threads: int,
    min_score: float,
    candidates: float | None,
) -> TaggerComponent:
    """Create the tagger of an engine (see :mod:`gongkai.models.engines`)."""
    from gongkai.models.engines import make_tagger

    return TaggerComponent(make_tagger(engine, model, threads, min_score, candidates))


@Language.factory("gongkai_metrics", default_config={**_ENGINE, "min_score": 0.0})
def make_metrics(
    nlp: Language, name: str, engine: str | None, model: str | None, threads: int, min_score: float
) -> MetricsComponent:
    """Create the metric extractor of an engine."""
    from gongkai.models.engines import make_extractor

    return MetricsComponent(make_extractor(engine, model, threads), min_score)


@Language.factory("gongkai_entities")
def make_entities(nlp: Language, name: str) -> EntitiesComponent:
    """Create the entity finder."""
    from gongkai.pipeline.metrics.entities import RuleEntityFinder

    return EntitiesComponent(RuleEntityFinder())
