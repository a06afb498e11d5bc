"""The played loop: the same start for all, as many labels as asked for, none of dev and test."""

import pytest

from gongkai.corpora.store import Corpus
from gongkai.training.config import LinearTraining
from gongkai.training.labelling.simulate import Simulation, table

pytestmark = pytest.mark.ml


@pytest.fixture(scope="module")
def simulation(small_corpus: Corpus) -> Simulation:
    settings = LinearTraining(family="linear", name="t", version="0", seed=1, regularisation=30.0, positive_weight=2.0)
    return Simulation(small_corpus, settings)


def test_all_strategies_start_alike_and_one_seed_gives_one_curve(simulation):
    curves = {strategy: simulation.play(strategy, 3, [20, 40]) for strategy in ("random", "margin", "diversity")}
    assert len({curve[20] for curve in curves.values()}) == 1
    assert simulation.play("margin", 3, [20, 40]) == curves["margin"]


def test_a_batch_has_as_many_sentences_as_asked_and_each_once(simulation, monkeypatch):
    asked = []
    learn = Simulation._learn
    monkeypatch.setattr(Simulation, "_learn", lambda self, found: asked.append(found) or learn(self, found))
    simulation.play("uncertainty", 1, [20, 40])
    sizes = [sum(len(p.sentences) for p in found) for found in asked]
    assert sizes[0] <= 20
    assert sizes[0] < sizes[1] <= 40
    assert len({p.id for p in asked[1]}) == len(asked[1])
    assert asked[1][: len(asked[0])] == asked[0]


def test_the_table_shows_mean_and_spread():
    lines = table({"random": [{100: 0.2}, {100: 0.4}]}, [100])
    assert lines[-1] == "| random | 0.300 ± 0.141 |"
