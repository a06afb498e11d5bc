"""Where an export goes: whole or not at all, and never over somebody else's files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.export.forms import FORMS
from gongkai.pipeline.export.results import Results
from gongkai.pipeline.export.run import export
from gongkai.pipeline.export.target import staged


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("form", ["csv", "duckdb"])
def test_an_earlier_export_is_replaced_whole(tmp_path: Path, form: str) -> None:
    target = tmp_path / "new" / "t"
    for content in ("old", "new"):
        with staged(target, FORMS[form]) as place:
            (place / "reports.csv" if form == "csv" else place).write_text(content)
            if content == "old" and form == "csv":
                (place / "checks.csv").write_text(content)
    assert names(target.parent) == ["t"]
    if form == "csv":
        assert names(target) == ["reports.csv"]
        target /= "reports.csv"
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o444 == 0o444


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_what_fails_leaves_the_target_as_it_was(tmp_path: Path, form: str, error: type[BaseException]) -> None:
    target = tmp_path / "t"
    if form == "csv":
        target.mkdir()
        (target / "reports.csv").write_text("old")
    else:
        target.write_text("old")

    def fail() -> None:
        with staged(target, FORMS[form]) as place:
            (place / "reports.csv" if form == "csv" else place).write_text("half")
            raise error("stop")

    with pytest.raises(GongkaiError if error is OSError else error):
        fail()
    assert names(tmp_path) == ["t"]
    assert (target / "reports.csv" if form == "csv" else target).read_text() == "old"


def _foreign_file(target: Path) -> None:
    target.mkdir()
    (target / "thesis.doc").touch()


def _foreign_table(target: Path) -> None:
    target.mkdir()
    (target / "reports.parquet").touch()


def _table_is_a_folder(target: Path) -> None:
    (target / "reports.csv").mkdir(parents=True)


@pytest.mark.parametrize(
    ("form", "make"),
    [
        ("csv", _foreign_file),
        ("csv", _foreign_table),
        ("csv", _table_is_a_folder),
        ("csv", Path.touch),
        ("xlsx", Path.mkdir),
        ("duckdb", lambda target: target.with_name("t.wal").touch()),
    ],
)
def test_what_is_no_export_is_left_alone(tmp_path: Path, form: str, make: Callable[[Path], None]) -> None:
    target = tmp_path / "t"
    make(target)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(GongkaiError) as error, staged(target, FORMS[form]):
        pytest.fail("nothing is read")
    assert error.value.code == "output.unwritable"
    assert sorted(tmp_path.rglob("*")) == before


def test_the_output_set_itself_is_no_target(outputs: Path) -> None:
    before = names(outputs)
    with pytest.raises(GongkaiError, match="no part of an export"):
        export(Results(outputs), "csv", outputs)
    assert names(outputs) == before


def test_an_empty_folder_is_taken(tmp_path: Path, outputs: Path) -> None:
    (tmp_path / "t").mkdir()
    tally = export(Results(outputs), "csv", tmp_path / "t")
    assert tally.exit_status == 0
    assert len(names(tmp_path / "t")) == 16


def test_nothing_is_written_where_no_summary_can_be_read(tmp_path: Path, form: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.json").write_text("{")
    with pytest.raises(GongkaiError) as error:
        export(Results(tmp_path / "out"), form, tmp_path / "t.xlsx")
    assert error.value.code == "read.corrupt"
    assert names(tmp_path) == ["out"]


FULL = """
import resource, sys
from pathlib import Path
from gongkai.pipeline.errors import GongkaiError
from gongkai.pipeline.export.results import Results
from gongkai.pipeline.export.run import export

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]),) * 2)
try:
    export(Results(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]))
except GongkaiError as error:
    print(error.code)
"""


@pytest.mark.parametrize(
    ("form", "room"),
    # The file of an empty database has 12 KB; it fills when rows are written or when they are made durable.
    [
        ("jsonl", 2000),
        ("csv", 2000),
        ("parquet", 2000),
        ("xlsx", 2000),
        *(("duckdb", n) for n in (2000, 50_000, 10**6)),
    ],
)
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, outputs: Path, form: str, room: int) -> None:
    words = [sys.executable, "-c", FULL, str(outputs), form, str(tmp_path / "t.xlsx"), str(room)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "output.unwritable\n", done.stderr
    assert names(tmp_path) == []
