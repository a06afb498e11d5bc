"""A damaged file costs that file: a structured error or a report with its diagnostics, never another exception.

Any exception but GongkaiError fails these tests by itself.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.corpora.synthetic.corrupt import CORRUPTIONS, damage
from gongkai.corpora.synthetic.generate import generate
from gongkai.corpora.synthetic.render import FORMATS, render
from gongkai.pipeline.errors import GongkaiError, catalogue

READ_ERRORS = {code for code in catalogue() if code.startswith("read.")}


def outcome(annotate_bytes, data, suffix):
    """Return the code of the failure, or the status of the report."""
    try:
        return annotate_bytes(data, suffix).status
    except GongkaiError as error:
        return error.code


@pytest.mark.parametrize("file_format", FORMATS)
@given(seed=st.integers(0, 10_000), kind=st.sampled_from(sorted(CORRUPTIONS)))
def test_damaged_files_end_in_a_report_or_a_coded_error(seed, kind, file_format, annotate_bytes):
    data, suffix = damage(render(generate(seed), file_format), file_format, kind, Random(seed))
    assert outcome(annotate_bytes, data, suffix) in {"success", "partial_success", *READ_ERRORS}


@pytest.mark.parametrize(("kind", "code"), [("empty", "read.empty"), ("scanned", "read.scanned_pdf")])
def test_what_cannot_hold_text_is_named(kind, code, annotate_bytes):
    data, suffix = damage(render(generate(1), "pdf"), "pdf", kind, Random(1))
    assert outcome(annotate_bytes, data, suffix) == code


# Marks, numerals, dates and units in any order get further into the pipeline than random bytes do.
MATERIAL = st.text(
    alphabet="一二三十百万、（）()1.２％余约年月日。；“”  \n\t总体情况主动公开申请件元<>p&|\u2028\u200b", max_size=120
)


@given(data=st.one_of(st.binary(max_size=400), MATERIAL.map(str.encode)), suffix=st.sampled_from(FORMATS))
def test_any_bytes_end_in_a_report_or_a_coded_error(data, suffix, annotate_bytes):
    assert outcome(annotate_bytes, data, suffix) in {"success", "partial_success", *READ_ERRORS}
