"""The engines: which models label segments and extract metrics, by one name.

* ``accurate``: a transformer encoder that does both in one pass;
* ``fast``: a linear tagger and a small convolutional network;
* ``rules``: phrase lists and linking rules, no trained model.

A model of one's own takes the place of an engine's: one network that does both, a linear tagger and a network side by
side, or a linear tagger alone, which leaves the metrics to the shipped network of ``fast``.

Entities are found by rules in every engine: they do better than the networks' tags, see ``docs/training.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.models.installed import locate
from gongkai.models.store import CONFIG, LINEAR, NETWORK, ModelFolder, open_folder, read_config, shipped
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.metrics.base import MetricExtractor
from gongkai.pipeline.tagging.base import Tagger

if TYPE_CHECKING:
    from gongkai.models.neural.analysis import Analyser

# The folders an engine's models stand in, below the shipped weights; the two of ``fast`` also below a folder of one's
# own.
ACCURATE, FAST_TAGGER, FAST_METRICS = "accurate", "fast-tagger", "fast-metrics"


@dataclass(frozen=True, slots=True)
class Parts:
    """The folders of the models at work.

    Attributes:
        tagger: of the model that labels segments; None for the rules.
        metrics: of the model that extracts metrics; None for the rules.
    """

    tagger: Path | None
    metrics: Path | None


def parts(engine: str | None, model: str | None) -> Parts:
    """Return which models are at work.

    Args:
        engine: ``accurate``, ``fast`` or ``rules``; not looked at where a model is named.
        model: an installed model's name, or a folder; None for what is shipped for the engine.

    Raises:
        GongkaiError: ``model.unavailable`` where there is no such model, ``model.incompatible`` where it is none for
            reports or cannot be used by this version.
    """
    if model is None:
        names = {"accurate": (ACCURATE, ACCURATE), "fast": (FAST_TAGGER, FAST_METRICS)}.get(engine or "")
        return Parts(shipped(names[0]), shipped(names[1])) if names else Parts(None, None)
    folder = locate(model)
    pair = [folder / name for name in (FAST_TAGGER, FAST_METRICS)]
    if not (folder / CONFIG).is_file() and all((part / CONFIG).is_file() for part in pair):
        return Parts(*pair)
    config = read_config(folder)
    if config["family"] == LINEAR:
        return Parts(folder, shipped(FAST_METRICS))
    if config["family"] != NETWORK:
        raise GongkaiError("model.incompatible", f"{folder} is a {config['family']} model, and none for reports.")
    if not config["labels"]:
        raise GongkaiError(
            "model.incompatible",
            f"{folder} finds metrics and gives no labels; put it beside a tagger, as {FAST_METRICS}/ and "
            f"{FAST_TAGGER}/ in one folder, and name that folder.",
        )
    return Parts(folder, folder)


def folders(engine: str | None, model: str | None) -> list[Path]:
    """Return the folder of each model at work once; arguments and errors as for :func:`parts`."""
    chosen = parts(engine, model)
    return list(dict.fromkeys(folder for folder in (chosen.tagger, chosen.metrics) if folder is not None))


def open_tagger(engine: str | None, model: str | None) -> ModelFolder | None:
    """Return the model that labels segments, its files checked, or None for the rules.

    Arguments and errors as for :func:`parts`, and those of :func:`gongkai.models.store.open_folder`.
    """
    folder = parts(engine, model).tagger
    return None if folder is None else open_folder(folder, read_config(folder)["family"])


def make_tagger(
    engine: str | None, model: str | None, threads: int, min_score: float, candidates: float | None
) -> Tagger:
    """Return the tagger at work.

    Args:
        engine, model: see :func:`parts`.
        threads: of a run; 0 takes all cores.
        min_score, candidates: see :class:`gongkai.models.decisions.Decisions`.

    Raises:
        GongkaiError: ``model.unavailable`` or ``model.incompatible``, see :func:`gongkai.models.store.open_folder`.
    """
    folder = parts(engine, model).tagger
    if folder is None:
        from gongkai.pipeline.tagging.phrases import PhraseTagger

        return PhraseTagger(min_score=max(min_score, PhraseTagger.sure))
    if read_config(folder)["family"] == LINEAR:
        from gongkai.models.linear import LinearTagger

        return LinearTagger(open_folder(folder, LINEAR), min_score, candidates)
    from gongkai.models.decisions import from_json
    from gongkai.models.neural.tagger import NetworkTagger

    found, analyser = _network(folder, threads)
    return NetworkTagger(
        analyser, from_json(found.labels, found.config["decisions"]), found.name, min_score, candidates
    )


def make_extractor(engine: str | None, model: str | None, threads: int) -> MetricExtractor:
    """Return the metric extractor at work; arguments and errors as for :func:`make_tagger`."""
    folder = parts(engine, model).metrics
    if folder is None:
        from gongkai.pipeline.metrics.rules import RuleExtractor

        return RuleExtractor()
    from gongkai.models.neural.extractor import Cuts, NetworkExtractor

    found, analyser = _network(folder, threads)
    return NetworkExtractor(analyser, Cuts(**found.config["cuts"]), found.name)


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
