"""A package's name is one that pip knows and no one else has."""

from __future__ import annotations

import keyword
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.packaging.names import module_name, package_name, package_version


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gongkai-fast", "gongkai-fast"),
        ("My_Model..2", "my-model-2"),
        ("news.linear-_-v2", "news-linear-v2"),
        ("spacy.x", "spacy-x"),
    ],
)
def test_names_are_written_as_pip_writes_them(name: str, told: str) -> None:
    assert package_name(name) == told


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "新闻分类",
        "my model",
        "../evil",
        "a/b",
        "a\\b",
        "-rf",
        "_x",
        "x-",
        "1st",
        "model\n",
        'x" = 1',
        "x" * 65,
        "gongkai",
        "Gongkai",
        "numpy",
        "NumPy",
        "PyYAML",
        "yaml",
        "json",
        "class",
        "pip",
    ],
)
def test_unsafe_names_and_those_of_others_are_refused(name: str) -> None:
    with pytest.raises(GongkaiError) as caught:
        package_name(name)
    assert caught.value.code == "package.invalid"


@given(st.text("abcXYZ019-_.", min_size=1, max_size=20))
def test_what_is_accepted_is_a_name_and_a_module(name: str) -> None:
    try:
        found = package_name(name)
    except GongkaiError:
        return
    assume(found)
    assert package_name(found) == found
    module = module_name(found)
    assert module.isidentifier()
    assert not keyword.iskeyword(module)
    assert module not in sys.stdlib_module_names


def test_versions() -> None:
    assert package_version("1.0") == "1.0"
    assert package_version("v2") == "2"
    for version in ("", "new", "1.0-final-really", "1/2", "../1"):
        with pytest.raises(GongkaiError) as caught:
            package_version(version)
        assert caught.value.code == "package.invalid"
