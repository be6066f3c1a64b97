"""Other ways in which a trained network may read the test text: with a cache, or learning on."""

from typing import Any

import numpy as np

from yeoul.data.streams import StreamRows
from yeoul.models.language_scoring import (
    CacheSettings,
    cached_log_probs,
    choose_cache,
    dynamic_log_probs,
    gradient_scales,
    read_text,
)
from yeoul.recipe.language import CacheRecipe, DynamicRecipe
from yeoul.tasks.generation.evaluation import Told
from yeoul.tasks.generation.writer import TrainedDecoder, Writer, pace_of

_SCALE_BATCHES = 50
_MOST_TOKENS = 500_000
"""Of a longer text the first so many are read in these ways, which take memory, or minutes."""


def further_scores(
    writer: Writer, network: TrainedDecoder, validation: Told, test: Told, training: StreamRows
) -> dict[str, Any]:
    """Return the scores of the test text in the ways that the recipe asks for: "cache", "dynamic"."""
    found, language = dict[str, Any](), writer.language
    if language.cache is not None:
        found["cache"] = _with_cache(language.cache, writer, network, validation, test)
    if language.dynamic is not None:
        found["dynamic"] = _learning_on(language.dynamic, writer, network, test, training)
    return found


def _with_cache(
    recipe: CacheRecipe, writer: Writer, network: TrainedDecoder, validation: Told, test: Told
) -> dict[str, Any]:
    chosen = _cache_settings(recipe, writer, network, validation)
    part = test.first(_MOST_TOKENS)
    ids = part.text.ids
    read = read_text(network.model, ids, writer.start, network.device, pace_of(len(ids)))
    told = cached_log_probs(read, ids, recipe.size, chosen)
    return {
        "size": recipe.size,
        "flatness": chosen.flatness,
        "share": chosen.share,
        "tokens": len(ids),
        "scores": part.scores(told),
    }


def _cache_settings(
    recipe: CacheRecipe, writer: Writer, network: TrainedDecoder, validation: Told
) -> CacheSettings:
    """Choose on the validation text what the recipe leaves open; the features it takes are gone afterwards."""
    if recipe.flatness is not None and recipe.share is not None:
        return CacheSettings(recipe.flatness, recipe.share)
    ids = validation.text.ids[:_MOST_TOKENS]
    read = read_text(network.model, ids, writer.start, network.device, pace_of(len(ids)))
    return choose_cache(read, ids, recipe.size, flatness=recipe.flatness, share=recipe.share)


def _learning_on(
    recipe: DynamicRecipe, writer: Writer, network: TrainedDecoder, test: Told, training: StreamRows
) -> dict[str, Any]:
    order = training.order(training.lanes or 1, 0, 0)
    places = np.unique(np.linspace(0, len(order) - 1, min(_SCALE_BATCHES, len(order))).astype(np.int64))
    batches = [training.batch(order[place]).to(network.device) for place in places.tolist()]
    part = test.first(_MOST_TOKENS)
    told = dynamic_log_probs(
        network.model, part.text.ids, writer.start, recipe, gradient_scales(network.model, batches)
    )
    return {
        "window": recipe.window,
        "rate": recipe.rate,
        "decay": recipe.decay,
        "tokens": len(part.text.ids),
        "scores": part.scores(told),
    }
