"""The family ``spacy``: pipelines of spaCy's own trainable components, made by spaCy's own training.

A trained folder holds, beside ``model-best`` (for ``spacy.load``), the ``config.cfg``, ``train.spacy`` and
``dev.spacy`` it came from; ``python -m spacy train`` makes the same model of them. What ``spacy.load`` reads is JSON,
msgpack without objects and numpy arrays without objects; nothing is unpickled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training.loop import DIR_MODEL_BEST

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import write_atomically
from gongkai.training.families.base import Prediction, Predictor, Progress, Tell
from gongkai.training.families.spacy_config import SpacyTraining
from gongkai.training.families.spacy_docs import (
    SPANS_KEY,
    apart,
    docbin,
    labelled_docs,
    overlapping,
    pieces,
    span_docs,
    span_sizes,
)
from gongkai.training.families.spacy_pipeline import (
    CONFIG,
    DEV,
    TRAIN,
    edit_config,
    load_pipeline,
    make_config,
    run_training,
    tokenizing,
)
from gongkai.training.tasks.dataset import Dataset, Item, Span

# Whether a label or span is kept is decided by these components from a threshold on.
_THRESHOLDED = ("textcat_multilabel", "spancat")
# Spans that score less are never kept; the threshold is searched for above this.
_LEAST = 0.05
# Characters that are worked on at a time, a bound on memory; `spancat` has a vector for every stretch of them.
_CHARACTERS = {"textcat": 16000, "textcat_multilabel": 16000, "ner": 16000, "spancat": 2000}

T = TypeVar("T")


class SpacyFamily:
    """Trains and opens spaCy pipelines."""

    def fit(
        self, settings: SpacyTraining, dataset: Dataset, folder: Path, seed: int, tell: Tell, progress: Progress
    ) -> None:
        """Train one component for the task; see :class:`gongkai.training.families.base.Family`.

        An interrupted training begins again from the start, for spaCy keeps no state of its optimizer; a finished
        one is skipped by the runner.

        Raises:
            GongkaiError: ``config.invalid`` where spaCy refuses the settings, ``data.labels`` and ``data.spans`` where
                there is nothing to learn, ``model.unavailable`` where jieba or a GPU is asked for and missing.
        """
        if len(dataset.labels) < (2 if dataset.task == "multi_class" else 1):
            raise GongkaiError("data.labels", f"There is too little to learn: {len(dataset.labels)} labels in train.")
        component = choose_component(settings, dataset)
        nlp = tokenizing(settings)
        sizes: list[int] = []
        if dataset.task == "spans":
            train, lost = span_docs(nlp, dataset.train, component)
            dev, _ = span_docs(nlp, dataset.dev, component)
            for reason, count in sorted(lost.items()):
                tell(f"{count} spans of train cannot be learnt: they {reason}")
            if not any(doc.ents or doc.spans.get(SPANS_KEY) for doc in train):
                raise GongkaiError("data.spans", "No span of train falls on tokens, so nothing can be learnt.")
            if component == "spancat":
                sizes, longer = span_sizes(train, settings.span_share)
                if longer:
                    tell(f"{longer} spans of train cannot be learnt: they are longer than {sizes[-1]} tokens")
        else:
            train = labelled_docs(nlp, dataset.train, dataset.labels)
            dev = labelled_docs(nlp, dataset.dev, dataset.labels)
        tokens = sum(map(len, train))
        config = make_config(settings, component, tokens, seed, sizes)
        write_atomically(folder / TRAIN, docbin(train))
        write_atomically(folder / DEV, docbin(dev))
        write_atomically(folder / CONFIG, config.to_bytes())
        tell(f"{component}: {len(train)} texts of {tokens} tokens")
        best = run_training(folder, settings.device, tell, progress)
        if component in _THRESHOLDED:
            threshold = _set_threshold(best, component, dataset.dev)
            tell(f"threshold {threshold:.3f}, chosen on dev")

    def open(self, folder: Path) -> Predictor:
        """Return the pipeline that :meth:`fit` left.

        Raises:
            GongkaiError: ``model.unavailable`` where there is none, ``model.incompatible`` where spaCy cannot read it
                or it has no component of ours.
        """
        return SpacyPredictor(load_pipeline(folder / DIR_MODEL_BEST))


def choose_component(settings: SpacyTraining, dataset: Dataset) -> str:
    """Return the name of the spaCy component that learns a data set."""
    if dataset.task == "multi_class":
        return "textcat"
    if dataset.task == "multi_label":
        return "textcat_multilabel"
    if settings.spans == "auto":
        return "spancat" if overlapping(dataset.train) else "ner"
    return settings.spans


class SpacyPredictor:
    """Says what a trained pipeline says of texts.

    Args:
        nlp: a pipeline with one of the components that the family trains.

    Raises:
        GongkaiError: ``model.incompatible`` where it has none of them.
    """

    def __init__(self, nlp: Language):
        found = [name for name in nlp.pipe_names if name in _CHARACTERS]
        if not found:
            raise GongkaiError("model.incompatible", f"The pipeline has none of {', '.join(_CHARACTERS)}.")
        self.nlp = nlp
        self.component = found[-1]
        self._pipe: Any = nlp.get_pipe(self.component)

    def predict(self, items: Sequence[Item]) -> list[Prediction]:
        """Return a prediction for each text, in order."""
        texts = [item.text for item in items]
        if self.component in ("ner", "spancat"):
            return [Prediction(spans=tuple(sorted(span for _, span in scored))) for scored in self.scored_spans(texts)]
        # spaCy's classifiers cannot make anything of a text without tokens.
        return list(self._run((text or " " for text in texts), self._labels))

    def scored_spans(self, texts: Sequence[str]) -> list[list[tuple[float, Span]]]:
        """Return the spans of each text with their scores; ``ner`` gives every span 1."""
        places = [(k, start, end) for k, text in enumerate(texts) for start, end in pieces(text)]
        found: list[list[tuple[float, Span]]] = [[] for _ in texts]
        read = self._run((texts[k][start:end] for k, start, end in places), self._spans)
        for (k, start, _), scored in zip(places, read, strict=True):
            found[k] += [(score, Span(start + x.start, start + x.end, x.label)) for score, x in apart(scored)]
        return found

    def _run(self, texts: Iterable[str], read: Callable[[Doc], T]) -> Iterator[T]:
        for batch in _batches(texts, _CHARACTERS[self.component]):
            self.nlp.max_length = max(self.nlp.max_length, *map(len, batch))
            with self.nlp.memory_zone():  # what was read outlives the zone, Docs do not
                out = [read(doc) for doc in self.nlp.pipe(batch, batch_size=len(batch))]
            yield from out

    def _labels(self, doc: Doc) -> Prediction:
        scores = {label: doc.cats[label] for label in self._pipe.labels}
        if self.component == "textcat":
            return Prediction(scores, (max(scores, key=lambda label: scores[label]),))
        threshold = self._pipe.cfg["threshold"]
        kept = sorted((label for label in scores if scores[label] >= threshold), key=lambda label: -scores[label])
        return Prediction(scores, tuple(kept))

    def _spans(self, doc: Doc) -> list[tuple[float, Span]]:
        if self.component == "ner":
            return [(1.0, Span(ent.start_char, ent.end_char, ent.label_)) for ent in doc.ents]
        group = doc.spans[self._pipe.key]
        return [
            (float(score), Span(span.start_char, span.end_char, span.label_))
            for span, score in zip(group, group.attrs.get("scores", ()), strict=True)
        ]


def _batches(texts: Iterable[str], most: int) -> Iterator[list[str]]:
    """Yield the texts in groups of at most so many characters; a longer text is a group of its own."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > most:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text) + 1
    if batch:
        yield batch


def _set_threshold(best: Path, component: str, dev: Sequence[Item]) -> float:
    """Write the threshold that gives the best micro-F1 on dev into a saved pipeline, and return it."""
    nlp = load_pipeline(best)
    pipe: Any = nlp.get_pipe(component)
    pipe.cfg["threshold"] = _LEAST
    predictor = SpacyPredictor(nlp)
    scored: list[tuple[float, bool]] = []
    if component == "spancat":
        truth = sum(len(set(item.spans)) for item in dev)
        for item, found in zip(dev, predictor.scored_spans([item.text for item in dev]), strict=True):
            gold = set(item.spans)
            scored += [(score, span in gold) for score, span in found]
    else:
        truth = sum(len(item.labels) for item in dev)
        for item, prediction in zip(dev, predictor.predict(dev), strict=True):
            scored += [(score, label in item.labels) for label, score in prediction.scores.items()]
    pipe.cfg["threshold"] = best_threshold(scored, truth)
    pipe.to_disk(best / component, exclude=["vocab"])
    edit_config(best, ("components", component), {"threshold": pipe.cfg["threshold"]})
    return pipe.cfg["threshold"]


def best_threshold(scored: Iterable[tuple[float, bool]], truth: int) -> float:
    """Return the threshold with the best micro-F1, 0.5 where no threshold finds anything.

    Args:
        scored: score of everything that could be kept, and whether it is right.
        truth: how many right ones there are, found or not.
    """
    ranked = sorted(scored, key=lambda pair: -pair[0])
    best, threshold, right = 0.0, 0.5, 0
    for rank, (score, is_right) in enumerate(ranked, 1):
        right += is_right
        after = ranked[rank][0] if rank < len(ranked) else 0.0
        f1 = 2 * right / (rank + truth)
        if after < score and f1 > best:
            best, threshold = f1, (score + after) / 2
    return round(threshold, 4)
