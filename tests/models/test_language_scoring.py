"""The laws of scoring a text: lanes change nothing, the cache is its equation, learning on looks at the past only."""

import numpy as np
import pytest
import torch

from yeoul.data.streams import StreamRows
from yeoul.models.language import build_language_model
from yeoul.models.language_scoring import (
    CacheSettings,
    Reading,
    ReadText,
    cache_log_probs,
    cached_log_probs,
    choose_cache,
    dynamic_log_probs,
    gradient_scales,
    read_text,
    text_log_probs,
)
from yeoul.recipe.language import (
    DecoderRecipe,
    DynamicRecipe,
    RecurrentDecoderRecipe,
    TransformerDecoderRecipe,
)

TOKENS = 7
CPU = torch.device("cpu")


def model_of(network=None):
    torch.manual_seed(0)
    network = network or RecurrentDecoderRecipe(hidden_size=6, num_layers=2)
    return build_language_model(DecoderRecipe(network=network, embedding_size=5), TOKENS, carries=True)


def text_of(size, seed=0):
    return np.random.default_rng(seed).integers(0, TOKENS, size).astype(np.int32)


@pytest.mark.parametrize(
    "network", [None, TransformerDecoderRecipe(size=8, num_heads=2, num_layers=2, feedforward=8, reach=5)]
)
@pytest.mark.parametrize(
    "reading", [Reading(1, 7), Reading(4, 8, 100), Reading(90, 3, 100), Reading(3, 1000, 100)]
)
def test_lanes_that_read_all_before_them_say_what_one_lane_says(network, reading):
    model, ids = model_of(network), text_of(80)
    with torch.no_grad():
        model.eval()
        read = torch.from_numpy(np.concatenate([[3], ids[:-1]])).long()[None]
        logits = model(read, model.start(None, 1), None)[0].logits[0]
    wanted = torch.log_softmax(logits, dim=1)[torch.arange(80), torch.from_numpy(ids).long()]
    np.testing.assert_allclose(text_log_probs(model, ids, 3, CPU, reading), wanted.numpy(), atol=1e-5)
    found = read_text(model, ids, 3, CPU, reading)
    np.testing.assert_allclose(found.log_probs, wanted.numpy(), atol=1e-5)
    torch.testing.assert_close(model.head(found.features), logits, rtol=1e-4, atol=1e-5)


def test_lanes_without_a_past_begin_anew():
    model, ids = model_of(), text_of(80)
    lanes = text_log_probs(model, ids, 3, CPU, Reading(2, 16, 0))
    alone = text_log_probs(model, ids[40:], int(ids[39]), CPU)
    np.testing.assert_allclose(lanes[40:], alone, atol=1e-6)
    assert text_log_probs(model, ids[:0], 3, CPU).shape == (0,)


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_a_cache_is_its_equation(size, monkeypatch):
    monkeypatch.setattr("yeoul.models.language_scoring._TOKENS_AT_ONCE", 5)
    ids, flatnesses = text_of(30), (0.3, 2.0)
    features = torch.from_numpy(np.random.default_rng(1).normal(size=(30, 4)))
    told = np.exp(cache_log_probs(features, ids, size, flatnesses))
    assert told[0, 0] == told[1, 0] == 0.0
    for row, flatness in enumerate(flatnesses):
        for place in range(1, 30):
            past = range(max(0, place - size), place)
            weights = [float(torch.exp(flatness * features[place] @ features[one])) for one in past]
            right = [weight for weight, one in zip(weights, past, strict=True) if ids[one] == ids[place]]
            assert told[row, place] == pytest.approx(sum(right) / sum(weights))


def test_a_chosen_cache_helps_on_a_text_that_repeats_itself():
    model, ids = model_of(), np.tile(text_of(12), 20)
    places = np.random.default_rng(0).normal(size=(12, 8)).astype(np.float32)
    read = ReadText(text_log_probs(model, ids, 0, CPU), torch.from_numpy(np.tile(places, (20, 1))))
    settings = choose_cache(read, ids, 50)
    assert 0.5 < settings.share < 1.0
    assert cached_log_probs(read, ids, 50, settings).mean() > read.log_probs.mean() + 0.3
    np.testing.assert_allclose(
        cached_log_probs(read, ids, 50, CacheSettings(1.0, 0.0)), read.log_probs, atol=1e-12
    )
    useless = ReadText(np.zeros(len(ids)), read.features)  # a model that is always right
    assert choose_cache(useless, ids, 50).share == pytest.approx(0.0, abs=1e-3)
    assert choose_cache(read, ids, 50, share=0.3).share == pytest.approx(0.3)
    assert choose_cache(read, ids, 50, flatness=0.1).flatness == 0.1


def scales_of(model, ids):
    rows = StreamRows.in_lanes(ids, 0, 10, 4)
    return gradient_scales(model, [rows.batch(places) for places in rows.order(4, 0, 0)])


def test_learning_on_helps_sees_no_target_before_its_score_and_leaves_the_model_alone():
    model, ids = model_of(), np.tile(text_of(12), 20)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    scales = scales_of(model, text_of(100, 1))
    plain = text_log_probs(model, ids, 0, CPU)
    still = dynamic_log_probs(model, ids, 0, DynamicRecipe(window=10, rate=1e-30, decay=0.0), scales)
    np.testing.assert_allclose(still, plain, atol=1e-5)
    recipe = DynamicRecipe(window=10, rate=3e-2)
    learned = dynamic_log_probs(model, ids, 0, recipe, scales)
    assert learned.mean() > plain.mean() + 0.1
    np.testing.assert_allclose(learned[:10], plain[:10], atol=1e-5)
    changed = ids.copy()
    changed[100:] = text_of(140, 2)
    np.testing.assert_array_equal(dynamic_log_probs(model, changed, 0, recipe, scales)[:100], learned[:100])
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())


def test_a_full_pull_goes_all_the_way_back():
    model, ids = model_of(), text_of(60)
    scales = {name: torch.ones_like(scale) for name, scale in scales_of(model, ids).items()}
    told = dynamic_log_probs(model, ids, 0, DynamicRecipe(window=10, rate=1e-2, decay=1.0), scales)
    np.testing.assert_allclose(told, text_log_probs(model, ids, 0, CPU), atol=1e-5)


def test_scales_are_root_mean_squares_of_mean_gradients():
    model, rows = model_of(), StreamRows.in_windows(text_of(30), 0, 10)
    batches = [rows.batch(np.array([place])) for place in range(3)]
    model.eval()
    squares = 0.0
    for batch in batches:
        (gradient,) = torch.autograd.grad(-model.answers(batch).mean(), [model.head.weight])
        squares = squares + gradient.square() / 3
    found = gradient_scales(model, batches)
    torch.testing.assert_close(found["head.weight"], squares.sqrt(), rtol=1e-4, atol=1e-7)
    assert found.keys() == {name for name, _ in model.named_parameters()}
