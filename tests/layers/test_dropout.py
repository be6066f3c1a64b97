"""Dropout drops its share, keeps the mean, follows the seed, and does nothing but while training."""

import pytest
import torch

from yeoul.layers import Dropout


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.999])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.bfloat16])
def test_a_share_is_dropped_and_the_rest_makes_up_for_it(share, kind):
    torch.manual_seed(0)
    size = 200_003
    dropped = Dropout(share)(torch.ones(size, dtype=kind))
    kept = dropped != 0
    # of a draw of n the share has a deviation of √(p (1 - p) / n)
    deviation = (share * (1 - share) / size) ** 0.5
    assert float((~kept).double().mean()) == pytest.approx(share, abs=5 * deviation)
    wanted = torch.tensor(1 / (1 - share), dtype=torch.float64)
    torch.testing.assert_close(dropped[kept][0].double(), wanted, rtol=1e-2, atol=0)
    assert len(dropped[kept].unique()) == 1


def test_neighbours_are_dropped_apart_and_the_seed_decides():
    dropout, ones = Dropout(0.5), torch.ones(40_000)
    torch.manual_seed(3)
    first, second = dropout(ones), dropout(ones)
    torch.manual_seed(3)
    assert torch.equal(dropout(ones), first)
    for one, other in ((first, second), (first[:-1], first[1:]), (first[:-4], first[4:])):
        both = float(((one != 0) & (other != 0)).float().mean())
        assert both == pytest.approx(0.25, abs=0.02)


def test_gradients_go_through_what_stays():
    inputs = torch.randn(5, 7, 3, requires_grad=True)
    dropped = Dropout(0.4)(inputs)
    dropped.sum().backward()
    torch.testing.assert_close(inputs.grad * inputs.detach(), dropped.detach())


def test_nothing_is_dropped_but_while_training():
    inputs = torch.randn(5, 7)
    assert Dropout(0.4).eval()(inputs) is inputs
    assert Dropout(0.0)(inputs) is inputs
    assert Dropout(0.4)(torch.zeros(0, 3)).shape == (0, 3)
    with pytest.raises(ValueError, match="share"):
        Dropout(1.0)
