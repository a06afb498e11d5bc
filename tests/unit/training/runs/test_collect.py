"""Records of many trainings: found, put together by seed, compared."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.training.runs.collect import collect, differing, ranked
from gongkai.training.runs.figures import spread, spreads
from gongkai.training.runs.record import RECORD
from gongkai.training.runs.table import as_csv, as_json, default_metrics


def test_seeds_of_one_training_are_one_row_with_mean_and_deviation(tmp_path, left):
    for seed, f1 in ((1, 0.6), (2, 0.8), (3, 0.7)):
        left(tmp_path / "a" / f"seed-{seed}", f1=f1, seed=seed, settings={"rate": 1, "seeds": [1, 2, 3]})
    (group,) = collect([tmp_path]).groups
    assert group.folder == tmp_path / "a"
    assert group.seeds == (1, 2, 3)
    assert str(group.figures["dev.micro_f1"]) == "0.700 ± 0.100"


@pytest.mark.parametrize("other", [{"settings": {"a": 2}}, {"data_sha256": "e" * 64}, {"family": "crf"}, {"name": "n"}])
def test_trainings_that_differ_are_not_put_together(tmp_path, left, other):
    left(tmp_path / "seed-1")
    left(tmp_path / "seed-2", seed=2, **other)
    assert len(collect([tmp_path]).groups) == 2


def test_what_is_no_seed_is_not_put_together(tmp_path, left):
    left(tmp_path / "a")
    left(tmp_path / "b", seed=2)
    assert len(collect([tmp_path]).groups) == 2


def test_trials_are_shown_only_where_asked_for(tmp_path, left):
    left(tmp_path / "m")
    left(tmp_path / "m" / "trials" / "000", settings={"a": 2})
    assert len(collect([tmp_path]).groups) == 1
    assert len(collect([tmp_path], trials=True).groups) == 2
    assert len(collect([tmp_path / "m" / "trials"]).groups) == 1


def test_a_broken_folder_is_told_and_costs_no_other(tmp_path, left):
    left(tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / RECORD).write_text("{")
    (tmp_path / "none").mkdir()
    found = collect([tmp_path / "good", tmp_path / "bad", tmp_path / "none", tmp_path / "missing"])
    assert [group.folder.name for group in found.groups] == ["good"]
    assert [folder.name for folder, _ in found.broken] == ["bad", "none", "missing"]
    assert {error.code for _, error in found.broken} == {"run.unreadable"}


def test_a_folder_named_twice_counts_once(tmp_path, left):
    left(tmp_path / "a")
    (group,) = collect([tmp_path, tmp_path / "a"]).groups
    assert len(group.runs) == 1


def test_the_best_comes_first_a_loss_the_other_way_round_and_none_last(tmp_path, left, make_run):
    for name, f1 in (("low", 0.1), ("high", 0.9)):
        left(tmp_path / name, f1=f1)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / RECORD).write_text(make_run().model_dump_json())
    groups = collect([tmp_path]).groups
    assert [group.folder.name for group in ranked(groups, "dev.micro_f1")] == ["high", "low", "none"]
    for group in groups:
        if group.figures:
            group.runs[0].figures["dev.loss"] = group.runs[0].figures["dev.micro_f1"]
            group.__dict__.pop("figures")
    assert [group.folder.name for group in ranked(groups, "dev.loss")] == ["low", "high", "none"]


def test_only_settings_that_differ_are_told(tmp_path, left):
    left(tmp_path / "a", settings={"loss": {"kind": "bce"}, "rate": 1, "same": 2, "tracking": {"mlflow": True}})
    left(tmp_path / "b", settings={"loss": {"kind": "focal", "gamma": 2}, "rate": 1, "same": 2})
    groups = collect([tmp_path]).groups
    assert differing(groups) == ["loss.kind", "loss.gamma"]
    rows = list(csv.DictReader(io.StringIO(as_csv(groups, ["dev.micro_f1"], settings=True))))
    assert [(row["loss.kind"], row["loss.gamma"]) for row in rows] == [("bce", ""), ("focal", "2")]
    assert rows[0]["dev.micro_f1"] == "0.5"
    assert rows[0]["dev.micro_f1_sd"] == ""


def test_csv_holds_no_formula_and_json_all_that_is_known(tmp_path, left):
    left(tmp_path / "a", name="=1+1")
    found = collect([tmp_path])
    assert "'=1+1" in as_csv(found.groups, [], settings=False)
    (run,) = json.loads(json.dumps(as_json(found, found.groups)))["runs"]
    assert run["name"] == "=1+1"
    assert run["figures"]["dev.micro_f1"] == {"mean": 0.5, "sd": None, "values": [0.5]}
    assert default_metrics(found.groups) == ["dev.micro_f1", "dev.macro_f1", "test.micro_f1", "test.macro_f1"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
def test_the_spread_lies_among_the_values(values):
    found = spread(values)
    assert min(values) - 1e-6 <= found.mean <= max(values) + 1e-6
    assert (found.sd is None) == (len(values) == 1)
    assert found.sd is None or found.sd <= max(values) - min(values) + 1e-6


def test_a_figure_that_one_seed_lacks_has_no_mean():
    assert list(spreads([{"a": 1, "b": 2}, {"a": 3}])) == ["a"]
    assert spreads([]) == {}
    assert spread([1.0, float("nan")]).sd is None
