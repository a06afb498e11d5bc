"""Names for numbers that count or measure: after the words before them, behind them, or told earlier."""

from __future__ import annotations

import re

from gongkai.pipeline.metrics import timeframe
from gongkai.pipeline.metrics.indicator import (
    MAX_LENGTH,
    Following,
    Phrase,
    action_after,
    changed_from,
    has_rate_head,
    left_phrase,
    of_part,
    right_phrase,
    shorten,
    tidy,
    with_suffix,
)
from gongkai.pipeline.metrics.inherit import Linked, rate_of_part
from gongkai.pipeline.metrics.lexicon import vocabulary
from gongkai.pipeline.metrics.situation import Situation
from gongkai.pipeline.metrics.vocabulary import measure_word

_MULTIPLES = ("倍", "番")
# "制定《…》《…》等6项制度": titles that only exemplify what is counted.
_EXAMPLES = re.compile(r"([一-鿿]{2,16}?)了?[《“][^\n]*[》”]等?$")
_LIGHT_START = re.compile(r"^(?:开展|进行|实施|予以|组织|了)+")


# ---- number before its noun ------------------------------------------------------------------------------------


def thing_behind(here: Situation, phrase: Phrase) -> Following | None:
    """Return the thing that follows the number, where it is this number's ("25个行政执法单位")."""
    start, end = here.mention.right
    of = here.laid_out.masked[start:end].lstrip("\0 ").startswith("的")
    if here.unit not in vocabulary().classifiers and not of:
        return None
    verbs_too = not phrase.ends_in_noun and not of
    following = right_phrase(here.laid_out.text, here.laid_out.masked, start, end, verbs_too)
    if following is None or not phrase.ends_in_noun:
        return following
    named = has_rate_head(phrase.text) or phrase.text in vocabulary().bare_measures
    return None if named or (not phrase.lead and _feeds_next(here)) else following


def _feeds_next(here: Situation) -> bool:
    """Whether the words behind this number are the next one's ("公开信息30条政策文件5件")."""
    mentions = here.laid_out.mentions
    if here.k + 1 >= len(mentions) or mentions[here.k + 1].clause != here.mention.clause:
        return False
    return mentions[here.k + 1].left[0] == here.mention.quantity.end


def number_first(here: Situation, phrase: Phrase, following: Following) -> Linked:
    """Name "举办2起政务工作培训班" or "对218户医疗机构开展监督检查" after the thing behind the number."""
    thing = following.text
    rest = _LIGHT_START.sub("", following.rest)
    if here.is_share:
        name = f"{rest}的{thing}比例" if 1 < len(rest) <= 16 else f"{phrase.text}{thing}比例"
        return here.base.named(shorten(name), noun=thing, span=following.span, score=0.75)
    examples = _EXAMPLES.match(phrase.text)
    if examples and phrase.verb:
        name = with_suffix(examples[1] + thing, here.unit, True)
    elif phrase.verb and phrase.verb not in vocabulary().light_verbs:
        name = with_suffix(phrase.text + thing, here.unit, True)
    elif phrase.lead == "对" and 1 < len(rest) <= 14:
        name = with_suffix(f"{phrase.text}{rest}{thing}", here.unit, True)
    elif 1 < len(rest) <= 16 and len(rest) + len(thing) + len(phrase.text) < 32:
        name = f"{rest}的{phrase.noun}{thing}"
    else:
        name = phrase.noun + thing
    return here.base.named(
        shorten(name), noun=thing, verb=phrase.verb, subject=phrase.subject, span=following.span, score=0.9
    )


# ---- number behind its noun, or without one --------------------------------------------------------------------


def number_last(here: Situation, phrase: Phrase, raw: str) -> Linked:
    """Name a number after the words before it, completed by what was told earlier where they do not suffice.

    Args:
        here: the number.
        phrase: the words before it, cleaned.
        raw: the same words as they stand.
    """
    voc = vocabulary()
    plain = tidy(raw.removeprefix("其中"))
    if plain in voc.parts:
        phrase = Phrase(plain, plain, "", True, "", here.mention.left)
    if here.unit in voc.noun_units:
        phrase = _with_unit(phrase, here.unit)
    outcome = action_after(here.laid_out.text, here.laid_out.masked, *here.mention.right)
    if not phrase.text:
        return _unnamed(here, outcome)
    if here.is_share and 1 < len(outcome) <= 8 and not has_rate_head(phrase.text) and not phrase.verb:
        return here.base.named(shorten(f"{phrase.text}{outcome}率"), noun=phrase.noun, score=0.7)
    found = _part(here, phrase) if _is_part(here, phrase) and not changed_from(raw) else None
    if found is not None:
        return found
    if phrase.only_verb and not here.is_share:
        return _object_from_before(here, phrase)
    if phrase.text in voc.bare_measures or phrase.only_verb:
        return _measure_of(here, phrase)
    if phrase.lead == "被" or (not phrase.noun and _acts(phrase.subject)):
        return _with_thing(here, phrase)
    return _full(here, phrase)


def _with_unit(phrase: Phrase, unit: str | None) -> Phrase:
    """Name what is counted when the measure word is itself the thing ("42部门")."""
    word = (unit or "").removeprefix("个")
    return Phrase(phrase.text + word, word, phrase.verb, True, phrase.lead, phrase.span, phrase.subject)


def _is_part(here: Situation, phrase: Phrase) -> bool:
    """Whether the words before a number name a part of something counted before, not a thing of their own."""
    voc, words, last = vocabulary(), phrase.text, here.last
    if words.strip('“”"') in voc.parts or timeframe.is_place(words):
        return True
    if here.is_share:
        return here.unit not in _MULTIPLES and not has_rate_head(words) and not phrase.verb and bool(here.done)
    if phrase.verb or words in voc.bare_measures:
        return False
    if here.chain():
        return True
    if last is None or len(words) > 3 or not {here.unit, measure_word(last.mention.quantity.unit)} <= voc.count_units:
        return False
    return bool(last.whole) or len(last.noun) > len(words) + 1


def _part(here: Situation, phrase: Phrase) -> Linked | None:
    """Name a part by the whole's indicator with the part in brackets, or in the place of its sibling."""
    chain, part, last = here.chain(), phrase.text, here.last
    if not chain and not here.is_share and last is not None and _is_sibling(part, last):
        name = shorten(part + last.indicator.removeprefix(last.subject))
        return here.base.named(
            name, noun=last.noun, verb=last.verb, subject=part, score=0.7, part=part, span=phrase.span
        )
    told = last.whole if last is not None and not here.is_share and part in vocabulary().parts else ""
    whole = chain or told or here.whole(same_unit=not here.is_share)
    if not whole or whole.endswith(part):
        return None
    if here.is_share:
        name = rate_of_part(whole, part)
        return here.base.named(name, noun=name, score=0.7, part=part, span=phrase.span)
    return here.base.named(
        of_part(whole, part),
        noun=_object_of(whole),
        score=0.7,
        part=part,
        whole=whole,
        span=phrase.span,
        inside=here.inside(),
    )


def _is_sibling(part: str, last: Linked) -> bool:
    """Whether the metric before tells the same of another channel ("微博发布850条，微信1120条")."""
    channels = vocabulary().channels
    return last.subject.endswith(channels) and part.endswith(channels)


def _measure_of(here: Situation, phrase: Phrase) -> Linked:
    """Name "面积3000平方米" or "办结率99%": the measure stands here, what is measured before."""
    audience = phrase.text.startswith(vocabulary().audience)
    thing = here.channel() if audience else here.thing(reach=2)
    name = phrase.text if has_rate_head(phrase.text) or not here.is_share else phrase.text + "率"
    thing = "" if thing.endswith(name) else shorten(thing, MAX_LENGTH - len(name))
    return here.base.named(thing + name, noun=thing + name, score=0.7, span=phrase.span)


def _acts(subject: str) -> bool:
    """Whether a subject is a channel that did something, not the thing it was done to ("信息在网站公开")."""
    voc = vocabulary()
    return "在" not in subject and (subject.endswith(voc.channels) or subject in voc.parts)


def _with_thing(here: Situation, phrase: Phrase) -> Linked:
    """Name "在县政府网站公开1500余条" or "被上级网站转载86篇": who acts stands here, on what stands before."""
    thing = here.thing()
    if phrase.lead == "被":
        words = f"{shorten(thing, 18)}被{phrase.text}"
    else:
        thing = thing.removeprefix(phrase.subject)
        words = phrase.text + shorten(thing, 20)
    name = with_suffix(shorten(words, MAX_LENGTH - 2), here.unit, True)
    return here.base.named(
        name,
        noun=thing or phrase.text,
        verb=phrase.verb,
        subject=phrase.subject,
        score=0.75,
        span=phrase.span,
    )


def _full(here: Situation, phrase: Phrase) -> Linked:
    """Name a number whose own words suffice; a list shares the action of its first item."""
    words, verb, last = phrase.text, phrase.verb, here.last
    if not verb and here.mention.listed and last is not None and last.mention.clause == here.mention.clause:
        verb = last.verb
        words = verb + words if not here.is_share and len(verb) <= 4 else words
    if here.is_share and not has_rate_head(words):
        words += "倍数" if here.unit in _MULTIPLES else "比例" if phrase.noun else "率"
    name = with_suffix(shorten(words, MAX_LENGTH - 2), here.unit, bool(verb) and not here.is_share)
    thing = (words.partition("被")[0] if "被" in words else phrase.thing) or words
    return here.base.named(
        name,
        noun=thing,
        verb=verb,
        subject=phrase.subject,
        span=phrase.span,
        score=0.9,
        whole=here.chain(),
        inside=here.inside(),
    )


def _unnamed(here: Situation, outcome: str) -> Linked:
    """Name a number with nothing before it: an outcome behind it, or what was named before."""
    chain = here.chain()
    whole = chain or here.whole(same_unit=False)
    if 1 < len(outcome) <= 20 and whole:
        return here.base.named(
            of_part(whole, outcome),
            noun=_object_of(whole),
            whole=chain,
            part=outcome,
            score=0.6,
            inside=here.inside(),
        )
    counted_anew = (
        bool(here.done) and here.done[-1].mention.quantity.unit != here.unit and here.unit in vocabulary().suffixes
    )
    name = with_suffix(shorten(whole or outcome, MAX_LENGTH - 2), here.unit, counted_anew)
    return here.base.named(name, noun=whole or outcome, score=0.5)


def _object_from_before(here: Situation, phrase: Phrase) -> Linked:
    """Name "办结10件" or "对应取消120项": the action stands here, its object earlier."""
    verb = phrase.text
    hosted = _hosted(verb)
    if hosted:
        name = with_suffix(verb, here.unit, True)
        return here.base.named(name, noun=hosted, verb=verb, score=0.8, span=phrase.span)
    thing = here.thing()
    if here.unit == "元" and verb in vocabulary().fee_verbs:
        thing = thing if thing.endswith(("费", "费用")) else shorten(thing, 30) + "费用"
        name = verb + shorten(thing, MAX_LENGTH - len(verb) - 2) + "金额"
        return here.base.named(name, noun="费用", verb=verb, score=0.65, span=phrase.span)
    thing = thing.removeprefix(verb)
    words = thing if thing.endswith(verb) else verb + shorten(thing, MAX_LENGTH - len(verb) - 2)
    name = with_suffix(words, here.unit, True)
    return here.base.named(
        name,
        noun=thing or verb,
        verb=verb,
        span=phrase.span,
        score=0.75 if thing else 0.4,
        whole=here.chain(),
        inside=here.inside(),
    )


def _hosted(verb: str) -> str:
    """Return the action that another one hosts: 开展培训 -> 培训."""
    host = next((host for host in vocabulary().hosting_verbs if verb.startswith(host)), "")
    rest = verb.removeprefix(host) if host else ""
    return rest if len(rest) > 1 and rest not in vocabulary().hosting_verbs else ""


def _object_of(whole: str) -> str:
    """Return the thing in a whole's indicator: 收到政府信息公开申请 -> 政府信息公开申请."""
    return left_phrase(whole, whole, 0, len(whole)).thing or whole
