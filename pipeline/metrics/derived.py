"""Numbers told of other numbers: growth ("同比增长70.3%") and shares ("占信访总量的2.67%")."""

from __future__ import annotations

import re

from gongkai.pipeline.metrics.indicator import MAX_LENGTH, left_phrase, shorten, tidy
from gongkai.pipeline.metrics.inherit import Linked
from gongkai.pipeline.metrics.situation import Situation

_COMPARED = (
    r"同比|环比|(?:较|比|与|同)[^，、]{0,12}?(?:同期|上年|去年|往年|上月|上季度|年度?|相比|水平|之前|以前|原来)?"
)
_GROWTH = re.compile(
    rf"(?:(?P<cue>{_COMPARED})\s*)?(?:又|再|共|净|大幅|平均|约|均|分别)*"
    r"(?P<verb>增长|增加|新增|上升|提高|提升|攀升|上涨|增幅|下降|减少|降低|下滑|回落|降幅|增速|缩短|压缩|压减|精简|翻|多|少)"
    r"(?:了|为|达|幅度达|幅度为|率为|率达)?$"
)
_SHARE = re.compile(
    r"(?P<subject>.*?)(?:仅|约|共)?占(?!地|用|道|有)(?P<whole>[^占，]{0,24}?)(?:的|比例|比重|比)?(?:为|达|达到|的)?$"
)
_KINDS = {"多": "增加", "少": "减少", "翻": "增长"}
_NAMED = frozenset({"增幅", "降幅", "增速"})


def growth(here: Situation, raw: str) -> Linked | None:
    """Name a growth after what grew; guidelines: "Growth is a metric of its own".

    Args:
        here: the number.
        raw: the words before it, without white space and remarks.

    Returns:
        The linked growth, or None where the words tell none.
    """
    match = _GROWTH.search(raw)
    if match is None or not (match["cue"] or here.is_share):
        return None
    if match["verb"] in ("多", "少") and not match["cue"]:
        return None
    before = _subject(here, match.start()) or _risen_share(here) or here.told()
    cue = match["cue"] or ""
    cue = "同比" if cue.startswith(("同比", "较", "比", "与", "同")) else cue
    name = cue + _ending(_KINDS.get(match["verb"], match["verb"]), here)
    words = shorten(before, MAX_LENGTH - len(name)) + name
    return here.base.named(words, noun=before, score=0.85 if before else 0.4, derived=True, inside=here.last)


def _risen_share(here: Situation) -> str:
    """Return the share that points are added to: "图解占比86%，提高13个百分点"."""
    last = here.last
    return last.indicator if here.unit == "百分点" and last is not None and last.mention.quantity.unit == "%" else ""


def _ending(kind: str, here: Situation) -> str:
    if kind in _NAMED:
        return kind
    if not here.is_share:
        return kind + "数"
    return kind + ("率" if here.unit in ("%", "‰") and kind in ("增长", "下降") else "幅度")


def share(here: Situation, raw: str) -> Linked | None:
    """Name a share after the part and the whole it is taken of.

    Args:
        here: the number.
        raw: the words before it, without white space and remarks.

    Returns:
        The linked share, or None where the words tell none (占地 is an area).
    """
    if not here.is_share and here.unit is not None:
        return None
    match = _SHARE.search(raw)
    if match is None or "占地" in raw:
        return None
    subject = _subject(here, len(match["subject"])) or here.told()
    of = tidy(match["whole"].removeprefix("了").removeprefix("到"))
    of = "" if of in ("比", "比例", "比重") else of
    name = f"占{shorten(of, 20)}比重" if of else "占比"
    words = shorten(subject, MAX_LENGTH - len(name)) + name
    return here.base.named(words, noun=subject, score=0.85 if subject else 0.5, derived=True, inside=here.last)


def _subject(here: Situation, length: int) -> str:
    """Return what the first ``length`` kept characters before the number name."""
    start, end = here.mention.left
    stop, seen = start, 0
    while stop < end and seen < length:
        char = here.laid_out.masked[stop]
        seen += char != "\0" and not char.isspace()
        stop += 1
    return left_phrase(here.laid_out.text, here.laid_out.masked, start, stop).text
