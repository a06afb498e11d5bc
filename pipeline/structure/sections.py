"""Which statutory section a title opens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from gongkai.pipeline.document import SectionKind

_DROP = re.compile(r"[\s，,、。．.：:；;（）()《》“”\"'·—\-]")
# Rows of the 申请 table are numbered like section titles ("一、本年新收政府信息公开申请数量").
_TABLE_ROW = re.compile(r"本年新收|上年结转|结转下年度|本年度办理结果|申请数量|勾稽")


@dataclass(frozen=True, slots=True)
class _Kind:
    kind: SectionKind
    order: int
    official: frozenset[str]
    titles: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]


@cache
def _kinds() -> tuple[_Kind, ...]:
    raw = yaml.safe_load(Path(__file__).with_name("sections.yaml").read_text(encoding="utf-8"))
    return tuple(
        _Kind(
            kind,
            entry["order"],
            frozenset(entry.get("official", ())),
            frozenset(entry["titles"]) | frozenset(entry.get("official", ())),
            tuple(re.compile(p) for p in entry["patterns"]),
        )
        for kind, entry in raw.items()
    )


def order_of(kind: SectionKind) -> int:
    """Return the statutory place of a section, 1–6 (attachments 7), 0 for kinds that have none."""
    return next((k.order for k in _kinds() if k.kind == kind), 0)


def _bare(title: str) -> str:
    return re.sub(r"^(?:20\d\d年度?|本年度?|本机关|我[省市县区局委镇乡])", "", _DROP.sub("", title))


def is_official(title: str) -> bool:
    """Tell whether a title, without its number, is worded as one of the official forms has it."""
    return any(_bare(title) in kind.official for kind in _kinds())


def section_kind(title: str, listed_only: bool = False) -> SectionKind | None:
    """Return the kind of section that a title opens.

    Args:
        title: the heading without its number.
        listed_only: accept only whole titles from the list, not patterns (for lines with neither number nor bold type).
    """
    if _TABLE_ROW.search(title):
        return None
    bare = _bare(title)
    for kind in _kinds():
        if bare in kind.titles:
            return kind.kind
    if listed_only:
        return None
    for kind in _kinds():
        if any(p.search(bare) for p in kind.patterns):
            return kind.kind
    return None
