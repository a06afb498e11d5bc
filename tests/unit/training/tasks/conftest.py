"""Data sets written into a folder, and read as a configuration says."""

import json
from pathlib import Path

import pytest

from gongkai.training.tasks.config import Data
from gongkai.training.tasks.load import load_dataset


@pytest.fixture
def write(tmp_path: Path):
    """``write("a.jsonl", {...}, {...})`` writes objects as JSON lines; a text is written as it is."""

    def make(name: str, *content: object) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if len(content) == 1 and isinstance(content[0], bytes):
            path.write_bytes(content[0])
        elif len(content) == 1 and isinstance(content[0], str):
            path.write_bytes(content[0].encode())
        else:
            path.write_bytes("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in content).encode())
        return str(path)

    return make


@pytest.fixture
def load():
    """``load(task=…, form=…, train=…)`` gives the data set and what was told of it; ``dev=None`` has dev drawn."""

    def read(**keys: object):
        told: list[str] = []
        keys.setdefault("dev", keys["train"])
        return load_dataset(Data.model_validate(keys), told.append), told

    return read
