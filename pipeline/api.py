"""The Python interface: a report file in, a :class:`~gongkai.pipeline.schema.Report` out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.pipeline.config import Config, load_config
from gongkai.pipeline.document import Outline, SourceDocument
from gongkai.pipeline.readers import read
from gongkai.pipeline.schema import Report
from gongkai.pipeline.structure.build import build_outline
from gongkai.pipeline.summary import assemble, narrative_from_doc, narrative_from_outline
from gongkai.pipeline.tables.locate import locate
from gongkai.pipeline.tables.read import TablesResult, read_tables

if TYPE_CHECKING:
    from spacy.language import Language


def load(config: Config | None = None) -> Language:
    """Build the spaCy pipeline that annotates narrative text.

    Args:
        config: settings of a run; the shipped defaults if left out.

    Returns:
        A blank ``zh`` pipeline with the components of :mod:`gongkai.pipeline.components`. ``nlp(text)`` takes the
        narrative as plain text, one paragraph a line; use :func:`annotate` for files.
    """
    import spacy

    config = config or load_config()
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "gongkai.CharacterTokenizer.v1"}}})
    nlp.max_length = config.limits.max_bytes  # spaCy's own bound would meet a long report as a defect
    engine = {"engine": config.engine, "model": config.model, "threads": config.threads}
    components: dict[str, dict[str, Any]] = {
        "gongkai_paragraphs": {},
        "gongkai_segmenter": {},
        "gongkai_tagger": engine | config.tagging.model_dump(),
        "gongkai_metrics": engine | config.metrics.model_dump(),
        "gongkai_entities": {},
    }
    if config.segments.merge:
        components["gongkai_merger"] = {}
    for name, settings in components.items():
        nlp.add_pipe(name, config=settings)
    return nlp


@lru_cache(maxsize=2)
def _pipeline(config: Config) -> Language:
    """Keep the pipeline of the last configurations, so that ``annotate`` in a loop loads once."""
    return load(config)


def annotate(path: str | Path, *, config: Config | None = None, nlp: Language | None = None) -> Report:
    """Read one report and annotate it whole.

    Args:
        path: a .txt, .md, .html, .docx or .pdf file; ``"-"`` reads standard input.
        config: settings of a run; the shipped defaults if left out.
        nlp: a pipeline from :func:`load` to use instead of the one for ``config``.

    Returns:
        The summary of the report.

    Raises:
        GongkaiError: the input cannot be read; the codes are listed in ``error_codes.yaml``.
    """
    from gongkai.pipeline.components import doc_from_outline

    config = config or load_config()
    document, outline, tables = _read(path, config)
    nlp = nlp or _pipeline(config)
    doc = doc_from_outline(nlp, outline)
    for _, component in nlp.pipeline:
        doc = component(doc)
    tagger: Any = nlp.get_pipe("gongkai_tagger")
    metrics: Any = nlp.get_pipe("gongkai_metrics")
    entities: Any = nlp.get_pipe("gongkai_entities")
    models = {"tagger": tagger.tagger.name, "metrics": metrics.extractor.name, "entities": entities.finder.name}
    return assemble(document, outline, tables, narrative_from_doc(doc, outline), config, models)


def check_tables(path: str | Path, *, config: Config | None = None) -> Report:
    """Read one report's tables and check them, also against the counts that the narrative tells.

    Quicker than :func:`annotate`, and without labels and metrics.

    Args:
        path: as for :func:`annotate`.
        config: as for :func:`annotate`.

    Raises:
        GongkaiError: as for :func:`annotate`.
    """
    config = config or load_config()
    document, outline, tables = _read(path, config)
    return assemble(document, outline, tables, narrative_from_outline(outline), config, {})


def _read(path: str | Path, config: Config) -> tuple[SourceDocument, Outline, TablesResult]:
    document = read(path, config.limits)
    document.blocks = locate(document.blocks)
    outline = build_outline(document)
    return document, outline, read_tables(outline)
