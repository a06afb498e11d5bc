"""The measured figures on the real seed report, where the folder that holds it is present."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gongkai

SHARED = Path(__file__).parents[3] / "shared"
REPORT = SHARED / "reports" / "anyuan-2019.txt"

pytestmark = pytest.mark.skipif(not REPORT.exists(), reason="the seed report is kept outside the repository")


@pytest.fixture(scope="module")
def seed():
    return gongkai.annotate(REPORT)


def test_scores(seed, tmp_path):
    summary = tmp_path / "anyuan-2019.json"
    summary.write_text(seed.model_dump_json(), encoding="utf-8")
    command = [
        sys.executable, str(SHARED / "score" / "score.py"), "--json",
        "--gold", str(SHARED / "gold" / "anyuan-2019.json"),
        "--sentences", str(SHARED / "gold" / "anyuan-2019.sentences.jsonl"),
        "--summary", str(summary),
    ]  # fmt: skip
    scores = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert scores["located"] == scores["sentences"] == 117
    assert scores["tables"] == {"cells": 198, "right": 198, "share": 1.0}
    assert scores["metrics"]["value"]["f1"] >= 0.93
    assert scores["metrics"]["full"]["f1"] >= 0.70
    assert scores["domains"]["micro"]["f1"] >= 0.75
    assert scores["activities"]["micro"]["f1"] >= 0.65
    page = (Path(__file__).parents[2] / "docs" / "accuracy.md").read_text(encoding="utf-8")
    for row, f1 in (
        ("metrics.value F1", scores["metrics"]["value"]["f1"]),
        ("metrics.full F1", scores["metrics"]["full"]["f1"]),
        ("domains micro-F1", scores["domains"]["micro"]["f1"]),
        ("activities micro-F1", scores["activities"]["micro"]["f1"]),
    ):
        quoted = re.search(rf"^\| {row} \|[^|]*\| ([0-9.]+)", page, re.M)[1]
        assert quoted == f"{f1:.3f}", f"docs/accuracy.md quotes {row} {quoted}"


def test_failed_checks(seed):
    failed = [(c.rule, c.where, c.expected, c.actual) for c in seed.checks if c.status == "failed"]
    assert failed == [
        ("applications.balance", "natural_person", 8, 5),
        ("applications.balance", "total", 8, 5),
    ]


def test_what_the_report_says_of_itself(seed):
    info = seed.report
    assert (info.authority, info.region, info.year, info.format) == (
        "安源区人民政府",
        "江西省萍乡市安源区",
        2019,
        "2019",
    )
