"""The CRF family: tags characters with a conditional random field, kept in CRFsuite's own format and JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pycrfsuite

from gongkai.pipeline.writing import write_atomically
from gongkai.training.families.base import Prediction, Progress, Tell
from gongkai.training.families.crf_config import CrfTraining, template
from gongkai.training.families.crf_features import CharacterFeatures
from gongkai.training.tasks.conll import tag_spans
from gongkai.training.tasks.dataset import Dataset, Item, Span
from gongkai.training.tasks.records import read_lines

MODEL = "crf.json"
# Two labels whose spans overlap in a smaller share of the rarer one's are tagged in one layer all the same.
_SELDOM = 0.01
_TOLD_EVERY = 10


class CrfModel:
    """A trained model: one CRF a layer of labels.

    Args:
        folder: where it lies.
    """

    def __init__(self, folder: Path):
        held = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        self._features = CharacterFeatures(held["features"], held["types"], held["words"], held["lexicon"])
        self._taggers = []
        for name in held["layers"]:
            tagger = pycrfsuite.Tagger()
            tagger.open(str(folder / name))
            self._taggers.append(tagger)

    def predict(self, items: Sequence[Item]) -> list[Prediction]:
        """Return a prediction for each text, in order; its spans of all layers together."""
        return [Prediction(spans=self._spans(item.text)) for item in items]

    def _spans(self, text: str) -> tuple[Span, ...]:
        if not text:
            return ()
        seen = pycrfsuite.ItemSequence(self._features(text))
        found = [
            Span(start, end, label)
            for tagger in self._taggers
            for start, end, label in tag_spans(tagger.tag(seen), lambda: None)
        ]
        return tuple(sorted(found))


class CrfFamily:
    """Learns a :class:`CrfModel`."""

    def fit(
        self, settings: CrfTraining, dataset: Dataset, folder: Path, seed: int, tell: Tell, progress: Progress
    ) -> None:
        """Learn the train split; see :class:`gongkai.training.families.base.Family`.

        A tag sequence holds no two spans over one character. Where spans of different labels overlap in train, the
        labels are shared out to layers, each with a CRF of its own; of overlapping spans in one layer the longer is
        learnt. Both are told.
        """
        lexicon = {} if settings.lexicon is None else _read_lexicon(Path(settings.lexicon), settings.data.encoding)
        features = CharacterFeatures(settings.features, template()["types"], settings.words, lexicon)
        layers = label_layers(dataset.labels, dataset.train)
        if len(layers) > 1:
            tell(
                f"labels overlap in train and are tagged in {len(layers)} layers: {' | '.join(map(', '.join, layers))}"
            )
        names = [f"layer-{number}.crfsuite" for number in range(1, len(layers) + 1)]
        steps = 0
        for name, labels in zip(names, layers, strict=True):
            trainer = _Trainer(settings, progress, tell, steps)
            dropped = 0
            for item in dataset.train:
                spans, lost = _flat(item.spans, labels)
                dropped += lost
                trainer.append(
                    pycrfsuite.ItemSequence(features(item.text)), _tags(len(item.text), spans, settings.scheme)
                )
            if dropped:
                tell(f"{dropped} spans of train overlap a longer one in their layer and are not learnt")
            # A half-written model must not lie under the name of a whole one.
            unfinished = folder / f".{name}.tmp"
            trainer.train(str(unfinished))
            unfinished.replace(folder / name)
            steps = trainer.steps
        held = {
            "labels": dataset.labels,
            "layers": names,
            "layer_labels": layers,
            "features": settings.model_dump(mode="json")["features"],
            "types": template()["types"],
            "words": settings.words,
            "lexicon": lexicon,
        }
        write_atomically(folder / MODEL, json.dumps(held, ensure_ascii=False).encode())

    def open(self, folder: Path) -> CrfModel:
        """Return the model that :meth:`fit` left in a folder."""
        return CrfModel(folder)


class _Trainer(pycrfsuite.Trainer):
    """CRFsuite's trainer, which hands on what it logs after every pass."""

    def __init__(self, settings: CrfTraining, progress: Progress, tell: Tell, steps: int):
        super().__init__(verbose=False)
        self.steps = steps
        self._progress, self._tell = progress, tell
        self.select("lbfgs", "crf1d")
        self.set_params(
            {
                "c1": settings.c1,
                "c2": settings.c2,
                "max_iterations": settings.max_iterations,
                "feature.minfreq": settings.min_count,
                "feature.possible_transitions": True,
            }
        )

    def message(self, message: str) -> None:
        """Read a line of CRFsuite's log."""
        if self.logparser.feed(message) == "iteration":
            self._passed(self.logparser.last_iteration)

    def _passed(self, figures: Mapping[str, Any]) -> None:
        self.steps += 1
        self._progress({"step": self.steps, "train_loss": float(figures["loss"])})
        if figures["num"] % _TOLD_EVERY == 0:
            self._tell(f"pass {figures['num']}: loss {figures['loss']:.1f}")


def label_layers(labels: Sequence[str], items: Iterable[Item]) -> list[list[str]]:
    """Share labels out to layers in which spans seldom overlap.

    Args:
        labels: in their order; each goes into the first layer that it fits.
        items: with the spans that may overlap.
    """
    spans: Counter[str] = Counter()
    overlaps: Counter[frozenset[str]] = Counter()
    for item in items:
        spans.update(span.label for span in item.spans)
        overlaps.update(
            frozenset((a.label, b.label))
            for a, b in combinations(item.spans, 2)
            if a.label != b.label and a.start < b.end and b.start < a.end
        )
    layers: list[list[str]] = []
    for label in labels:
        for layer in layers:
            if all(overlaps[frozenset((label, x))] <= _SELDOM * min(spans[label], spans[x]) for x in layer):
                layer.append(label)
                break
        else:
            layers.append([label])
    return layers


def _flat(spans: Iterable[Span], labels: Sequence[str]) -> tuple[list[Span], int]:
    """Return the spans of a layer without overlaps, longer ones first served, and how many were left out."""
    own = [span for span in spans if span.label in labels]
    kept: list[Span] = []
    for span in sorted(own, key=lambda s: (s.start - s.end, s)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return kept, len(own) - len(kept)


def _tags(length: int, spans: Iterable[Span], scheme: str) -> list[str]:
    tags = ["O"] * length
    for span in spans:
        inside = span.end - span.start
        places = ["B", *["I"] * (inside - 1)]
        if scheme == "bioes":
            places = ["S"] if inside == 1 else [*places[:-1], "E"]
        tags[span.start : span.end] = [f"{place}-{span.label}" for place in places]
    return tags


def _read_lexicon(path: Path, encoding: str) -> dict[str, str]:
    entries = (line.partition("\t") for _, line in read_lines(path, encoding) if line.strip())
    return {phrase.strip(): kind.strip() or "phrase" for phrase, _, kind in entries}
