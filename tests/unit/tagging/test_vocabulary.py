"""The vocabulary files agree with the label scheme and with themselves; the index finds what stands in them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
import yaml

from gongkai.pipeline.config import taxonomy
from gongkai.pipeline.tagging.matcher import Entry, PhraseIndex, squeeze, uncovered
from gongkai.pipeline.tagging.vocabulary import vocabulary


def load(name: str) -> dict[str, Any]:
    return yaml.safe_load(files("gongkai.pipeline.tagging").joinpath(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("facet", ["domains", "activities"])
def test_every_label_and_no_other_has_vocabulary(facet: str) -> None:
    rules = load(f"{facet}.yaml")["labels"]
    assert set(rules) == set(taxonomy()[facet])
    assert all(rule["strong"] for rule in rules.values())


@pytest.mark.parametrize("facet", ["domains", "activities"])
def test_a_phrase_has_one_strength_per_label(facet: str) -> None:
    for label, rule in load(f"{facet}.yaml")["labels"].items():
        phrases = [squeeze(str(p)) for key in ("strong", "medium", "weak") for p in rule.get(key, ())]
        assert sorted(phrases) == sorted(set(phrases)), label


def test_pairs_and_references_name_what_exists() -> None:
    raw, context = load("activities.yaml"), load("context.yaml")
    known = set(raw["groups"]) | {"count"}
    labels = set(raw["labels"])
    for rule in raw["labels"].values():
        assert {p[key] for p in rule.get("pairs", ()) for key in ("first", "then")} <= known
        assert set(rule.get("yields_to", ())) | set(rule.get("yields_with_domain", ())) <= labels
    assert set(context["ends_domain"]) | set(context["loosens_domain"]) <= labels
    assert set(context["sections"].values()) <= labels


def test_the_vocabulary_is_loaded_once() -> None:
    assert vocabulary() is vocabulary()


def test_squeeze_reads_over_quotation_marks_and_white_space() -> None:
    assert squeeze("“三公” 经费,第１项") == "三公经费，第1项"


def test_a_longer_phrase_hides_the_shorter_one_inside_it() -> None:
    index = PhraseIndex({phrase: Entry(domains=[("x", "strong")]) for phrase in ("医疗", "医疗救助", "救助站", "灾")})
    hits = index.scan("医疗救助站救灾")
    assert [h.phrase for h in hits] == ["医疗救助", "医疗", "救助站", "灾"]
    assert [h.phrase for h in uncovered(hits)] == ["医疗救助", "救助站", "灾"]
    assert [h.phrase for h in uncovered(hits, [(2, 5)])] == ["医疗救助", "灾"]
