"""What stands on the two sides of rows, as models read it: texts, or series."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.baselines.likeness import stretched
from yeoul.data.comparisons.comparisons import Comparisons
from yeoul.data.comparisons.rows import ComparedRows
from yeoul.data.series_cells import series_of
from yeoul.recipe import SeriesRecipe, TextRecipe
from yeoul.tasks.classification.inputs import Inputs, Series, Vectorizer, fit_vectorizer, texts_of

Ints = npt.NDArray[np.int64]


def inputs_of_cells(cells: pa.Array, series: bool, place: str = "row") -> Inputs:
    """Return texts as they are, or the numbers that each cell lists with `series`.

    Raises `DataError` at the first cell without numbers, counted from 1 behind `place`.
    """
    if not series:
        return cells
    values, lengths = series_of({"series": cells}, lambda row: f"{place} {row + 1}")
    return Series(values, lengths)


def simple_inputs(inputs: Inputs) -> "Sequence[str] | npt.NDArray[np.float64]":
    """Return inputs as models without learning read them: texts, or series at an equal number of steps."""
    return stretched(inputs.values, inputs.lengths) if isinstance(inputs, Series) else texts_of(inputs)


def both_sides(comparisons: Comparisons, series: bool) -> tuple[Inputs, Inputs]:
    """Return the left and the right side of every row."""
    return inputs_of_cells(comparisons.lefts, series), inputs_of_cells(comparisons.rights, series)


def fit_sides(text: TextRecipe | None, series: SeriesRecipe | None, train: Comparisons) -> Vectorizer:
    """Learn from both sides of the training rows how to read others."""
    whole = pa.concat_arrays([train.lefts, train.rights])
    return fit_vectorizer(text, series, inputs_of_cells(whole, series is not None))


def compared_rows(vectorizer: Vectorizer, comparisons: Comparisons, series: bool) -> ComparedRows:
    """Encode rows with what is known of them."""
    left, right = both_sides(comparisons, series)
    groups = [side.astype(np.float64) for side in comparisons.groups]
    known = np.stack([comparisons.truth, *groups], axis=1)
    return ComparedRows(vectorizer(left), vectorizer(right), known)


@final
@dataclass(frozen=True, eq=False)
class Questions:
    """What to look for in a pool: the queries, the pool, and which of it is right for each query."""

    queries: pa.Array
    pool: pa.Array
    right: npt.NDArray[np.bool_]  # (Q, P)
    left_out: npt.NDArray[np.bool_]  # (Q, P) the query itself, and what only other rows tie to it
    groups: Ints  # (Q,)
    rows: Ints  # (Q,) row in which the query stands

    def __len__(self) -> int:
        return len(self.queries)

    @classmethod
    def of(
        cls, comparisons: Comparisons, *, symmetric: bool, most: int, most_in_pool: int
    ) -> "Questions | None":
        """Ask for the partners of the left sides of matching rows among all right ones.

        Where both sides are alike, the pool holds the left ones too. At most so many queries at even distances, and
        at most so many of a pool, those that are right among them. None where no two queries have anything right.
        """
        links = comparisons.links
        asked = np.unique(links.left[comparisons.matching])
        pool = np.unique(np.concatenate([links.left, links.right]) if symmetric else links.right)
        group = links.group_of
        asked = asked[_even(len(asked), most)]
        if len(asked) < 2:
            return None
        needed = np.isin(group[pool], group[asked])
        others = np.flatnonzero(~needed)
        kept = others[_even(len(others), max(0, most_in_pool - int(needed.sum())))]
        pool = pool[np.sort(np.concatenate([np.flatnonzero(needed), kept]))]
        right = _partners(comparisons, asked, pool, symmetric)
        same, itself = group[asked][:, None] == group[pool][None, :], asked[:, None] == pool[None, :]
        kept = np.flatnonzero((right & ~itself).any(axis=1))
        if len(kept) < 2:
            return None
        asked, right, same, itself = asked[kept], right[kept], same[kept], itself[kept]
        return cls(
            _texts(comparisons, asked),
            _texts(comparisons, pool),
            right & ~itself,
            itself | (same & ~right),
            group[asked],
            links.first[asked],
        )


def _partners(comparisons: Comparisons, asked: Ints, pool: Ints, symmetric: bool) -> npt.NDArray[np.bool_]:
    """Tell of each text asked for (Q,) which of the pool (P,) a matching row ties to it: (Q, P)."""
    links, size = comparisons.links, len(comparisons.links.group_of)
    left, right = links.left[comparisons.matching], links.right[comparisons.matching]
    if symmetric:
        left, right = np.concatenate([left, right]), np.concatenate([right, left])
    query, place = np.full(size, -1), np.full(size, -1)
    query[asked], place[pool] = np.arange(len(asked)), np.arange(len(pool))
    rows, columns = query[left], place[right]
    known = (rows >= 0) & (columns >= 0)
    partners = np.zeros((len(asked), len(pool)), np.bool_)
    partners[rows[known], columns[known]] = True
    return partners


def _even(size: int, most: int) -> Ints:
    """Return at most so many places below `size`, at even distances."""
    return np.unique(np.linspace(0, max(size - 1, 0), min(most, size)).astype(np.int64))


def _texts(comparisons: Comparisons, numbers: Ints) -> pa.Array:
    """Return the texts of these numbers."""
    links = comparisons.links
    both = pa.concat_arrays([comparisons.lefts, comparisons.rights])
    rows = links.first[numbers] + np.where(links.first_is_left[numbers], 0, len(comparisons))
    return both.take(pa.array(rows, pa.int64()))
