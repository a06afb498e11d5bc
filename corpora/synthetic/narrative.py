"""Narrative sentences with numbers whose truth is known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from gongkai.corpora.synthetic.data import material
from gongkai.corpora.synthetic.model import MetricTruth, Number, Passage, SentenceTruth

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Teller:
    """Turns sentence material into passages.

    Attributes:
        rng: source of all choices.
        words: what ``{year}``, ``{self}``… stand for.
        figures: table cells by ``"table.row.column"`` (``"appendix.key"``).
        wrong: cells to tell wrongly, by how much; those actually told are moved to ``told_wrong``.
    """

    rng: Random
    words: Mapping[str, str]
    figures: Mapping[str, Number]
    wrong: dict[str, int] = field(default_factory=dict)
    told_wrong: list[str] = field(default_factory=list)

    def pick(self, pool: str | Sequence[dict[str, Any]], count: int) -> list[dict[str, Any]]:
        """Choose up to ``count`` different sentences of a pool that fit the figures, in the pool's order."""
        entries = material("sentences")[pool] if isinstance(pool, str) else pool
        fitting = [i for i, entry in enumerate(entries) if self._fits(entry)]
        chosen = self.rng.sample(fitting, min(count, len(fitting)))
        return [entries[i] for i in sorted(chosen)]

    def passage(self, entries: Sequence[dict[str, Any]]) -> Passage:
        """Write sentences one after the other as one paragraph, with their truth."""
        passage = Passage("")
        for entry in entries:
            start = len(passage.text)
            text, metrics = self._fill(entry)
            passage.text += text
            passage.metrics += [replace(m, start=m.start + start, end=m.end + start) for m in metrics]
            labels = tuple(entry.get("domains", ())), tuple(entry.get("activities", ()))
            passage.sentences.append(SentenceTruth(start, start + len(text), *labels))
        return passage

    def _fits(self, entry: dict[str, Any]) -> bool:
        cells = [_cells(slot) for slot in entry.get("slots", {}).values() if "cell" in slot]
        if "when" not in entry or not cells:
            return True
        value = sum(self.figures[c] for c in cells[0])
        return (value > 0) == (entry["when"] == "positive")

    def _fill(self, entry: dict[str, Any]) -> tuple[str, list[MetricTruth]]:
        slots: dict[str, dict[str, Any]] = entry.get("slots", {})
        told = set(_SLOT.findall(entry["text"]))
        numbers = {n: self._number(slot) for n, slot in slots.items() if n in told and "sum" not in slot}
        numbers |= {n: sum(numbers[p] for p in slot["sum"]) for n, slot in slots.items() if "sum" in slot}
        text, done, metrics = "", 0, []
        template: str = entry["text"]
        for match in _SLOT.finditer(template):
            text += template[done : match.start()]
            done = match.end()
            name = match.group(1)
            if name in self.words:
                text += self.words[name]
                continue
            surface, taken, metric = _write(slots[name], numbers[name], template[done:], len(text))
            text += surface
            done += taken
            metrics.append(metric)
        return text + template[done:], metrics

    def _number(self, slot: dict[str, Any]) -> int:
        if "cell" not in slot:
            return self.rng.randint(*slot["range"])
        cells = _cells(slot)
        value = int(sum(self.figures[c] for c in cells))
        for cell in cells:
            if cell in self.wrong:
                value += self.wrong[cell]
                self.told_wrong.append(cell)
        return value


def _cells(slot: dict[str, Any]) -> tuple[str, ...]:
    cell = slot["cell"]
    return (cell,) if isinstance(cell, str) else tuple(cell)


def _write(slot: dict[str, Any], number: int, rest: str, start: int) -> tuple[str, int, MetricTruth]:
    """Return the number's surface with its comparator and unit, how many template characters it replaces."""
    pattern: str = slot.get("surface", "{n}" + slot["unit"])
    surface = pattern.replace("{n}", str(number))
    before, _, after = pattern.partition("{n}")
    if not rest.startswith(after):
        raise ValueError(f"the sentence must go on with {after!r} after the number, not {rest[:8]!r}")
    # The template writes the words around the number itself: "约{m}人". Only what follows is still to come.
    metric = MetricTruth(
        start=start - len(before),
        end=start - len(before) + len(surface),
        text=surface,
        value=number * slot.get("scale", 1),
        unit=slot["unit"],
        indicator=slot["indicator"],
        comparator=slot.get("comparator", "eq"),
        cells=_cells(slot) if "cell" in slot else (),
    )
    return surface[len(before) :], len(after), metric
