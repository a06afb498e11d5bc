"""The engines: which models label segments and extract metrics, by one name.

* ``accurate``: a transformer encoder that does both in one pass;
* ``fast``: a linear tagger and a small convolutional network;
* ``rules``: phrase lists and linking rules, no trained model.

Entities are found by rules in every engine: they do better than the networks' tags, see ``docs/training.md``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.models.store import ModelFolder, open_folder, shipped
from gongkai.pipeline.metrics.base import MetricExtractor
from gongkai.pipeline.tagging.base import Tagger

if TYPE_CHECKING:
    from gongkai.models.neural.analysis import Analyser

NETWORK, LINEAR = "network", "linear"
# The folders an engine's models stand in, below the shipped weights or a folder of one's own.
ACCURATE, FAST_TAGGER, FAST_METRICS = "accurate", "fast-tagger", "fast-metrics"


def make_tagger(engine: str, weights: str | None, threads: int, min_score: float, candidates: float | None) -> Tagger:
    """Return the tagger of an engine.

    Args:
        engine: ``accurate``, ``fast`` or ``rules``.
        weights: folder that holds the engine's models; None for the shipped ones.
        threads: of a run; 0 takes all cores.
        min_score, candidates: see :class:`gongkai.models.decisions.Decisions`.

    Raises:
        GongkaiError: ``model.unavailable`` or ``model.incompatible``, see :func:`gongkai.models.store.open_folder`.
    """
    if engine == "accurate":
        from gongkai.models.decisions import from_json
        from gongkai.models.neural.tagger import NetworkTagger

        model, analyser = _network(_folder(weights, ACCURATE), threads)
        decisions = from_json(model.labels, model.config["decisions"])
        return NetworkTagger(analyser, decisions, model.name, min_score, candidates)
    if engine == "fast":
        from gongkai.models.linear import LinearTagger

        return LinearTagger(open_folder(_folder(weights, FAST_TAGGER), LINEAR), min_score, candidates)
    from gongkai.pipeline.tagging.phrases import PhraseTagger

    return PhraseTagger(min_score=max(min_score, PhraseTagger.sure))


def make_extractor(engine: str, weights: str | None, threads: int) -> MetricExtractor:
    """Return the metric extractor of an engine; arguments and errors as for :func:`make_tagger`."""
    if engine == "rules":
        from gongkai.pipeline.metrics.rules import RuleExtractor

        return RuleExtractor()
    from gongkai.models.neural.extractor import Cuts, NetworkExtractor

    folder = _folder(weights, ACCURATE if engine == "accurate" else FAST_METRICS)
    model, analyser = _network(folder, threads)
    return NetworkExtractor(analyser, Cuts(**model.config["cuts"]), model.name)


def _folder(weights: str | None, name: str) -> Path:
    return Path(weights) / name if weights else shipped(name)


@lru_cache(maxsize=2)
def _network(folder: Path, threads: int) -> tuple[ModelFolder, Analyser]:
    """Load a network once for the components that share it, so that it also runs once."""
    model = open_folder(folder, NETWORK)
    return model, open_network(model, threads)


def open_network(model: ModelFolder, threads: int) -> Analyser:
    """Return a network ready to run.

    Args:
        model: a folder of family ``network``.
        threads: of a run; 0 takes all cores.
    """
    from gongkai.models.neural.analysis import Analyser
    from gongkai.models.neural.batches import Encoder
    from gongkai.models.neural.runtime import Network

    tokenizer = None
    if model.config["reads_tokens"]:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(model.path("tokenizer.json")))
    network = Network(model.path("network.onnx"), tokenizer is not None, threads=threads)
    return Analyser(network, Encoder(tokenizer), len(model.labels))
