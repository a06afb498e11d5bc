"""``python -m gongkai.corpora.synthetic OUT -n 40`` writes a corpus; ``… samples`` renders the bundled samples."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from gongkai.corpora.synthetic.render import FORMATS
from gongkai.corpora.synthetic.samples import write_samples
from gongkai.corpora.synthetic.write import write_corpus


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m gongkai.corpora.synthetic", description=__doc__)
    parser.add_argument(
        "out", help="folder to write into, or the word samples to render the bundled samples from their sources"
    )
    parser.add_argument("-n", type=int, default=40, help="number of reports (default 40)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--corrupt", type=float, default=0.0, help="share of damaged files, 0 to 1")
    parser.add_argument("--inconsistent", type=float, default=0.0, help="share whose narrative contradicts a table")
    options = parser.parse_args(argv)
    if options.out == "samples":
        write_samples()
    else:
        write_corpus(options.out, options.n, options.seed, options.formats, options.corrupt, options.inconsistent)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
