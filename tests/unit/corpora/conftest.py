from __future__ import annotations

from collections.abc import Callable

import pytest

from gongkai.corpora.synthetic.generate import generate
from gongkai.corpora.synthetic.model import Form, SyntheticReport


@pytest.fixture(scope="session")
def reports() -> list[SyntheticReport]:
    return [generate(seed) for seed in range(60)]


@pytest.fixture(scope="session")
def of_form() -> Callable[[Form], list[SyntheticReport]]:
    return lambda form: [generate(seed, form=form) for seed in range(12)]
