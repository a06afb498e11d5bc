"""Which authority a report is of: its division by the official code (GB/T 2260), and the body within it.

萍乡市安源区人民政府 and 安源区人民政府 (region 江西省萍乡市安源区) are one authority; 西湖区教育局 without a region may
be that of Hangzhou or of Nanchang, and cannot be paired. What the text does not decide is told, not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from gongkai.pipeline.config import Part
from gongkai.pipeline.cross.schema import Authority, Reason
from gongkai.pipeline.structure.divisions import BEFORE_DIVISION, ancestors, contains, names_at_start, unlisted

_TOWNSHIP_ENDS = ("镇", "乡", "街道")
_GOVERNMENT = "人民政府"
_BRACKETS = str.maketrans("()", "（）")


class _Bodies(Part):
    endings: dict[str, tuple[str, ...]]
    nationwide: tuple[str, ...]
    levels: tuple[str, ...]
    not_levels: tuple[str, ...]
    common_places: frozenset[str]


@cache
def _bodies() -> _Bodies:
    return _Bodies.model_validate(yaml.safe_load(Path(__file__).with_name("bodies.yaml").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """An authority that can be told from all others.

    Attributes:
        code: division code of six digits, ``""`` for a body that stands in no listed division.
        body: the name without its division, in one form; the whole name where ``code`` is empty.
    """

    code: str
    body: str

    def shown(self) -> Authority:
        """Return the authority as ``cross.json`` has it."""
        division = "".join(ancestors(self.code)) if self.code else None
        return Authority(code=self.code or None, division=division, body=self.body)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why an authority cannot be told from others: a stable ``reason`` and a ``message`` in words."""

    reason: Reason
    message: str


def identify(authority: str | None, region: str | None) -> Identity | Unresolved:
    """Resolve what a report says of its authority.

    Args:
        authority: the authority as the summary has it.
        region: the region of the summary; decides where the authority's own name does not.
    """
    name = re.sub(r"\s+", "", authority or "").translate(_BRACKETS)
    if not name:
        return Unresolved("no_authority", "报告没有写明编制机关")
    match = BEFORE_DIVISION.match(name)
    office = match.group() if match else ""
    bare = name[len(office) :]
    of_region = names_at_start(BEFORE_DIVISION.sub("", region.strip()))[0] if region else []
    codes, end = names_at_start(bare)
    if codes:
        return _in_listed_division(name, office + bare[end:], codes, of_region)
    if not bare or any(re.search(pattern, bare) for pattern in _bodies().nationwide):
        return Identity("", name)
    if of_region:
        return _by_region(name, office, bare, of_region)
    return _outside_the_list(name, bare)


def _in_listed_division(name: str, body: str, codes: list[str], of_region: list[str]) -> Identity | Unresolved:
    if len(codes) > 1 and of_region:
        codes = [code for code in codes if any(contains(outer, code) for outer in of_region)] or codes
    if len(codes) > 1:
        return _ambiguous(name, codes)
    if of_region and not any(contains(r, codes[0]) or contains(codes[0], r) for r in of_region):
        told = "、".join("".join(ancestors(code)) for code in of_region)
        message = f"机关名称“{name}”与所写地区“{told}”不属于同一区划"
        return Unresolved("conflicting_division", message)
    return Identity(codes[0], one_form(body))


def _by_region(name: str, office: str, bare: str, of_region: list[str]) -> Identity | Unresolved:
    """Resolve a name without a listed division (市教育局, 高坑镇人民政府) by the region of the report."""
    if len(of_region) > 1:
        return _ambiguous(name, of_region)
    code = of_region[0]
    level = next((one for one in _bodies().levels if bare.startswith(one)), None)
    if level is None or bare.startswith(_bodies().not_levels):
        return Identity(code, one_form(office + bare))
    if not ancestors(code)[-1].endswith(level):
        message = f"机关名称“{name}”的层级与所写地区“{''.join(ancestors(code))}”不一致"
        return Unresolved("conflicting_division", message)
    return Identity(code, one_form(office + bare.removeprefix(level)))


def _outside_the_list(name: str, bare: str) -> Identity | Unresolved:
    """Resolve a name in no listed division: one of its own kind is known by its name, a common one is not."""
    place = unlisted(bare)
    if place is None:
        return Unresolved("no_division", f"机关名称“{name}”没有写明所在区划，无法与其他地方的同名机关区分")
    if place in _bodies().common_places or _is_township_alone(place):
        return Unresolved("no_division", f"“{place}”各地多有同名，报告没有写明属于哪个地区")
    return Identity("", one_form(name))


def _is_township_alone(place: str) -> bool:
    return place.endswith(_TOWNSHIP_ENDS) and not re.search("[省市州盟县区旗]", place)


def _ambiguous(name: str, codes: list[str]) -> Unresolved:
    named = "、".join(f"{''.join(ancestors(code))}（{code}）" for code in codes)
    return Unresolved("ambiguous_division", f"“{name}”可能属于{named}，报告没有写明是哪一个")


def one_form(body: str) -> str:
    """Bring the end of a body's name to the form of ``bodies.yaml``; nothing but a division is its government."""
    if not body:
        return _GOVERNMENT
    for written, whole in _endings():
        if body.endswith(written) and not body.endswith(whole):
            return body.removesuffix(written) + whole
    return body


@cache
def _endings() -> tuple[tuple[str, str], ...]:
    pairs = [(written, whole) for whole, others in _bodies().endings.items() for written in others]
    return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair)))
