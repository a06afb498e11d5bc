"""Examples as spaCy's Docs and back, and the DocBin files that ``spacy train`` reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.util import filter_spans

from gongkai.pipeline.segments import split_segments
from gongkai.training.tasks.dataset import Item
from gongkai.training.tasks.dataset import Span as GoldSpan

# The key of spaCy's own templates for ``spancat``.
SPANS_KEY = "sc"
# Characters of a piece of text in which spans are looked for. A span's vectors see no further than a few characters
# around it, so sentences lose nothing by being looked at apart, and memory stays bounded however long a text is.
PIECE = 500


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the stretches in which spans are looked for: whole sentences, as many as fit.

    A text that fits is one piece; a sentence that does not fit is cut.
    """
    if len(text) <= PIECE:
        yield 0, len(text)
        return
    start = end = -1
    for sentence_start, sentence_end in split_segments(text):
        if start >= 0 and sentence_end - start > PIECE:
            yield from _cut(start, end)
            start = -1
        start, end = (sentence_start if start < 0 else start), sentence_end
    if start >= 0:
        yield from _cut(start, end)


def _cut(start: int, end: int) -> Iterator[tuple[int, int]]:
    for at in range(start, end, PIECE):
        yield at, min(at + PIECE, end)


def labelled_docs(nlp: Language, items: Iterable[Item], labels: Sequence[str]) -> list[Doc]:
    """Return Docs with ``doc.cats``: 1 for the labels of a text, 0 for all others of the set."""
    docs = []
    for item in items:
        doc = nlp.make_doc(item.text)
        doc.cats = {label: float(label in item.labels) for label in labels}
        docs.append(doc)
    return docs


def span_docs(nlp: Language, items: Iterable[Item], component: str) -> tuple[list[Doc], Counter[str]]:
    """Return Docs with their spans, a Doc for each piece of a text.

    Args:
        nlp: whose tokenizer is used.
        items: texts with spans.
        component: ``ner`` puts the spans into ``doc.ents``, ``spancat`` into ``doc.spans[SPANS_KEY]``.

    Returns:
        The Docs, and how many spans could not be put into them, by reason.
    """
    docs: list[Doc] = []
    lost: Counter[str] = Counter()
    for item in items:
        waiting = sorted(set(item.spans))
        for start, end in pieces(item.text):
            doc = nlp.make_doc(item.text[start:end])
            inside = [span for span in waiting if start <= span.start and span.end <= end]
            waiting = [span for span in waiting if span not in inside]
            found = [_on_tokens(doc, span, start, component) for span in inside]
            spans = [span for span in found if span is not None]
            lost["do not fall on tokens"] += len(found) - len(spans)
            if component == "ner":
                kept = filter_spans(spans)
                lost["overlap a longer one"] += len(spans) - len(kept)
                doc.set_ents(kept, default="outside")
            else:
                doc.spans[SPANS_KEY] = spans
            docs.append(doc)
        lost["reach over the cuts of a long text"] += len(waiting)
    return docs, +lost


def _on_tokens(doc: Doc, span: GoldSpan, offset: int, component: str) -> Span | None:
    found = doc.char_span(span.start - offset, span.end - offset, label=span.label)
    # spaCy's entity recogniser can begin or end no entity on white space.
    if found is not None and component == "ner" and (found[0].is_space or found[-1].is_space):
        return None
    return found


def span_sizes(docs: Iterable[Doc], share: float) -> tuple[list[int], int]:
    """Return the lengths in tokens that cover a share of the spans, and how many spans are longer than these."""
    counts = Counter(len(span) for doc in docs for span in doc.spans[SPANS_KEY])
    total, covered = counts.total(), 0
    sizes = []
    for size in sorted(counts):
        if covered >= share * total:
            break
        sizes.append(size)
        covered += counts[size]
    return sizes, total - covered


def overlapping(items: Iterable[Item]) -> bool:
    """Return whether two spans of a text share a character."""
    for item in items:
        end = 0
        for span in sorted(item.spans):
            if span.start < end:
                return True
            end = max(end, span.end)
    return False


def docbin(docs: Iterable[Doc]) -> bytes:
    """Return the bytes of a DocBin file of those Docs that hold anything."""
    return DocBin(docs=[doc for doc in docs if doc.text.strip()]).to_bytes()


def apart(scored: Iterable[tuple[float, GoldSpan]]) -> list[tuple[float, GoldSpan]]:
    """Return the spans without those that overlap a better one of the same label, best first."""
    kept: list[tuple[float, GoldSpan]] = []
    for score, span in sorted(scored, key=lambda pair: (-pair[0], pair[1])):
        if not any(
            other.label == span.label and other.start < span.end and span.start < other.end for _, other in kept
        ):
            kept.append((score, span))
    return kept
