"""Noun phrases for numbers: what stands before a number, cleaned; what follows it; and how they are joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gongkai.pipeline.metrics.lexicon import Piece, pieces, vocabulary

MAX_LENGTH = 40
_EDGE = " \t\u3000\u00a0、，,。；;：:·-—（）()[]【】/…"
_NO_NOUN = re.compile(
    r"(?:结果(?!信息|公开)|尚未|维持|纠正|撤销|驳回|予以|转(?!移|型|化|变|基|播)|不(?!动产)|未|无(?!障碍|线|人机|害化)|没|较|比(?!赛)|同比|环比|占(?!地)|之|左右|以上|以下|上下|开外|获|得到|其|能(?!源|力)|"
    r"会(?!议|员|计|场)|应(?!急|用)|按|到(?!期|位)|起|来(?!信|访|电|件|函)|出(?!版|租|口|生)|于|后|前|内(?!部|设|容|外)|中(?!央|小|医|心|高|国|型)|"
    r"时|次|余|和|及|与|或|但|而|使|让|尚|全部|多(?!媒体|功能|部门)|元|级|被(?!征|执)|同意|属于|属(?!地)|因|既|既无|仍|也|个人?$|等|[/\d%.%。～~\-—+])"
)
_NUMERIC_END = (
    "数",
    "量",
    "额",
    "率",
    "度",
    "次数",
    "金额",
    "比例",
    "比重",
    "占比",
    "得分",
    "面积",
    "时限",
    "时间",
    "人数",
    "人次",
    "天数",
    "字数",
    "时长",
    "工期",
)
_TRAILING = re.compile(r"(?:等|等共|等共计|的|情况|方面|分别|数为|工作共|其中|任务数?为)$")
_UNIT_COLUMN = re.compile(r"(?<=[数量额])(?:条|件|次|个|场次|人|元|万元|人次|篇|份|%)$")
_LOOSE_NUMBER = re.compile(r"(?<=[\u4e00-\u9fff]{4})\d+$")
_LEADING = re.compile(r"^(?:等(?!级|候)|的(?!士)|了(?!解)|等方面|[一二三四五六七八九十]{1,2}是)(?=.{2,})")
_SINCE_BASE = re.compile(r"(?:由|从)(?:[12]\d{3}年度?|年初|原来|原先|上年|去年|最初|过去|此前|之前|原)?的?$")
_DOUBLED = re.compile(r"([\u4e00-\u9fff]{2,8})\1")
_MEANS = frozenset({"通过", "利用", "依托", "借助", "在", "运用", "经由", "以", "经"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words before a number, cleaned.

    Attributes:
        text: what is left without fillers, prepositions and joining words.
        noun: the part behind the last action ("" when there is none).
        verb: the last action with nothing behind it or the one before ``noun``, "" when there is none.
        ends_in_noun: whether the words directly before the number are a thing.
        subject: what stands before the first action ("微信公众号" 发布 信息), "" when there is none.
        lead: the preposition that opened it ("对", "将"), else "".
        span: offsets of ``text`` where it stands as one piece, else of its noun, else None.
    """

    text: str
    noun: str
    verb: str
    ends_in_noun: bool
    lead: str
    span: tuple[int, int] | None
    subject: str = ""

    @property
    def thing(self) -> str:
        """What the words speak of, for a later number that leaves it unsaid: an object may stand before its action."""
        return self.noun or ("" if self.only_verb else tidy(self.text.removesuffix(self.verb)))

    @property
    def only_verb(self) -> bool:
        """Whether it is an action without any thing."""
        return bool(self.text) and bool(self.verb) and self.text == self.verb


def surface(text: str, masked: str, start: int, end: int) -> str:
    """Return ``text[start:end]`` without dropped remarks and white space."""
    return "".join(c for c, m in zip(text[start:end], masked[start:end], strict=True) if m != "\0" and not c.isspace())


def left_phrase(text: str, masked: str, start: int, end: int, rate: bool = False) -> Phrase:
    """Clean the words before a number.

    Args:
        text, masked: the paragraph and its masked form.
        start, end: the stretch.
        rate: the number is a share or score, whose name keeps words of manner ("按时办结率").
    """
    kept = [p for p in pieces(masked, start, end) if p.kind != "filler"]
    kept = _without_base(text, masked, kept)
    joined = bool(kept) and kept[-1].kind in ("copula", "preposition")
    while kept and kept[-1].kind in ("copula", "preposition"):
        kept.pop()
    lead, kept = _lead(text, kept)
    kept = [p for k, p in enumerate(kept) if p.kind != "manner" or rate or _names(kept, k)]
    if not kept:
        return Phrase("", "", "", False, lead, None)
    words_of = [surface(text, masked, p.start, p.end) for p in kept]
    verbs = [k for k, p in enumerate(kept) if p.kind == "verb"]
    subject = tidy("".join(words_of[: verbs[0]])) if verbs else ""
    if lead in _MEANS and "、" in subject:
        kept, words_of, subject = kept[verbs[0] :], words_of[verbs[0] :], ""
        verbs = [k for k, p in enumerate(kept) if p.kind == "verb"]
    last_verb = verbs[-1] if verbs else -1
    words = tidy("".join(words_of))
    noun = tidy("".join(words_of[last_verb + 1 :]))
    verb = words_of[last_verb] if verbs else ""
    if verbs and all(p.kind in ("verb", "manner") or _is_joint(text, p) for p in kept):
        verb = words
    return Phrase(words, noun, verb, bool(noun) or (joined and not verb), lead, _span(text, kept, last_verb), subject)


def _without_base(text: str, masked: str, kept: list[Piece]) -> list[Piece]:
    """Drop "由年初的" before the first of two numbers of a change."""
    if not kept:
        return kept
    match = _SINCE_BASE.search(text, kept[0].start, kept[-1].end)
    if match is None or match.start() == kept[0].start:
        return kept
    out = [p for p in kept if p.start < match.start()]
    if out and out[-1].end > match.start():
        out[-1] = Piece(out[-1].start, match.start(), out[-1].kind)
    return out


def changed_from(words: str) -> bool:
    """Whether the words before a number tell what it changed from ("网站由去年的"): they name a thing of their own."""
    match = _SINCE_BASE.search(words)
    return match is not None and match.start() > 0


def _lead(text: str, kept: list[Piece]) -> tuple[str, list[Piece]]:
    """Return the preposition the words open with, and what follows it; 对, 将, 把 may follow a subject."""
    lead = ""
    marks = [k for k, p in enumerate(kept) if k and text[p.start : p.end] in ("对", "将", "把")]
    if marks:
        lead, kept = text[kept[marks[-1]].start], kept[marks[-1] + 1 :]
    while kept and kept[0].kind in ("copula", "preposition"):
        lead = lead or text[kept[0].start : kept[0].end]
        kept = kept[1:]
    return lead, kept


def _names(kept: Sequence[Piece], k: int) -> bool:
    """A word of manner before a thing is part of its name; before an action it is not."""
    return k + 1 < len(kept) and kept[k + 1].kind == "noun"


def _is_joint(text: str, piece: Piece) -> bool:
    return text[piece.start : piece.end] in ("、", "和", "及", "与", "并", "或")


def _span(text: str, kept: Sequence[Piece], last_verb: int) -> tuple[int, int] | None:
    run = kept[last_verb + 1 :] or kept
    whole = all(a.end == b.start for a, b in pairwise(kept))
    run = kept if whole else run
    if not all(a.end == b.start for a, b in pairwise(run)):
        return None
    start, end = run[0].start, run[-1].end
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return (start, end) if end > start else None


def tidy(words: str) -> str:
    """Strip joining marks and words that say nothing from both ends."""
    words = words.strip(_EDGE)
    words = _LOOSE_NUMBER.sub("", _UNIT_COLUMN.sub("", words))
    for _ in range(3):
        shorter = _LEADING.sub("", _TRAILING.sub("", words)).strip(_EDGE)
        if shorter == words or not shorter:
            break
        words = shorter
    return words


_BEFORE_THING = frozenset({"的", "了", "专门", "相关", "有关", "主要", "重点", "不同", "各类"})


@dataclass(frozen=True, slots=True)
class Following:
    """A thing named behind its number, and what is said of it after that."""

    text: str
    rest: str
    span: tuple[int, int]


def right_phrase(text: str, masked: str, start: int, end: int, verbs_too: bool) -> Following | None:
    """Return the thing that directly follows a number, if one does.

    Args:
        text, masked: the paragraph and its masked form.
        start, end: from the number's end to the clause's or the next number.
        verbs_too: whether a first word that may be an action can begin the thing ("3次抽查活动").
    """
    found = pieces(masked, start, end)
    while found and text[found[0].start : found[0].end] in _BEFORE_THING:
        found.pop(0)
    if not found:
        return None
    first = found[0]
    taken = 0
    if first.kind == "verb" and verbs_too and len(found) > 1 and found[1].kind == "noun":
        taken = 2
    elif first.kind != "noun" or _NO_NOUN.match(masked, first.start, end):
        return None
    while taken < len(found) and found[taken].kind == "noun":
        taken += 1
    stop = found[taken - 1].end
    words = surface(text, masked, first.start, stop)
    thing, of, _ = words.partition("的")
    if of and len(thing) >= 4:
        words = thing
        stop = first.start + text[first.start : stop].find("的")
    elif words.endswith("的") and taken < len(found):
        more = next((k for k in range(taken, len(found)) if found[k].kind == "noun"), None)
        if more is not None:
            stop, taken = found[more].end, more + 1
            words = surface(text, masked, first.start, stop)
    words = tidy(re.split(r"[，,；;。]", words)[0])
    if len(words) > 20 and "、" in words:
        words = words.split("、")[0]
    if not words:
        return None
    rest = "".join(
        surface(text, masked, p.start, p.end) for p in found[taken:] if p.kind not in ("filler", "manner", "copula")
    )
    return Following(words, tidy(rest), (first.start, stop))


def action_after(text: str, masked: str, start: int, end: int) -> str:
    """Return what the words behind a number say of it when they begin with an action or a denial ("3件予以公开")."""
    found = pieces(masked, start, end)
    while found and (found[0].kind in ("filler", "manner") or text[found[0].start] in "为是的"):
        found.pop(0)
    return tidy(re.split(r"[（(]", "".join(text[found[0].start : end].split()))[0]) if found else ""


def with_suffix(words: str, unit: str | None, is_action: bool) -> str:
    """Make an action phrase a noun phrase: 发布信息 -> 发布信息数, 收取费用 -> 收取费用金额."""
    if not (is_action or "被" in words) or not words or words.endswith(_NUMERIC_END) or words.endswith("）"):
        return words
    return words + suffix_of(words, unit)


def suffix_of(words: str, unit: str | None) -> str:
    """Return the measure that the unit adds to a thing: 数 for people who are already named as such (工作人员数)."""
    voc = vocabulary()
    suffix = voc.suffixes.get(unit or "", voc.default_suffix)
    return "数" if suffix == "人数" and words.endswith("人员") else suffix


def undoubled(words: str) -> str:
    """Take out a word that two sources of a name both gave: 网站公开公开信息数 -> 网站公开信息数."""
    return _DOUBLED.sub(r"\1", words)


def has_rate_head(words: str) -> bool:
    """Whether the words name a share, a score or another measure by themselves."""
    return words.endswith(vocabulary().rate_heads)


def shorten(words: str, limit: int = MAX_LENGTH) -> str:
    """Cut from the left at a joint (、 的 ，) so that the head stays; never longer than ``limit``."""
    if len(words) <= limit:
        return words
    tail = words[-limit:]
    cuts = [m.end() for m in re.finditer(r"[、的，,和及等”》]", tail[: limit - 6])]
    return tidy(tail[cuts[0] :] if cuts else tail)


def of_part(whole: str, part: str) -> str:
    """Name a part of a whole: 受理提案（人大）."""
    part = shorten(part, 20)
    whole = whole.removesuffix("中") if whole.endswith(("的申请中", "人中", "信息中", "件中", "文件中")) else whole
    return f"{shorten(whole, MAX_LENGTH - 2 - len(part))}（{part}）"
