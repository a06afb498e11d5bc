"""From reports to a batch for a labelling tool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from gongkai.corpora.convert.doccano import label_types, to_doccano
from gongkai.corpora.convert.label_studio import labelling_interface, to_label_studio
from gongkai.corpora.store import Corpus
from gongkai.models.engines import open_tagger
from gongkai.models.store import scheme_labels
from gongkai.pipeline.api import annotate
from gongkai.pipeline.config import Config
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.writing import make_folder, write_atomically
from gongkai.training.labelling.candidates import candidates, sentence_texts
from gongkai.training.labelling.held_out import HeldOut
from gongkai.training.labelling.ledger import Entry, Ledger
from gongkai.training.labelling.selection import Chosen, Policy, Pool, choose
from gongkai.training.labelling.strategies import Floats

Tool = Literal["label-studio", "doccano"]
Failed = Callable[[str, GongkaiError], None]

# Every label's probability is wanted, so all that are not kept come as candidates; joined segments are no sentences.
NEEDED_SETTINGS = ("tagging.candidates=0.0", "segments.merge=false")


@dataclass(frozen=True, slots=True)
class Batch:
    """What an export came to.

    Attributes:
        path: the file for the tool; None if there was nothing left to choose.
        number: of the batch.
        chosen: what is in it.
        reports, failed: how many reports were read, and could not be.
        paragraphs: how many were found.
        given_out: how many of them were given out earlier, or repeat one another to the letter.
    """

    path: Path | None
    number: int
    chosen: Chosen
    reports: int
    failed: int
    paragraphs: int
    given_out: int


def thresholds(config: Config) -> Floats | None:
    """Return the probability from which an engine keeps each label of the scheme, or ``None`` for the rules.

    Args:
        config: names the engine or the model.

    Raises:
        GongkaiError: as :func:`gongkai.models.engines.open_tagger`.
    """
    model = open_tagger(config.engine, config.model)
    if model is None:
        return None
    known = dict(zip(model.labels, model.config["decisions"]["thresholds"], strict=True))
    # A label that the model does not know is never close to being kept.
    return np.maximum([known.get(label, 1.0) for label in scheme_labels()], config.tagging.min_score)


def export(
    paths: Iterable[str],
    config: Config,
    policy: Policy,
    ledger: Ledger,
    tool: Tool,
    corpora: Sequence[Corpus],
    failed: Failed,
) -> Batch:
    """Choose what to label next and write it for a tool.

    The batch is written before the ledger: if the process ends in between, the same batch is made again.

    Args:
        paths: the reports.
        config: of the run, with ``NEEDED_SETTINGS``.
        policy: how to choose.
        ledger: of the project; the batch is written beside it.
        tool: whose form the batch takes.
        corpora: the first holds what is labelled already (train), all hold what is held out (dev, test).
        failed: is told each report that could not be read.

    Raises:
        GongkaiError: ``output.unwritable``; ``model.*`` where the engine's model cannot be used.
    """
    pool = Pool(policy, ledger.keys)
    labels = scheme_labels()
    read = lost = 0
    for path in paths:
        try:
            report = annotate(path, config=config)
        except GongkaiError as error:
            if error.code.startswith("model."):
                raise
            failed(path, error)
            lost += 1
            continue
        read += 1
        for candidate in candidates(report, labels):
            pool.add(candidate)
    labelled = list(dict.fromkeys(t for c in corpora[:1] for p in c.paragraphs["train"] for t in sentence_texts(p)))
    chosen = choose(pool, labelled, HeldOut(corpora))
    number = ledger.next_batch
    written = _write(chosen, policy, ledger.folder, tool, number) if chosen.items else None
    if written is not None:
        ledger.add(
            Entry(
                key=candidate.key,
                report=candidate.paragraph.report,
                paragraph=candidate.paragraph.paragraph,
                sentences=len(candidate.paragraph.sentences),
                batch=number,
                strategy=policy.strategy,
                score=round(score, 6),
                model=candidate.model,
            )
            for score, candidate in chosen.items
        )
    return Batch(written, number, chosen, read, lost, pool.seen, pool.repeated)


def _write(chosen: Chosen, policy: Policy, project: Path, tool: Tool, number: int) -> Path:
    make_folder(project)
    paragraphs = [candidate.paragraph for _, candidate in chosen.items]
    guesses = [
        guess
        for score, candidate in chosen.items
        for guess in candidate.guesses(
            {
                "batch": number,
                "strategy": policy.strategy,
                "strategy_score": round(score, 6),
                "sentences": len(candidate.paragraph.sentences),
            }
        )
    ]
    if tool == "label-studio":
        write_atomically(project / "interface.xml", labelling_interface().encode())
        path = project / f"batch-{number:03}.json"
        write_atomically(path, to_label_studio(paragraphs, "predictions", guesses).encode())
        return path
    for kind, types in label_types().items():
        write_atomically(project / f"{kind}-types.json", types.encode())
    path = project / f"batch-{number:03}.jsonl"
    write_atomically(path, to_doccano(paragraphs, guesses).encode())
    return path
