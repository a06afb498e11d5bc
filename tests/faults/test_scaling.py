"""One endless sentence: the time grows with its length, not with its square."""

import time
from types import SimpleNamespace

import pytest

from gongkai.pipeline.checks.narrative_parts import find_part_lists
from gongkai.pipeline.metrics.link import RuleLinker
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.tagging.base import ParagraphInput


def work(text: str) -> float:
    """Seconds that linking the numbers of a paragraph and finding its lists of parts take, at best of two."""
    quantities = find_quantities(text)
    paragraph = SimpleNamespace(id="p1", text=text, segments=[SimpleNamespace(start=0, end=len(text))])
    taken = []
    for _ in range(2):
        start = time.process_time()
        RuleLinker().link(ParagraphInput(text, ((0, len(text)),)), quantities)
        list(find_part_lists(paragraph))
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize(
    "unit", ["公开信息12条，", "受理申请12件（其中网络10件，", "收到申请12件，其中网络10件、信函2件；"]
)
def test_four_times_the_text_takes_no_ten_times_the_time(unit: str) -> None:
    work(unit * 20)  # the vocabulary is loaded once
    assert work(unit * 1200) < 10 * work(unit * 300)
