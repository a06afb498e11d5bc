"""The closing summary of ``gongkai annotate``: whole, within the width, and the same on a terminal and in a pipe."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from gongkai.pipeline.batch.run import Tally
from gongkai.pipeline.cli.run import closing
from gongkai.pipeline.schema import Failure

ROW = re.compile(
    r"^ *([\d,]+) (成功 ok|部分 partial|保留 kept|失败 failed|未做 not done|合计 total)(?: +(.*?))? *$", re.M
)


def told(tally: Tally, width: int = 80, *, where: str | None = "out", workers: int = 1) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    log = Path("out/gongkai.log") if tally.traced else None
    shown = closing(tally, where, {}, log, width, workers=workers, goes_on=True)
    console.print(shown, soft_wrap=True)
    return file.getvalue()


def table(text: str) -> dict[str, tuple[int, str]]:
    """Return number and note by outcome."""
    return {found[2]: (int(found[1].replace(",", "")), found[3] or "") for found in ROW.finditer(text)}


@pytest.fixture
def tally() -> Tally:
    record = Failure(path="in/x.pdf", code="read.corrupt", message="damaged", advice="fetch it again")
    return Tally(
        52_225, ok=51_980, partial=2, kept=40, linked=3, failed=Counter({"read.corrupt": 3}), failed_before=2,
        failures={"read.corrupt": [record]}, traced=1, failed_checks=9, reports_with_failed_checks=4,
        interrupted=True, seconds=84.2,
    )  # fmt: skip


def test_every_input_is_in_one_line_and_all_in_the_last(tally: Tally) -> None:
    text = told(tally, workers=2)
    rows = table(text)
    assert {title: number for title, (number, _) in rows.items()} == {
        "成功 ok": 51_980, "部分 partial": 2, "保留 kept": 40, "失败 failed": 3, "未做 not done": 200,
        "合计 total": 52_225,
    }  # fmt: skip
    assert rows["失败 failed"][1] == "2 in an earlier run; again: --retry-failed"
    assert rows["合计 total"][1] == "1:24 · 617.4 reports/s · 2 workers"
    assert text.startswith("Interrupted after 52025 of 52225. The same command goes on from there.\n")
    for line in ("3 made from the result of a file of the same content", "9 in 4 report(s)", "out/gongkai.log",
                 "read.corrupt × 3", "in/x.pdf"):  # fmt: skip
        assert line in text


def test_what_did_not_happen_is_not_told() -> None:
    rows = table(told(Tally(1, ok=1, seconds=0.4)))
    assert rows == {"成功 ok": (1, ""), "合计 total": (1, "")}, "no rate is told of one report"
    assert table(told(Tally(2, kept=2)))["成功 ok"] == (0, "")
    assert table(told(Tally(0)))["合计 total"] == (0, "")


@pytest.mark.parametrize("width", [80, 100])
def test_lines_stay_within_the_width_but_paths(tally: Tally, width: int) -> None:
    where = "out/" + "很长的文件夹" * 20
    lines = told(tally, width, where=where, workers=16).splitlines()
    assert [line for line in lines if cell_len(line) > width] == [f"  结果 Results           {where}"]


def test_a_pipe_gets_no_escape_sequences(tally: Tally) -> None:
    assert "\x1b" not in told(tally)
