"""The rule linker: says what each number of a paragraph measures, from the words around it and before it.

The rules follow ``annotation-guidelines.md``, section Metrics: growth is a metric of its own, parts of a whole carry
the whole's indicator, an indicator is understandable outside its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.pipeline.metrics import context, timeframe
from gongkai.pipeline.metrics.base import LinkedMetric, Quantity
from gongkai.pipeline.metrics.indicator import (
    MAX_LENGTH,
    Following,
    Phrase,
    action_after,
    has_rate_head,
    left_phrase,
    of_part,
    right_phrase,
    shorten,
    surface,
    tidy,
    with_suffix,
)
from gongkai.pipeline.metrics.inherit import (
    CHANNELS,
    COUNTS,
    Linked,
    alike,
    channel_before,
    heading_noun,
    last_told,
    rate_of_part,
    thing_before,
    whole_before,
)
from gongkai.pipeline.metrics.lexicon import vocabulary
from gongkai.pipeline.metrics.pairs import pair_up
from gongkai.pipeline.tagging.base import ParagraphInput

SHARE_UNITS = frozenset({"%", "‰", "‱", "百分点", "倍", "番"})
_COMPARED = r"同比|环比|(?:较|比|与|同)[^，、]{0,12}?(?:同期|上年|去年|往年|上月|上季度|年度?|相比|水平|之前|以前|原来)?"
_GROWTH = re.compile(
    rf"(?:(?P<cue>{_COMPARED})\s*)?(?:又|再|共|净|大幅|平均|约|均|分别)*"
    r"(?P<verb>增长|增加|新增|上升|提高|提升|攀升|上涨|增幅|下降|减少|降低|下滑|回落|降幅|增速|缩短|压缩|压减|精简|翻|多|少)"
    r"(?:了|为|达|幅度达|幅度为|率为|率达)?$"
)
_SHARE = re.compile(r"(?P<subject>.*?)(?:仅|约|共)?占(?!地|用|道|有)(?P<whole>[^占，]{0,24}?)(?:的|比例|比重|比)?(?:为|达|达到|的)?$")
_AMONG = re.compile(r"其中|包括|包含|分别是|具体为")
_FEES = ("收取", "收费", "减免", "征收", "免除")


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
        linked = _Paragraph(laid_out, paragraph).run()
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
        opening = surface(laid_out.text, laid_out.masked, clause.start, quantity.start)
        scope = timeframe.find_scope(opening)
    return LinkedMetric(
        quantity=quantity,
        indicator=done.indicator[:MAX_LENGTH] or None,
        indicator_span=done.span,
        period=period,
        scope=scope,
        score=done.score if done.indicator else 0.1,
    )


@dataclass(slots=True)
class _Paragraph:
    """Resolves the mentions of one paragraph in order; later ones may inherit from earlier ones."""

    laid_out: context.Context
    paragraph: ParagraphInput

    def run(self) -> list[Linked]:
        """Link every mention."""
        pairs = pair_up(self.laid_out)
        done: list[Linked] = []
        for k in range(len(self.laid_out.mentions)):
            done.append(self._one(k, done, pairs.get(k)))
        return done

    def _one(self, k: int, done: list[Linked], pair: str | None) -> Linked:
        mention = self.laid_out.mentions[k]
        unit = mention.quantity.unit
        clause = self.laid_out.clause_of(mention)
        raw = surface(self.laid_out.text, self.laid_out.masked, *mention.left)
        base = Linked(mention=mention, sentence=clause.sentence)
        if pair is not None:
            return base.named(with_suffix(shorten(pair), unit, False), noun=pair, score=0.85)
        phrase = left_phrase(self.laid_out.text, self.laid_out.masked, *mention.left, rate=unit in SHARE_UNITS)
        for rule in (self._growth, self._share):
            found = rule(k, base, raw, unit, done)
            if found is not None:
                return found
        following = self._following(k, phrase, unit)
        if following is not None:
            return self._number_first(base, phrase, following, unit)
        if unit in vocabulary().noun_units:
            phrase = _with_unit(phrase, unit)
        return self._number_last(k, base, raw, phrase, done)

    # ---- growth and shares ------------------------------------------------------------------------------------

    def _growth(self, k: int, base: Linked, raw: str, unit: str | None, done: list[Linked]) -> Linked | None:
        """"同比增长70.3%": what grew, with a name for its growth."""
        match = _GROWTH.search(raw)
        if match is None or not (match["cue"] or unit in SHARE_UNITS):
            return None
        verb = match["verb"]
        if verb in ("多", "少") and not match["cue"]:
            return None
        start = self.laid_out.mentions[k].quantity.start - len(raw) + match.start()
        subject = tidy(raw[: match.start()]) if start >= 0 else ""
        phrase = self._clean(subject, base, match.start())
        before = phrase.text if phrase is not None and phrase.text else self._told(k, done)
        cue = "同比" if (match["cue"] or "").startswith(("同比", "较", "比", "与")) else (match["cue"] or "")
        kind = {"多": "增加", "少": "减少", "翻": "增长"}.get(verb, verb)
        ending = ("率" if unit in ("%", "‰") and kind in ("增长", "下降") else "幅度") if unit in SHARE_UNITS else "数"
        if kind in ("增幅", "降幅", "增速"):
            ending = ""
        name = f"{cue}{kind}{ending}"
        whole = shorten(before, MAX_LENGTH - len(name))
        return base.named(
            whole + name, noun=before, score=0.85 if before else 0.4, derived=True, inside=_last(done, base)
        )

    def _clean(self, subject: str, base: Linked, length: int) -> Phrase | None:
        """Clean the words before a growth verb where they stand in the text."""
        if not subject:
            return None
        start, end = base.mention.left
        stop, seen = start, 0
        while stop < end and seen < length:
            char = self.laid_out.masked[stop]
            seen += char != "\0" and not char.isspace()
            stop += 1
        return left_phrase(self.laid_out.text, self.laid_out.masked, start, stop)

    def _share(self, k: int, base: Linked, raw: str, unit: str | None, done: list[Linked]) -> Linked | None:
        """"占信访件总量2.67%": the part's name and the whole it is a share of."""
        if unit not in SHARE_UNITS and unit is not None:
            return None
        match = _SHARE.search(raw)
        if match is None or "占地" in raw:
            return None
        phrase = self._clean(tidy(match["subject"]), base, len(match["subject"]))
        subject = phrase.text if phrase is not None and phrase.text else self._told(k, done)
        of = tidy(match["whole"].removeprefix("了").removeprefix("到"))
        if of in ("比", "比例", "比重"):
            of = ""
        name = f"占{shorten(of, 20)}比重" if of else "占比"
        return base.named(
            shorten(subject, MAX_LENGTH - len(name)) + name,
            noun=subject,
            score=0.85 if subject else 0.5,
            derived=True,
            inside=_last(done, base),
        )

    # ---- number before its noun -------------------------------------------------------------------------------

    def _following(self, k: int, phrase: Phrase, unit: str | None) -> Following | None:
        mention = self.laid_out.mentions[k]
        start, end = mention.right
        of = self.laid_out.masked[start:end].lstrip("\0 ").startswith("的")
        if unit not in vocabulary().classifiers and not of:
            return None
        following = right_phrase(
            self.laid_out.text, self.laid_out.masked, start, end, verbs_too=not phrase.ends_in_noun and not of
        )
        if following is None:
            return None
        if phrase.ends_in_noun and not phrase.lead and self._feeds_next(k):
            return None
        if phrase.ends_in_noun and (has_rate_head(phrase.text) or phrase.text in vocabulary().bare_measures):
            return None
        return following

    def _feeds_next(self, k: int) -> bool:
        """Whether the words behind this number are the next one's ("公开信息30条政策文件5件")."""
        mentions = self.laid_out.mentions
        if k + 1 >= len(mentions) or mentions[k + 1].clause != mentions[k].clause:
            return False
        return mentions[k + 1].left[0] == mentions[k].quantity.end

    def _number_first(self, base: Linked, phrase: Phrase, following: Following, unit: str | None) -> Linked:
        """"举办2起政务工作培训班", "对218户医疗机构开展监督检查"."""
        thing = following.text
        rest = re.sub(r"^(?:开展|进行|实施|予以|组织|了)+", "", following.rest)
        if unit in SHARE_UNITS:
            name = f"{rest}的{thing}比例" if 1 < len(rest) <= 16 else f"{phrase.text}{thing}比例"
            return base.named(shorten(name), noun=thing, span=following.span, score=0.75)
        if phrase.verb and phrase.verb not in vocabulary().light_verbs:
            name = with_suffix(phrase.text + thing, unit, True)
        elif phrase.lead == "对" and 1 < len(rest) <= 14:
            name = with_suffix(f"{phrase.text}{rest}{thing}", unit, True)
        elif 1 < len(rest) <= 16 and len(rest) + len(thing) + len(phrase.text) < 32:
            name = f"{rest}的{phrase.noun}{thing}"
        else:
            name = phrase.noun + thing
        return base.named(
            shorten(name), noun=thing, verb=phrase.verb, subject=phrase.subject, span=following.span, score=0.9
        )

    # ---- number behind its noun, or without one ---------------------------------------------------------------

    def _number_last(self, k: int, base: Linked, raw: str, phrase: Phrase, done: list[Linked]) -> Linked:
        voc = vocabulary()
        mention, unit = base.mention, base.mention.quantity.unit
        rate = unit in SHARE_UNITS
        outcome = action_after(self.laid_out.text, self.laid_out.masked, *mention.right)
        if rate and phrase.text and 1 < len(outcome) <= 8 and not has_rate_head(phrase.text) and not phrase.verb:
            return base.named(shorten(f"{phrase.text}{outcome}率"), noun=phrase.noun, score=0.7)
        plain = tidy(raw.removeprefix("其中"))
        if plain in voc.parts:
            phrase = Phrase(plain, plain, "", True, "", mention.left)
        if not phrase.text:
            return self._unnamed(k, base, outcome, done)
        if self._is_part(phrase, k, done):
            found = self._part(k, base, phrase, done)
            if found is not None:
                return found
        if phrase.only_verb and not rate:
            return self._object_from_before(k, base, phrase, done)
        if phrase.text in voc.bare_measures or (rate and phrase.only_verb):
            return self._measure_of(k, base, phrase, done)
        if phrase.lead == "被" or (not phrase.noun and _acts(phrase.subject)):
            return self._with_thing(k, base, phrase, done)
        return self._full(k, base, phrase, done)

    def _part(self, k: int, base: Linked, phrase: Phrase, done: list[Linked]) -> Linked | None:
        """A part of a whole: the whole's indicator with the part in brackets, or in the place of its sibling."""
        rate = base.mention.quantity.unit in SHARE_UNITS
        chain = self._chain(k, done)
        if not chain and not rate and self._sibling(phrase, base, done):
            name = phrase.text + done[-1].indicator.removeprefix(done[-1].subject)
            return base.named(
                shorten(name), noun=done[-1].noun, verb=done[-1].verb, subject=phrase.text, score=0.7,
                part=phrase.text, span=phrase.span,
            )  # fmt: skip
        whole = chain or self._whole(k, done, same_unit=not rate)
        if not whole or whole.endswith(phrase.text):
            return None
        if rate:
            name = rate_of_part(whole, phrase.text)
            return base.named(name, noun=name, score=0.7, part=phrase.text, span=phrase.span)
        return base.named(
            of_part(whole, phrase.text), noun=_object_of(whole), score=0.7, part=phrase.text, whole=whole,
            span=phrase.span, inside=self._inside(k, done),
        )  # fmt: skip

    def _sibling(self, phrase: Phrase, base: Linked, done: list[Linked]) -> bool:
        """Whether the metric before tells the same of another channel ("微博发布850条，微信1120条")."""
        if not done or done[-1].sentence != base.sentence or not done[-1].subject:
            return False
        return done[-1].subject.endswith(CHANNELS) and phrase.text.endswith(CHANNELS)

    def _measure_of(self, k: int, base: Linked, phrase: Phrase, done: list[Linked]) -> Linked:
        """"面积3000平方米", "办结率99%": the measure stands here, what is measured before."""
        rate = base.mention.quantity.unit in SHARE_UNITS
        if phrase.text.startswith(vocabulary().audience):
            thing = channel_before(self.laid_out, k, done)
        else:
            thing = thing_before(self.laid_out, k, done, reach=2) or heading_noun(self.paragraph.path)
        name = phrase.text if has_rate_head(phrase.text) or not rate else phrase.text + "率"
        thing = "" if thing.endswith(name) else shorten(thing, MAX_LENGTH - len(name))
        return base.named(thing + name, noun=thing + name, score=0.7, span=phrase.span)

    def _with_thing(self, k: int, base: Linked, phrase: Phrase, done: list[Linked]) -> Linked:
        """"在县政府网站公开1500余条", "被上级网站转载86篇": who acts stands here, on what stands before."""
        thing = thing_before(self.laid_out, k, done)
        if phrase.lead == "被":
            words = f"{shorten(thing, 18)}被{phrase.text}"
        else:
            thing = thing.removeprefix(phrase.subject)
            words = phrase.text + shorten(thing, 20)
        name = with_suffix(shorten(words, MAX_LENGTH - 2), base.mention.quantity.unit, True)
        return base.named(
            name, noun=thing or phrase.text, verb=phrase.verb, subject=phrase.subject, score=0.75, span=phrase.span
        )

    def _full(self, k: int, base: Linked, phrase: Phrase, done: list[Linked]) -> Linked:
        """The words before the number name it by themselves."""
        unit = base.mention.quantity.unit
        words = phrase.text
        verb = phrase.verb
        if not verb and base.mention.listed and done and done[-1].verb and done[-1].mention.clause == base.mention.clause:
            verb = done[-1].verb
            words = verb + words if unit not in SHARE_UNITS and len(verb) <= 4 else words
        if unit in SHARE_UNITS and not has_rate_head(words):
            words += "倍数" if unit in ("倍", "番") else "率" if not phrase.noun else "比例"
        name = with_suffix(shorten(words, MAX_LENGTH - 2), unit, bool(verb) and unit not in SHARE_UNITS)
        thing = (words.partition("被")[0] if "被" in words else phrase.thing) or words
        return base.named(
            name, noun=thing, verb=verb, subject=phrase.subject, span=phrase.span, score=0.9,
            whole=self._chain(k, done), inside=self._inside(k, done),
        )  # fmt: skip

    def _is_part(self, phrase: Phrase, k: int, done: list[Linked]) -> bool:
        """Whether the words before a number name a part of something counted before, not a thing of their own."""
        words, unit = phrase.text, self.laid_out.mentions[k].quantity.unit
        if words.strip("“”\"") in vocabulary().parts or timeframe.is_place(words):
            return True
        if unit in SHARE_UNITS:
            return unit not in ("倍", "番") and not has_rate_head(words) and not phrase.verb and bool(done)
        if phrase.verb or words in vocabulary().bare_measures:
            return False
        if self._chain(k, done):
            return True
        if not done or done[-1].sentence != self._sentence(k):
            return False
        longer = len(done[-1].noun) > len(words) + 1 or bool(done[-1].whole)
        return len(words) <= 3 and longer and unit in COUNTS and done[-1].mention.quantity.unit in COUNTS

    def _chain(self, k: int, done: list[Linked]) -> str:
        """Return the whole whose parts are being listed ("其中，…") at mention ``k``, else ""."""
        opened = self._opened(k, done)
        unit = self.laid_out.mentions[k].quantity.unit
        if opened is not None:
            return opened.core if alike(opened.mention.quantity.unit, unit) or unit in SHARE_UNITS else ""
        last = done[-1] if done and done[-1].sentence == self._sentence(k) else None
        if last is not None and re.search(r"[)）]", self._gap(k, last)):
            return ""
        return last.whole if last is not None and alike(last.whole_unit, unit) else ""

    def _opened(self, k: int, done: list[Linked]) -> Linked | None:
        """Return the whole that "其中" or a bracket opens right before mention ``k``."""
        if not done or done[-1].sentence != self._sentence(k):
            return None
        quantity = self.laid_out.mentions[k].quantity
        gap = self._gap(k, done[-1])
        if ")" in gap or "）" in gap:
            return None
        if not _AMONG.search(gap) and (self._opener(k) not in "（(" or done[-1].derived):
            return None
        wholes = [d for d in done if d.sentence == self._sentence(k) and not d.derived]
        large = [d for d in wholes if d.mention.quantity.value >= quantity.value]
        return (large or wholes or done)[-1]

    def _inside(self, k: int, done: list[Linked]) -> Linked | None:
        """Return the metric whose list of parts mention ``k`` continues or opens."""
        return self._opened(k, done) or _last(done, Linked(self.laid_out.mentions[k], self._sentence(k)))

    def _gap(self, k: int, last: Linked) -> str:
        return self.laid_out.masked[last.mention.quantity.end : self.laid_out.mentions[k].quantity.start]

    def _sentence(self, k: int) -> int:
        return self.laid_out.clause_of(self.laid_out.mentions[k]).sentence

    def _opener(self, k: int) -> str:
        return self.laid_out.clause_of(self.laid_out.mentions[k]).opener or " "

    def _whole(self, k: int, done: list[Linked], same_unit: bool) -> str:
        return whole_before(self.laid_out, k, done, same_unit) or heading_noun(self.paragraph.path)

    def _told(self, k: int, done: list[Linked]) -> str:
        told = last_told(self.laid_out, k, done)
        return told.core if told is not None else self._whole(k, done, same_unit=False)

    def _unnamed(self, k: int, base: Linked, outcome: str, done: list[Linked]) -> Linked:
        """A number with nothing before it in its clause: an outcome behind it, or what was named before."""
        chain = self._chain(k, done)
        whole = chain or self._whole(k, done, same_unit=False)
        if 1 < len(outcome) <= 20 and whole:
            return base.named(
                of_part(whole, outcome), noun=_object_of(whole), whole=chain, part=outcome, score=0.6,
                inside=self._inside(k, done),
            )  # fmt: skip
        unit = base.mention.quantity.unit
        counted_anew = bool(done) and done[-1].mention.quantity.unit != unit and unit in vocabulary().suffixes
        name = with_suffix(shorten(whole or outcome, MAX_LENGTH - 2), unit, counted_anew)
        return base.named(name, noun=whole or outcome, score=0.5)

    def _object_from_before(self, k: int, base: Linked, phrase: Phrase, done: list[Linked]) -> Linked:
        """"办结10件", "对应取消120项": the action stands here, its object earlier."""
        unit = base.mention.quantity.unit
        thing = thing_before(self.laid_out, k, done) or heading_noun(self.paragraph.path)
        verb = phrase.text
        if unit == "元" and verb in _FEES:
            thing = thing if thing.endswith("费") or thing.endswith("费用") else shorten(thing, 30) + "费用"
            name = verb + shorten(thing, MAX_LENGTH - len(verb) - 2) + "金额"
            return base.named(name, noun="费用", verb=verb, score=0.65, span=phrase.span)
        if thing.startswith(verb):
            thing = thing.removeprefix(verb)
        name = with_suffix(verb + shorten(thing, MAX_LENGTH - len(verb) - 2), unit, True)
        return base.named(
            name, noun=thing or verb, verb=verb, span=phrase.span, score=0.75 if thing else 0.4,
            whole=self._chain(k, done), inside=self._inside(k, done),
        )  # fmt: skip


def _acts(subject: str) -> bool:
    """Whether a subject is a channel that did something, not the thing it was done to ("信息在网站公开")."""
    return "在" not in subject and (subject.endswith(CHANNELS) or subject in vocabulary().parts)


def _last(done: list[Linked], here: Linked) -> Linked | None:
    return done[-1] if done and done[-1].sentence == here.sentence else None


def _object_of(whole: str) -> str:
    """Return the thing in a whole's indicator: 收到政府信息公开申请 -> 政府信息公开申请."""
    return left_phrase(whole, whole, 0, len(whole)).thing or whole


def _with_unit(phrase: Phrase, unit: str | None) -> Phrase:
    """Name what is counted when the measure word is itself the thing ("42部门")."""
    word = (unit or "").removeprefix("个")
    return Phrase(phrase.text + word, word, phrase.verb, True, phrase.lead, phrase.span, phrase.subject)
