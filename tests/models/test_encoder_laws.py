"""The laws that every encoder obeys: padding, batch mates, row order, empty rows, and every option acts."""

import itertools
from typing import get_args

import pytest
import torch
from pydantic import BaseModel, ValidationError

from yeoul.data.batches import Batch
from yeoul.errors import RecipeError
from yeoul.models.build import (
    SeriesInputs,
    TokenInputs,
    build_causal_encoder,
    build_encoder,
    build_encoder_model,
    describe_encoder,
)
from yeoul.models.encoders import reversed_rows
from yeoul.models.heads import ClassHead
from yeoul.padded import Embedded, Padded
from yeoul.recipe import (
    BagRecipe,
    ConvolutionRecipe,
    ConvolutionRecurrentRecipe,
    DecomposedRecipe,
    DenseRecipe,
    EmbeddingRecipe,
    EncoderRecipe,
    NetworkRecipe,
    Pooling,
    RecurrentLayerRecipe,
    RecurrentRecipe,
    StackedConvolutionRecipe,
    StackRecipe,
    TransformerRecipe,
    WaveNetRecipe,
)

POOLINGS = get_args(Pooling)
SIZE = 6
LENGTHS = [3, 7, 1, 0, 5]
LONGEST = max(LENGTHS)
LAYERS = (
    RecurrentLayerRecipe(kind="lstm", hidden_size=4),
    RecurrentLayerRecipe(kind="gru", hidden_size=3, nonlinearity="relu", dropout=0.2),
    RecurrentLayerRecipe(kind="rnn", hidden_size=5, recurrent_dropout=0.3),
)

RECIPES = [
    *(
        RecurrentRecipe(kind=kind, hidden_size=5, bidirectional=both, pooling=pooling)
        for kind, both, pooling in itertools.product(("lstm", "gru", "rnn"), (False, True), POOLINGS)
    ),
    RecurrentRecipe(kind="lstm", hidden_size=4, num_layers=3, dropout=0.3),
    *(
        RecurrentRecipe(kind=kind, hidden_size=4, num_layers=2, recurrent_dropout=0.3, layer_norm=True)
        for kind in ("lstm", "gru", "rnn")
    ),
    *(
        RecurrentRecipe(hidden_size=4, num_layers=2, bidirectional=False, reverse=True, pooling=pooling)
        for pooling in POOLINGS
    ),
    *(
        StackedConvolutionRecipe(channels=4, width=3, num_layers=layers, stride=stride, pooling=pooling)
        for layers, stride, pooling in ((2, 2, "max"), (3, 2, "last"), (2, 5, "mean"), (2, 3, "attention"))
    ),
    *(
        ConvolutionRecurrentRecipe(
            channels=4, width=3, stride=stride, cell=cell, hidden_size=3, bidirectional=both, pooling=pooling
        )
        for stride, cell, both, pooling in (
            (2, "gru", True, "max"),
            (3, "lstm", False, "last"),
            (1, "rnn", True, "last"),
            (4, "gru", True, "attention"),
        )
    ),
    *(DenseRecipe(window=window, hidden_size=hidden) for window in (1, 4, 9) for hidden in (None, 5)),
    *(ConvolutionRecipe(channels=4, widths=(1, 2, 3, 6), pooling=pooling) for pooling in POOLINGS),
    *(BagRecipe(pooling=pooling) for pooling in POOLINGS),
    *(StackRecipe(layers=LAYERS, pooling=pooling) for pooling in POOLINGS),
    *(
        WaveNetRecipe(channels=4, skip_channels=9, width=width, num_layers=3, stacks=stacks, pooling=pooling)
        for width, stacks, pooling in ((2, 1, "last"), (3, 2, "max"), (1, 1, "attention"))
    ),
    *(
        TransformerRecipe(size=8, num_heads=2, feedforward=6, patch=patch, stride=stride, pooling=pooling)
        for patch, stride, pooling in (
            (1, None, "mean"),
            (3, None, "flat"),
            (4, 2, "flat"),
            (2, 3, "last"),
            (9, 1, "attention"),
        )
    ),
    *(DecomposedRecipe(window=window, average=average) for window in (1, 4, 9) for average in (1, 2, 5)),
]


def name(recipe):
    return "-".join(str(value) for value in recipe.model_dump().values())


@pytest.fixture(params=RECIPES, ids=name)
def encoder(request):
    torch.manual_seed(1)
    return build_encoder(request.param, SIZE, LONGEST).eval()


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


def encodes(inputs, recipe=None, encoder=None):
    torch.manual_seed(1)
    return (encoder or build_encoder(recipe, SIZE)).eval()(inputs)


def test_embedded_ids_are_read_as_their_vectors(encoder):
    table = torch.randn(9, SIZE, generator=torch.Generator().manual_seed(0))
    ids = torch.randint(0, 9, (3, 8), generator=torch.Generator().manual_seed(1))
    embedded = Embedded(table, ids, torch.tensor([8, 0, 3]))
    close(encodes(embedded, encoder=encoder).summary, encodes(embedded.dense(), encoder=encoder).summary)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_reversed_is_forward_over_turned_rows(kind, pooling):
    plain = RecurrentRecipe(kind=kind, hidden_size=4, bidirectional=False, pooling=pooling)
    backward = encodes(rows(), plain.model_copy(update={"reverse": True}))
    forward = encodes(reversed_rows(rows()), plain)
    close(backward.summary, forward.summary)
    close(backward.states.values, reversed_rows(forward.states).values)
    if pooling == "attention":
        turned = Padded(forward.weights[:, :, None], rows().lengths)
        close(backward.weights, reversed_rows(turned).values[:, :, 0])


def test_shortened_rows_keep_their_true_length():
    recipe = StackedConvolutionRecipe(channels=3, width=2, num_layers=3, stride=2)
    states = encodes(rows(), recipe).states
    assert states.lengths.tolist() == [1, 2, 1, 0, 2]  # ⌈⌈n / 2⌉ / 2⌉ of 3, 7, 1, 0 and 5
    recurrent = encodes(rows(), ConvolutionRecurrentRecipe(channels=3, hidden_size=2, stride=3)).states
    assert recurrent.lengths.tolist() == [1, 3, 1, 0, 2]


def test_a_window_holds_the_last_steps_after_zeros():
    summary = encodes(rows(), DenseRecipe(window=4)).summary.reshape(-1, 4, SIZE)
    for row, length in enumerate(LENGTHS):
        kept = min(4, length)
        assert not summary[row, : 4 - kept].any()
        close(summary[row, 4 - kept :], rows().values[row, length - kept : length])


LEARNERS = [
    RecurrentRecipe(kind="lstm", hidden_size=8),
    RecurrentRecipe(kind="gru", hidden_size=8, bidirectional=False, reverse=True, pooling="last"),
    RecurrentRecipe(kind="rnn", hidden_size=8, pooling="attention"),
    RecurrentRecipe(hidden_size=8, num_layers=2, recurrent_dropout=0.1, dropout=0.1, layer_norm=True),
    ConvolutionRecipe(channels=8, widths=(1, 3)),
    StackedConvolutionRecipe(channels=8, width=3, stride=2),
    ConvolutionRecurrentRecipe(channels=8, width=3, stride=2, hidden_size=8),
    DenseRecipe(window=5),
    DenseRecipe(window=5, hidden_size=8),
    BagRecipe(),
    StackRecipe(layers=(RecurrentLayerRecipe(hidden_size=8), RecurrentLayerRecipe(nonlinearity="relu"))),
    WaveNetRecipe(channels=8, skip_channels=8, num_layers=3),
    TransformerRecipe(size=8, num_heads=2, feedforward=8, num_layers=1, patch=2, dropout=0.0),
    DecomposedRecipe(window=5, average=3),
]


@pytest.mark.parametrize("recipe", LEARNERS, ids=describe_encoder)
def test_four_rows_can_be_overfitted(recipe):
    torch.manual_seed(0)
    network = NetworkRecipe(encoder=recipe, embedding=EmbeddingRecipe(size=SIZE), dropout=0.0)
    model = build_encoder_model(network, TokenInputs(9), lambda size: ClassHead(size, 2))
    targets = torch.tensor([0, 1, 1, 0])
    ids = torch.randint(1, 9, (4, 7), generator=torch.Generator().manual_seed(2))
    batch = Batch({"text": Padded(ids, torch.tensor([3, 7, 2, 5]))}, targets, torch.arange(4))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(120):
        optimizer.zero_grad()
        model.loss(batch).value(model.counts(batch)).backward()
        optimizer.step()
    answers = model.eval().answers(batch)
    assert answers.exp()[torch.arange(4), targets].min() > 0.9


@pytest.mark.parametrize("recipe", LEARNERS, ids=describe_encoder)
def test_encoders_work_in_reduced_precision(recipe):
    torch.manual_seed(0)
    encoder = build_encoder(recipe, SIZE).eval()
    with torch.autocast("cpu", torch.bfloat16):
        reduced = encoder(rows()).summary.float()
    torch.testing.assert_close(reduced, encoder(rows()).summary, rtol=0.05, atol=0.05)


def leaves(annotation):
    """The values of a union of literals."""
    return [leaf for part in get_args(annotation) for leaf in (leaves(part) if get_args(part) else [part])]


def variants(plain: BaseModel):
    """For each option of a recipe table, the table with only this option changed."""
    for option, field in type(plain).model_fields.items():
        value = getattr(plain, option)
        choices = [choice for choice in leaves(field.annotation) if choice != value]
        match value:
            case bool():
                changed = not value
            case int():
                changed = value + 1
            case float():
                changed = 0.5 if value < 0.5 else 0.1
            case (BaseModel(), *_):
                changed = (*value, value[-1])
            case tuple():
                changed = (*value, max(value) + 1)
            case None:
                changed = 3
            case str() if choices:
                changed = choices[0]
            case str():
                continue  # the kind names the table
        yield plain, option, changed


OPTIONS = [
    *variants(RecurrentRecipe(num_layers=2, hidden_size=5, bidirectional=False)),
    *variants(ConvolutionRecipe(channels=3)),
    *variants(StackedConvolutionRecipe(channels=3, stride=2)),
    *variants(ConvolutionRecurrentRecipe(channels=3, stride=2, hidden_size=3)),
    *variants(DenseRecipe(window=3)),
    *variants(DenseRecipe(window=3, hidden_size=4)),
    *variants(BagRecipe()),
    *variants(StackRecipe(layers=LAYERS)),
    *(
        (StackRecipe(layers=(layer,)), "layers", (layer.model_copy(update={option: changed}),))
        for layer in (RecurrentLayerRecipe(kind="gru", hidden_size=4),)
        for _, option, changed in variants(layer)
    ),
    *variants(WaveNetRecipe(channels=3, skip_channels=3, num_layers=2)),
    *variants(TransformerRecipe(size=6, num_heads=1, feedforward=4, num_layers=1, patch=2)),
    *variants(DecomposedRecipe(window=5, average=2)),
]


def test_every_option_of_every_encoder_is_flipped():
    for member in get_args(get_args(EncoderRecipe)[0]):
        flipped = {option for plain, option, _ in OPTIONS if type(plain) is member} | {"kind"}
        assert flipped == set(member.model_fields)


@pytest.mark.parametrize(("plain", "option", "changed"), OPTIONS, ids=lambda value: str(value)[:30])
def test_every_option_has_an_effect(plain, option, changed):
    assert describe(plain) != describe(plain.model_copy(update={option: changed}))


def describe(recipe):
    """Shapes and sums of what the encoder says while training, all from the same random numbers."""
    torch.manual_seed(3)
    encoder = build_encoder(recipe, SIZE, LONGEST).train()
    torch.manual_seed(4)
    encoded = encoder(rows())
    return tuple(encoded.summary.shape), float(encoded.summary.detach().abs().sum())


def loss_of(recipe, inputs, batch):
    torch.manual_seed(5)
    model = build_encoder_model(recipe, inputs, lambda size: ClassHead(size, 3)).train()
    torch.manual_seed(6)
    return float(model.loss(batch).value(model.counts(batch)).detach())


@pytest.mark.parametrize(
    "path", ["dropout", "embedding.dropout", "embedding.token_dropout", "embedding.size", "encoder"]
)
def test_every_network_option_has_an_effect(path):
    ids = Padded(torch.randint(0, 20, (4, 9)), torch.tensor([9, 3, 4, 1]))
    batch = Batch({"text": ids}, torch.tensor([0, 1, 2, 0]), torch.arange(4))
    changes = {
        "dropout": {"dropout": 0.6},
        "embedding.dropout": {"embedding": {"dropout": 0.6}},
        "embedding.token_dropout": {"embedding": {"token_dropout": 0.6}},
        "embedding.size": {"embedding": {"size": 17}},
        "encoder": {"encoder": {"kind": "bag"}},
    }
    changed = NetworkRecipe.model_validate(changes[path])
    assert loss_of(NetworkRecipe(), TokenInputs(20), batch) != loss_of(changed, TokenInputs(20), batch)


def test_a_series_has_no_embedding_and_a_text_needs_one():
    recipe = NetworkRecipe(embedding=None)
    batch = Batch({"series": rows()}, torch.tensor([0, 1, 2, 0, 1]), torch.arange(5))
    assert loss_of(recipe, SeriesInputs(SIZE), batch) > 0
    names = build_encoder_model(recipe, SeriesInputs(SIZE), lambda size: ClassHead(size, 3)).state_dict()
    assert not [name for name in names if name.startswith("embedding")]
    with pytest.raises(ValueError, match="embedding"):
        build_encoder_model(recipe, TokenInputs(3), lambda size: ClassHead(size, 3))


CAUSAL = [
    *(
        RecurrentRecipe(
            kind=kind, hidden_size=4, num_layers=2, bidirectional=False, layer_norm=norm, pooling="last"
        )
        for kind, norm in (("lstm", False), ("gru", True), ("rnn", False))
    ),
    StackRecipe(layers=LAYERS),
    *(
        WaveNetRecipe(channels=3, skip_channels=4, width=width, num_layers=layers, stacks=2)
        for width, layers in ((1, 2), (2, 3), (3, 2), (2, 5))
    ),
]


@pytest.fixture(params=CAUSAL, ids=name)
def causal(request):
    torch.manual_seed(1)
    return build_causal_encoder(request.param, SIZE).eval()


def test_what_comes_later_changes_nothing_before(causal):
    inputs = rows([7, 7])
    changed = inputs.values.clone()
    changed[:, 4:] = 1e4
    states = states_of(causal, Padded(changed, inputs.lengths))
    close(states[:, :4], states_of(causal, inputs)[:, :4])


def states_of(causal, inputs):
    return causal.read(inputs, causal.start(len(inputs.lengths)))[0].values


@pytest.mark.parametrize("cut", [0, 1, 4, 7])
def test_reading_in_two_parts_and_step_by_step_is_reading_at_once(causal, cut):
    inputs = rows([7, 7, 7])
    whole = states_of(causal, inputs)
    head = Padded(inputs.values[:, :cut], torch.full((3,), cut))
    states, state = causal.read(head, causal.start(3))
    close(states.values, whole[:, :cut])
    for step in range(cut, 7):
        stated, state = causal.step(inputs.values[:, step], state)
        close(stated, whole[:, step])
    close(causal(inputs).summary, whole[:, -1])


def test_each_row_goes_on_from_its_own_end(causal):
    _, state = causal.read(rows(), causal.start(len(LENGTHS)))
    more = rows([4] * len(LENGTHS))
    following, _ = causal.read(more, state)
    for row, length in enumerate(LENGTHS):
        values = torch.cat([rows().values[row, :length], more.values[row]])
        whole = states_of(causal, Padded(values[None], torch.tensor([length + 4])))
        close(following.values[row], whole[0, length:])


def test_carried_states_have_the_rows_in_front(causal):
    order = torch.tensor([4, 2, 0, 3, 1])
    _, state = causal.read(rows(), causal.start(len(LENGTHS)))
    turned = Padded(rows().values[order], rows().lengths[order])
    _, expected = causal.read(turned, causal.start(len(LENGTHS)))
    for part, other in zip(state, expected, strict=True):
        close(part[order], other)


@pytest.mark.parametrize(
    "recipe",
    [
        RecurrentRecipe(),
        RecurrentRecipe(bidirectional=False, pooling="max"),
        RecurrentRecipe(bidirectional=False, reverse=True, pooling="last"),
        WaveNetRecipe(pooling="mean"),
        TransformerRecipe(pooling="last"),
        BagRecipe(pooling="last"),
    ],
    ids=describe_encoder,
)
def test_what_looks_ahead_or_sums_up_is_not_causal(recipe):
    assert build_causal_encoder(recipe, SIZE) is None


def test_what_cannot_be_built_is_refused():
    with pytest.raises(RecipeError, match="one length"):
        build_encoder(TransformerRecipe(pooling="flat"), SIZE)
    with pytest.raises(RecipeError, match="look back"):
        build_encoder(WaveNetRecipe(num_layers=64), SIZE)
    with pytest.raises(ValueError, match="both directions"):
        build_encoder(RecurrentRecipe(), SIZE).start(1)
    with pytest.raises(ValidationError, match="tanh"):
        RecurrentLayerRecipe(kind="lstm", nonlinearity="relu")


def test_an_average_and_what_it_leaves_add_up_to_the_window():
    both = encodes(rows(), DecomposedRecipe(window=4, average=3)).summary.reshape(-1, 4, 2, SIZE)
    close(both.sum(dim=2).flatten(1), encodes(rows(), DenseRecipe(window=4)).summary)
    last = rows().values[1, 3:7]  # the window of the longest row; ends are held: (x0 + x0 + x1) / 3, …
    held = torch.cat([last[:1], last, last[-1:]])
    close(both[1, :, 0], (held[:-2] + held[1:-1] + held[2:]) / 3)


def test_patches_are_counted_from_the_newest_step():
    recipe = TransformerRecipe(size=4, num_heads=1, patch=3, stride=2, pooling="last")
    states = encodes(rows(), recipe).states
    assert states.lengths.tolist() == [1, 3, 1, 0, 2]  # ⌈(n - 3) / 2⌉ + 1 of 3, 7, 1, 0 and 5


def test_described_encoders_differ():
    said = [describe_encoder(recipe) for recipe in LEARNERS]
    assert len(set(said)) == len(said)
    assert describe_encoder(RecurrentRecipe()) == "BiLSTM 1×128, max"


def test_a_stack_of_one_convolution_is_the_other_kind():
    with pytest.raises(ValidationError):
        StackedConvolutionRecipe(num_layers=1)
