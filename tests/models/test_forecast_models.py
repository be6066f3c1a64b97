"""The laws of forecasters: company, order, missing targets, parts, levels, roll-outs and draws."""

import itertools
import math

import pytest
import torch
from pydantic import ValidationError

from yeoul.data.batches import Batch
from yeoul.errors import RecipeError
from yeoul.metrics.forecasts import LEVELS
from yeoul.models.build_forecaster import build_forecaster, describe_forecaster
from yeoul.models.forecast_windows import ForecastShape
from yeoul.models.loss import add_counts
from yeoul.padded import Padded
from yeoul.recipe import ForecasterRecipe

GRU = {"kind": "gru", "hidden_size": 5, "bidirectional": False, "pooling": "last"}
BOTH = {"kind": "lstm", "hidden_size": 3}
STACK = {
    "kind": "stack",
    "layers": [{"kind": "lstm", "hidden_size": 3}, {"hidden_size": 4, "nonlinearity": "relu"}],
}
WAVENET = {"kind": "wavenet", "channels": 4, "skip_channels": 8, "num_layers": 3}
PATCHES = {"kind": "transformer", "size": 8, "num_heads": 2, "patch": 4, "stride": 2, "pooling": "flat"}
DENSE = {"kind": "dense", "window": 12}
TREND = {"kind": "decomposed", "window": 12, "average": 5}
# three targets, a column known ahead and a feature of the calendar; the first target and the first known miss values
SHAPE = ForecastShape(channels=7, targets=3, horizon=4, steps=12, known=2, static=1, masked=(0, 3))
ALONE = ForecastShape(channels=1, targets=1, horizon=6, steps=10)


def recipe(**options):
    return ForecasterRecipe.model_validate(options)


RECIPES = [
    *(
        recipe(strategy=strategy, encoder=encoder, normalize=normalize, variables=variables)
        for strategy, (encoder, normalize, variables) in itertools.product(
            ("direct", "seq2seq", "iterated"),
            (
                (GRU, "last", "together"),
                (GRU, "window", "apart"),
                (BOTH, "none", "together"),
                (STACK, "last", "apart"),
                (WAVENET, "last", "together"),
                (PATCHES, "window", "apart"),
                (DENSE, "last", "apart"),
                (TREND, "window", "together"),
            ),
        )
    ),
    *(
        recipe(strategy=strategy, encoder=encoder, output=output, variables=variables)
        for strategy, encoder, output, variables in (
            ("direct", GRU, "quantiles", "apart"),
            ("direct", DENSE, "student", "together"),
            ("seq2seq", GRU, "normal", "apart"),
            ("seq2seq", GRU, "quantiles", "together"),
            ("iterated", GRU, "normal", "together"),
            ("iterated", WAVENET, "student", "apart"),
            ("iterated", DENSE, "normal", "together"),
        )
    ),
]


def name(recipe):
    return f"{describe_forecaster(recipe, 4)} {recipe.normalize}".replace("×", "x")


every = pytest.mark.parametrize("recipe", RECIPES, ids=name)


def build(recipe, shape=SHAPE, seed=1):
    torch.manual_seed(seed)
    return build_forecaster(recipe, shape).eval()


def batch(rows=5, shape=SHAPE, seed=0):
    random = torch.Generator().manual_seed(seed)
    series = torch.randn(rows, shape.steps, shape.channels, generator=random)
    if shape.masked:
        masks = series[:, :, -len(shape.masked) :]
        masks.copy_((masks > -1.0).float())
    inputs = {"series": Padded(series, torch.full((rows,), shape.steps))}
    if shape.known:
        inputs["known"] = torch.randn(rows, shape.horizon, shape.known, generator=random)
    if shape.static:
        inputs["static"] = torch.randn(rows, shape.static, generator=random)
    targets = torch.randn(rows, shape.horizon, shape.targets, generator=random)
    targets[0, 0, 0] = torch.nan
    return Batch(inputs, targets, torch.arange(rows))


def part(batch, rows):
    """Some rows of a batch, in the given order."""
    rows = torch.as_tensor(rows)
    inputs = {
        name: Padded(value.values[rows], value.lengths[rows]) if isinstance(value, Padded) else value[rows]
        for name, value in batch.inputs.items()
    }
    return Batch(inputs, batch.targets[rows], batch.index[rows])


def moved(batch, shift=0.0, scale=1.0, shape=SHAPE):
    """The same batch with its targets' past, and truth, in other units."""
    series = batch.inputs["series"]
    values = series.values.clone()
    values[:, :, : shape.targets] = shift + scale * values[:, :, : shape.targets]
    inputs = {**batch.inputs, "series": Padded(values, series.lengths)}
    return Batch(inputs, shift + scale * batch.targets, batch.index)


def close(found, expected, tolerance=1e-4):
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance / 10)


def loss(model, batch, counts=None):
    return model.loss(batch).value(counts or model.counts(batch))


@every
def test_company_and_order_change_no_answer(recipe):
    model, rows = build(recipe), batch()
    together = model.answers(rows)
    assert together.shape == (5, 4, 3, 1 if recipe.output == "point" else len(LEVELS))
    order = [3, 0, 4, 1, 2]
    close(model.answers(part(rows, order)), together[order])
    close(model.answers(part(rows, [2])), together[2:3])
    assert (together.diff(dim=-1) >= 0).all()


@every
def test_parts_add_up_to_the_whole(recipe):
    model, rows = build(recipe), batch()
    whole = loss(model, rows)
    whole.backward()
    gradients = [weight.grad.clone() for weight in model.parameters()]
    model.zero_grad()
    parts = [part(rows, places) for places in ([0], [1, 2, 3], [4])]
    counts = add_counts([model.counts(one) for one in parts])
    for one in parts:
        loss(model, one, counts).backward()
    close(sum(loss(model, one, counts) for one in parts), whole)
    for weight, gradient in zip(model.parameters(), gradients, strict=True):
        close(weight.grad, gradient, 1e-3)


@every
def test_rows_without_a_target_change_neither_loss_nor_gradient(recipe):
    shape = ForecastShape(channels=9, targets=3, horizon=4, steps=12, known=2, static=1, masked=(0, 1, 2, 3))
    model, rows = build(recipe, shape), batch(shape=shape)
    rows.inputs["series"].values[2:, :, -4:] = 0.0  # nothing is there inside the windows either
    rows.targets[2:] = torch.nan
    several, alone = loss_and_gradient(model, rows), loss_and_gradient(model, part(rows, [0, 1]))
    assert several[0] == pytest.approx(alone[0], rel=1e-5)
    for first, second in zip(several[1], alone[1], strict=True):
        close(first, second, 1e-3)


def loss_and_gradient(model, rows):
    model.zero_grad()
    value = loss(model, rows)
    value.backward()
    return float(value.detach()), [weight.grad.clone() for weight in model.parameters()]


@every
def test_levels_that_are_taken_off_are_put_back(recipe):
    if recipe.normalize == "none":
        pytest.skip("nothing is taken off")
    model, rows = build(recipe), batch()
    close(model.answers(moved(rows, shift=7.0)), model.answers(rows) + 7.0, 1e-3)
    if recipe.normalize == "window":
        close(model.answers(moved(rows, -2.0, 30.0)), 30.0 * model.answers(rows) - 2.0, 1e-3)
        assert loss(model, moved(rows, scale=30.0)).item() == pytest.approx(
            30.0 * loss(model, rows).item(), rel=1e-3
        )


@every
def test_saved_weights_answer_as_before(recipe):
    model = build(recipe)
    with torch.device("meta"):
        empty = build_forecaster(recipe, SHAPE)
    empty.load_state_dict(model.state_dict(), assign=True)
    assert torch.equal(empty.eval().answers(batch()), model.answers(batch()))


@every
def test_losses_in_reduced_precision_are_near(recipe):
    model, rows = build(recipe), batch()
    with torch.autocast("cpu", torch.bfloat16):
        reduced = loss(model, rows)
    assert reduced.dtype == torch.float32
    assert reduced.item() == pytest.approx(loss(model, rows).item(), rel=0.03)


@pytest.mark.parametrize("strategy", ["direct", "seq2seq", "iterated"])
@pytest.mark.parametrize("output", ["point", "normal", "student"])
def test_gradients_are_those_of_finite_differences(strategy, output):
    shape = ForecastShape(channels=2, targets=1, horizon=2, steps=3, known=1)
    options = {"loss": "mse"} if output == "point" else {}
    small = recipe(
        strategy=strategy, output=output, encoder={**GRU, "hidden_size": 2}, normalize="last", **options
    )
    model = build(small, shape).double()
    rows = batch(2, shape)
    rows = Batch(
        {
            "series": Padded(rows.inputs["series"].values.double(), rows.inputs["series"].lengths),
            "known": rows.inputs["known"].double(),
        },
        rows.targets.double(),
        rows.index,
    )
    weights = list(model.parameters())
    gradients = torch.autograd.grad(loss(model, rows), weights)
    random = torch.Generator().manual_seed(0)
    directions = [torch.randn(weight.shape, dtype=torch.float64, generator=random) for weight in weights]
    slope = sum(
        (gradient * direction).sum() for gradient, direction in zip(gradients, directions, strict=True)
    )
    steps = []
    for sign in (1.0, -1.0):
        with torch.no_grad():
            for weight, direction in zip(weights, directions, strict=True):
                weight.add_(direction, alpha=sign * 1e-6)
            steps.append(loss(model, rows).item())
            for weight, direction in zip(weights, directions, strict=True):
                weight.sub_(direction, alpha=sign * 1e-6)
    assert (steps[0] - steps[1]) / 2e-6 == pytest.approx(float(slope), rel=1e-5, abs=1e-8)


def linear_forecast(model, windows, shift):
    head = model.head.project
    weight = head.weight.reshape(4, -1)  # (H, L) of one target
    return torch.einsum("bld,hl->bhd", windows - shift, weight) + head.bias[:, None] + shift


def test_dense_apart_without_hidden_layer_is_nlinear():
    shape = ForecastShape(channels=3, targets=3, horizon=4, steps=12)
    model, rows = build(recipe(encoder=DENSE, variables="apart"), shape), batch(shape=shape)
    windows = rows.inputs["series"].values
    close(model.answers(rows)[..., 0], linear_forecast(model, windows, windows[:, -1:]))


def test_decomposed_apart_is_dlinear():
    shape = ForecastShape(channels=3, targets=3, horizon=4, steps=12)
    model = build(recipe(encoder=TREND, variables="apart", normalize="none"), shape)
    rows = batch(shape=shape)
    windows = rows.inputs["series"].values
    ends = torch.cat([windows[:, :1].expand(-1, 2, -1), windows, windows[:, -1:].expand(-1, 2, -1)], dim=1)
    trend = torch.stack([ends[:, step : step + 5].mean(dim=1) for step in range(12)], dim=1)
    weight = model.head.project.weight.reshape(4, 12, 2)  # the trend's map and that of what is left
    expected = torch.einsum("bld,hl->bhd", trend, weight[..., 0])
    expected = expected + torch.einsum("bld,hl->bhd", windows - trend, weight[..., 1])
    close(model.answers(rows)[..., 0], expected + model.head.project.bias[:, None])


@pytest.mark.parametrize("strategy", ["direct", "seq2seq", "iterated"])
def test_targets_apart_do_not_hear_one_another_and_share_their_weights(strategy):
    model, rows = build(recipe(strategy=strategy, encoder=GRU, variables="apart")), batch()
    before = model.answers(rows)
    rows.inputs["series"].values[:, :, 1] += torch.randn(5, 12)
    after = model.answers(rows)
    close(after[:, :, [0, 2]], before[:, :, [0, 2]])
    assert not torch.isclose(after[:, :, 1], before[:, :, 1]).any()
    rows.inputs["series"].values[:, :, 2] = rows.inputs["series"].values[:, :, 1]
    close(model.answers(rows)[:, :, 2], after[:, :, 1])


@pytest.mark.parametrize("strategy", ["seq2seq", "iterated"])
@pytest.mark.parametrize("encoder", [GRU, DENSE], ids=["gru", "dense"])
def test_what_is_known_of_a_step_changes_nothing_before_it(strategy, encoder):
    model, rows = build(recipe(strategy=strategy, encoder=encoder)), batch()
    before = model.answers(rows)
    rows.inputs["known"][:, 2] += 1.0
    after = model.answers(rows)
    close(after[:, :2], before[:, :2])
    assert not torch.isclose(after[:, 2:], before[:, 2:]).any()


@pytest.mark.parametrize("strategy", ["direct", "seq2seq", "iterated"])
def test_static_and_known_values_are_read(strategy):
    model, rows = build(recipe(strategy=strategy, encoder=GRU)), batch()
    before = model.answers(rows)
    for changed in ("static", "known"):
        inputs = {**rows.inputs, changed: rows.inputs[changed] + 1.0}
        assert not torch.isclose(model.answers(Batch(inputs, None, rows.index)), before).any()


def test_a_carried_state_rolls_out_as_reading_everything_anew():
    model, rows = build(recipe(strategy="iterated", encoder=WAVENET)), batch()
    encoder, series = model.stepper.encoder, rows.inputs["series"].values
    known = torch.cat([series[:, 1:, 3:5], rows.inputs["known"]], dim=1)  # of the row after each
    values, masks = series[:, :, :3], series[:, :, 5:]
    for step in range(4):
        read = torch.cat([values - series[:, :1, :3], known[:, : 12 + step], masks], dim=2)
        states = encoder(Padded(read, torch.full((5,), 12 + step))).summary
        change = model.head.project(torch.cat([states, rows.inputs["static"]], dim=1))
        values = torch.cat([values, (values[:, -1] + change)[:, None]], dim=1)
        masks = torch.cat([masks, torch.ones(5, 1, 2)], dim=1)
    close(model.answers(rows)[..., 0], values[:, 12:])


@pytest.mark.parametrize("encoder", [GRU, DENSE], ids=["carried", "sliding"])
@pytest.mark.parametrize("output", ["point", "normal"])
def test_a_delay_is_gone_through_and_left_out(encoder, output):
    late = ForecastShape(channels=1, targets=1, horizon=2, steps=10, delay=4)
    options = recipe(strategy="iterated", encoder=encoder, output=output)
    answers = build(options, ALONE).answers(batch(shape=ALONE))
    series = batch(shape=ALONE).inputs
    found = build(options, late).answers(Batch(series, None, torch.arange(5)))
    close(found, answers[:, 4:])


@pytest.mark.parametrize("encoder", [GRU, DENSE], ids=["carried", "sliding"])
def test_iterated_learns_from_the_windows_alone_where_a_delay_hides_the_next_row(encoder):
    late = ForecastShape(channels=1, targets=1, horizon=2, steps=10, delay=4)
    model, rows = build(recipe(strategy="iterated", encoder=encoder), late), batch(shape=late)
    before = loss(model, rows).item()
    rows.targets.add_(100.0)
    assert loss(model, rows).item() == before
    assert model.counts(rows)["mae"] == (
        45 if encoder is GRU else 5
    )  # 9 of 10 rows follow another; or the newest


def test_missing_values_inside_a_window_are_not_learned():
    model, rows = build(recipe(strategy="iterated", encoder=GRU)), batch()
    masked = int((rows.inputs["series"].values[:, 1:, 5] == 0).sum())
    assert masked
    # of five windows, 11 rows of three targets and the row after; those masked and one NaN are missing
    assert model.counts(rows)["mae"] == 5 * 12 * 3 - masked - 1


def sine(rows, shape):
    random = torch.Generator().manual_seed(0)
    phases = 2 * math.pi * torch.rand(rows, 1, generator=random)
    steps = torch.arange(shape.steps + shape.horizon)
    waves = (phases + 2 * math.pi * steps / 8).sin()[:, :, None]
    series = Padded(waves[:, : shape.steps].contiguous(), torch.full((rows,), shape.steps))
    return Batch({"series": series}, waves[:, shape.steps :].contiguous(), torch.arange(rows))


@pytest.mark.parametrize(
    ("encoder", "strategy", "output"),
    [
        (GRU, "direct", "point"),
        (GRU, "seq2seq", "point"),
        (GRU, "iterated", "point"),
        (WAVENET, "iterated", "point"),
        (DENSE, "direct", "quantiles"),
        (DENSE, "iterated", "point"),
        (PATCHES, "direct", "point"),
    ],
    ids=lambda value: value if isinstance(value, str) else value["kind"],
)
def test_a_sine_is_learned(encoder, strategy, output):
    torch.manual_seed(0)
    size = {"hidden_size": 16} if encoder is GRU else {}
    size |= {"channels": 8, "skip_channels": 16} if encoder is WAVENET else {}
    size |= {"dropout": 0.0} if encoder is PATCHES else {}
    model = build_forecaster(recipe(encoder={**encoder, **size}, strategy=strategy, output=output), ALONE)
    rows = sine(32, ALONE)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        loss(model, rows).backward()
        optimizer.step()
    answers = model.eval().answers(rows)
    middle = answers[..., answers.shape[-1] // 2]
    assert (middle - rows.targets).abs().mean() < 0.1  # of waves whose mean height is 2 / π


@pytest.mark.parametrize("strategy", ["direct", "seq2seq", "iterated"])
@pytest.mark.parametrize("variables", ["together", "apart"])
@pytest.mark.parametrize("output", ["normal", "student"])
def test_drawn_paths_have_the_quantiles_that_are_answered(strategy, variables, output):
    model = build(recipe(strategy=strategy, variables=variables, output=output, encoder=GRU))
    rows = part(batch(), [1])
    with torch.inference_mode():
        drawn = model.sample(rows, 4000, torch.Generator().manual_seed(3))
        again = model.sample(rows, 4000, torch.Generator().manual_seed(3))
    assert drawn.shape == (1, 4000, 4, 3)
    assert torch.equal(drawn, again)
    answers = model.answers(rows)  # of an iterated model, from a hundred paths only
    spread = answers[..., -1] - answers[..., 0]
    found = drawn.quantile(torch.tensor(LEVELS), dim=1).permute(1, 2, 3, 0)
    tolerance = 0.1 if strategy != "iterated" else 0.3
    assert ((found - answers).abs() <= tolerance * spread[..., None]).all()


def test_paths_of_different_rows_and_steps_are_drawn_apart():
    model = build(recipe(output="normal", encoder=DENSE, normalize="none"), ALONE)
    rows = part(batch(shape=ALONE), [1, 1])
    drawn = model.sample(rows, 2000, torch.Generator().manual_seed(0)).flatten(2)
    apart = torch.corrcoef(torch.cat([drawn[0], drawn[1]], dim=1).T) - torch.eye(12)
    assert apart.abs().max() < 0.1  # 2000 draws: standard error 1 / √2000 = 0.022


def test_every_path_of_points_is_the_point():
    for strategy in ("direct", "iterated"):
        model = build(recipe(strategy=strategy, encoder=GRU))
        drawn = model.sample(batch(), 2, torch.Generator())
        close(drawn[:, 0], model.answers(batch())[..., 0])
        close(drawn[:, 1], drawn[:, 0])


CHANGES = {
    "strategy": "seq2seq",
    "normalize": "window",
    "variables": "apart",
    "output": "normal",
    "loss": "mse",
    "encoder": DENSE,
    "dropout": 0.5,
    "input_dropout": 0.5,
}


@pytest.mark.parametrize("option", sorted(CHANGES))
def test_every_option_has_an_effect(option):
    def trained(**changes):
        model = build(recipe(**{"encoder": GRU, **changes})).train()
        torch.manual_seed(4)
        return loss(model, batch()).item()

    assert trained() != trained(**{option: CHANGES[option]})


def test_every_option_is_flipped():
    assert set(CHANGES) == set(ForecasterRecipe.model_fields) - {"kind"}


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (ForecastShape(channels=2, targets=1, horizon=2, steps=5), "known ahead"),
        (ForecastShape(channels=2, targets=1, horizon=2, steps=5, known=1, delay=1), "delay"),
        (ForecastShape(channels=1, targets=1, horizon=2, steps=5, step=6), "6 rows"),
    ],
    ids=["other column", "delay", "step"],
)
def test_what_cannot_be_rolled_out_is_refused(shape, said):
    with pytest.raises(RecipeError, match=said):
        build_forecaster(recipe(strategy="iterated"), shape)
    build_forecaster(recipe(), shape)
    with pytest.raises(ValidationError, match="fed back"):
        recipe(strategy="iterated", output="quantiles")


def test_windows_of_another_size_are_refused():
    model = build(recipe(encoder=GRU), ALONE)
    short = Padded(torch.randn(2, 10, 1), torch.tensor([10, 9]))
    for series in (short, Padded(torch.randn(2, 9, 1), torch.tensor([9, 9]))):
        with pytest.raises(ValueError, match="10 steps"):
            model.answers(Batch({"series": series}, None, torch.arange(2)))


def test_forecasters_are_named_in_a_few_words():
    plain = recipe(encoder={"kind": "gru", "hidden_size": 32})
    assert describe_forecaster(plain, 144) == "BiGRU 1×32, max · direct, 144 rows ahead"
    said = [describe_forecaster(one, 1) for one in RECIPES]
    assert all(sentence.endswith("1 row ahead") for sentence in said)
