"""Walking a parsed page without recursion, and measuring what its elements hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborNode

from gongkai.pipeline.readers.chrome import SECTION_TITLE

TEXT = "-text"
_WITHOUT_TEXT_TAGS = """
    script style noscript template iframe object embed applet select button input textarea svg math canvas audio
    video head title map datalist progress meter frameset
"""
_BLOCK_TAGS = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section summary table tbody td tfoot th thead
    tr ul
"""
# Elements whose content is never the article's text.
_WITHOUT_TEXT = frozenset(_WITHOUT_TEXT_TAGS.split())
BLOCKS = frozenset(_BLOCK_TAGS.split())
_CELLS = frozenset(("td", "th"))


class Walk:
    """Iterate over the elements and texts below ``root``, root included, as (node, entering) pairs.

    An element comes twice, when it is entered and when it is left; a text once. Elements in ``skipped`` and those
    that never hold article text are passed over; :meth:`prune` passes over the rest of the element just entered.
    """

    def __init__(self, root: LexborNode, skipped: frozenset[int] = frozenset()):
        self._root = root
        self._skipped = skipped
        self._pruned = False

    def prune(self) -> None:
        """Do not descend into the element that was yielded last; it is not yielded again when left."""
        self._pruned = True

    def __iter__(self) -> Iterator[tuple[LexborNode, str, bool]]:
        """Yield ``(node, tag, entering)``; the tag of a text is :data:`TEXT`."""
        node: Any = self._root  # the links below are None only where the loop does not go
        root_id = node.mem_id
        while True:
            tag = node.tag
            child = None
            if tag == TEXT:
                yield node, TEXT, True
            elif node.is_element_node and tag not in _WITHOUT_TEXT and node.mem_id not in self._skipped:
                yield node, tag, True
                if self._pruned:
                    self._pruned = False
                else:
                    child = node.first_child
                    if child is None:
                        yield node, tag, False
            if child is not None:
                node = child
                continue
            while node.mem_id != root_id and node.next is None:
                node = node.parent
                yield node, node.tag, False
            if node.mem_id == root_id:
                return
            node = node.next


@dataclass(slots=True)
class Weight:
    """What one element holds: characters outside links, section titles, table cells; ``before`` counts text pieces."""

    chars: int = 0
    titles: int = 0
    cells: int = 0
    before: int = 0


@dataclass(slots=True)
class Measured:
    """Weights by ``mem_id`` of the block elements walked, the visible text pieces in order, which are links."""

    weights: dict[int, Weight] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    linked: set[int] = field(default_factory=set)


_OPENING = 6


def measure(root: LexborNode) -> Measured:
    """Weigh every block element below ``root`` in one pass."""
    result = Measured()
    weights, pieces = result.weights, result.pieces
    chars = titles = cells = links = 0
    opening = ""  # of the block that is open: "一、" and the title's words often stand in two spans
    starts: list[tuple[int, int, int]] = []
    for node, tag, entering in Walk(root):
        if tag == TEXT:
            text = (node.text_content or "").strip()
            if text:
                if links:
                    result.linked.add(len(pieces))
                else:
                    chars += len(text)
                pieces.append(text)
                if len(opening) < _OPENING:
                    opening += text
        elif tag == "a":
            links += 1 if entering else -1
        elif tag == "br" or tag in BLOCKS:
            if opening:
                titles += SECTION_TITLE.match(opening) is not None
                opening = ""
            if tag == "br":
                continue
            if entering:
                starts.append((chars, titles, cells))
                weights[node.mem_id] = Weight(before=len(pieces))
                cells += tag in _CELLS
            else:
                weight = weights[node.mem_id]
                before = starts.pop()
                weight.chars, weight.titles, weight.cells = chars - before[0], titles - before[1], cells - before[2]
    return result
