"""spaCy DocBin: a Doc per paragraph, one token a character, sentences, metrics and entities as span groups."""

from __future__ import annotations

import json
from collections.abc import Iterable

import spacy
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from gongkai.corpora.records import CorpusParagraph
from gongkai.pipeline.tokenizer import CharacterTokenizer

_GROUPS = ("sentences", "metrics", "entities")
_RECORD = "gongkai_paragraph"


def to_docbin(paragraphs: Iterable[CorpusParagraph]) -> bytes:
    """Return the bytes of a DocBin, ready for ``spacy train`` with span groups.

    What spans cannot hold (values, units, labels of sentences) stands in ``doc.user_data`` as JSON text.
    """
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "gongkai.CharacterTokenizer.v1"}}})
    docs = DocBin(store_user_data=True)
    for paragraph in paragraphs:
        docs.add(_doc(CharacterTokenizer(nlp.vocab), paragraph))
    return docs.to_bytes()


def _doc(tokenizer: CharacterTokenizer, paragraph: CorpusParagraph) -> Doc:
    doc = tokenizer(paragraph.text)
    doc.spans["sentences"] = SpanGroup(doc, name="sentences", spans=[doc[s.start : s.end] for s in paragraph.sentences])
    metrics = [Span(doc, m.start, m.end, "METRIC") for m in paragraph.metrics]
    doc.spans["metrics"] = SpanGroup(doc, name="metrics", spans=metrics)
    entities = [Span(doc, e.start, e.end, e.type) for e in paragraph.entities]
    doc.spans["entities"] = SpanGroup(doc, name="entities", spans=entities)
    doc.user_data[_RECORD] = paragraph.model_dump_json(exclude={"text"})
    return doc


def from_docbin(data: bytes) -> list[CorpusParagraph]:
    """Read what :func:`to_docbin` wrote.

    Raises:
        KeyError: the Docs were not written by :func:`to_docbin`.
    """
    nlp = spacy.blank("zh")
    return [
        CorpusParagraph.model_validate({**json.loads(doc.user_data[_RECORD]), "text": doc.text})
        for doc in DocBin().from_bytes(data).get_docs(nlp.vocab)
    ]
