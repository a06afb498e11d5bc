"""Small reports of one paragraph, the configuration without models, and one annotator for all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gongkai.pipeline.batch.work import Annotator
from gongkai.pipeline.config import Config, load_config

Reports = Callable[[int], list[str]]


def children() -> list[int]:
    """Return the child processes of this one, the dead ones that nobody waited for among them."""
    return [int(pid) for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()]


def text(number: int) -> str:
    return (
        f"松溪县{2010 + number % 15}年政府信息公开工作年度报告\n一、总体情况\n"
        f"全年主动公开政府信息{number + 1}条，其中通过网站公开{number}条。\n"
    )


@pytest.fixture(scope="session")
def config() -> Config:
    return load_config(settings=["engine=rules"])


@pytest.fixture(scope="session")
def annotator(config: Config) -> Annotator:
    return Annotator(config)


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    """Write that many different reports; return their paths."""

    def make(number: int) -> list[str]:
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        paths = [folder / f"r{i:02}.txt" for i in range(number)]
        for i, path in enumerate(paths):
            path.write_text(text(i), encoding="utf-8")
        return list(map(str, paths))

    return make


@pytest.fixture
def long_report(tmp_path: Path) -> str:
    """A report that takes ten seconds or more, so that something can befall the one who reads it."""
    path = tmp_path / "long.txt"
    sentence = "全年受理群众来信来访320件次，办结315件，回访率达98.5%，召开协调会12次，印发简报24期。\n"
    path.write_text("松溪县2021年政府信息公开工作年度报告\n一、总体情况\n" + sentence * 20_000, encoding="utf-8")
    return str(path)


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    assert children() == []
