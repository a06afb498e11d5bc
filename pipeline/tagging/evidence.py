"""What a sentence's own words say: phrases found, hidden by longer ones, acting bodies and titles set aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from gongkai.pipeline.tagging.matcher import Hit, squeeze, uncovered
from gongkai.pipeline.tagging.vocabulary import CONDITIONS, PairRule, Vocabulary

Facet = Literal["domain", "activity"]
Source = Literal["segment", "heading", "carry", "section"]
Span = tuple[int, int]

# A label must score this much to be offered to other sentences or to stand as the sentence's own.
KEEP = 0.5

# A "sentence" longer than this is read in parts, so that the time a text takes grows with its length only.
_LONGEST = 1500
_MEANS_GAP = 60
_EMIT_GAP = 4
# "“健康某地”微信公众号": a channel's name makes no domain (guideline: domains 3).
_NAMED_CHANNEL = re.compile(
    r"[“\"「‘][^”\"」’。，]{1,14}[”\"」’](?=(?:官方|政务)?(?:微信|公众号|微博|抖音|客户端|APP|头条|视频号|网站|小程序|新媒体|微))"
)
_QUOTE = re.compile('[“"「‘]')
_TITLE = re.compile(r"《[^》]{1,120}》")
_CLAUSE_ENDS = "，。；：！？"
# Cue groups whose phrases lose their sense inside a longer phrase of another activity than this.
_PART_OF = {"publish": "", "channel": "platforms", "norm": "institutions", "emit": "proactive_disclosure"}
_JOINTS = ("、",)
_SHORT_JOINTS = ("、", "和")
_FIELD = ("领域", "等领域", "等方面", "动态")
_LIST_JOINTS = "、和及与等"


class Evidence(NamedTuple):
    """One reason for one label.

    Attributes:
        facet: whether the label is a domain or an activity.
        label: key in the taxonomy.
        phrase: the words found; for a pair of cues "first…then"; for context its kind in brackets.
        weight: in [0, 1], what this reason alone would score.
        source: the sentence's own words, the heading above, the sentence before, or the section.
        strong: it counts even beside what excludes the label.
        solid: it does not give way to other labels.
    """

    facet: Facet
    label: str
    phrase: str
    weight: float
    source: Source
    strong: bool = False
    solid: bool = False


@dataclass(slots=True)
class Reading:
    """A sentence's own evidence, before its context is taken into account.

    Attributes:
        text: the squeezed sentence.
        groups: spans of the cue phrases found, by group.
        domains: evidence for domains.
        activities: evidence for activities that holds whatever the domain.
        conditional: (label, phrase, condition) of the activity phrases that count only with or without a domain.
    """

    text: str
    groups: dict[str, list[Span]] = field(default_factory=dict)
    domains: list[Evidence] = field(default_factory=list)
    activities: list[Evidence] = field(default_factory=list)
    conditional: list[tuple[str, str, str]] = field(default_factory=list)

    def lists(self, phrase: str) -> bool:
        """Tell whether the phrase is named as a field: in a list ("教育、医疗", "教育医疗") or before "领域"."""
        at = self.text.find(phrase)
        end = at + len(phrase)
        joints = _SHORT_JOINTS if len(phrase) <= 2 else _JOINTS
        others = tuple(e.phrase for e in self.domains if e.phrase != phrase)
        return self.text.startswith((*joints, *_FIELD, *others), end) or self.text[:at].endswith((*joints, *others))

    def has(self, *groups: str) -> bool:
        """Tell whether a phrase of any of these groups stands in the sentence."""
        return any(group in self.groups for group in groups)


def combine(evidence: Iterable[Evidence]) -> dict[str, float]:
    """Add up evidence by label: each further phrase takes away a share of the doubt that is left (noisy-or)."""
    doubt: dict[str, float] = {}
    for item in evidence:
        doubt[item.label] = doubt.get(item.label, 1.0) * (1.0 - item.weight)
    return {label: min(1.0 - left, 0.99) for label, left in doubt.items()}


def distinct(evidence: list[Evidence]) -> list[Evidence]:
    """Keep one piece of evidence for each label and phrase, the heaviest: saying a thing twice proves no more."""
    best: dict[tuple[str, str], Evidence] = {}
    for item in evidence:
        key = (item.label, item.phrase)
        if key not in best or item.weight > best[key].weight:
            best[key] = item
    return list(best.values()) if len(best) < len(evidence) else evidence


def read(sentence: str, vocabulary: Vocabulary) -> Reading:
    """Find all evidence in one sentence or heading.

    Args:
        sentence: the text as it stands in the report.
        vocabulary: from :func:`gongkai.pipeline.tagging.vocabulary.vocabulary`.
    """
    text = squeeze(_NAMED_CHANNEL.sub("某某", sentence) if _QUOTE.search(sentence) else sentence)
    if len(text) <= _LONGEST:
        return _read_squeezed(text, vocabulary)
    whole = Reading(text)
    for offset in range(0, len(text), _LONGEST):
        part = _read_squeezed(text[offset : offset + _LONGEST], vocabulary)
        for group, spans in part.groups.items():
            whole.groups.setdefault(group, []).extend((a + offset, b + offset) for a, b in spans)
        whole.domains = distinct(whole.domains + part.domains)
        whole.activities = distinct(whole.activities + part.activities)
        whole.conditional += [item for item in part.conditional if item not in whole.conditional]
    return whole


def _read_squeezed(text: str, vocabulary: Vocabulary) -> Reading:
    reading = Reading(text)
    hits = vocabulary.index.scan(text)
    titles = [match.span() for match in _TITLE.finditer(text)] if "《" in text else []
    _collect_groups(reading, hits, vocabulary)
    _collect_domains(reading, hits, titles, vocabulary)
    _collect_activities(reading, hits, titles, vocabulary)
    return reading


def _collect_groups(reading: Reading, hits: list[Hit], vocabulary: Vocabulary) -> None:
    longer = [h for h in hits if h.end - h.start > 2 and (h.entry.activity_mask or h.entry.activities)]
    for hit in hits:
        if not hit.entry.groups:
            continue
        start, end, groups = hit.start, hit.end, hit.entry.groups
        length = end - start
        around = [h for h in longer if h.start <= start and end <= h.end and h.end - h.start > length]
        for group in groups:
            # "收到公开申请12件" publishes nothing, "规范性文件" is no norm drawn up, "统计公报" no channel.
            if not any(_hides(h, end, group) for h in around):
                reading.groups.setdefault(group, []).append((start, end))
    counts = [match.span() for match in vocabulary.count.finditer(reading.text)]
    if counts:
        reading.groups["count"] = counts
        pieces = [match.span() for match in vocabulary.pieces.finditer(reading.text)]
        if pieces:
            reading.groups["pieces"] = pieces


def _hides(longer: Hit, end: int, group: str) -> bool:
    if longer.entry.activity_mask:
        return True
    label = _PART_OF.get(group)
    if label is None or any(label == other for other, _ in longer.entry.activities):
        return False
    # In "审核制度" the norm is the last word and stays one.
    return group != "norm" or end < longer.end


def _collect_domains(reading: Reading, hits: list[Hit], titles: list[Span], vocabulary: Vocabulary) -> None:
    layer = [h for h in hits if h.entry.domains or h.entry.domain_mask]
    if not layer:
        return
    masks = _body_masks(reading, layer, vocabulary) + _rule_titles(reading.text, titles, vocabulary)
    for hit in uncovered(layer, masks):
        inside = bool(titles) and any(a <= hit.start and hit.end <= b for a, b in titles)
        factor = vocabulary.factors["title"] if inside else 1.0
        for label, strength in hit.entry.domains:
            strong = strength == "strong"
            void = reading.has(f"domain.cancels.{label}")
            if not void and (strong or not reading.has(f"domain.excludes.{label}")):
                weight = vocabulary.weights[strength] * factor
                reading.domains.append(Evidence("domain", label, hit.phrase, weight, "segment", strong))
    reading.domains = distinct(reading.domains)


def _body_masks(reading: Reading, layer: list[Hit], vocabulary: Vocabulary) -> list[Span]:
    text, bodies = reading.text, vocabulary.bodies
    masks: list[Span] = []
    for start, end in reading.groups.get("body", ()):
        if text.startswith(bodies.suffixes, end) and not text.startswith(bodies.not_before, end):
            masks.append((_name_start(text, start, layer), end))
    for listed, _ in reading.groups.get("body_list", ()):
        begin = max(text.rfind(mark, 0, listed) for mark in _CLAUSE_ENDS) + 1
        masks += [
            (h.start, h.end)
            for h in layer
            if begin <= h.start and h.end <= listed and text[h.end : h.end + 1] in _LIST_JOINTS
        ]
    return masks


def _name_start(text: str, start: int, layer: list[Hit]) -> int:
    """Extend a body's name to the left over fields joined without a comma ("文化广电和" + "旅游" 局)."""
    for hit in reversed(layer):
        if hit.start < start and (hit.end == start or (hit.end == start - 1 and text[hit.end] == "和")):
            start = hit.start
    return start


def _rule_titles(text: str, titles: list[Span], vocabulary: Vocabulary) -> list[Span]:
    out = []
    for a, b in titles:
        title = text[a:b]
        general = any(word in title for word in vocabulary.disclosure_titles)
        if general and not any(word in title for word in vocabulary.field_titles):
            out.append((a, b))
    return out


def _collect_activities(reading: Reading, hits: list[Hit], titles: list[Span], vocabulary: Vocabulary) -> None:
    layer = [h for h in hits if h.entry.activities or h.entry.activity_mask]
    only_means = _means_spans(reading)
    found: list[Evidence] = []
    spans: list[tuple[int, int, str]] = []
    for hit in uncovered(layer):
        span = (hit.start, hit.end)
        inside = bool(titles) and any(a <= hit.start and hit.end <= b for a, b in titles)
        factor = vocabulary.factors["title_activity"] if inside else 1.0
        for label, strength in hit.entry.activities:
            if strength in CONDITIONS:
                if not inside:
                    reading.conditional.append((label, hit.phrase, strength))
            elif not (vocabulary.activities[label].means and span in only_means):
                weight = vocabulary.weights[strength] * factor
                strong = strength == "strong" and not inside
                found.append(Evidence("activity", label, hit.phrase, weight, "segment", strong, strong))
                spans.append((hit.start, hit.end, label))
    for pair in vocabulary.pairs:
        if pair.first not in reading.groups or pair.then not in reading.groups:
            continue
        rule = vocabulary.activities[pair.label]
        place = _find_pair(reading, pair, only_means if rule.means else set())
        if place is None:
            continue
        (start, first_end), (then, end) = place
        phrase = f"{reading.text[start:first_end]}…{reading.text[then:end]}"
        alone = pair.strong and not any(start <= a and b <= end and label in rule.yields_to for a, b, label in spans)
        found.append(Evidence("activity", pair.label, phrase, pair.weight, "segment", pair.strong, alone))
        if pair.label == "institutions" and pair.strong:
            found = _without_objects(found, spans, (start, end))
    reading.activities = _settle(distinct(found), reading, vocabulary)


def _without_objects(found: list[Evidence], spans: list[tuple[int, int, str]], system: Span) -> list[Evidence]:
    """Leave what systems are for, where several are listed ("建立审核、回应、追究等制度" is about systems)."""
    within = {label for a, b, label in spans if system[0] <= a and b <= system[1]} - {"institutions"}
    objects = within - {label for a, b, label in spans if not (system[0] <= a and b <= system[1])}
    strong = {e.label for e in found if e.strong and e.label in objects}
    return [e for e in found if e.label not in objects] if len(strong) > 1 else found


def _means_spans(reading: Reading) -> set[Span]:
    """Return the channels named only as the means ("通过政府网站公开…", "微信公众号发布信息…")."""
    builds = reading.groups.get("build", ())
    emits = reading.groups.get("emit", ())
    out: set[Span] = set()
    for start, end in reading.groups.get("channel", ()):
        emitting = any(0 <= a - end <= _EMIT_GAP and not _broken(reading.text[end:a]) for a, _ in emits)
        if emitting or _is_means(reading, start, builds):
            out.add((start, end))
    return out


def _is_means(reading: Reading, start: int, builds: Sequence[Span]) -> bool:
    for _, end in reading.groups.get("context.means", ()):
        near = 0 <= start - end <= _MEANS_GAP and not _broken(reading.text[end:start])
        if near and not any(end <= a and b <= start for a, b in builds):
            return True
    return False


def _broken(between: str) -> bool:
    return any(mark in between for mark in _CLAUSE_ENDS)


def _find_pair(reading: Reading, pair: PairRule, skip: set[Span]) -> tuple[Span, Span] | None:
    for a, b in reading.groups.get(pair.first, ()):
        if (a, b) in skip:
            continue
        for c, d in reading.groups.get(pair.then, ()):
            if 0 <= c - b <= pair.within and (c, d) not in skip and not _broken(reading.text[b:c]):
                return (a, b), (c, d)
    return None


def _settle(found: list[Evidence], reading: Reading, vocabulary: Vocabulary) -> list[Evidence]:
    """Apply what excludes, what is required, and which label gives way to which."""
    kept = []
    for item in found:
        rule = vocabulary.activities[item.label]
        excluded = f"activity.excludes.{item.label}" in reading.groups
        missing = rule.needs_company and f"activity.requires.{item.label}" not in reading.groups
        if not missing and (item.strong or not excluded):
            kept.append(item)
    if reading.has("context.means"):
        kept = [e for e in kept if e.weight >= KEEP or not vocabulary.activities[e.label].means]
    scores = combine(kept)
    with_domain = any(score >= KEEP for score in combine(reading.domains).values())
    solid = {item.label for item in kept if item.solid}
    yielding = {
        label
        for label in scores
        if label not in solid
        and any(scores.get(o, 0.0) >= 0.6 for o in vocabulary.activities[label].gives_way_to(with_domain))
    }
    return [item for item in kept if item.label not in yielding]
