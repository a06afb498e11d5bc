"""What must not become training data: sentences and authorities of dev and test splits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gongkai.corpora.duplicates import near_duplicates
from gongkai.corpora.store import Corpus, Split
from gongkai.pipeline.structure.headings import is_standalone_heading

HELD_OUT: tuple[Split, ...] = ("dev", "test")


class HeldOut:
    """The dev and test splits of corpora.

    Args:
        corpora: the shipped one and that which is imported into.
    """

    def __init__(self, corpora: Iterable[Corpus]) -> None:
        found: dict[str, str] = {}
        self._authorities: dict[str, str] = {}
        self._reports: dict[str, str] = {}
        for corpus in corpora:
            for split in HELD_OUT:
                for paragraph in corpus.paragraphs[split]:
                    for sentence in paragraph.sentences:
                        # Stock formulas may stand in every report, as for `gongkai corpus validate`.
                        if not sentence.template:
                            found[paragraph.text[sentence.start : sentence.end]] = f"{paragraph.id} ({split})"
            for report in corpus.reports:
                if report.split in HELD_OUT:
                    self._authorities[report.authority] = report.split
                    self._reports[report.id] = report.split
        self._texts = list(found)
        self._owners = list(found.values())

    def of_report(self, report: str, authority: str) -> str | None:
        """Return why nothing of a report may be used, or ``None``."""
        if report in self._reports:
            return f"the report stands in {self._reports[report]}"
        if authority in self._authorities:
            return f"{authority} stands in {self._authorities[authority]}"
        return None

    def copies(self, texts: Sequence[str]) -> dict[int, str]:
        """Return which sentences are held out.

        Args:
            texts: sentences.

        Returns:
            By index, what the sentence nearly repeats.
        """
        repeated: dict[int, str] = {}
        known = len(self._texts)
        for i, j, overlap in near_duplicates([*self._texts, *texts]):
            if i < known <= j and not is_standalone_heading(texts[j - known].rstrip("。"), set_off=False):
                repeated[j - known] = f"{overlap:.2f} like {self._owners[i]}: {self._texts[i]}"
        return repeated
