"""What a number leaves unsaid: the thing, the whole or the heading told before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gongkai.pipeline.metrics.context import REACH, Clause, Context, Mention
from gongkai.pipeline.metrics.indicator import (
    Phrase,
    has_rate_head,
    left_phrase,
    of_part,
    shorten,
    suffix_of,
    tidy,
    undoubled,
)
from gongkai.pipeline.metrics.lexicon import vocabulary
from gongkai.pipeline.metrics.timeframe import is_place
from gongkai.pipeline.metrics.vocabulary import measure_word

_HEADING_NUMBER = re.compile(
    r"^\s*(?:[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}(?:、|是)|\d{1,2}(?:\.\d{1,2})*[.．、\s]|第[一二三四五六七八九十]+[，,、])\s*"
)
_HEADING_TAIL = re.compile(r"(?:工作)?(?:完成|进展|开展|落实|推进|办理)?(?:情况|方面)?[。.：:；;，,]*$")
# "重点林区 | 通信覆盖率": the last word that ends a part's name within a rate's name.
_PART_END = re.compile(
    r"^.{0,30}(?:区域|地区|林区|区|县|市|镇|乡|村|部门|单位|机构|网站|平台|系统|中心|类|级|渠道|窗口|事项|案件)(?=.{2,})"
)


_OF_A_YEAR = re.compile(r"^(?:上一?年度?|上一年度|本年度?|去年|当年|往年)(?=[\u4e00-\u9fff]{2})")


@dataclass(frozen=True, slots=True)
class Linked:
    """A linked mention as later ones inherit from it.

    Attributes:
        noun: what was counted, without its action.
        verb: the action, "" when none.
        subject: what stood before the action ("微信公众号"), "" when nothing.
        whole: indicator of the whole this one is a part of, "" when it is none.
        whole_unit: measure word of that whole.
        derived: a growth or a share of something else.
    """

    mention: Mention
    sentence: int
    indicator: str = ""
    noun: str = ""
    verb: str = ""
    subject: str = ""
    whole: str = ""
    whole_unit: str | None = None
    scope: str | None = None
    span: tuple[int, int] | None = None
    score: float = 0.0
    derived: bool = False

    def named(
        self,
        indicator: str,
        *,
        noun: str,
        score: float,
        verb: str = "",
        subject: str = "",
        whole: str = "",
        part: str = "",
        span: tuple[int, int] | None = None,
        derived: bool = False,
        inside: Linked | None = None,
    ) -> Linked:
        """Return a copy with its indicator; a part that is a place or a body becomes the scope.

        ``inside`` is the metric before it in the same list of parts: a growth told between two parts does not end it.
        """
        if derived and inside is not None:
            whole = inside.whole
        unit = None
        if inside is not None and whole:
            unit = inside.whole_unit or inside.mention.quantity.unit
        scope = part if part and is_place(part) else None
        return replace(
            self, indicator=undoubled(indicator), noun=noun, score=score, verb=verb, subject=subject, whole=whole,
            scope=scope, whole_unit=unit, span=span, derived=derived,
        )  # fmt: skip

    @property
    def core(self) -> str:
        """The indicator without the measure its own unit gave it (发布信息数 -> 发布信息)."""
        suffix = suffix_of(self.indicator.removesuffix("数"), measure_word(self.mention.quantity.unit))
        if (self.verb or "被" in self.indicator) and self.indicator.endswith(suffix) and not self.noun.endswith(suffix):
            return self.indicator.removesuffix(suffix)
        return self.indicator


def whole_before(laid_out: Context, k: int, done: Sequence[Linked], same_unit: bool) -> str:
    """Return the indicator that mention ``k`` shares: the clause told since the last metric, else that metric's."""
    mention = laid_out.mentions[k]
    sentence = laid_out.clause_of(mention).sentence
    for clause in _clauses_since(laid_out, k, done):
        phrase = _told(laid_out, clause, mention)
        if phrase.text and (phrase.noun or phrase.verb) and not _only_opens(phrase.text):
            return phrase.text
    for earlier in reversed(done):
        if earlier.sentence != sentence:
            break
        if earlier.derived:
            continue
        if earlier.whole:
            return earlier.whole
        if same_unit and not alike(earlier.mention.quantity.unit, mention.quantity.unit):
            continue
        if earlier.mention.quantity.value >= mention.quantity.value or not same_unit:
            return earlier.core
    if done and same_unit and done[-1].mention.quantity.unit == mention.quantity.unit:
        fits = mention.quantity.value <= done[-1].mention.quantity.value  # no part is larger than its whole
        return done[-1].whole or (done[-1].core if fits else "")
    return ""


def last_told(laid_out: Context, k: int, done: Sequence[Linked]) -> Linked | None:
    """Return the last metric of the sentence that is not itself a growth or a share."""
    sentence = laid_out.clause_of(laid_out.mentions[k]).sentence
    for earlier in reversed(done):
        if earlier.sentence != sentence:
            return None
        if not earlier.derived:
            return earlier
    return None


def channel_before(laid_out: Context, k: int, done: Sequence[Linked]) -> str:
    """Return the channel ("微信公众号") an audience measure belongs to."""
    mention = laid_out.mentions[k]
    told = last_told(laid_out, k, done)
    if told is not None and told.subject.endswith(vocabulary().channels):
        return told.subject
    for clause in reversed(laid_out.clauses[max(0, mention.clause - 4) : mention.clause]):
        if clause.sentence != laid_out.clause_of(mention).sentence:
            break
        phrase = _told(laid_out, clause, mention)
        for words in (phrase.subject, phrase.text):
            if words.endswith(vocabulary().channels):
                return shorten(words, 24)
    return ""


def _only_opens(words: str) -> bool:
    return words in ("其中", "情况", "方面", "具体情况", "按申请方式", "按类型分")


def thing_before(laid_out: Context, k: int, done: Sequence[Linked], reach: int = 4) -> str:
    """Return the thing an action or a bare measure at mention ``k`` speaks of.

    Clauses since the last metric are asked first, then the last metric of the sentence, then the last metric with
    a like unit in the paragraph.

    Args:
        laid_out: the paragraph.
        k: index of the mention.
        done: what was linked before it.
        reach: how many clauses back a thing may stand.
    """
    mention = laid_out.mentions[k]
    sentence = laid_out.clause_of(mention).sentence
    for clause in _clauses_since(laid_out, k, done):
        phrase = _told(laid_out, clause, mention)
        if phrase.thing and mention.clause - clause.index <= reach:
            return shorten(stem(phrase.thing), 24)
    for earlier in reversed(done):
        if earlier.sentence == sentence and earlier.noun and not earlier.derived:
            return shorten(stem(earlier.noun), 24)
    for earlier in reversed(done):
        if earlier.noun and alike(earlier.mention.quantity.unit, mention.quantity.unit):
            return shorten(stem(earlier.noun), 24)
    return ""


def stem(noun: str) -> str:
    """Take the measure off a thing: 服务中心占地面积 -> 服务中心; a rate without a known measure names no thing."""
    noun = _OF_A_YEAR.sub("", noun)
    bare = vocabulary().bare_measures
    for length in range(min(8, len(noun)), 1, -1):
        if noun[-length:] in bare:
            return noun[:-length]
    return "" if noun.endswith("率") else noun


def alike(a: str | None, b: str | None) -> bool:
    """Whether two measure words may count parts and whole of the same things."""
    a, b = measure_word(a), measure_word(b)
    return a == b or {a, b} <= vocabulary().count_units


def _clauses_since(laid_out: Context, k: int, done: Sequence[Linked]) -> list[Clause]:
    """Return the clauses of the sentence between the last metric and mention ``k``, nearest first, adjuncts last."""
    mention = laid_out.mentions[k]
    own = laid_out.clause_of(mention)
    floor = done[-1].mention.clause if done else -1
    found = [
        c
        for c in reversed(laid_out.clauses[max(floor + 1, mention.clause - 4) : mention.clause])
        if c.sentence == own.sentence
    ]
    adjunct = vocabulary().adjuncts
    plain = [c for c in found if not laid_out.masked[c.start : c.end].lstrip("\0 ").startswith(adjunct)]
    return plain + [c for c in found if c not in plain]


def _told(laid_out: Context, clause: Clause, mention: Mention) -> Phrase:
    end = min(clause.end, mention.quantity.start)
    start = max(clause.start, end - REACH)
    phrase = left_phrase(laid_out.text, laid_out.masked, start, end)
    if not phrase.text.endswith("中") or phrase.text.endswith(("集中", "高中", "初中")):
        return phrase
    return replace(phrase, text=phrase.text.removesuffix("中"), noun=phrase.noun.removesuffix("中"))


def heading_noun(path: Sequence[str]) -> str:
    """Return what the nearest heading that names a subject is about ("（二）依申请公开情况" -> 依申请公开)."""
    voc = vocabulary()
    for title in reversed(path):
        words = _HEADING_TAIL.sub("", _HEADING_NUMBER.sub("", title)).strip()
        if not words or words in voc.empty_headings:
            continue
        phrase = left_phrase(words, words, 0, len(words))
        if phrase.noun or phrase.text:
            return shorten(phrase.noun or phrase.text, 20)
    return ""


def rate_of_part(whole: str, part: str) -> str:
    """Name a rate told of another part: 重点林区通信覆盖率 + 一般区域 -> 一般区域通信覆盖率."""
    if not has_rate_head(whole):
        return of_part(whole, part) + "比例" if whole else ""
    match = _PART_END.match(whole)
    head = whole[match.end() :] if match else whole
    return shorten(part, 20) + shorten(head, 20) if match else of_part(whole, part)


def list_items(laid_out: Context, start: int, end: int) -> list[str]:
    """Split a stretch at 、和与及 into its items, cleaned."""
    words = "".join(
        c
        for c, m in zip(laid_out.text[start:end], laid_out.masked[start:end], strict=True)
        if m != "\0" and not c.isspace()
    )
    return [item for item in (tidy(w) for w in re.split(r"、|以及|(?<!参)与|(?<!共)和|及(?!时)", words)) if item]
