"""What a file of pairs to compare holds, before anything is trained on it."""

from yeoul.data import catalog
from yeoul.data.comparisons.cards import ComparisonsCard
from yeoul.data.comparisons.dataset import load_comparisons, reads_as_series
from yeoul.data.embedded import EMBEDDED
from yeoul.recipe import ComparingRecipe, DataRecipe

_SEED = 42


def known_comparisons(recipe: DataRecipe) -> bool:
    """Tell whether the source is a public or built-in set of pairs to compare."""
    entry = EMBEDDED.get(recipe.source) or catalog.CATALOG.get(recipe.source)
    return entry is not None and entry.task == "compare"


def check_comparisons(recipe: DataRecipe) -> ComparisonsCard:
    """Read pairs and split them as a training would; raise `DataError` for what is none."""
    series = reads_as_series(recipe)
    return load_comparisons(recipe, ComparingRecipe(), _SEED, series=series).card
