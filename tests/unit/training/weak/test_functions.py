"""What each kind of labelling function says: for, against, or nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.weak.config import WeakLabel, load_weak
from gongkai.training.weak.functions import Functions
from gongkai.training.weak.registry import labelling_functions, run_code
from gongkai.training.weak.votes import ABSTAIN, AGAINST, FOR

Vote = Callable[..., list[int]]

BUS = "公交线路优化16条。"
OFFICE = "市交通局印发方案。"


def test_phrases(vote: Vote) -> None:
    assert vote({"kind": "phrases", "phrases": ["公交", "客运"]}, BUS, OFFICE) == [FOR, ABSTAIN]
    assert vote({"kind": "phrases", "phrases": ["公交"], "vote": "against"}, BUS, OFFICE) == [AGAINST, ABSTAIN]


def test_a_phrase_inside_one_that_is_excluded_does_not_count_and_outside_it_does(vote: Vote) -> None:
    settings = {"kind": "phrases", "phrases": ["交通"], "not": ["交通局"]}
    assert vote(settings, OFFICE, "交通局发布交通管制通告。") == [ABSTAIN, FOR]


def test_a_phrase_of_unless_silences_the_whole_sentence(vote: Vote) -> None:
    settings = {"kind": "phrases", "phrases": ["停车"], "unless": ["网站"]}
    assert vote(settings, "停车收费上网站。", "停车收费上墙。") == [ABSTAIN, FOR]


def test_white_space_and_quotation_marks_do_not_hide_a_phrase(vote: Vote) -> None:
    assert vote({"kind": "phrases", "phrases": ["三公经费"]}, "“三公” 经费下降。") == [FOR]


def test_a_phrase_named_twice_still_counts_once(vote: Vote) -> None:
    assert vote({"kind": "phrases", "phrases": ["公交", "公交"]}, BUS) == [FOR]
    settings = {"kind": "phrases", "phrases": ["公交", "客运", "停车"], "at_least": 2}
    assert vote(settings, "公交和公交站。", "公交和停车。") == [ABSTAIN, FOR]


def test_headings_and_neighbours(vote: Vote) -> None:
    settings = {"kind": "phrases", "phrases": ["公交"]}
    heading = vote({**settings, "where": "heading"}, "新增三条。", path=("（一）公交",))
    assert heading == [FOR]
    beside = vote({**settings, "where": "neighbours"}, "其一。", BUS, "其三。", "其四。")
    assert beside == [FOR, ABSTAIN, FOR, ABSTAIN]


def test_sections_limit_any_function(vote: Vote) -> None:
    settings = {"kind": "phrases", "phrases": ["公交"], "sections": ["applications"]}
    assert vote(settings, BUS, section="overview") == [ABSTAIN]
    assert vote(settings, BUS, section="applications") == [FOR]
    assert vote({"kind": "section", "sections": ["problems"], "vote": "against"}, BUS, section="problems") == [AGAINST]


def test_regular_expressions_are_linear_and_refuse_what_is_not(vote: Vote) -> None:
    assert vote({"kind": "regex", "pattern": r"\d+条.{0,3}线路|线路优化\d+条"}, BUS, OFFICE) == [FOR, ABSTAIN]
    started = time.monotonic()
    assert vote({"kind": "regex", "pattern": "(a+)+$"}, "a" * 20000 + "b") == [ABSTAIN]
    assert time.monotonic() - started < 5  # backtracking would take 2**20000 steps
    for pattern in (r"(公)\1", "公(?=交)", "(", "(?:a{1000}){1000}"):
        with pytest.raises(GongkaiError) as caught:
            vote({"kind": "regex", "pattern": pattern}, BUS)
        assert caught.value.code == "config.invalid"


ROWS = {"punishment": {"decisions": 0}, "fees": {"amount": 3.5, "effective": None}}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"row": "punishment", "at_most": 0}, FOR),
        ({"row": "punishment", "at_least": 1}, ABSTAIN),
        ({"row": "fees", "column": "amount", "at_least": 1}, FOR),
        ({"row": "fees", "column": "effective", "at_most": 9}, ABSTAIN),  # blank
        ({"row": "licensing", "at_least": 0}, ABSTAIN),  # not there
        ({"row": "fees", "at_least": 1, "phrases": ["收费"]}, ABSTAIN),
        ({"row": "fees", "at_least": 1, "phrases": ["公交"]}, FOR),
    ],
)
def test_table_facts(vote: Vote, asked: dict[str, Any], expected: int) -> None:
    tables = {"proactive_disclosure": {"rows": ROWS}}
    assert vote({"kind": "table", "table": "proactive_disclosure", **asked}, BUS, tables=tables) == [expected]
    assert vote({"kind": "table", "table": "proactive_disclosure", **asked}, BUS) == [ABSTAIN]


def test_the_tagger_votes_above_and_below(vote: Vote) -> None:
    settings = {"kind": "tagger", "engine": "rules", "labels": ["domains/urban_services"]}
    office = "本机关没有其他需要报告的事项。"
    near, far = {**settings, "above": 0.5}, {**settings, "below": 0.1, "vote": "against"}
    assert [*vote(near, BUS), *vote(near, office)] == [FOR, ABSTAIN]
    assert [*vote(far, BUS), *vote(far, office)] == [ABSTAIN, AGAINST]


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "tagger", "labels": ["domains/transport"], "above": 0.5},
        {"kind": "tagger", "labels": ["domains/finance"]},
        {"kind": "tagger", "labels": ["domains/finance"], "above": 0.5, "below": 0.1},
        {"kind": "section"},
        {"kind": "table", "table": "nothing", "row": "rules", "at_least": 1},
        {"kind": "table", "table": "applications", "row": "nothing", "at_least": 1},
        {"kind": "table", "table": "applications", "row": "granted", "column": "nothing", "at_least": 1},
        {"kind": "table", "table": "applications", "row": "granted"},
        {"kind": "phrases", "phrases": []},
        {"kind": "phrases", "phrases": ["公交"], "each": True, "at_least": 2},
        {"kind": "python", "function": "f", "vote": "for"},
        {"kind": "phrases", "phrases": ["公交"], "unknown": 1},
    ],
)
def test_what_cannot_be_meant_is_refused(vote: Vote, settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        vote(settings, BUS)


def test_a_phrase_of_nothing_but_white_space_is_refused(vote: Vote) -> None:
    with pytest.raises(GongkaiError):
        vote({"kind": "phrases", "phrases": [" "]}, BUS)


def test_python_functions(vote: Vote, tmp_path: Path) -> None:
    code = tmp_path / "mine.py"
    code.write_text(
        "from gongkai.training.weak.registry import labelling_functions\n"
        "from gongkai.training.weak.votes import ABSTAIN, FOR\n"
        "@labelling_functions('longer_than')\n"
        "def longer_than(characters: int):\n"
        "    return lambda sentence, report: FOR if len(sentence.text) > characters else ABSTAIN\n",
        encoding="utf-8",
    )
    run_code(code)
    settings = {"kind": "python", "function": "longer_than"}
    assert vote({**settings, "options": {"characters": 3}}, "长长长长", "短") == [FOR, ABSTAIN]
    for wrong in ({**settings, "options": {"words": 3}}, {"kind": "python", "function": "no_such_function"}):
        with pytest.raises(GongkaiError) as caught:
            vote(wrong, BUS)
        assert caught.value.code == "config.invalid"
    (tmp_path / "broken.py").write_text("1 / 0", encoding="utf-8")
    for path in ("broken.py", "missing.py"):
        with pytest.raises(GongkaiError):
            run_code(tmp_path / path)


def test_a_python_function_must_say_one_of_three_things(vote: Vote) -> None:
    labelling_functions("says_true")(lambda: lambda sentence, report: "yes")
    with pytest.raises(GongkaiError, match="neither FOR"):
        vote({"kind": "python", "function": "says_true"}, BUS)


def test_each_phrase_can_be_a_function_of_its_own(report: Callable[..., Any]) -> None:
    label = WeakLabel.model_validate(
        {
            "zh": "交通",
            "functions": [{"name": "p", "kind": "phrases", "phrases": ["公交", "客运", "停车"], "each": True}],
        }
    )
    assert [function.name for function in label.voters] == ["p:公交", "p:客运", "p:停车"]
    votes = Functions({"transport": label}).vote([report(BUS, "客运和停车。"), report(OFFICE)]).votes["transport"]
    assert votes.tolist() == [[FOR, ABSTAIN, ABSTAIN], [ABSTAIN, FOR, FOR], [ABSTAIN] * 3]


def test_two_functions_are_too_few_and_names_must_differ() -> None:
    one = {"name": "p", "kind": "phrases", "phrases": ["公交"]}
    for functions in ([one, {**one, "name": "q"}], [one, {**one}, {**one, "name": "q"}]):
        with pytest.raises(ValidationError):
            WeakLabel.model_validate({"zh": "交通", "functions": functions})


def test_paths_are_taken_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text(json.dumps({"text": BUS}) + "\n", encoding="utf-8")
    phrases = {"name": "p", "kind": "phrases", "phrases": ["公交", "客运", "停车"], "each": True}
    settings: dict[str, Any] = {
        "name": "n",
        "version": "1",
        "labels": {"transport": {"zh": "交通", "functions": [phrases]}},
        "unlabelled": {"form": "jsonl", "path": "some.jsonl"},
    }
    (tmp_path / "weak.yaml").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    loaded = load_weak(tmp_path / "weak.yaml")
    assert loaded.unlabelled.model_dump()["path"] == str(tmp_path / "some.jsonl")
    for broken in ({**settings, "typo": 1}, {**settings, "dev": settings["unlabelled"]}, []):
        (tmp_path / "weak.yaml").write_text(json.dumps(broken), encoding="utf-8")
        with pytest.raises(GongkaiError) as caught:
            load_weak(tmp_path / "weak.yaml")
        assert caught.value.code == "config.invalid"
