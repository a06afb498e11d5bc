"""Windows hold every segment and every number of a paragraph once, however long it is, and lose no character."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.models.neural.batches import ALPHABET, Encoder, collate
from gongkai.models.neural.windows import BODY, CANDIDATES, LONGEST, cut, headings_of
from gongkai.pipeline.metrics.quantities import find_quantities
from gongkai.pipeline.segments import split_segments
from gongkai.pipeline.tagging.base import ParagraphInput


def paragraph(text: str, path: tuple[str, ...] = ("（一）主动公开",)) -> ParagraphInput:
    return ParagraphInput(text, tuple(split_segments(text)), path, "overview")


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="全年公开信息200余条，。；万\n（）《》３", max_size=1500))
def test_every_segment_and_number_stands_in_a_window(text):
    source = paragraph(text)
    quantities = find_quantities(text)
    windows = list(cut(0, source, quantities))
    covered = [0] * len(text)
    for window in windows:
        assert len(window.text) <= LONGEST + max((q.end - q.start for q in quantities), default=0)
        for _, start, end in window.sentences:
            assert window.text[start:end] == text[start - window.shift : end - window.shift]
            for at in range(start - window.shift, end - window.shift):
                covered[at] += 1
        for index, start, end in window.numbers:
            assert window.text[start:end] == quantities[index].text
    assert all(covered[a] == 1 for start, end in source.segments for a in range(start, end))
    numbers = sorted(index for window in windows for index, _, _ in window.numbers)
    inside = [
        i
        for i, q in enumerate(quantities)
        if q.kind in CANDIDATES and any(a <= q.start < b for a, b in source.segments)
    ]
    assert numbers == inside


def test_a_long_paragraph_begins_each_further_window_with_what_came_before():
    text = "".join(f"第{n}句说的是一件事情，公开信息{n}条。" for n in range(60))
    windows = list(cut(3, paragraph(text), find_quantities(text)))
    assert len(windows) > 1
    assert {w.paragraph for w in windows} == {3}
    for window in windows[1:]:
        head = len(headings_of(paragraph(text))) + 1
        assert window.body[0] > head
        assert window.text[head] == "第"  # the context begins with a whole sentence


def test_a_segment_longer_than_a_window_is_cut_into_pieces():
    text = "公开" * BODY
    windows = list(cut(0, paragraph(text), []))
    assert [k for w in windows for k, _, _ in w.sentences] == [0, 0]


def test_headings_show_the_innermost_when_they_are_long():
    source = ParagraphInput("公开。", ((0, 3),), ("甲" * 80, "（一）医疗卫生"), "overview")
    assert headings_of(source).endswith("（一）医疗卫生")


def test_batches_are_padded_with_zeros_and_keep_what_they_hold():
    encoder = Encoder(None)
    items = []
    for text in ("公开信息12条。", "公开了三件事；其中2件办结，1件结转。"):
        quantities = find_quantities(text)
        items += [encoder(w, quantities) for w in cut(0, paragraph(text), quantities)]
    batch = collate(items, tokens=False)
    assert set(batch) == {"chars", "places", "marks", "sentences", "numbers"}
    for row, item in enumerate(items):
        assert batch["chars"][row, : len(item.chars)].tolist() == item.chars.tolist()
        assert not batch["chars"][row, len(item.chars) :].any()
    assert 0 < batch["chars"].max() < ALPHABET
    assert batch["places"].max() == 3
    assert (batch["marks"] > 0).any()
