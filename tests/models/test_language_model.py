"""The laws of language models: a step at a time or all at once, in any company, carried, saved; the loss is exact."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from yeoul.data.streams import StreamRows
from yeoul.errors import RecipeError
from yeoul.models.language import build_language_model, describe_decoder
from yeoul.models.loss import add_counts
from yeoul.models.token_head import TokenHead
from yeoul.padded import Padded
from yeoul.recipe.language import (
    DecoderRecipe,
    RecurrentDecoderRecipe,
    TransformerDecoderRecipe,
    WaveNetDecoderRecipe,
)
from yeoul.runs.weights import check_weights, load_tensors, save_tensors

TOKENS = 11
NETWORKS = [
    *(
        RecurrentDecoderRecipe(kind=kind, hidden_size=6, num_layers=layers)
        for kind in ("lstm", "gru", "rnn")
        for layers in (1, 2)
    ),
    RecurrentDecoderRecipe(hidden_size=6, num_layers=2, layer_norm=True),
    RecurrentDecoderRecipe(kind="gru", hidden_size=6, layer_norm=True),
    WaveNetDecoderRecipe(channels=5, skip_channels=6, num_layers=3, stacks=2),
    TransformerDecoderRecipe(size=8, num_heads=2, num_layers=2, feedforward=12, reach=4),
    TransformerDecoderRecipe(size=8, num_heads=4, num_layers=1, feedforward=12, reach=64),
]
KINDS = [
    DecoderRecipe(network=network, embedding_size=5, tied=tied)
    for network in NETWORKS
    for tied in (False, True)
]
IDS = [f"{describe_decoder(recipe)}" for recipe in KINDS]


def made(recipe, *, carries=False, tokens=TOKENS):
    torch.manual_seed(0)
    return build_language_model(recipe, tokens, carries=carries).double().eval()


def stream(size=60, seed=0):
    return np.random.default_rng(seed).integers(0, TOKENS, size).astype(np.int32)


def cloned(state):
    return tuple(part.clone() for part in state)


@pytest.mark.parametrize("recipe", KINDS, ids=IDS)
def test_reading_at_once_is_reading_step_by_step_and_in_parts(recipe):
    model = made(recipe)
    ids = torch.from_numpy(stream(3 * 13)).long().reshape(3, 13)
    with torch.no_grad():
        whole, after = model(ids, model.start(None, 3), None)
        state, steps = model.start(None, 3), []
        for place in range(ids.shape[1]):
            said, state = model.step(ids[:, place], state, None)
            steps.append(said.logits)
        torch.testing.assert_close(torch.stack(steps, dim=1), whole.logits)
        state, parts = model.start(None, 3), []
        for part in ids.split([4, 1, 8], dim=1):
            said, state = model(part, state, None)
            parts.append(said.logits)
        torch.testing.assert_close(torch.cat(parts, dim=1), whole.logits)
        following = torch.tensor([1, 2, 3])
        on, _ = model.step(following, cloned(after), None)
        again, _ = model.step(following, state, None)
        torch.testing.assert_close(on.logits, again.logits)


@pytest.mark.parametrize("recipe", KINDS, ids=IDS)
def test_the_future_batch_mates_and_padding_change_nothing(recipe):
    model = made(recipe)
    lengths = [5, 0, 9, 1]
    rows = [torch.from_numpy(stream(length, seed)).long() for seed, length in enumerate(lengths)]
    for filler in (0, TOKENS - 1):
        values = torch.full((4, 9), filler)
        for row, ids in zip(values, rows, strict=True):
            row[: len(ids)] = ids
        with torch.no_grad():
            text = Padded(values, torch.tensor(lengths))
            features, after = model.read(text, model.start(None, 4))
            for row, ids in enumerate(rows):
                if len(ids) == 0:
                    continue
                alone, state = model(ids[None], model.start(None, 1), None)
                torch.testing.assert_close(model.head(features.values[row, : len(ids)]), alone.logits[0])
                on, _ = model.step(torch.tensor([3]), state, None)
                again, _ = model.step(
                    torch.tensor([3]), tuple(part[row : row + 1].clone() for part in after), None
                )
                torch.testing.assert_close(again.logits, on.logits)
                earlier, _ = model(ids[None, : len(ids) // 2 + 1], model.start(None, 1), None)
                torch.testing.assert_close(alone.logits[:, : len(ids) // 2 + 1], earlier.logits)


@pytest.mark.parametrize("recipe", KINDS, ids=IDS)
def test_the_loss_is_the_cost_of_the_targets_and_padding_has_no_gradient(recipe):
    model = made(recipe)
    rows = StreamRows.in_documents(stream(20), 0, np.array([0, 0, 9, 10, 20]), 9)
    batch = rows.batch(np.arange(len(rows)))
    loss = model.loss(batch)
    told = -model.answers(batch).sum()
    torch.testing.assert_close(loss.terms["cross_entropy"].total, told)
    assert model.counts(batch) == {"cross_entropy": 20.0}
    loss.value(model.counts(batch)).backward()
    for weight in model.parameters():
        assert weight.grad is not None
        assert torch.isfinite(weight.grad).all()
    grads = [weight.grad.clone() for weight in model.parameters()]
    model.zero_grad()
    (told / 20).backward()
    for fused, plain in zip(grads, (weight.grad for weight in model.parameters()), strict=True):
        torch.testing.assert_close(fused, plain)


def test_a_transformer_looks_back_no_farther_than_its_reach():
    network = TransformerDecoderRecipe(size=8, num_heads=2, num_layers=1, feedforward=12, reach=3)
    model = made(DecoderRecipe(network=network, embedding_size=5))
    ids = torch.from_numpy(stream(12)).long()[None]
    other = ids.clone()
    other[0, 4] = (ids[0, 4] + 1) % TOKENS
    with torch.no_grad():
        moved = (
            model(ids, model.start(None, 1), None)[0].logits
            - model(other, model.start(None, 1), None)[0].logits
        ).abs()
    assert (moved[0].amax(dim=1) > 1e-9).nonzero().flatten().tolist() == [4, 5, 6]


@pytest.mark.parametrize("recipe", KINDS[::3], ids=IDS[::3])
def test_saved_is_loaded_and_no_weight_is_saved_twice(recipe, tmp_path):
    model = made(recipe).float()
    save_tensors(tmp_path / "weights", model.state_dict())
    tensors = load_tensors(tmp_path / "weights")
    assert sum(tensor.numel() for tensor in tensors.values()) == sum(
        one.numel() for one in model.parameters()
    )
    with torch.device("meta"):
        again = build_language_model(recipe, TOKENS, carries=False)
    check_weights(again, tensors, tmp_path)
    again = build_language_model(recipe, TOKENS, carries=False).eval()
    again.load_state_dict(tensors)
    ids = torch.from_numpy(stream(20)).long()[None]
    with torch.no_grad():
        told = [one(ids, one.start(None, 1), None)[0].logits for one in (model, again)]
    assert torch.equal(*told)


def cost(model, rows, places):
    batch = rows.batch(places)
    return float(model.loss(batch).terms["cross_entropy"].total.detach())


CARRYING = [KINDS[0], KINDS[6], *KINDS[-6:]]


@pytest.mark.parametrize("recipe", CARRYING, ids=describe_decoder)
def test_a_window_begins_where_the_one_before_it_ended(recipe):
    """Once as many epochs as lanes are read by the same weights, no lane knows that the text was cut."""
    model = made(recipe.model_copy(update={"network": undropped(recipe.network)}), carries=True).train()
    rows = StreamRows.in_lanes(stream(61), 0, 7, 3)
    whole = StreamRows.in_windows(rows.ids, 0, 61)
    lanes = StreamRows.in_documents(rows.ids, 0, np.array([0, 20, 40, 61]), 61)
    costs = [sum(cost(model, rows, places) for places in rows.order(3, 0, epoch)) for epoch in range(3)]
    model.eval()
    assert costs[0] == pytest.approx(cost(model, lanes, np.arange(3)))
    assert costs[2] == pytest.approx(cost(model, whole, np.arange(1)))


def undropped(network):
    return network.model_copy(update={"dropout": 0.0}) if "dropout" in type(network).model_fields else network


def test_carried_states_are_saved_parts_agree_and_evaluation_leaves_them_alone(tmp_path):
    recipe = DecoderRecipe(network=RecurrentDecoderRecipe(hidden_size=6), embedding_size=5)
    rows = StreamRows.in_lanes(stream(200), 0, 7, 4)
    order = rows.order(4, 0, 0)
    model = made(recipe, carries=True).train()
    for places in order[:3]:
        cost(model, rows, places)
    save_tensors(tmp_path / "carried", model.carried())
    other = made(recipe, carries=True).train()
    other.carry(load_tensors(tmp_path / "carried"))
    whole = rows.batch(order[3])
    parts = [rows.batch(places) for places in np.array_split(order[3], 3)]
    counts = add_counts([other.counts(part) for part in parts])
    assert counts == model.counts(whole)
    model.loss(whole).value(counts).backward()
    for part in parts:
        other.loss(part).value(counts).backward()
    for first, second in zip(model.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(first.grad, second.grad)
    before = {name: tensor.clone() for name, tensor in model.carried().items()}
    model.eval()
    cost(model, rows, order[0])
    model.train()
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.carried().items())
    following = [cost(one, rows, order[4]) for one in (model, other)]
    assert following[0] == pytest.approx(following[1])
    model.carry({})
    assert model.carried() == {}
    assert cost(model, rows, order[4]) != pytest.approx(following[0])


def test_many_epochs_of_carrying_wait_for_no_more_rows_than_lanes():
    model = made(KINDS[0], carries=True).train()
    rows = StreamRows.in_lanes(stream(60), 0, 7, 4)
    for epoch in range(5):
        for places in rows.order(4, 0, epoch):
            cost(model, rows, places)
    assert len(model.carried()["next"]) <= 5


def test_windows_by_themselves_carry_nothing():
    model = made(KINDS[0]).train()
    rows = StreamRows.in_windows(stream(60), 0, 7)
    first = cost(model, rows, np.array([3]))
    cost(model, rows, np.array([2]))
    assert cost(model, rows, np.array([3])) == first


def test_layers_that_different_kernels_serve_stand_one_above_another():
    network = RecurrentDecoderRecipe(hidden_size=384, num_layers=2)
    model = build_language_model(
        DecoderRecipe(network=network, embedding_size=4, tied=True), TOKENS, carries=False
    )
    batch = StreamRows.in_windows(stream(12), 0, 4).batch(np.arange(3))
    model.loss(batch).value(model.counts(batch)).backward()
    assert all(torch.isfinite(weight.grad).all() for weight in model.parameters())


OPTIONS = {
    "token_dropout": 0.5,
    "input_dropout": 0.5,
    "output_dropout": 0.5,
    "activation": 1.0,
    "slowness": 1.0,
    "weight_drop": 0.5,
    "hidden_dropout": 0.5,
}


def with_option(name):
    if name in DecoderRecipe.model_fields:
        network = RecurrentDecoderRecipe(hidden_size=6, num_layers=2)
        return DecoderRecipe(network=network, embedding_size=5, **{name: OPTIONS[name]})
    network = RecurrentDecoderRecipe(hidden_size=6, num_layers=2, **{name: OPTIONS[name]})
    return DecoderRecipe(network=network, embedding_size=5)


def loss_value(model, batch):
    torch.manual_seed(1)
    return float(model.loss(batch).value(model.counts(batch)).detach())


@pytest.mark.parametrize("name", OPTIONS)
def test_every_regularizer_acts_while_training_and_leaves_answers_alone(name):
    batch = StreamRows.in_windows(stream(60), 0, 20).batch(np.arange(3))
    plain = made(DecoderRecipe(network=RecurrentDecoderRecipe(hidden_size=6, num_layers=2), embedding_size=5))
    model = made(with_option(name))
    model.load_state_dict(plain.state_dict())
    assert torch.equal(model.answers(batch), plain.answers(batch))
    assert loss_value(model.train(), batch) != loss_value(plain.train(), batch)


def test_squares_of_states_and_of_their_changes_are_means():
    recipe = DecoderRecipe(
        network=RecurrentDecoderRecipe(hidden_size=6), embedding_size=5, activation=2.0, slowness=3.0
    )
    model = made(recipe)
    batch = StreamRows.in_documents(stream(13), 0, np.array([0, 9, 13]), 9).batch(np.arange(2))
    with torch.no_grad():
        states = [
            model.read(Padded(row[None], length[None]), model.start(None, 1))[0].values[0]
            for row, length in zip(batch.inputs["text"].values, batch.inputs["text"].lengths, strict=True)
        ]
        states = [each[:length] for each, length in zip(states, (9, 4), strict=True)]
        loss = model.loss(batch)
    squares = torch.cat(states).square().mean(dim=1).mean()
    changes = torch.cat([torch.diff(each, dim=0) for each in states]).square().mean(dim=1).sum() / 13
    for name, wanted in (("activation", squares), ("slowness", changes)):
        term = loss.terms[name]
        torch.testing.assert_close(term.total.double() / term.count, wanted, rtol=1e-5, atol=1e-7)
    wanted = -model.answers(batch).sum() / 13 + 2 * squares + 3 * changes
    torch.testing.assert_close(loss.value(model.counts(batch)).double(), wanted, rtol=1e-5, atol=1e-7)


def test_a_dropped_token_is_dropped_wherever_it_stands():
    torch.manual_seed(0)
    recipe = DecoderRecipe(network=RecurrentDecoderRecipe(hidden_size=6), embedding_size=5, token_dropout=0.5)
    model = build_language_model(recipe, TOKENS, carries=False).train()
    read = []
    model.network.read = lambda inputs, state, inner=model.network.read: (
        read.append(inputs),
        inner(inputs, state),
    )[1]
    batch = StreamRows.in_windows(stream(60), 0, 30).batch(np.arange(2))
    model.loss(batch)
    vectors, ids = read[0].dense().values.detach(), batch.inputs["text"].values
    for token in range(TOKENS):
        zero = (vectors[ids == token] == 0).all(dim=1)
        assert zero.all() or not zero.any()
    assert (vectors == 0).all(dim=2).any()
    assert not (vectors == 0).all()


@pytest.mark.parametrize("rows_at_once", [1, 3, 100])
def test_the_cost_in_parts_is_cross_entropy_with_its_gradient(rows_at_once, monkeypatch):
    monkeypatch.setattr("yeoul.models.token_head._SCORES_AT_ONCE", rows_at_once * TOKENS)
    torch.manual_seed(0)
    head = TokenHead(5, TOKENS).double()
    features = torch.randn(7, 5, dtype=torch.float64, requires_grad=True)
    targets = torch.from_numpy(stream(7)).long()
    torch.testing.assert_close(
        head.cost(features, targets),
        torch.nn.functional.cross_entropy(head(features), targets, reduction="sum"),
    )
    assert torch.autograd.gradcheck(
        lambda *given: 0.3 * head.cost(given[0], targets), (features, head.weight, head.bias)
    )
    torch.testing.assert_close(head.log_probs(features, targets).sum(), -head.cost(features, targets))
    assert head.cost(features[:0], targets[:0]) == 0
    assert head.log_probs(features[:0], targets[:0]).shape == (0,)


def test_in_half_the_bits_the_cost_and_its_gradient_stay_near():
    torch.manual_seed(0)
    head = TokenHead(32, 100)
    features, targets = torch.randn(50, 32, requires_grad=True), torch.randint(0, 100, (50,))
    exact = head.cost(features, targets)
    (wanted,) = torch.autograd.grad(exact, [features])
    with torch.autocast("cpu", torch.bfloat16):
        near = head.cost(features, targets)
    (came,) = torch.autograd.grad(near, [features])
    assert near.dtype == torch.float32
    torch.testing.assert_close(near, exact, rtol=1e-2, atol=0)
    assert float((came - wanted).norm() / wanted.norm()) < 2e-2


def test_a_recipe_without_effect_or_without_end_is_refused():
    with pytest.raises(ValidationError, match="num_layers"):
        RecurrentDecoderRecipe(hidden_dropout=0.1)
    with pytest.raises(ValidationError, match="multiple"):
        TransformerDecoderRecipe(size=10, num_heads=4)
    with pytest.raises(RecipeError, match="look back"):
        made(DecoderRecipe(network=WaveNetDecoderRecipe(num_layers=30)))
    assert DecoderRecipe.model_validate({"network": {"hidden_size": 7}}).network == RecurrentDecoderRecipe(
        hidden_size=7
    )
