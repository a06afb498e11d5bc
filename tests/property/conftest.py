from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import gongkai
from gongkai.corpora.synthetic.model import SyntheticReport
from gongkai.corpora.synthetic.render import render
from gongkai.pipeline.schema import Report

settings.register_profile(
    "quick",
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# HYPOTHESIS_PROFILE=deep looks at many more, and at new ones each time.
settings.register_profile("deep", parent=settings.get_profile("quick"), max_examples=200, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def annotate_bytes() -> Callable[[bytes, str], Report]:
    """Annotate bytes as a file with a given suffix."""

    def run(data: bytes, suffix: str) -> Report:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"report.{suffix}"
            path.write_bytes(data)
            return gongkai.annotate(path)

    return run


@pytest.fixture(scope="session")
def annotate_report(annotate_bytes) -> Callable[[SyntheticReport, str], Report]:
    """Render a synthetic report in a format and annotate it through the whole pipeline."""
    return lambda report, file_format: annotate_bytes(render(report, file_format), file_format)


@pytest.fixture(scope="session")
def cells_of() -> Callable[[dict[str, dict[str, dict[str, float | None]]]], dict[str, float]]:
    """Flatten tables to ``{"table.row.column": number}``, a blank being 0."""

    def flatten(tables):
        return {
            f"{name}.{row}.{column}": value or 0
            for name, rows in tables.items()
            for row, columns in rows.items()
            for column, value in columns.items()
        }

    return flatten


@pytest.fixture(scope="session")
def squeeze() -> Callable[[str], str]:
    """Drop all white space."""
    return lambda text: "".join(text.split())
