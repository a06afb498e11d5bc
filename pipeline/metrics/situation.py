"""One number among the others of its paragraph: what it may inherit from those linked before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.pipeline.metrics.context import Context, Mention
from gongkai.pipeline.metrics.inherit import (
    Linked,
    alike,
    channel_before,
    heading_noun,
    last_told,
    thing_before,
    whole_before,
)
from gongkai.pipeline.metrics.vocabulary import measure_word

SHARE_UNITS = frozenset({"%", "‰", "‱", "百分点", "倍", "番"})
_AMONG = re.compile(r"其中|包括|包含|分别是|具体为")
_CLOSED = re.compile(r"[)）]")


@dataclass(frozen=True, slots=True)
class Situation:
    """Mention ``k`` of a paragraph while its numbers are linked in order.

    Attributes:
        laid_out: the paragraph.
        k: index of the mention.
        done: what was linked before it.
        path: headings above the paragraph.
    """

    laid_out: Context
    k: int
    done: Sequence[Linked]
    path: Sequence[str]

    @property
    def mention(self) -> Mention:
        """The mention itself."""
        return self.laid_out.mentions[self.k]

    @property
    def unit(self) -> str | None:
        """Its measure word."""
        return measure_word(self.mention.quantity.unit)

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage, points or a multiple."""
        return self.unit in SHARE_UNITS

    @property
    def sentence(self) -> int:
        """Index of its sentence."""
        return self.laid_out.clause_of(self.mention).sentence

    @property
    def base(self) -> Linked:
        """The unnamed record a rule starts from."""
        return Linked(mention=self.mention, sentence=self.sentence)

    @property
    def last(self) -> Linked | None:
        """The metric right before it in the same sentence."""
        return self.done[-1] if self.done and self.done[-1].sentence == self.sentence else None

    def opened(self) -> Linked | None:
        """Return the whole that "其中" or a bracket opens right before this mention.

        It is the last one large enough to hold it: of "复议5宗、诉讼0宗，其中2宗维持" the five.
        """
        last = self.last
        if last is None:
            return None
        gap = self._gap(last)
        opener = self.laid_out.clause_of(self.mention).opener
        if _CLOSED.search(gap) or not (_AMONG.search(gap) or (opener in ("（", "(") and not last.derived)):
            return None
        wholes = [d for d in self.done if d.sentence == self.sentence and not d.derived]
        large = [d for d in wholes if d.mention.quantity.value >= self.mention.quantity.value]
        return (large or wholes or [last])[-1]

    def chain(self) -> str:
        """Return the indicator of the whole whose parts are being listed here, else ""."""
        opened = self.opened()
        if opened is not None:
            return opened.core if self.is_share or alike(opened.mention.quantity.unit, self.unit) else ""
        last = self.last
        if last is None or _CLOSED.search(self._gap(last)) or self._complete(last.whole):
            return ""
        return last.whole if alike(last.whole_unit, self.unit) else ""

    def _complete(self, whole: str) -> bool:
        """Tell whether the parts told so far already make up the whole, so that the next number is none of them."""
        told = [d for d in self.done if d.sentence == self.sentence and not d.derived]
        at = next((k for k in range(len(told) - 1, -1, -1) if not told[k].whole and told[k].core == whole), None)
        if not whole or at is None or told[at].mention.quantity.value <= 0:
            return False
        parts = [d.mention.quantity.value for d in told[at + 1 :] if d.whole == whole]
        return len(parts) > 1 and sum(parts) == told[at].mention.quantity.value

    def inside(self) -> Linked | None:
        """Return the metric whose list of parts this one opens or continues."""
        return self.opened() or self.last

    def whole(self, same_unit: bool) -> str:
        """Return the indicator shared with what was told before, else what the heading names."""
        return whole_before(self.laid_out, self.k, self.done, same_unit) or heading_noun(self.path)

    def told(self) -> str:
        """Return what a growth or a share speaks of: the last metric told, else the whole."""
        told = last_told(self.laid_out, self.k, self.done)
        return told.core if told is not None else self.whole(same_unit=False)

    def thing(self, reach: int = 4) -> str:
        """Return the thing an action or a bare measure speaks of."""
        return thing_before(self.laid_out, self.k, self.done, reach) or heading_noun(self.path)

    def channel(self) -> str:
        """Return the channel an audience measure belongs to."""
        return channel_before(self.laid_out, self.k, self.done)

    def _gap(self, last: Linked) -> str:
        return self.laid_out.masked[last.mention.quantity.end : self.mention.quantity.start]
