import pytest
import torch
from torch import nn

from gongkai.models.neural.dropout import Dropout, replace_dropout

pytestmark = pytest.mark.ml


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_it_drops_its_share_and_keeps_the_mean(share):
    torch.manual_seed(1)
    out = Dropout(share).train()(torch.ones(100, 1003))
    assert float((out == 0).float().mean()) == pytest.approx(share, abs=0.01)
    assert float(out.mean()) == pytest.approx(1, abs=0.01)


def test_it_does_nothing_outside_training():
    x = torch.ones(3, 5)
    assert Dropout(0.5).eval()(x) is x


def test_one_seed_one_result():
    layer = Dropout(0.3).train()
    torch.manual_seed(2)
    first = layer(torch.ones(7, 9))
    torch.manual_seed(2)
    assert torch.equal(first, layer(torch.ones(7, 9)))


def test_what_was_dropped_gets_no_gradient():
    torch.manual_seed(3)
    x = torch.ones(50, requires_grad=True)
    out = Dropout(0.5).train()(x)
    out.sum().backward()
    assert torch.equal(x.grad == 0, out == 0)


def test_all_of_a_module_are_replaced():
    module = nn.Sequential(nn.Dropout(0.1), nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.25)))
    replace_dropout(module)
    assert not any(isinstance(m, nn.Dropout) for m in module.modules())
    assert [m.p for m in module.modules() if isinstance(m, Dropout)] == [0.1, 0.25]
