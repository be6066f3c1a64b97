"""Every law is broken by a planted fault and finds it; correct models of all kinds raise no alarm."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import yeoul
from yeoul import layers
from yeoul.models.build import build_causal_encoder, build_encoder
from yeoul.padded import Padded
from yeoul.recipe import (
    BagRecipe,
    ConvolutionRecipe,
    ConvolutionRecurrentRecipe,
    DecomposedRecipe,
    DenseRecipe,
    RecurrentRecipe,
    StackedConvolutionRecipe,
    TransformerRecipe,
    WaveNetRecipe,
)
from yeoul.verify import check
from yeoul.verify.laws import LAWS

SIZE = 3


def rows(lengths=(5, 1, 8, 3)):
    random = np.random.default_rng(0)
    return [random.normal(size=(length, SIZE)) for length in lengths]


def sentences():
    random = np.random.default_rng(0)
    return [random.integers(1, 20, length) for length in (5, 1, 8, 3)]


def mask_of(values, lengths):
    return (torch.arange(values.shape[1]) < lengths[:, None])[:, :, None]


def averaged(values, lengths):
    return (values * mask_of(values, lengths)).sum(1) / lengths[:, None]


def running_mean(values, lengths):
    return values.cumsum(1) / torch.arange(1, values.shape[1] + 1)[None, :, None]


def running_stream(part, state):
    total, count = state or (torch.zeros(1, 1, SIZE), 0)
    sums = total + part.cumsum(1)
    steps = torch.arange(count + 1, count + 1 + part.shape[1])[None, :, None]
    return sums / steps, (sums[:, -1:], count + part.shape[1])


def forgetful_stream(part, state):
    return running_mean(part, None), None


def with_padding(values, lengths):
    return values.mean(1)


def with_mates(values, lengths):
    told = averaged(values, lengths)
    return told - told.mean(0, keepdim=True)


def with_places(values, lengths):
    return averaged(values, lengths) + torch.arange(len(values))[:, None]


def alone_is_other(values, lengths):
    return averaged(values, lengths) * (1.0 if len(values) > 1 else 2.0)


def with_future(values, lengths):
    return running_mean(values, lengths) + (values * mask_of(values, lengths)).sum(1, keepdim=True)


def never_the_same(values, lengths):
    return averaged(values, lengths) + torch.rand(1)


def not_a_number(values, lengths):
    told = averaged(values, lengths)
    return torch.where(lengths[:, None] == 1, torch.nan, told)


def by_threads(values, lengths):
    return averaged(values, lengths) * torch.get_num_threads()


FAULTS = {
    "repeat": (never_the_same, {}),
    "finite": (not_a_number, {}),
    "padding": (with_padding, {}),
    "mates": (with_mates, {}),
    "order": (with_places, {}),
    "single": (alone_is_other, {}),
    "future": (with_future, {"answers": "causal"}),
    "chunks": (running_mean, {"answers": "causal", "stream": forgetful_stream}),
    "threads": (by_threads, {}),
    "saved": (averaged, {"reload": lambda: lambda values, lengths: averaged(values, lengths) * (1 + 2**-20)}),
}


def test_every_law_has_a_planted_fault():
    assert set(FAULTS) == set(LAWS)


@pytest.mark.parametrize("law", FAULTS)
def test_a_planted_fault_is_found(law):
    model, told = FAULTS[law]
    found = check(model, rows(), **told)
    assert law in found.broken
    assert not found.ok
    outcome = found.of(law)
    assert outcome.deviation > outcome.tolerance
    assert outcome.example is not None


@pytest.mark.parametrize("law", sorted(set(FAULTS) - {"repeat", "mates", "order"}))
def test_a_planted_fault_breaks_no_other_law(law):
    model, told = FAULTS[law]
    beside = {"padding": {"single"}}.get(law, set())  # the other rows of a batch are padded, one alone is not
    assert set(check(model, rows(), **told).broken) <= {law} | beside


def test_the_smallest_example_is_small():
    padding = check(with_padding, rows()).of("padding").example
    assert (padding.lengths, padding.extra) == ((1,), 1)
    mates = check(with_mates, rows()).of("mates").example
    assert mates.lengths == (1, 1)
    future = check(with_future, rows(), answers="causal").of("future").example
    assert (future.lengths, future.at) == ((2,), 1)


def test_an_error_is_told_with_the_rows_that_it_came_for():
    def squeezed(values, lengths):
        told = averaged(values, lengths).squeeze()
        if told.dim() < 2:
            raise IndexError("a single row lost its axis")
        return told

    found = check(squeezed, rows())
    assert "IndexError: a single row lost its axis" in found.of("single").example.note
    assert found.of("single").to_json()["deviation"] is None


def test_laws_that_say_nothing_tell_why():
    found = check(averaged, rows())
    assert found.ok
    assert (found.of("future").reason, found.of("chunks").reason, found.of("saved").reason) == (
        "whole",
        "pieces",
        "unsaved",
    )
    with pytest.raises(ValueError, match="at least one row"):
        check(averaged, [])


def encoder_model(recipe):
    encoder = build_encoder(recipe, SIZE).eval()
    return lambda values, lengths: encoder(Padded(values, lengths)).summary


def packed(kind, **settings):
    module = kind(SIZE, 6, batch_first=True, **settings).eval()

    def model(values, lengths):
        outputs, _ = module(pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False))
        return pad_packed_sequence(outputs, batch_first=True)[0]

    return model


def transformer(values, mask):
    torch.manual_seed(5)
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, dropout=0.0).eval()
    project = nn.Linear(SIZE, 4)
    told = layer(project(values), src_key_padding_mask=~mask)
    return (told * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)


def causal_convolution():
    module = nn.Conv1d(SIZE, 4, 3).eval()
    return lambda values, lengths: module(nn.functional.pad(values.transpose(1, 2), (2, 0))).transpose(1, 2)


def masked_convolution():
    module = nn.Conv1d(SIZE, 4, 3, padding=1).eval()

    def model(values, lengths):
        real = mask_of(values, lengths)
        told = module((values * real).transpose(1, 2)).transpose(1, 2)
        return told.masked_fill(~real, -torch.inf).amax(1)

    return model


def yeoul_layer(kind, **settings):
    layer = kind(SIZE, 5, **settings).eval()
    return lambda values, lengths: layer(Padded(values, lengths))[0].values


def keras_like(values, mask):
    """Arrays in, arrays out."""
    weights = np.linspace(-1, 1, SIZE * 2).reshape(SIZE, 2)
    return np.tanh(np.where(mask[:, :, None], values, 0.0) @ weights).sum(axis=1)


def streamed(cell):
    encoder = build_causal_encoder(
        RecurrentRecipe(kind=cell, hidden_size=4, bidirectional=False, pooling="last"), SIZE
    )
    encoder.eval()

    def model(values, lengths):
        return encoder.read(Padded(values, lengths), encoder.start(len(values)))[0].values

    def stream(part, state):
        lengths = torch.tensor([part.shape[1]])
        states, after = encoder.read(Padded(part, lengths), encoder.start(1) if state is None else state)
        return states.values, after

    return model, {"answers": "causal", "stream": stream, "reload": lambda: model}


CORRECT = {
    "mean": lambda: (averaged, {}),
    "running mean": lambda: (running_mean, {"answers": "causal", "stream": running_stream}),
    "packed LSTM": lambda: (packed(nn.LSTM), {"answers": "causal"}),
    "packed BiGRU": lambda: (packed(nn.GRU, bidirectional=True, num_layers=2), {"answers": "steps"}),
    "packed RNN": lambda: (packed(nn.RNN), {"answers": "causal"}),
    "transformer": lambda: (transformer, {"given": "mask"}),
    "causal convolution": lambda: (causal_convolution(), {"answers": "causal"}),
    "masked convolution": lambda: (masked_convolution(), {}),
    "arrays": lambda: (keras_like, {"given": "mask", "convert": np.asarray}),
    "yeoul LSTM": lambda: (yeoul_layer(layers.LSTM, layer_norm=True), {"answers": "causal"}),
    "yeoul BiGRU": lambda: (yeoul_layer(layers.GRU, bidirectional=True, num_layers=2), {"answers": "steps"}),
    "yeoul LSTM in parts": lambda: streamed("lstm"),
    "yeoul GRU in parts": lambda: streamed("gru"),
    **{
        f"yeoul {type(recipe).__name__}": lambda recipe=recipe: (encoder_model(recipe), {})
        for recipe in (
            RecurrentRecipe(hidden_size=4, pooling="attention"),
            ConvolutionRecipe(channels=4, widths=(2, 3)),
            StackedConvolutionRecipe(channels=4, width=3, stride=2),
            ConvolutionRecurrentRecipe(channels=4, width=3, hidden_size=4, stride=2),
            DenseRecipe(window=4, hidden_size=5),
            BagRecipe(),
            WaveNetRecipe(channels=4, skip_channels=4, num_layers=2),
            TransformerRecipe(size=4, num_heads=2, feedforward=8, num_layers=1),
            DecomposedRecipe(window=4, average=3),
        )
    },
}


def test_there_are_twenty_correct_models():
    assert len(CORRECT) >= 20


@pytest.mark.parametrize("name", CORRECT)
def test_a_correct_model_raises_no_alarm(name):
    torch.manual_seed(1)
    model, told = CORRECT[name]()
    assert check(model, rows(), **told).broken == ()


def test_ids_whose_padding_is_zeros():
    table = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))

    def model(ids):
        return (table[ids] * (ids > 0)[:, :, None]).sum(1)

    assert check(model, sentences(), given="zeros").ok
    assert check(lambda ids: table[ids].sum(1), sentences(), given="zeros").broken == ("padding", "single")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(1, 3))
def test_a_leak_is_found_with_any_rows(lengths, leak):
    """A model that reads `leak` steps too far breaks the law of padding wherever a row ends."""

    def model(values, lengths):
        further = (lengths + leak).clamp(max=values.shape[1])
        return (values * mask_of(values, further)).sum(1)

    assert "padding" in check(model, rows(lengths)).broken


def test_the_front_door_opens_it():
    assert yeoul.verify.check is check
