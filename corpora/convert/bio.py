"""Character-level BIO for reading by other tools: one character a line, a column per layer of spans.

Entities nest (a date inside a title), BIO columns do not: spans that would overlap go to a further column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gongkai.corpora.records import CorpusParagraph

_SPACES = {" ": "␠", "\n": "⏎", "\t": "⇥"}


def to_bio(paragraphs: Iterable[CorpusParagraph]) -> str:
    """Return BIO text: ``# id``, ``# domains`` and ``# activities`` before each sentence, an empty line after it.

    Columns are separated by a tab: character, metric tag, then one column per layer of entities. White space stands
    as ␠ ⏎ ⇥ so that every line has a visible character.
    """
    out = []
    for paragraph in paragraphs:
        layers = [
            _tags(len(paragraph.text), layer)
            for layer in _layers([(m.start, m.end, "METRIC") for m in paragraph.metrics])
        ]
        layers = layers or [["O"] * len(paragraph.text)]
        layers += [
            _tags(len(paragraph.text), x) for x in _layers([(e.start, e.end, e.type) for e in paragraph.entities])
        ]
        for number, sentence in enumerate(paragraph.sentences, 1):
            out.append(f"# id = {paragraph.id}.{number}")
            out.append(f"# domains = {' '.join(sentence.domains)}")
            out.append(f"# activities = {' '.join(sentence.activities)}")
            for i in range(sentence.start, sentence.end):
                character = _SPACES.get(paragraph.text[i], paragraph.text[i])
                out.append("\t".join([character, *(tags[i] for tags in layers)]))
            out.append("")
    return "\n".join(out) + "\n"


def _layers(spans: Sequence[tuple[int, int, str]]) -> list[list[tuple[int, int, str]]]:
    layers: list[list[tuple[int, int, str]]] = []
    for span in sorted(spans, key=lambda s: (s[0], -s[1])):
        for layer in layers:
            if layer[-1][1] <= span[0]:
                layer.append(span)
                break
        else:
            layers.append([span])
    return layers


def _tags(length: int, spans: Iterable[tuple[int, int, str]]) -> list[str]:
    tags = ["O"] * length
    for start, end, label in spans:
        tags[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return tags
