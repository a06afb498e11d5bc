"""What a training ran on: the code, the libraries in use, the device."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel

import gongkai.pipeline

# Modules whose versions decide what a training gives, and the distributions that they come from.
_LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "pycrfsuite": "python-crfsuite",
    "sklearn_crfsuite": "sklearn-crfsuite",
    "spacy": "spacy",
    "thinc": "thinc",
    "torch": "torch",
    "transformers": "transformers",
    "tokenizers": "tokenizers",
    "onnxruntime": "onnxruntime",
}


class Code(BaseModel):
    """The code that trained.

    Attributes:
        version: of the package.
        commit: of the git checkout that it was run from; None for an installed package.
        changed: whether files of the checkout differed from that commit.
    """

    version: str
    commit: str | None = None
    changed: bool = False


@cache
def code() -> Code:
    """Return the code that runs."""
    own = Path(gongkai.pipeline.__file__).resolve()
    told = Code(version=version("gongkai"))
    # A package installed inside somebody's own checkout is not tracked there, and that commit says nothing of it.
    if _git(own.parent, "ls-files", "--error-unmatch", own.name) is None:
        return told
    told.commit = (_git(own.parent, "rev-parse", "HEAD") or "").strip() or None
    told.changed = bool(_git(own.parent, "status", "--porcelain", "--untracked-files=no", "--", ":/*.py", ":/*.yaml"))
    return told


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def libraries() -> dict[str, str]:
    """Return the versions of Python and of the libraries that were imported."""
    found = {"python": platform.python_version()}
    for module, distribution in _LIBRARIES.items():
        if module in sys.modules:
            try:
                found[distribution] = version(distribution)
            except PackageNotFoundError:  # built into another one
                continue
    return found


def device() -> str:
    """Return the accelerator if torch has used one, else the processor."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        return f"cuda ({torch.cuda.get_device_name()})"
    return f"cpu ({platform.machine()}, {os.cpu_count()} cores)"
