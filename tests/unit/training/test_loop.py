"""The training loop on a network of one layer: resumed to the bit, stopped in time, batches accumulated."""

from __future__ import annotations

import json
import random

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

from gongkai.pipeline.errors import GongkaiError  # noqa: E402
from gongkai.training.bucketing import bucketed  # noqa: E402
from gongkai.training.checkpoint import BEST, STATE, WEIGHTS, model_weights  # noqa: E402
from gongkai.training.devices import choose_device, half_precision  # noqa: E402
from gongkai.training.loop import Batch, Loop  # noqa: E402
from gongkai.training.loop_config import LoopSettings  # noqa: E402

pytestmark = pytest.mark.ml

SETTINGS = LoopSettings(epochs=4, learning_rate=0.05, weight_decay=0.01, warmup=0.1, precision="fp32", device="cpu")


class Line:
    """Learns y = 2a - b from batches whose make-up is drawn from the seed."""

    weights = {"square": 1.0}  # noqa: RUF012

    def __init__(self, size=4, seed=1, count=32):
        draw = torch.Generator().manual_seed(5)
        self.x = torch.randn(count, 2, generator=draw)
        self.y = self.x @ torch.tensor([[2.0], [-1.0]])
        self.size, self.seed = size, seed

    def batches(self, epoch):
        order = list(range(len(self.x)))
        random.Random(self.seed * 1000 + epoch).shuffle(order)
        return [order[at : at + self.size] for at in range(0, len(order), self.size)]

    def collate(self, indices):
        return Batch({"x": self.x[indices]}, {"y": self.y[indices]}, size=len(indices), items=len(indices))

    def losses(self, outputs, batch):
        return {"square": ((outputs.float() - batch.targets["y"]) ** 2).mean()}


class Network(torch.nn.Module):
    def __init__(self, seed=3, dropout=0.2):
        super().__init__()
        torch.manual_seed(seed)
        self.dropout = torch.nn.Dropout(dropout)
        self.line = torch.nn.Linear(2, 1)

    def forward(self, batch):
        return self.line(self.dropout(batch["x"]))


def loop(folder, settings=SETTINGS, network=None, objective=None, seed=1, **more):
    folder.mkdir(exist_ok=True)
    network = network or Network()
    groups = [{"params": list(network.parameters()), "lr": settings.learning_rate}]
    return network, Loop(network, settings, objective or Line(), folder, seed=seed, groups=groups, **more)


def changed(**keys):
    return SETTINGS.model_copy(update=keys)


def stopping(patience, metric="dev"):
    return LoopSettings.model_validate(
        SETTINGS.model_dump() | {"epochs": 9, "early_stopping": {"patience": patience, "metric": metric}}
    )


def same(first, second):
    ours, theirs = first.state_dict(), second.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


class _InterruptedError(Exception):
    pass


def interrupt_after(number):
    def after(done):
        if done.number == number:
            raise _InterruptedError

    return after


def test_it_learns_and_tells(tmp_path):
    told = []
    network, it = loop(tmp_path, changed(epochs=30), Network(dropout=0.0))
    it.run(lambda: {"dev": 0.5}, told.append)
    assert network.line.weight.flatten().tolist() == pytest.approx([2, -1], abs=0.05)
    assert [done.number for done in told] == list(range(1, 31))
    assert told[-1].losses["square"] < told[0].losses["square"] / 10
    assert told[0].figures == {"dev": 0.5}
    assert told[0].items_per_second > 0


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path, at):
    whole, it = loop(tmp_path / "whole")
    it.run()
    _, it = loop(tmp_path / "cut")
    with pytest.raises(_InterruptedError):
        it.run(after_epoch=interrupt_after(at))
    resumed, it = loop(tmp_path / "cut", network=Network(seed=8))
    assert it.epoch == at
    torch.manual_seed(99)  # what else was drawn does not matter
    it.run()
    assert same(whole, resumed)


def test_accumulated_batches_are_one_larger_batch(tmp_path):
    # 30 items: the last batch is smaller, and the batches of a step count by their sizes
    large, it = loop(tmp_path / "a", network=Network(dropout=0.0), objective=Line(8, count=30))
    it.run()
    small, it = loop(tmp_path / "b", changed(accumulate=2), network=Network(dropout=0.0), objective=Line(4, count=30))
    it.run()
    assert torch.allclose(large.line.weight, small.line.weight, atol=1e-6)
    assert torch.allclose(large.line.bias, small.line.bias, atol=1e-6)


def test_the_rate_rises_and_falls(tmp_path):
    _, it = loop(tmp_path, changed(warmup=0.25))
    rates = [it._rate(step) for step in range(33)]  # 8 steps an epoch, 4 epochs
    assert rates[:8] == pytest.approx([k / 8 for k in range(1, 9)])
    assert rates[8] == pytest.approx(1.0)
    assert rates[20] == pytest.approx(0.5)
    assert rates[32] == 0.0


def dev(values):
    """Return an evaluation that says one figure after the other."""
    left = iter(values)
    return lambda: {"dev": next(left)}


def test_it_stops_early_and_keeps_the_best(tmp_path):
    states = []
    network, it = loop(tmp_path, stopping(2))
    it.run(dev([0.1, 0.5, 0.4, 0.5, 0.9]), lambda done: states.append(network.line.weight.clone()))
    assert it.epoch == 4  # 0.4 and an equal 0.5 are no gain
    assert torch.equal(network.line.weight, states[1])
    assert not torch.equal(network.line.weight, states[-1])
    assert torch.equal(model_weights(tmp_path)["line.weight"], states[1])


def test_a_loss_should_fall(tmp_path):
    states = []
    network, it = loop(tmp_path, stopping(1, "dev_loss"))
    values = iter([0.9, 0.2, 0.5])
    it.run(lambda: {"dev_loss": next(values)}, lambda done: states.append(network.line.weight.clone()))
    assert it.epoch == 3
    assert torch.equal(network.line.weight, states[1])


def test_the_best_survives_an_interruption(tmp_path):
    whole, it = loop(tmp_path / "whole", stopping(2))
    it.run(dev([0.1, 0.5, 0.4, 0.3]))
    _, it = loop(tmp_path / "cut", stopping(2))
    with pytest.raises(_InterruptedError):
        it.run(dev([0.1, 0.5, 0.4]), interrupt_after(3))
    resumed, it = loop(tmp_path / "cut", stopping(2), Network(seed=8))
    it.run(dev([0.3]))
    assert it.epoch == 4
    assert same(whole, resumed)
    # and what is over stays over
    again, it = loop(tmp_path / "cut", stopping(2), Network(seed=9))
    it.run(dev([]))
    assert same(whole, again)


def test_an_unknown_figure_is_said(tmp_path):
    _, it = loop(tmp_path, stopping(2, "dev_f1"))
    with pytest.raises(GongkaiError, match=r"no dev_f1; dev has dev\.") as caught:
        it.run(dev([0.1]))
    assert caught.value.code == "config.invalid"


def test_another_training_is_not_gone_on_with(tmp_path):
    loop(tmp_path, stopping(2))[1].run(dev([0.1, 0.2, 0.1, 0.1]))
    assert loop(tmp_path, stopping(2), seed=1)[1].epoch == 4
    assert loop(tmp_path, stopping(2), origin={"data": "x"})[1].epoch == 0
    assert not (tmp_path / BEST).exists()  # the best of another training is not this one's
    assert loop(tmp_path, changed(learning_rate=0.1))[1].epoch == 0


def test_an_old_checkpoint_lacks_the_keys_that_came_since(tmp_path):
    loop(tmp_path)[1].run()
    state = json.loads((tmp_path / STATE).read_text(encoding="utf-8"))
    for key in ("accumulate", "device", "clip", "early_stopping", "compile"):
        state["settings"].pop(key)
    state["settings"]["device"] = "cpu"
    for key in ("origin", "best", "scaler"):
        state.pop(key)
    (tmp_path / STATE).write_text(json.dumps(state), encoding="utf-8")
    assert loop(tmp_path)[1].epoch == 4
    assert loop(tmp_path, changed(accumulate=2))[1].epoch == 0
    state["settings"]["gone"] = 1
    (tmp_path / STATE).write_text(json.dumps(state), encoding="utf-8")
    assert loop(tmp_path)[1].epoch == 0


def test_a_checkpoint_broken_off_between_its_files_is_none(tmp_path):
    _, it = loop(tmp_path)
    with pytest.raises(_InterruptedError):
        it.run(after_epoch=interrupt_after(1))
    before = (tmp_path / STATE).read_bytes()
    loop(tmp_path)[1].run()
    (tmp_path / STATE).write_bytes(before)  # weights of epoch 4, state of epoch 1
    assert loop(tmp_path)[1].epoch == 0
    (tmp_path / WEIGHTS).write_bytes(b"\0" * 20)
    assert loop(tmp_path)[1].epoch == 0


def test_what_is_frozen_stays_as_it_is(tmp_path):
    class Two(Network):
        def __init__(self):
            super().__init__(dropout=0.5)
            self.top = torch.nn.Linear(1, 1)

        def forward(self, batch):
            return self.top(super().forward(batch))

    network = Two()
    before = network.line.weight.clone()
    groups = [{"params": list(network.top.parameters()), "lr": 0.1}]
    network.line.requires_grad_(False)
    it = Loop(network, SETTINGS, Line(), tmp_path, seed=1, groups=groups, frozen=(network.dropout,))
    it.train_mode()
    assert not network.dropout.training
    assert network.top.training
    it.run()
    assert torch.equal(network.line.weight, before)


def test_bf16_computes_in_halves_and_keeps_whole_weights(tmp_path):
    seen = []

    class Watching(Line):
        def losses(self, outputs, batch):
            seen.append(outputs.dtype)
            return super().losses(outputs, batch)

    network, it = loop(tmp_path, changed(precision="bf16"), objective=Watching())
    it.run()
    assert set(seen) == {torch.bfloat16}
    assert network.line.weight.dtype == torch.float32


def test_devices():
    cpu = torch.device("cpu")
    assert choose_device("cpu") == cpu
    assert half_precision(cpu, "fp32") is None
    assert half_precision(cpu, "fp16") == half_precision(cpu, "bf16") == torch.bfloat16
    if not torch.cuda.is_available():
        assert choose_device("auto") == cpu
        with pytest.raises(GongkaiError, match="no GPU"):
            choose_device("cuda")


def test_buckets_hold_everything_once_and_keep_the_budget():
    lengths = [random.Random(1).randint(1, 90) for _ in range(200)] + [500]
    groups = bucketed(lengths, 1, 0, jitter=8, budget=300)
    assert sorted(i for group in groups for i in group) == list(range(201))
    assert all(max(lengths[i] for i in g) * len(g) <= 300 or len(g) == 1 for g in groups)
    assert groups == bucketed(lengths, 1, 0, jitter=8, budget=300)
    assert groups != bucketed(lengths, 1, 1, jitter=8, budget=300)
    assert groups != bucketed(lengths, 2, 0, jitter=8, budget=300)
    sized = bucketed(lengths, 1, 0, jitter=8, size=16)
    assert sorted(map(len, sized)) == [9] + [16] * 12
    assert sorted(i for group in sized for i in group) == list(range(201))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_the_same_configuration_runs_on_a_gpu(tmp_path, precision):
    settings = changed(epochs=30, precision=precision, device="auto")
    network, it = loop(tmp_path / "whole", settings, Network(dropout=0.0))
    it.run()
    assert network.line.weight.device.type == "cuda"
    assert network.line.weight.flatten().tolist() == pytest.approx([2, -1], abs=0.1)
    _, it = loop(tmp_path / "cut", settings, Network(dropout=0.0))
    with pytest.raises(_InterruptedError):
        it.run(after_epoch=interrupt_after(7))
    resumed, it = loop(tmp_path / "cut", settings, Network(seed=8, dropout=0.0))
    assert it.epoch == 7
    it.run()
    assert torch.allclose(network.line.weight, resumed.line.weight, atol=1e-3)
