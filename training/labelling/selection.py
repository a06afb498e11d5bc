"""Choosing a batch: a bounded pool of the best candidates, copies out, then the order of the strategy."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from gongkai.corpora.duplicates import near_duplicates
from gongkai.training.labelling.candidates import Candidate
from gongkai.training.labelling.held_out import HeldOut
from gongkai.training.labelling.strategies import Floats, Pooling, Strategy, closeness, entropy, pooled, spread

_LEAST_POOL = 4000
_POOL_SHARE = 20
# A paragraph half of whose sentences are known teaches little; one known formula among new sentences does no harm.
_KNOWN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Policy:
    """How to choose.

    Attributes:
        strategy: what counts.
        size: sentences in a batch.
        seed: of what is drawn.
        pooling: of the labels of a sentence; None takes the mean for uncertainty and the max for margin.
        thresholds: (L,) from which labels are kept; only margin needs them.
    """

    strategy: Strategy
    size: int
    seed: int = 0
    pooling: Pooling | None = None
    thresholds: Floats | None = None

    def score(self, candidate: Candidate) -> float:
        """Return what speaks for a candidate by itself, before it is compared with others."""
        if self.strategy == "uncertainty":
            return pooled(entropy(candidate.probabilities), self.pooling or "mean")
        if self.strategy == "margin":
            if self.thresholds is None:
                raise ValueError("margin needs thresholds")
            return pooled(closeness(candidate.probabilities, self.thresholds), self.pooling or "max")
        # Drawn by seed and text, so that the order in which files are read changes nothing.
        drawn = hashlib.sha256(f"{self.seed}/{candidate.key}".encode()).digest()
        return int.from_bytes(drawn[:6]) / 2**48


@dataclass(slots=True)
class Pool:
    """The best candidates seen so far; what is worse than all of them is forgotten, so memory is bounded.

    Attributes:
        policy: scores them.
        skip: keys that were given out earlier.
        seen: how many were offered, and how many of these had been given out or repeated one another.
    """

    policy: Policy
    skip: frozenset[str] = frozenset()
    seen: int = 0
    repeated: int = 0
    _heap: list[tuple[float, str, int, Candidate]] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def limit(self) -> int:
        """How many candidates are kept."""
        return max(_LEAST_POOL, _POOL_SHARE * self.policy.size)

    def add(self, candidate: Candidate) -> None:
        """Offer a candidate."""
        self.seen += 1
        if candidate.key in self.skip or candidate.key in self._keys:
            self.repeated += 1
            return
        self._keys.add(candidate.key)
        item = (self.policy.score(candidate), candidate.key, next(self._numbers), candidate)
        if len(self._heap) < self.limit:
            heapq.heappush(self._heap, item)
        else:
            dropped = heapq.heappushpop(self._heap, item)
            self._keys.discard(dropped[1])

    def ranked(self) -> list[tuple[float, Candidate]]:
        """Return scores and candidates, best first."""
        return [(score, candidate) for score, _, _, candidate in sorted(self._heap, key=lambda x: (-x[0], x[1]))]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A batch and what was passed over for it.

    Attributes:
        items: (score, candidate), in the order chosen.
        held_out: candidates that repeat dev or test.
        copies: candidates that nearly repeat what is labelled or what ranks higher.
    """

    items: list[tuple[float, Candidate]]
    held_out: int
    copies: int

    @property
    def sentences(self) -> int:
        """How many sentences the batch holds."""
        return sum(len(c.paragraph.sentences) for _, c in self.items)


def choose(pool: Pool, labelled: Sequence[str], held_out: HeldOut) -> Chosen:
    """Choose a batch: whole paragraphs, for a sentence is labelled and learnt in its context.

    Args:
        pool: what there is.
        labelled: sentences that have labels already.
        held_out: what must not be trained on.
    """
    ranked = pool.ranked()
    allowed = _allowed(ranked, held_out)
    distinct = _distinct(allowed, labelled)
    policy = pool.policy
    order: Iterable[int] = range(len(distinct))
    if policy.strategy == "diversity":
        order = spread([c.paragraph.text for _, c in distinct], labelled, policy.seed)
    items: list[tuple[float, Candidate]] = []
    room = policy.size
    for k in order:
        if room == 0:
            break
        sentences = len(distinct[k][1].paragraph.sentences)
        if sentences <= room:
            items.append(distinct[k])
            room -= sentences
    return Chosen(items, len(ranked) - len(allowed), len(allowed) - len(distinct))


def _allowed(ranked: Sequence[tuple[float, Candidate]], held_out: HeldOut) -> list[tuple[float, Candidate]]:
    owners = np.repeat(np.arange(len(ranked)), [len(c.paragraph.sentences) for _, c in ranked])
    copies = held_out.copies([text for _, c in ranked for text in c.sentences])
    dropped = {int(owners[i]) for i in copies}
    dropped |= {
        k
        for k, (_, c) in enumerate(ranked)
        if held_out.of_report(c.origin["report"], c.origin["authority"]) is not None
    }
    return [item for k, item in enumerate(ranked) if k not in dropped]


def _distinct(ranked: Sequence[tuple[float, Candidate]], labelled: Sequence[str]) -> list[tuple[float, Candidate]]:
    """Return candidates less those that mostly repeat what is labelled or what stands before them."""
    texts, owners = list(labelled), [-1] * len(labelled)
    for k, (_, candidate) in enumerate(ranked):
        texts += candidate.sentences
        owners += [k] * len(candidate.sentences)
    earlier: dict[int, list[int]] = {}
    for i, j, _ in near_duplicates(texts):
        earlier.setdefault(j, []).append(owners[i])
    kept: list[tuple[float, Candidate]] = []
    standing = {-1}
    at = len(labelled)
    for k, item in enumerate(ranked):
        number = len(item[1].paragraph.sentences)
        known = sum(any(o in standing and o != k for o in earlier.get(j, ())) for j in range(at, at + number))
        at += number
        if known < _KNOWN_SHARE * number or number == 0:
            standing.add(k)
            kept.append(item)
    return kept
