"""Score a trained model of likeness on other pairs than its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from yeoul.data.comparisons.comparisons import Writing
from yeoul.data.comparisons.dataset import check_series, read_new_comparisons
from yeoul.data.comparisons.neighbors import neighbor_rows, read_writings
from yeoul.data.corpora.sources import is_plain_text
from yeoul.data.opening import existing_source
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe
from yeoul.tasks.comparison.baselines import CONSTANT, questions_of
from yeoul.tasks.comparison.coherence import told_apart_by_nothing
from yeoul.tasks.comparison.comparer import Comparer, KeptLikeness
from yeoul.tasks.comparison.evaluation import Answered, answered_by, evaluate
from yeoul.tasks.comparison.rules import learned_rule


def evaluate_comparisons(
    model: Comparer, kept: KeptLikeness | None, data: DataRecipe, card: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """Score a model on the pairs of `data.source`, beside the simple model that was kept with the run.

    The columns are those of `card`, the run's data card. Raises `DataError` for a file without them, without rows, or
    with rows of one kind only.
    """
    truth, series = model.comparing.truth, model.reads_series
    if truth == "auto":
        raise TypeError("a model that does not know what it was taught")
    writings = _writings(data) if model.comparing.rows == "neighbors" else []
    if writings:
        rows = neighbor_rows(writings, [seed])
    else:
        left, right = card["inputs"]
        rows = read_new_comparisons(data, {"left": left, "right": right, "truth": card["target"]}, truth)
    if series:
        check_series(rows)
    if truth == "match" and (rows.matching.all() or not rows.matching.any()):
        raise DataError(
            "all rows of the file are of one kind", "add rows of the other kind", where=data.source
        )
    asked = questions_of(rows, symmetric=model.comparing.symmetric, series=series)
    zeros = np.zeros(len(rows))
    beside = {
        CONSTANT: Answered.of(
            learned_rule(truth, zeros, rows.truth),
            zeros,
            asked,
            None if asked is None else np.zeros(asked.right.shape),
            told_apart_by_nothing(writings),
        )
    }
    if kept is not None:
        beside[kept.kind] = answered_by(kept, rows, asked, series, writings)
    answered = answered_by(model, rows, asked, series, writings)
    return evaluate(answered, rows, asked, beside, next(reversed(beside)), truth=truth, seed=seed)


def _writings(data: DataRecipe) -> list[Writing]:
    """Read the documents of a file: a plain text, or the column of a table that the training read."""
    plain = is_plain_text(existing_source(Path(data.source)), DataRecipe())
    asked = DataRecipe(source=data.source, encoding=data.encoding) if plain else data
    return read_writings(asked)[1]
