"""Errors have stable codes, advice and exit statuses, and survive a process boundary."""

import copy
import re
from pathlib import Path

import pytest

import gongkai.models
import gongkai.pipeline
import gongkai.training
from gongkai.pipeline.errors import GongkaiError, catalogue


def test_error_says_what_and_what_next():
    error = GongkaiError("read.empty", "a.txt holds no text.")
    assert "a.txt holds no text." in str(error)
    assert error.entry.advice in str(error)
    assert error.entry.exit_status == 3


def test_error_survives_copying_between_processes():
    error = copy.copy(GongkaiError("read.empty", "a.txt holds no text."))
    assert (error.code, error.message) == ("read.empty", "a.txt holds no text.")


def test_unknown_code_is_refused():
    with pytest.raises(KeyError):
        GongkaiError("read.nonsense", "")


def test_every_code_is_used_and_every_used_code_is_in_the_catalogue():
    packages = (gongkai.pipeline, gongkai.models, gongkai.training)
    files = [path for package in packages for path in Path(package.__path__[0]).rglob("*.py")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    used = set(re.findall(r"GongkaiError\(\s*\"([a-z_.]+)\"", source)) | set(re.findall(r"code=\"([a-z_.]+)\"", source))
    assert used <= set(catalogue())
    assert all(f'"{code}"' in source for code in catalogue()), "a code that nothing raises"
