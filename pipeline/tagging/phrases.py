"""The phrase-list tagger: a transparent baseline whose every label can be traced to a phrase and a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.pipeline.tagging import context
from gongkai.pipeline.tagging.base import ParagraphInput, Scored, SegmentLabels
from gongkai.pipeline.tagging.evidence import KEEP, Evidence, Facet, Reading, Source, combine, read
from gongkai.pipeline.tagging.vocabulary import Vocabulary, vocabulary

_LISTED = 3
_LIST = 4
_NO_HEADING = frozenset(context.MODES)


@dataclass(slots=True)
class _Place:
    """Labels that a heading or an earlier sentence offers to the sentences after it."""

    domains: dict[str, float] = field(default_factory=dict)
    activities: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _State:
    """What is carried from sentence to sentence inside one paragraph."""

    headings: list[_Place]
    last_marker: str | None
    section_five: bool
    mode: context.Mode | None
    before: _Place = field(default_factory=_Place)
    local: _Place | None = None


class PhraseTagger:
    """Labels sentences by weighted phrases, headings and the sentence before.

    Args:
        min_score: labels that score less are dropped; scores are in [0, 1] and grow with the evidence.
    """

    name = "phrases-1"
    sure = 0.5  # score from which a phrase label is told

    def __init__(self, min_score: float = sure) -> None:
        self.min_score = min_score
        self._vocabulary: Vocabulary = vocabulary()

    def predict(self, paragraphs: Sequence[ParagraphInput]) -> list[list[SegmentLabels]]:
        """Label the paragraphs of one report, in reading order (see :class:`~gongkai.pipeline.tagging.base.Tagger`)."""
        out: list[list[SegmentLabels]] = []
        for evidence in self._evidence(paragraphs):
            out.append([SegmentLabels(self._keep(e, "domain"), self._keep(e, "activity")) for e in evidence])
        return out

    def explain(self, paragraph: ParagraphInput) -> list[list[Evidence]]:
        """Give the evidence behind the labels of one paragraph, taken by itself.

        Args:
            paragraph: the paragraph, with its headings and section kind.

        Returns:
            For each segment its evidence: label, phrase, weight and source (``segment`` its own words, ``heading``,
            ``carry`` from the sentence before, ``section``). Labels below ``min_score`` are included.
        """
        return next(self._evidence([paragraph]))

    def _keep(self, evidence: list[Evidence], facet: Facet) -> list[Scored]:
        scores = combine(e for e in evidence if e.facet == facet)
        kept = [Scored(label, round(score, 4)) for label, score in scores.items() if score >= self.min_score]
        if facet == "domain":
            # Of a long list of fields the first ones stand (guideline: domains 2).
            return sorted(kept[: self._vocabulary.context["limits"]["domains"]], key=_best_first)
        kept.sort(key=_best_first)
        told = [item for item in kept if item.label in _NO_HEADING]
        rest = [item for item in kept if item.label not in _NO_HEADING]
        # Nearly always one or two; one more must be as sure as a strong phrase makes it.
        sure = [item for item in rest[2:] if item.score >= self._vocabulary.weights["strong"]]
        most: int = self._vocabulary.context["limits"]["activities"]
        return sorted(told + (rest[:2] + sure)[: most - len(told)], key=_best_first)

    # ---- context -----------------------------------------------------------------------------------------------

    def _evidence(self, paragraphs: Sequence[ParagraphInput]) -> Iterator[list[list[Evidence]]]:
        seen: dict[str, Reading] = {}
        mode: context.Mode | None = None
        section: str | None = None
        for paragraph in paragraphs:
            if paragraph.section != section:
                section, mode = paragraph.section, None
            headings = [self._read(title, seen) for title in paragraph.path]
            state = self._enter(paragraph, headings, mode)
            yield [self._segment(paragraph.text[a:b], paragraph.section, state) for a, b in paragraph.segments]
            mode = state.mode if state.section_five else None

    def _read(self, title: str, seen: dict[str, Reading]) -> Reading:
        if title not in seen:
            seen[title] = read(title, self._vocabulary)
        return seen[title]

    def _enter(self, paragraph: ParagraphInput, headings: list[Reading], mode: context.Mode | None) -> _State:
        said = [context.heading_mode(h) for h in headings]
        mode = next((m for m in reversed(said) if m), mode)
        section_five = paragraph.section == "problems" or any(h.has("mode.section_five") for h in headings)
        if not section_five:
            mode = None
        places = [self._place(h) for h in headings]
        last_marker = context.marker(headings[-1].text) if headings else None
        return _State(places, last_marker, section_five, mode)

    def _place(self, heading: Reading) -> _Place:
        fields = _above(combine(heading.domains))
        own = heading.activities
        activities = combine([*own, *self._conditional(heading, bool(fields), own)])
        return _Place(fields, {k: v for k, v in _above(activities).items() if k not in _NO_HEADING})

    def _segment(self, text: str, section: str, state: _State) -> list[Evidence]:
        reading = read(text, self._vocabulary)
        opens = context.marker(reading.text)
        heads = self._turn_to(reading, opens, state)
        if section == "front_matter" or context.is_silent(reading):
            state.before = _Place()
            return []
        special, state.mode = context.problem_labels(
            reading, state.section_five, self._mode_here(reading, opens, state), self._vocabulary
        )
        own = [e for e in reading.activities if e.label not in context.MODES]
        if context.is_boilerplate(reading, self._vocabulary) and not (opens and context.is_heading(reading)):
            return [*self._damped([*reading.domains, *own]), *special]
        domains = self._weigh_domains(reading, heads)
        fields = _above(combine(domains))
        if not fields:
            # "排查隐患1620处" under a heading on work safety is the field's work, not supervision of disclosure.
            foreign = self._without_field_work(own, reading, any(h.domains for h in heads))
            domains += self._inherited_domains(reading, set(_above(combine([*foreign, *special]))), heads, state)
            fields = _above(combine(domains))
        own = self._without_field_work(own, reading, bool(fields))
        own += self._conditional(reading, bool(fields), own)
        own = self._give_way(own, bool(fields), heads)
        own += self._inherited_activities(reading, own, fields, heads, section, state)
        place = _Place(fields, _above(combine(own)))
        if opens and context.is_heading(reading):
            state.local = place
        state.before = place if len(place.domains) < _LISTED else _Place({}, place.activities)
        return [*domains, *own, *special]

    def _mode_here(self, reading: Reading, opens: str | None, state: _State) -> context.Mode | None:
        if not state.section_five:
            return None
        head = reading if context.is_heading(reading) else None
        lead, colon, _ = reading.text.partition("：")
        if opens and colon and head is None:
            # "（二）改进措施：一是…" opens with a heading of its own.
            head = read(lead, self._vocabulary)
        return (context.heading_mode(head) if head else None) or state.mode

    def _turn_to(self, reading: Reading, opens: str | None, state: _State) -> list[_Place]:
        """Forget what a new list head ends, and return the headings that hold here, innermost first."""
        if opens:
            state.before, state.local = _Place(), None
            if opens == state.last_marker and state.headings:
                # The paragraph's own run-in heading comes last in its path; the next head of its kind replaces it.
                state.headings = state.headings[:-1]
                state.last_marker = None
        elif reading.has("context.turns"):
            state.before = _Place()
        outer = list(reversed(state.headings))
        return [state.local, *outer] if state.local else outer

    def _inherited_domains(
        self, reading: Reading, busy: set[str], heads: list[_Place], state: _State
    ) -> list[Evidence]:
        rules = self._vocabulary
        if state.section_five or busy & rules.ends_domain:
            return []
        for head in heads:
            if head.domains:
                return self._passed_on(head.domains, "domain", "heading")
            if set(head.activities) & rules.ends_domain:
                break
        if busy & rules.loosens_domain or reading.has("context.general", "pieces"):
            return []
        return self._passed_on(state.before.domains, "domain", "carry")

    def _inherited_activities(
        self,
        reading: Reading,
        own: list[Evidence],
        fields: dict[str, float],
        heads: list[_Place],
        section: str,
        state: _State,
    ) -> list[Evidence]:
        default: str | None = self._vocabulary.context["sections"].get(section)
        scores = _above(combine(own))
        if section in ("applications", "review_litigation") and default and default not in scores:
            return [Evidence("activity", default, section, self._vocabulary.weights["medium"], "section")]
        if state.section_five:
            return [] if scores else self._topic(own)
        if scores or context.is_praise(reading) or reading.has("context.loyal"):
            return []
        heading_like = context.marker(reading.text) is not None and context.is_heading(reading)
        # A result of the field is no disclosure work; a list of fields or a count of pieces of information is.
        counted = reading.has("pieces") and (reading.has("information") or len(fields) > 1)
        field_only = bool(fields) and not (heading_like or counted or len(fields) >= _LIST)
        for head in heads:
            offered = {k: v for k, v in head.activities.items() if not (field_only and k == "proactive_disclosure")}
            if offered:
                return self._passed_on(offered, "activity", "heading")
            if head.activities:
                break
        if field_only:
            return []
        if default:
            return [Evidence("activity", default, section, self._vocabulary.weights["medium"], "section")]
        if reading.has("count", "context.continues"):
            return self._passed_on(state.before.activities, "activity", "carry")
        return []

    def _topic(self, own: list[Evidence]) -> list[Evidence]:
        """In section five a passing word tells which activity the shortcoming concerns (guideline: activities 3)."""
        scores = combine(own)
        if not scores:
            return []
        best = max(scores, key=lambda label: scores[label])
        return [Evidence("activity", best, "(topic)", KEEP + 0.02, "section")]

    def _give_way(self, own: list[Evidence], in_field: bool, heads: list[_Place]) -> list[Evidence]:
        """Let weak evidence give way to what the heading announces, as it does to the sentence's own words."""
        offered = next((set(h.activities) for h in heads if h.activities), set())
        solid = {e.label for e in own if e.solid}
        rules = self._vocabulary.activities
        return [e for e in own if e.label in solid or not offered & rules[e.label].gives_way_to(in_field)]

    def _passed_on(self, labels: dict[str, float], facet: Facet, source: Source) -> list[Evidence]:
        factor = self._vocabulary.factors[source]
        return [Evidence(facet, k, f"({source})", max(KEEP + 0.02, factor * v), source) for k, v in labels.items()]

    # ---- conditions on a sentence's own evidence ---------------------------------------------------------------

    def _weigh_domains(self, reading: Reading, heads: list[_Place]) -> list[Evidence]:
        """Take weight from passing words where the heading or a strong phrase says what the sentence is about.

        "公布养老机构名录和收费标准" is about care for the aged, not fees; members of a list keep their weight.
        """
        under = next((h.domains for h in heads if h.domains), {})
        certain = {e.label for e in reading.domains if e.strong} | set(under)
        if not certain:
            return list(reading.domains)
        factor = self._vocabulary.factors["passing"]
        return [
            e._replace(weight=e.weight * factor) if e.label not in certain and not reading.lists(e.phrase) else e
            for e in reading.domains
        ]

    def _conditional(self, reading: Reading, in_field: bool, own: list[Evidence]) -> list[Evidence]:
        holds = "with_domain" if in_field else "without_domain"
        weight = self._vocabulary.weights["medium"]
        present = set(_above(combine(own)))
        rules = self._vocabulary.activities
        return [
            Evidence("activity", label, phrase, weight, "segment")
            for label, phrase, condition in reading.conditional
            if condition == holds and not present & rules[label].gives_way_to(in_field)
        ]

    def _without_field_work(self, own: list[Evidence], reading: Reading, in_field: bool) -> list[Evidence]:
        """Inspecting firms or hearing complaints is the field's own work (guideline: activities 6)."""
        if not in_field or reading.has("context.disclosure_words"):
            return own
        rules = self._vocabulary.activities
        solid = {e.label for e in own if e.solid}
        return [
            e
            for e in own
            if not rules[e.label].field_work and (e.label in solid or not rules[e.label].solid_with_domain)
        ]

    def _damped(self, evidence: list[Evidence]) -> list[Evidence]:
        """Keep one faint reason for each label of a preamble, however often it names it."""
        factor = self._vocabulary.factors["preamble"]
        strongest: dict[tuple[str, str], Evidence] = {}
        for item in sorted(evidence, key=lambda e: e.weight):
            strongest[item.facet, item.label] = item._replace(weight=item.weight * factor)
        return list(strongest.values())


def _above(scores: dict[str, float]) -> dict[str, float]:
    return {label: score for label, score in scores.items() if score >= KEEP}


def _best_first(item: Scored) -> float:
    return -item.score
