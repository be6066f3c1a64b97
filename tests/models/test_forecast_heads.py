"""What is stated of a number to come, against torch's distributions, scikit-learn and scipy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_pinball_loss

from yeoul.metrics.forecasts import LEVELS
from yeoul.models.forecast_heads import (
    ForecastHead,
    NormalOutput,
    PointOutput,
    QuantileOutput,
    StudentOutput,
)
from yeoul.models.forecast_windows import Level
from yeoul.models.forecasting import noise

OUTPUTS = [
    *(PointOutput(loss) for loss in ("mae", "mse", "huber")),
    QuantileOutput(),
    NormalOutput(),
    StudentOutput(),
]
ids = [f"{type(output).__name__}-{output.loss_name}" for output in OUTPUTS]
every = pytest.mark.parametrize("output", OUTPUTS, ids=ids)


def plain(*shape):
    return Level(torch.zeros(*shape, dtype=torch.float64), torch.ones(*shape, dtype=torch.float64))


def stated(output, rows=7, seed=0, level=None):
    raw = torch.randn(
        rows, 2, output.size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    return output.place(raw, level or plain(rows, 2))


def targets(rows=7):
    return torch.randn(rows, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(9))


def test_losses_of_points_are_those_of_torch():
    oracles = {
        "mae": torch.nn.functional.l1_loss,
        "mse": torch.nn.functional.mse_loss,
        "huber": torch.nn.functional.smooth_l1_loss,
    }
    for name, oracle in oracles.items():
        output = PointOutput(name)
        found = output.losses(stated(output), targets()).mean()
        torch.testing.assert_close(found, oracle(stated(output)[..., 0], targets()))


def test_the_pinball_loss_is_that_of_scikit_learn():
    output = QuantileOutput()
    answers = output.answers(stated(output))
    expected = [
        mean_pinball_loss(targets().flatten(), answers[..., place].flatten(), alpha=level)
        for place, level in enumerate(LEVELS)
    ]
    assert output.losses(stated(output), targets()).mean().item() == pytest.approx(np.mean(expected))


@settings(max_examples=50, deadline=None)
@given(raw=st.lists(st.floats(-50, 50), min_size=7, max_size=7), scale=st.floats(1e-3, 1e3))
def test_quantiles_never_cross(raw, scale):
    level = Level(torch.zeros(1, dtype=torch.float64), torch.tensor([scale], dtype=torch.float64))
    found = QuantileOutput().place(torch.tensor([raw], dtype=torch.float64), level)
    assert (found.diff(dim=-1) >= 0).all()
    assert found[0, 3].item() == pytest.approx(raw[3] * scale)


def test_likelihoods_and_quantiles_are_those_of_the_distributions():
    mean, deviation = stated(NormalOutput()).unbind(-1)
    normal = torch.distributions.Normal(mean, deviation)
    torch.testing.assert_close(
        NormalOutput().losses(stated(NormalOutput()), targets()), -normal.log_prob(targets())
    )
    torch.testing.assert_close(
        NormalOutput().answers(stated(NormalOutput())),
        torch.stack([normal.icdf(torch.tensor(level, dtype=torch.float64)) for level in LEVELS], dim=-1),
    )
    location, scale, freedom = stated(StudentOutput()).unbind(-1)
    student = torch.distributions.StudentT(freedom, location, scale)
    torch.testing.assert_close(
        StudentOutput().losses(stated(StudentOutput()), targets()), -student.log_prob(targets())
    )
    expected = np.stack([stats.t.ppf(level, freedom, location, scale) for level in LEVELS], axis=-1)
    torch.testing.assert_close(StudentOutput().answers(stated(StudentOutput())), torch.from_numpy(expected))
    assert (freedom > 2).all()


@pytest.mark.parametrize("output", [NormalOutput(), StudentOutput()], ids=["normal", "student"])
def test_draws_follow_the_distribution(output):
    one = stated(output)[:1, :1]  # (1, 1, P)
    chance = noise((2, 20_000, 1), one, torch.Generator().manual_seed(0))
    drawn = output.draw(one, chance).flatten().numpy()
    told = one[0, 0].tolist()
    law = stats.norm(*told) if len(told) == 2 else stats.t(told[2], told[0], told[1])
    assert stats.kstest(drawn, law.cdf).pvalue > 0.01
    told_by_paths = output.of_paths(torch.from_numpy(drawn))
    torch.testing.assert_close(told_by_paths, torch.from_numpy(np.quantile(drawn, LEVELS)))


@every
def test_what_is_stated_moves_and_grows_with_its_level(output):
    shift, scale = torch.tensor([3.0, -5.0]).double(), torch.tensor([0.01, 40.0]).double()
    level = Level(shift.expand(7, 2), scale.expand(7, 2))
    placed = output.answers(stated(output, level=level))
    torch.testing.assert_close(placed, shift[:, None] + scale[:, None] * output.answers(stated(output)))


@every
def test_a_missing_target_is_in_neither_loss_nor_gradient(output):
    torch.manual_seed(0)
    head = ForecastHead(4, (3, 2), output)
    features = torch.randn(5, 4)
    level = Level(torch.zeros(5, 1, 2), torch.ones(5, 1, 2))
    truth = torch.randn(5, 3, 2)
    truth[1, 2, 0] = truth[3] = torch.nan

    loss = head.loss(head(features, level), truth).terms[output.loss_name]
    loss.total.backward()
    gradient = head.project.weight.grad.clone()
    head.zero_grad()
    present = ~truth.isnan()
    parts = head.output.losses(head(features, level), torch.nan_to_num(truth, 123.0))[present]
    parts.sum().backward()

    assert loss.count == head.counts(truth)[output.loss_name] == 30 - 7  # one number and a row of six
    torch.testing.assert_close(loss.total, parts.sum())
    torch.testing.assert_close(gradient, head.project.weight.grad)


@every
def test_gradients_are_those_of_finite_differences(output):
    truth = targets(3)
    raw = torch.randn(3, 2, output.size, dtype=torch.float64, requires_grad=True)
    level = Level(torch.randn(3, 2).double(), torch.rand(3, 2).double() + 0.5)
    assert torch.autograd.gradcheck(lambda given: output.losses(output.place(given, level), truth), raw)


@every
def test_far_targets_and_flat_windows_stay_finite(output):
    level = Level(torch.zeros(1, 1), torch.full((1, 1), 1e-3))
    raw = torch.full((1, 1, output.size), -80.0, requires_grad=True)
    loss = output.losses(output.place(raw, level), torch.full((1, 1), 1e4)).sum()
    loss.backward()
    assert loss.isfinite()
    assert raw.grad.isfinite().all()


def test_quantiles_are_not_sampled():
    with pytest.raises(TypeError, match="distribution"):
        QuantileOutput().draw(stated(QuantileOutput()), torch.rand(2, 7, 2))
