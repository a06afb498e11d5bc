from __future__ import annotations

import io
import json
import zipfile
from random import Random

import pypdfium2
import pytest

from gongkai.corpora import samples_dir
from gongkai.corpora.synthetic.__main__ import main
from gongkai.corpora.synthetic.corrupt import CORRUPTIONS, change_cell, checked_cells, damage, scanned_pdf
from gongkai.corpora.synthetic.generate import generate
from gongkai.corpora.synthetic.samples import load_source, write_samples
from gongkai.corpora.synthetic.write import write_corpus


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_corpus_has_truth_beside_each_file(tmp_path):
    paths = write_corpus(tmp_path, 8)
    assert [p.suffix for p in paths] == [".txt", ".html", ".docx", ".pdf"] * 2
    for path in paths:
        truth = json.loads((tmp_path / f"{path.name}.truth.json").read_text(encoding="utf-8"))
        assert truth["report"]["title"]
        assert truth["paragraphs"]


def test_corpus_is_determined_by_its_arguments(tmp_path):
    write_corpus(tmp_path / "a", 6, seed=3, corrupt_share=0.5)
    write_corpus(tmp_path / "b", 6, seed=3, corrupt_share=0.5)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_command_line_writes_a_corpus(tmp_path):
    assert main([str(tmp_path), "-n", "3", "--formats", "txt", "--corrupt", "1"]) == 0
    truths = [json.loads(p.read_text(encoding="utf-8")) for p in tmp_path.glob("*.truth.json")]
    assert len(truths) == 3
    assert all(t["corrupt"] in CORRUPTIONS for t in truths)


def test_command_line_needs_a_folder(capsys):
    with pytest.raises(SystemExit):
        main([])
    assert "out" in capsys.readouterr().err


def test_one_cell_changes_and_the_original_stays():
    report = generate(4, form="2019")
    before = report.tables["applications"]["granted"]["total"]
    changed = change_cell(report, "applications", "granted", "total", 3)
    assert changed.tables["applications"]["granted"]["total"] == before + 3
    assert report.tables["applications"]["granted"]["total"] == before


@pytest.mark.parametrize(("form", "count"), [("2019", 23 * 7 + 15 + 12), ("2021", 25 * 7 + 15), ("pre2019", 0)])
def test_checked_cells(form, count):
    assert len(checked_cells(generate(4, form=form))) == count


@pytest.mark.parametrize("kind", sorted(CORRUPTIONS))
def test_damage_changes_the_file_or_its_suffix(kind):
    data = "一、总体情况".encode() * 40
    damaged, suffix = damage(data, "txt", kind, Random(1))
    assert (damaged, suffix) != (data, "txt")


def test_a_scanned_pdf_opens_and_has_no_text():
    pdf = pypdfium2.PdfDocument(scanned_pdf(2))
    assert len(pdf) == 2
    assert all(not page.get_textpage().get_text_bounded().strip() for page in pdf)


SOURCES = sorted((samples_dir() / "sources").glob("*.yaml"))


def content(name: str, data: bytes) -> object:
    """What must not drift: the bytes, or what a compressor or a library's version cannot change."""
    if name.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read("word/document.xml")
    if name.endswith(".pdf"):
        return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]
    return data


def test_samples_are_what_their_sources_say(tmp_path):
    for path in write_samples(tmp_path):
        bundled = samples_dir() / path.name
        assert content(path.name, bundled.read_bytes()) == content(path.name, path.read_bytes()), path.name


def test_samples_show_every_format_and_form():
    loaded = [load_source(path) for path in SOURCES]
    assert sorted(f for _, f in loaded) == ["docx", "docx", "html", "html", "pdf", "pdf", "txt", "txt"]
    assert {r.form for r, _ in loaded} == {"pre2019", "2019", "2021"}
    readme = (samples_dir() / "sources" / "README.md").read_text(encoding="utf-8")
    for path in samples_dir().iterdir():
        if path.is_file():
            assert path.name in readme
            assert path.stat().st_size < 60_000


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_samples_balance_except_the_one_that_must_not(source):
    report, _ = load_source(source)
    rows = report.tables.get("applications")
    if rows is None:
        assert report.appendix["received"] == sum(
            report.appendix[k] for k in ("by_hand", "by_fax", "by_network", "by_letter")
        )
        return
    opening = ("new_received", "carried_over_in")
    closing = ("total", "carried_over_out")
    unbalanced = {
        column
        for column in rows["total"]
        if sum(rows[r][column] for r in opening) != sum(rows[r][column] for r in closing)
    }
    assert unbalanced == ({"natural_person", "total"} if source.stem == "zhuxi-2022" else set())
    for column, value in rows["total"].items():
        assert value == sum(cells[column] for name, cells in rows.items() if name not in opening + closing)
    for table in (rows, report.tables["review_litigation"]):
        for row, cells in table.items():
            assert cells["total"] == sum(v for c, v in cells.items() if c != "total"), row


def test_the_gb18030_sample_is_not_gb2312():
    data = (samples_dir() / "linlan-2017.html").read_bytes()
    assert b'charset="gb2312"' in data
    assert "𣲘河" in data.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        data.decode("gb2312")
