"""The mixed corpus of the batch benchmarks: synthetic reports in all formats, some of them damaged in every known way.

Made once and kept in ``build/bench``; made anew when the generator has changed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import gongkai.corpora.synthetic as generator
from gongkai.corpora.synthetic.corrupt import CORRUPTIONS
from gongkai.corpora.synthetic.write import write_corpus

BUILD = Path(__file__).resolve().parents[2] / "build" / "bench"
# Offices publish web pages first of all; what is collected by hand or by mail is text, what is printed is PDF.
FORMATS = ("html", "txt", "html", "pdf", "txt", "html", "docx", "txt", "html", "pdf")
CORRUPT_SHARE = 0.02
SEED = 3


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of reports.

    Attributes:
        folder: holds nothing but the reports.
        paths: of the reports, in the order of their names.
        corrupt: the kind of damage by path.
    """

    folder: Path
    paths: list[Path]
    corrupt: dict[Path, str]

    def sound(self, *suffixes: str) -> list[Path]:
        """Return the undamaged reports of some formats."""
        return [path for path in self.paths if path.suffix in suffixes and path not in self.corrupt]


def mixed_corpus(number: int) -> Corpus:
    """Return a corpus of that many reports; a small one has more damaged files, so that it has every kind."""
    share = CORRUPT_SHARE if number >= 1000 else 0.3
    made_by = {"number": number, "seed": SEED, "corrupt_share": share, "formats": FORMATS, "generator": _generator()}
    root = BUILD / f"mixed-{number}"
    mark = root / "corpus.json"
    if not mark.exists() or json.loads(mark.read_text()) != json.loads(json.dumps(made_by)):
        shutil.rmtree(root, ignore_errors=True)
        _write(root, number, share)
        mark.write_text(json.dumps(made_by))  # last, so that half a corpus is not taken for a whole one
    reports = root / "reports"
    paths = sorted(reports.iterdir())
    truths = {path: json.loads((root / "truth" / f"{path.name}.truth.json").read_text()) for path in paths}
    return Corpus(reports, paths, {path: truth["corrupt"] for path, truth in truths.items() if "corrupt" in truth})


def _write(root: Path, number: int, share: float) -> None:
    reports, truths = root / "reports", root / "truth"
    truths.mkdir(parents=True)
    kinds: Counter[str] = Counter()
    for path in write_corpus(reports, number, SEED, FORMATS, corrupt_share=share):
        truth = path.with_name(f"{path.name}.truth.json")
        kinds[json.loads(truth.read_text()).get("corrupt", "")] += 1
        truth.rename(truths / truth.name)
    lacking = CORRUPTIONS.keys() - kinds.keys()
    if lacking:
        raise SystemExit(f"no file of {number} is damaged as {', '.join(sorted(lacking))}; take another seed")


def _generator() -> str:
    """Return a hash of the generator's code and vocabulary."""
    digest = hashlib.sha256()
    for source in sorted(Path(path) for root in generator.__path__ for path in Path(root).glob("*.*")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def text_of(path: Path) -> str:
    """Return what a text report holds."""
    data = path.read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
