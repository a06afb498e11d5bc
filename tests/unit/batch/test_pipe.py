"""``gongkai.pipe``: each path with its report or failure, in order or as completed, drawn lazily."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

import gongkai
from gongkai.pipeline.config import Config

from .conftest import Reports


@pytest.mark.parametrize("workers", [1, 2])
def test_in_order_with_failures_in_their_places(
    config: Config, reports: Reports, tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    good = [Path(path) for path in reports(4)]
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 and nothing more")
    paths = [good[0], tmp_path / "missing.txt", good[1], broken, good[2], good[2], good[3]]
    with caplog.at_level(logging.ERROR, "gongkai.batch"):
        results = list(gongkai.pipe(paths, config=config, workers=workers))
    assert [path for path, _ in results] == paths
    codes = [result.code if isinstance(result, gongkai.Failure) else None for _, result in results]
    assert codes == [None, "input.not_found", None, "read.corrupt", None, None, None]
    assert results[0][1] == gongkai.annotate(good[0], config=config)
    assert [record.name for record in caplog.records] == ["gongkai.batch"], "the traceback of the broken one"


def test_as_completed_gives_each_once(config: Config, reports: Reports) -> None:
    paths = reports(10)
    results = list(gongkai.pipe(paths, config=config, workers=2, ordered=False))
    assert sorted(path for path, _ in results) == paths
    for path, report in results:
        assert isinstance(report, gongkai.Report)
        assert report.source.path == path


@pytest.mark.parametrize("workers", [1, 2])
def test_paths_without_end_and_a_reader_who_stops(config: Config, reports: Reports, workers: int) -> None:
    path = reports(1)[0]

    def endless() -> Iterator[str]:
        while True:
            yield path

    results = gongkai.pipe(endless(), config=config, workers=workers)
    assert [next(results)[0] for _ in range(5)] == [path] * 5
    results.close()  # type: ignore[attr-defined]


def test_few_reports_start_no_process(config: Config, reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("gongkai.pipeline.batch.pool._Worker", started)
    assert len(list(gongkai.pipe(reports(5), config=config))) == 5
    assert list(gongkai.pipe([], config=config)) == []
