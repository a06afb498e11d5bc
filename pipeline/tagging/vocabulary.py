"""Loads the reviewable vocabulary (domains.yaml, activities.yaml, context.yaml) into one phrase index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from gongkai.pipeline.tagging.matcher import Entry, PhraseIndex, squeeze

STRENGTHS = ("strong", "medium", "weak")
CONDITIONS = ("with_domain", "without_domain")


@dataclass(frozen=True, slots=True)
class PairRule:
    """``first`` followed by ``then`` (names of cue groups) within so many characters speaks for ``label``."""

    label: str
    first: str
    then: str
    within: int
    weight: float
    strong: bool


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What besides its phrases bears on one label."""

    needs_company: bool = False
    yields_to: frozenset[str] = frozenset()
    yields_with_domain: frozenset[str] | None = None
    anywhere: frozenset[str] = frozenset()
    means: bool = False
    field_work: bool = False
    solid_with_domain: bool = False

    def gives_way_to(self, with_domain: bool) -> frozenset[str]:
        """Return the labels whose presence makes weak evidence for this one void."""
        narrower = self.yields_with_domain if with_domain else None
        return self.yields_to if narrower is None else narrower


@dataclass(frozen=True)
class Bodies:
    """Names of acting bodies and the suffixes that make a name a body."""

    suffixes: tuple[str, ...]
    not_before: tuple[str, ...]
    lists: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Everything the tagger knows, ready to match."""

    index: PhraseIndex
    bodies: Bodies
    disclosure_titles: tuple[str, ...]
    field_titles: tuple[str, ...]
    activities: Mapping[str, LabelRule]
    pairs: tuple[PairRule, ...]
    count: re.Pattern[str]
    pieces: re.Pattern[str]
    context: Mapping[str, Any]
    weights: Mapping[str, float]
    factors: Mapping[str, float]
    ends_domain: frozenset[str]
    loosens_domain: frozenset[str]


def _load(name: str) -> dict[str, Any]:
    text = files("gongkai.pipeline.tagging").joinpath(name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def _squeezed(phrases: Iterable[object]) -> list[str]:
    return [squeeze(str(phrase)) for phrase in phrases]


class _Entries(dict[str, Entry]):
    """Entries by phrase, made on first use."""

    def at(self, phrase: object) -> Entry:
        return self.setdefault(squeeze(str(phrase)), Entry())

    def add_groups(self, groups: Mapping[str, Iterable[object]]) -> None:
        for name, phrases in groups.items():
            for phrase in phrases:
                self.at(phrase).groups.append(name)


def _add_domains(entries: _Entries, raw: Mapping[str, Any]) -> None:
    for phrase in raw["masks"]:
        entries.at(phrase).domain_mask = True
    for label, rule in raw["labels"].items():
        for strength in STRENGTHS:
            for phrase in rule.get(strength, ()):
                entries.at(phrase).domains.append((label, strength))
        for kind in ("excludes", "cancels"):
            entries.add_groups({f"domain.{kind}.{label}": rule.get(kind, ())})
    entries.add_groups({"body": raw["bodies"]["names"], "body_list": raw["body_lists"]})


def _add_activities(entries: _Entries, raw: Mapping[str, Any]) -> None:
    for phrase in raw["masks"]:
        entries.at(phrase).activity_mask = True
    for label, rule in raw["labels"].items():
        for strength in (*STRENGTHS, *CONDITIONS):
            for phrase in rule.get(strength, ()):
                entries.at(phrase).activities.append((label, strength))
        entries.add_groups(
            {
                f"activity.excludes.{label}": rule.get("excludes", ()),
                f"activity.requires.{label}": rule.get("requires", ()),
            }
        )
    entries.add_groups(raw["groups"])


def _add_context(entries: _Entries, raw: Mapping[str, Any]) -> None:
    entries.add_groups({f"context.{name}": raw[name] for name in raw["cues"]})
    entries.add_groups({f"mode.{name}": phrases for name, phrases in raw["modes"].items()})
    entries.add_groups({f"quoted.{name}": phrases for name, phrases in raw["quoted_problem"].items()})


def _label_rules(labels: Mapping[str, Any]) -> dict[str, LabelRule]:
    return {
        label: LabelRule(
            needs_company=bool(rule.get("requires")),
            yields_to=frozenset(rule.get("yields_to", ())),
            yields_with_domain=(frozenset(rule["yields_with_domain"]) if "yields_with_domain" in rule else None),
            solid_with_domain=bool(rule.get("solid_with_domain", False)),
            anywhere=frozenset(_squeezed(rule.get("anywhere", ()))),
            means=bool(rule.get("means", False)),
            field_work=bool(rule.get("field_work", False)),
        )
        for label, rule in labels.items()
    }


def _pair_rules(labels: Mapping[str, Any], weights: Mapping[str, float]) -> tuple[PairRule, ...]:
    rules = []
    for label, rule in labels.items():
        for pair in rule.get("pairs", ()):
            weight, strong = weights[pair["weight"]], pair["weight"] == "strong"
            rules.append(PairRule(label, pair["first"], pair["then"], pair["within"], weight, strong))
    return tuple(rules)


@cache
def vocabulary() -> Vocabulary:
    """Read the three files once and build the index."""
    domains, activities, context = _load("domains.yaml"), _load("activities.yaml"), _load("context.yaml")
    entries = _Entries()
    _add_domains(entries, domains)
    _add_activities(entries, activities)
    _add_context(entries, context)
    measures = "|".join(sorted(map(re.escape, activities["measures"]), key=len, reverse=True))
    return Vocabulary(
        index=PhraseIndex(entries),
        bodies=Bodies(
            tuple(_squeezed(domains["bodies"]["suffixes"])),
            tuple(_squeezed(domains["bodies"]["not_before"])),
            tuple(_squeezed(domains["body_lists"])),
        ),
        disclosure_titles=tuple(domains["disclosure_titles"]),
        field_titles=tuple(domains["field_titles"]),
        activities=_label_rules(activities["labels"]),
        pairs=_pair_rules(activities["labels"], context["weights"]),
        pieces=re.compile(rf"\d[\d.，]{{0,12}}[余多万亿几]{{0,3}}(?:{'|'.join(activities['pieces'])})"),
        count=re.compile(rf"\d[\d.，]{{0,12}}[余多万亿几]{{0,3}}(?:{measures})"),
        context=context,
        weights=context["weights"],
        factors=context["factors"],
        ends_domain=frozenset(context["ends_domain"]),
        loosens_domain=frozenset(context["loosens_domain"]),
    )
