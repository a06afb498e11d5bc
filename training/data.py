"""What a training sees of a corpus: its train split as configured, and any split as its model is shown it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from gongkai.corpora.records import CorpusParagraph
from gongkai.corpora.store import Corpus
from gongkai.training.config import ModelIdentity


def train_paragraphs(corpus: Corpus, settings: ModelIdentity) -> list[CorpusParagraph]:
    """Return the paragraphs of the train split that a training uses.

    Args:
        corpus: the corpus.
        settings: ``train_share`` draws reports, the same ones for one seed and the smaller share always part of the
            larger; ``templates: false`` leaves out paragraphs that hold a template sentence.
    """
    paragraphs = corpus.paragraphs["train"]
    reports = list(dict.fromkeys(p.report for p in paragraphs))
    random.Random(settings.seed).shuffle(reports)
    kept = set(reports[: max(1, round(len(reports) * settings.train_share))])
    chosen = [
        p for p in paragraphs if p.report in kept and (settings.templates or not any(s.template for s in p.sentences))
    ]
    return shown(chosen, settings)


def shown(paragraphs: Sequence[CorpusParagraph], settings: ModelIdentity) -> list[CorpusParagraph]:
    """Return paragraphs as a model of a configuration sees them: as they are, or each sentence alone.

    Args:
        paragraphs: of any split.
        settings: ``context: false`` takes headings, section and neighbouring sentences away.
    """
    if settings.context:
        return list(paragraphs)
    return [_alone(p, k) for p in paragraphs for k in range(len(p.sentences))]


def _alone(paragraph: CorpusParagraph, k: int) -> CorpusParagraph:
    """Return one sentence of a paragraph as a paragraph of its own."""
    sentence = paragraph.sentences[k]
    start, end = sentence.start, sentence.end

    def moved(item: Any) -> Any:
        return item.model_copy(update={"start": item.start - start, "end": item.end - start})

    return CorpusParagraph(
        report=paragraph.report,
        paragraph=f"{paragraph.paragraph}.{k + 1}",
        section="unknown",
        path=[],
        text=paragraph.text[start:end],
        sentences=[moved(sentence)],
        metrics=[
            moved(m).model_copy(update={"words": None}) for m in paragraph.metrics if start <= m.start and m.end <= end
        ],
        entities=[moved(e) for e in paragraph.entities if start <= e.start and e.end <= end],
    )
