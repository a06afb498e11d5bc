"""Where the corpus lies, and how its written form becomes the JSONL that models read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from gongkai.corpora.markup import parse
from gongkai.corpora.records import CorpusParagraph, CorpusReport, Split, dump, read_paragraphs, read_reports

SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(slots=True)
class Corpus:
    """A whole corpus in memory: its reports and, by split, its paragraphs in reading order."""

    reports: list[CorpusReport]
    paragraphs: dict[Split, list[CorpusParagraph]]

    def all_paragraphs(self) -> list[CorpusParagraph]:
        """Return the paragraphs of all splits, train first."""
        return [p for split in SPLITS for p in self.paragraphs.get(split, [])]


def default_folder() -> Path:
    """Return the folder of the corpus in a checkout.

    Raises:
        FileNotFoundError: Gongkai was installed without its checkout; the corpus is not part of the wheel.
    """
    folder = Path(__file__).parent / "disclosure"
    if not folder.is_dir():
        raise FileNotFoundError(
            f"no corpus at {folder}: it comes with a checkout of the repository, not with the wheel"
        )
    return folder


def read_sources(folder: Path) -> Corpus:
    """Compile the written form of a corpus.

    Args:
        folder: holds ``sources/SPLIT/ID.txt``.

    Raises:
        FileNotFoundError: there are no sources.
        MarkupError: a source does not follow the markup.
    """
    if not any((folder / "sources").glob("*/*.txt")):
        raise FileNotFoundError(f"no sources at {folder / 'sources'}/SPLIT/ID.txt")
    corpus = Corpus([], {split: [] for split in SPLITS})
    for split in SPLITS:
        for path in sorted((folder / "sources" / split).glob("*.txt")):
            report, paragraphs = parse(path.read_text(encoding="utf-8"), path.stem, split)
            corpus.reports.append(report)
            corpus.paragraphs[split].extend(paragraphs)
    return corpus


def files_of(corpus: Corpus) -> dict[str, str]:
    """Return the compiled files of a corpus: name and content."""
    files = {f"{split}.jsonl": dump(corpus.paragraphs[split]) for split in SPLITS}
    return {"reports.jsonl": dump(corpus.reports), **files}


def read_corpus(folder: Path) -> Corpus:
    """Read a compiled corpus.

    Args:
        folder: holds ``reports.jsonl`` and ``train.jsonl``, ``dev.jsonl``, ``test.jsonl``.
    """
    paragraphs = {split: list(read_paragraphs(folder / f"{split}.jsonl")) for split in SPLITS}
    return Corpus(read_reports(folder / "reports.jsonl"), paragraphs)
