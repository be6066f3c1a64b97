"""The laws that every encoder obeys: padding, batch mates, row order, empty rows, and every option acts."""

import itertools
from typing import get_args

import pytest
import torch
from pydantic import BaseModel

from yeoul.data.batches import Batch
from yeoul.models.build import build_classifier, build_encoder
from yeoul.padded import Padded
from yeoul.recipe import BagRecipe, ConvolutionRecipe, EncoderRecipe, NetworkRecipe, Pooling, RecurrentRecipe

POOLINGS = get_args(Pooling)
SIZE = 6
LENGTHS = [3, 7, 1, 0, 5]

RECIPES = [
    *(
        RecurrentRecipe(kind=kind, hidden_size=5, bidirectional=both, pooling=pooling)
        for kind, both, pooling in itertools.product(("lstm", "gru", "rnn"), (False, True), POOLINGS)
    ),
    RecurrentRecipe(kind="lstm", hidden_size=4, num_layers=3, dropout=0.3),
    *(ConvolutionRecipe(channels=4, widths=(1, 2, 3, 6), pooling=pooling) for pooling in POOLINGS),
    *(BagRecipe(pooling=pooling) for pooling in POOLINGS),
]


def name(recipe):
    return "-".join(str(value) for value in recipe.model_dump().values())


@pytest.fixture(params=RECIPES, ids=name)
def encoder(request):
    torch.manual_seed(1)
    return build_encoder(request.param, SIZE).eval()


def rows(lengths=LENGTHS, extra=0, poison=0.0):
    values = torch.full((len(lengths), max(lengths) + extra, SIZE), poison)
    for row, length in enumerate(lengths):
        values[row, :length] = torch.randn(length, SIZE, generator=torch.Generator().manual_seed(row))
    return Padded(values, torch.tensor(lengths))


def close(first, second):
    torch.testing.assert_close(first, second, rtol=1e-5, atol=1e-6)


def test_every_kind_of_encoder_is_tested():
    kinds = {
        kind
        for member in get_args(get_args(EncoderRecipe)[0])
        for kind in get_args(member.model_fields["kind"].annotation)
    }
    assert kinds == {recipe.kind for recipe in RECIPES}


def test_what_lies_in_the_padding_changes_nothing(encoder):
    clean, poisoned = encoder(rows()), encoder(rows(poison=float("nan")))
    close(poisoned.summary, clean.summary)
    close(poisoned.states.filled().values, clean.states.filled().values)
    for state, expected in zip(poisoned.final, clean.final, strict=True):
        close(state, expected)


def test_how_much_padding_there_is_changes_nothing(encoder):
    close(encoder(rows(extra=9)).summary, encoder(rows()).summary)


def test_batch_mates_change_nothing(encoder):
    together = encoder(rows()).summary
    for row, length in enumerate(LENGTHS):
        alone = Padded(rows().values[row : row + 1, :length], torch.tensor([length]))
        close(encoder(alone).summary, together[row : row + 1])


def test_row_order_changes_nothing(encoder):
    order = torch.tensor([4, 2, 0, 3, 1])
    inputs = rows()
    turned = Padded(inputs.values[order], inputs.lengths[order])
    close(encoder(turned).summary, encoder(inputs).summary[order])


def test_summary_has_the_promised_size_and_an_empty_row_is_defined(encoder):
    encoded = encoder(rows())
    assert encoded.summary.shape == (len(LENGTHS), encoder.output_size)
    assert torch.isfinite(encoded.summary).all()
    assert not encoded.summary[LENGTHS.index(0)].any()
    everything_empty = encoder(Padded(torch.zeros(2, 0, SIZE), torch.tensor([0, 0])))
    assert everything_empty.summary.shape == (2, encoder.output_size)


def test_gradients_do_not_come_from_padding(encoder):
    inputs = rows(poison=2.0)
    values = inputs.values.clone().requires_grad_()
    encoder(Padded(values, inputs.lengths)).summary.pow(2).sum().backward()
    assert not values.grad[~inputs.mask].any()
    assert values.grad[inputs.mask].any()


def test_attention_weights_sum_to_one_over_real_steps():
    encoded = build_encoder(BagRecipe(pooling="attention"), SIZE)(rows())
    totals = encoded.weights.sum(dim=1)
    close(totals, torch.tensor([0.0 if length == 0 else 1.0 for length in LENGTHS]))
    assert not encoded.weights[~rows().mask].any()


def variants(model: type[BaseModel], **others):
    """For each option of a recipe table, the table with only this option changed."""
    plain = model(**others)
    for option, field in model.model_fields.items():
        value = getattr(plain, option)
        choices = [choice for choice in get_args(field.annotation) if choice != value]
        match value:
            case bool():
                changed = not value
            case int():
                changed = value + 1
            case float():
                changed = 0.5 if value < 0.5 else 0.1
            case tuple():
                changed = (*value, max(value) + 1)
            case str() if choices:
                changed = choices[0]
            case _:
                continue
        yield plain, option, changed


OPTIONS = [
    *variants(RecurrentRecipe, num_layers=2, hidden_size=5),
    *variants(ConvolutionRecipe, channels=3),
    *variants(BagRecipe),
]


@pytest.mark.parametrize(("plain", "option", "changed"), OPTIONS, ids=lambda value: str(value)[:30])
def test_every_option_has_an_effect(plain, option, changed):
    if option == "kind" and not isinstance(plain, RecurrentRecipe):
        pytest.skip("the kind names the table")
    assert describe(plain) != describe(plain.model_copy(update={option: changed}))


def describe(recipe):
    """Shapes and sums of what the encoder says while training, all from the same random numbers."""
    torch.manual_seed(3)
    encoder = build_encoder(recipe, SIZE).train()
    torch.manual_seed(4)
    encoded = encoder(rows())
    return tuple(encoded.summary.shape), float(encoded.summary.detach().abs().sum())


@pytest.mark.parametrize(
    "path", ["dropout", "embedding.dropout", "embedding.token_dropout", "embedding.size", "encoder"]
)
def test_every_network_option_has_an_effect(path):
    def loss(recipe):
        torch.manual_seed(5)
        model = build_classifier(recipe, 20, 3).train()
        torch.manual_seed(6)
        ids = torch.randint(0, 20, (4, 9))
        batch = Batch(
            {"text": Padded(ids, torch.tensor([9, 3, 4, 1]))}, torch.tensor([0, 1, 2, 0]), torch.arange(4)
        )
        return float(model.loss(batch).value(model.counts(batch)).detach())

    changes = {
        "dropout": {"dropout": 0.6},
        "embedding.dropout": {"embedding": {"dropout": 0.6}},
        "embedding.token_dropout": {"embedding": {"token_dropout": 0.6}},
        "embedding.size": {"embedding": {"size": 17}},
        "encoder": {"encoder": {"kind": "bag"}},
    }
    assert loss(NetworkRecipe()) != loss(NetworkRecipe.model_validate(changes[path]))
