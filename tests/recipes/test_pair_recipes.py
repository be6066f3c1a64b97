"""Every recipe of pairs names a set of pairs and describes a model that can be built."""

import pytest
import torch

from yeoul.data.catalog import CATALOG
from yeoul.data.embedded import EMBEDDED
from yeoul.models.build_transducer import build_transducer
from yeoul.recipefile import read_recipe, recipe_names

RECIPES = {name: read_recipe(name, {}).recipe for name in recipe_names()}
PAIRS = {name: recipe for name, recipe in RECIPES.items() if recipe.task == "transduce"}


@pytest.mark.parametrize("name", PAIRS)
def test_a_recipe_of_pairs_can_be_built(name):
    recipe = PAIRS[name]
    source = recipe.data.source
    if source in EMBEDDED:
        assert EMBEDDED[source].task == "transduce"
        assert set(recipe.data.slices) <= set(EMBEDDED[source].table().columns) or not recipe.data.slices
    else:
        assert any(form.pair for form in CATALOG[source].forms)
    with torch.device("meta"):
        model = build_transducer(recipe.model, 900, 900, shared=recipe.pairs.shared)
    assert sum(weight.numel() for weight in model.parameters()) > 1000


def test_the_ladder_of_sums_differs_in_what_its_names_say_only():
    ladder = {name: PAIRS[f"addition-{name}"] for name in ("plain", "reversed", "peeky", "both")}
    for name, recipe in ladder.items():
        assert recipe.model.encoder.reverse == (name in ("reversed", "both"))
        assert recipe.model.decoder.peeky == (name in ("peeky", "both"))
        encoder = recipe.model.encoder.model_copy(update={"reverse": False})
        decoder = recipe.model.decoder.model_copy(update={"peeky": False})
        model = recipe.model.model_copy(update={"encoder": encoder, "decoder": decoder})
        assert recipe.model_copy(update={"model": model}) == ladder["plain"]
