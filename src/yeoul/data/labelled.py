"""Read a file with the columns and labels that a trained model knows."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.catalog import CATALOG
from yeoul.data.columns import choose_columns
from yeoul.data.embedded import CLDR_LANGUAGES
from yeoul.data.examples import Examples, compose
from yeoul.data.opening import existing_file
from yeoul.data.readers import Table, read_table
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe


def read_labelled(recipe: DataRecipe, labels: Sequence[str]) -> Examples:
    """Read every row of the file `recipe.source`; raise `DataError` for a label that is not among `labels`."""
    table = _table(recipe)
    columns = choose_columns(table, recipe.inputs, recipe.target)
    examples = compose((table,), columns).examples
    unknown = pc.invert(pc.is_in(examples.targets, pa.array(labels, examples.targets.type)))
    places = pc.indices_nonzero(unknown).to_pylist()
    if places:
        raise DataError(
            "the label {label} was never seen in training, here and in {others} more rows",
            "the model knows {labels}",
            where=examples.where(places[0]),
            values={
                "label": examples.targets[places[0]].as_py(),
                "others": len(places) - 1,
                "labels": ", ".join(labels[:10]),
            },
        )
    return examples


def lasting_source(source: str) -> str:
    """Return a source that can be found from any folder: a file's whole path, a set's own name."""
    if source in CATALOG or source == CLDR_LANGUAGES:
        return source
    return str(Path(source).absolute())


def _table(recipe: DataRecipe) -> Table:
    path = existing_file(Path(recipe.source), known=())
    return read_table(path, encoding=recipe.encoding, separator=recipe.separator)
