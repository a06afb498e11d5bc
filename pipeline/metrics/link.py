"""The rule linker: says what each number of a paragraph measures, from the words around it and before it.

The rules follow the annotation guidelines on metrics: growth is a metric of its own, parts of a whole carry the
whole's indicator, an indicator is a noun phrase that is understandable outside its sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.pipeline.metrics import context, timeframe
from gongkai.pipeline.metrics.base import LinkedMetric, Quantity
from gongkai.pipeline.metrics.derived import growth, share
from gongkai.pipeline.metrics.indicator import MAX_LENGTH, left_phrase, shorten, surface
from gongkai.pipeline.metrics.inherit import Linked
from gongkai.pipeline.metrics.naming import number_first, number_last, thing_behind
from gongkai.pipeline.metrics.pairs import pair_up
from gongkai.pipeline.metrics.situation import Situation
from gongkai.pipeline.tagging.base import ParagraphInput

# How many numbers back a number may inherit from: no list of parts is longer, and without a bound the time would
# grow with the square of a paragraph's numbers.
MEMORY = 64


class RuleLinker:
    """Links metric quantities by rules on the clause and on what was said before.

    Implements :class:`gongkai.pipeline.metrics.base.Linker`.
    """

    name = "rule-linker-1"

    def link(self, paragraph: ParagraphInput, quantities: Sequence[Quantity]) -> list[LinkedMetric]:
        """Return one :class:`LinkedMetric` for every quantity of kind ``metric``, in reading order.

        Args:
            paragraph: the paragraph; its headings name what its numbers leave unsaid.
            quantities: everything found in ``paragraph.text``, also dates and names.
        """
        if not any(q.kind == "metric" for q in quantities):
            return []
        laid_out = context.read(paragraph.text, quantities)
        pairs = pair_up(laid_out)
        linked: list[Linked] = []
        for k in range(len(laid_out.mentions)):
            linked.append(_name(Situation(laid_out, k, linked[-MEMORY:], paragraph.path), pairs.get(k)))
        sentences = _sentence_starts(laid_out)
        periods = timeframe.find_periods(laid_out.text)
        return [
            _finish(laid_out, done, timeframe.period_at(laid_out.text, periods, sentences, done.mention.quantity.start))
            for done in linked
        ]


def _sentence_starts(laid_out: context.Context) -> list[int]:
    starts: dict[int, int] = {}
    for clause in laid_out.clauses:
        starts.setdefault(clause.sentence, clause.start)
    return sorted({0, *starts.values()})


def _finish(laid_out: context.Context, done: Linked, period: str | None) -> LinkedMetric:
    quantity = done.mention.quantity
    clause = laid_out.clause_of(done.mention)
    scope = done.scope
    if scope is None:
        opening = surface(
            laid_out.text, laid_out.masked, clause.start, min(quantity.start, clause.start + context.REACH)
        )
        scope = timeframe.find_scope(opening)
    return LinkedMetric(
        quantity=quantity,
        indicator=done.indicator[:MAX_LENGTH] or None,
        indicator_span=done.span,
        period=period,
        scope=scope,
        score=done.score if done.indicator else 0.1,
    )


def _name(here: Situation, pair: str | None) -> Linked:
    """Try the rules in order: pairwise list, growth, share, noun behind the number, noun before it."""
    if pair is not None:
        return here.base.named(shorten(pair), noun=pair, score=0.85)
    text, masked, left = here.laid_out.text, here.laid_out.masked, here.mention.left
    raw = surface(text, masked, *left)
    derived = growth(here, raw) or share(here, raw)
    if derived is not None:
        return derived
    phrase = left_phrase(text, masked, *left, rate=here.is_share)
    following = thing_behind(here, phrase)
    if following is not None:
        return number_first(here, phrase, following)
    return number_last(here, phrase, raw)
