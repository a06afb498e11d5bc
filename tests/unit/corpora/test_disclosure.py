"""The shipped corpus is what its datasheet says: sound, compiled from its sources, large and varied enough."""

import json
import re
from pathlib import Path

import pytest

from gongkai.corpora.agreement import recorded_agreement
from gongkai.corpora.statistics import statistics
from gongkai.corpora.store import default_folder, files_of, read_corpus, read_sources
from gongkai.corpora.validate import validate

FOLDER = default_folder()
SHARED = Path(__file__).parents[4] / "shared" / "reports" / "anyuan-2019.txt"


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(FOLDER)


@pytest.fixture(scope="module")
def figures(corpus):
    return statistics(corpus)


def test_compiled_from_its_sources():
    for name, content in files_of(read_sources(FOLDER)).items():
        assert (FOLDER / name).read_text(encoding="utf-8") == content, f"{name}: run `gongkai corpus compile`"


def test_valid(corpus):
    assert validate(corpus) == []


def test_large_enough(figures):
    assert figures["reports"] >= 180
    assert figures["sentences"] >= 6000
    assert figures["metrics"] >= 4500
    assert figures["units"] >= 60
    assert set(figures["comparators"]) == {"eq", "gt", "gte", "lt", "lte", "approx"}
    assert figures["template_share"] <= 0.15
    assert figures["near_duplicate_share"] < 0.03


def test_every_label_has_enough(figures):
    assert {label: n for label, n in figures["domains"].items() if n < 100} == {}
    assert {label: n for label, n in figures["activities"].items() if n < 130} == {}


def test_every_era_and_level_is_there(figures):
    assert min(figures["eras"].values()) >= 20
    assert len(figures["eras"]) == 4
    assert set(figures["levels"]) == {"ministry", "province", "prefecture", "county", "township", "department"}


def test_a_tenth_was_annotated_twice(figures):
    agreement = recorded_agreement(FOLDER / "agreement")
    assert agreement is not None
    assert agreement["sentences"] >= figures["sentences"] / 10


def test_datasheet_quotes_the_figures(figures):
    page = (FOLDER.parent / "DATASHEET.md").read_text(encoding="utf-8")
    quoted = json.loads(re.search(r"```json\n(.*?)```", page, re.S)[1])
    for key, value in quoted.items():
        assert figures[key] == value, key


@pytest.mark.skipif(not SHARED.exists(), reason="the real report is kept outside the repository")
def test_no_sentence_of_the_real_report_is_in_the_corpus(corpus):
    squeeze = lambda text: re.sub(r"[\s\W]", "", text)  # noqa: E731
    real = squeeze(SHARED.read_text(encoding="utf-8"))
    for paragraph in corpus.all_paragraphs():
        for sentence in paragraph.sentences:
            text = squeeze(paragraph.text[sentence.start : sentence.end])
            # Headings in the official form's words stand in every report.
            assert len(text) < 22 or text not in real


def test_a_folder_without_sources_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_sources(tmp_path)
    assert list(tmp_path.iterdir()) == []
