"""Labelling functions in Python, by name.

A maker takes the options of the configuration and returns the function; an entry point of the group
``gongkai_labelling_functions`` or ``gongkai weak --code FILE`` makes it known::

    from gongkai.training.weak.registry import labelling_functions
    from gongkai.training.weak.votes import ABSTAIN, FOR

    @labelling_functions("long_sentence")
    def long_sentence(characters: int = 100):
        def vote(sentence, report):
            return FOR if len(sentence.text) > characters else ABSTAIN
        return vote

A configuration then says ``{name: long, kind: python, function: long_sentence, options: {characters: 80}}``.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catalogue

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.weak.sentences import Sentence, SourceReport

# Says for, against or abstain (see votes) of one sentence of a report.
Vote = Callable[[Sentence, SourceReport], int]
Maker = Callable[..., Vote]

labelling_functions: Any = catalogue.create("gongkai", "labelling_functions", entry_points=True)


def make(name: str, options: dict[str, Any]) -> Vote:
    """Return a registered function.

    Args:
        name: it was registered under.
        options: for its maker.

    Raises:
        GongkaiError: ``config.invalid`` where none is registered so, or it does not take the options.
    """
    try:
        maker: Maker = labelling_functions.get(name)
    except catalogue.RegistryError as error:
        known = ", ".join(sorted(labelling_functions.get_all())) or "none"
        raise GongkaiError(
            "config.invalid", f"No labelling function {name} is registered (there are: {known}); name it with --code."
        ) from error
    try:
        return maker(**options)
    except TypeError as error:
        raise GongkaiError(
            "config.invalid", f"The labelling function {name} does not take its options: {error}."
        ) from error


def run_code(path: Path) -> None:
    """Run a Python file that registers labelling functions.

    Raises:
        GongkaiError: ``config.invalid`` where it cannot be run.
    """
    name = f"gongkai_labelling_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise GongkaiError("config.invalid", f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise GongkaiError("config.invalid", f"{path} cannot be run: {type(error).__name__}: {error}") from error
