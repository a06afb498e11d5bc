"""Models as folders: a ``config.json`` that says what a model is and what its files hash to, and the files.

Only JSON, ONNX, npz without objects, safetensors and a tokenizer's JSON are ever read; nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.errors import GongkaiError

# A model's folder holds its settings, the files that these name, its card and what its training measured.
CONFIG, CARD, SCORES = "config.json", "README.md", "scores.json"
FORMAT = 1
FACETS = ("domains", "activities")
NETWORK, LINEAR = "network", "linear"
# Families that read reports: their labels are pairs of facet and label, and must be those of the label scheme.
REPORT_FAMILIES = (NETWORK, LINEAR)


@dataclass(frozen=True)
class ModelFolder:
    """A model on disk whose files were found whole.

    Attributes:
        folder: where it lies.
        config: the contents of ``config.json``.
    """

    folder: Path
    config: dict[str, Any]

    @property
    def name(self) -> str:
        """Name and version, as outputs quote them."""
        return f"{self.config['name']}-{self.config['version']}+{self.sha256[:8]}"

    @cached_property
    def sha256(self) -> str:
        """Hash over the hashes of all files and the settings: two models with one hash give one output."""
        canonical = json.dumps(self.config, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def labels(self) -> list[tuple[str, str]]:
        """(facet, label) in the order of the model's outputs."""
        return [(facet, label) for facet, label in self.config["labels"]]

    def path(self, name: str) -> Path:
        """Return where one of the model's files lies."""
        return self.folder / name


def shipped(engine: str) -> Path:
    """Return the folder of a shipped model: ``fast`` or ``accurate``."""
    return Path(str(files("gongkai.models"))) / "weights" / engine


def scheme_labels() -> list[tuple[str, str]]:
    """Return (facet, label) of the label scheme, domains first, in its order."""
    return [(facet, label) for facet in FACETS for label in taxonomy()[facet]]


def save_config(folder: Path, settings: dict[str, Any], names: Sequence[str]) -> None:
    """Write ``config.json`` for a model whose other files stand in the folder.

    Args:
        folder: the model's folder.
        settings: name, version, family, labels and whatever the family needs.
        names: the model's files, whose hashes are recorded.
    """
    hashes = {name: file_sha256(folder / name) for name in sorted(names)}
    text = json.dumps({"format": FORMAT, **settings, "files": hashes}, ensure_ascii=False, indent=1)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")


def labels_sha256(labels: Sequence[Any]) -> str:
    """Return the hash of a set of labels, whatever their order: of a model's own, or of :func:`scheme_labels`."""
    told = sorted(".".join(label) if isinstance(label, list | tuple) else str(label) for label in labels)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def read_config(folder: Path) -> dict[str, Any]:
    """Return the contents of a model's ``config.json``; its files are not looked at.

    Args:
        folder: where the model lies.

    Raises:
        GongkaiError: ``model.unavailable`` where there is none, ``model.incompatible`` where it cannot be read or is
            of another format.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        inside = sorted(path.parent.name for path in folder.glob(f"*/{CONFIG}"))
        hint = f" Inside it stand {', '.join(inside[:5])}: name one of them, as {folder / inside[0]}." if inside else ""
        raise GongkaiError("model.unavailable", f"There is no model at {folder}.{hint}") from error
    except (OSError, ValueError) as error:
        raise GongkaiError("model.incompatible", f"{folder / CONFIG} cannot be read: {error}") from error
    shaped = isinstance(config, dict) and isinstance(config.get("files"), dict) and "family" in config
    if not shaped or config.get("format") != FORMAT:
        found = config.get("format") if isinstance(config, dict) else None
        raise GongkaiError(
            "model.incompatible", f"{folder} holds no model of format {FORMAT}, which this version reads: {found}."
        )
    return config


def open_folder(folder: Path, family: str) -> ModelFolder:
    """Check a model's folder and return it.

    Args:
        folder: where the model lies.
        family: what kind of model is wanted.

    Raises:
        GongkaiError: ``model.unavailable`` where there is none, ``model.incompatible`` where it is of another
            family, where a model that reads reports is of another label scheme, or where a file was changed.
    """
    config = read_config(folder)
    if config["family"] != family:
        raise GongkaiError("model.incompatible", f"{folder} holds no {family} model but one of {config['family']}.")
    if family in REPORT_FAMILIES:
        known = set(scheme_labels())
        foreign = [f"{facet}.{label}" for facet, label in config.get("labels", []) if (facet, label) not in known]
        if foreign:
            raise GongkaiError(
                "model.incompatible", f"{folder} was made for another label scheme: {', '.join(foreign[:3])} …"
            )
    for name, expected in config["files"].items():
        if not (folder / name).is_file() or file_sha256(folder / name) != expected:
            raise GongkaiError("model.incompatible", f"{folder / name} is missing or was changed.")
    return ModelFolder(folder, config)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
