"""Read a file or folder with the columns and labels that a trained model knows."""

from collections.abc import Sequence
from pathlib import Path

from yeoul.data.catalog import CATALOG
from yeoul.data.columns import choose_columns
from yeoul.data.datasets import read_source
from yeoul.data.embedded import EMBEDDED
from yeoul.data.examples import Examples, compose, compose_apart
from yeoul.data.opening import PIPE
from yeoul.data.targets import refuse_unknown, with_targets
from yeoul.recipe import DataRecipe


def read_labelled(recipe: DataRecipe, labels: Sequence[str], series: bool = False) -> Examples:
    """Read every row of `recipe.source`; with `series` the input columns stay apart, by name.

    Raises `DataError` for a row whose label is not among `labels`, or that has none.
    """
    table = read_source(Path(recipe.source), recipe)
    columns = choose_columns(table, recipe.inputs, recipe.target, "series" if series else "text")
    table = with_targets(table, columns.target, recipe.target_kind, recipe.label_separator)
    examples = compose_apart((table,), columns) if series else compose((table,), columns).examples
    refuse_unknown(examples, recipe.target_kind, labels)
    return examples


def lasting_source(source: str) -> str:
    """Return a source that can be found from any folder: a file's whole path, a set's own name."""
    if source in CATALOG or source in (*EMBEDDED, PIPE):
        return source
    return str(Path(source).absolute())
