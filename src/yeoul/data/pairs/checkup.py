"""What a file of pairs holds, before anything is trained on it."""

from yeoul.data import catalog
from yeoul.data.embedded import EMBEDDED
from yeoul.data.pairs.cards import PairsCard
from yeoul.data.pairs.dataset import load_pairs
from yeoul.recipe import DataRecipe

_SEED = 42


def known_pairs(recipe: DataRecipe) -> bool:
    """Tell whether the source is a public or built-in set of pairs."""
    entry = EMBEDDED.get(recipe.source) or catalog.CATALOG.get(recipe.source)
    return entry is not None and entry.task == "transduce" and not recipe.target


def check_pairs(recipe: DataRecipe) -> PairsCard:
    """Read pairs and split them as a training would; raise `DataError` for what is none."""
    return load_pairs(recipe, "source", _SEED).card
