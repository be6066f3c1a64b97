"""First vectors of a network's words, from a file or a public set, and how much of the texts they cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.data.catalog import CATALOG, find
from yeoul.data.opening import existing_file, shown_name
from yeoul.data.vectors import open_vectors
from yeoul.errors import DataError, RecipeError
from yeoul.text.tokenizers import UNKNOWN

_SHOWN = 10


@dataclass(frozen=True, eq=False)
class FirstVectors:
    """The vectors `values` (N, D) of those words of a vocabulary that have one, and the words' `ids` (N,)."""

    ids: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


def first_vectors(source: str, vocabulary: Mapping[str, int], size: int, where: str) -> FirstVectors:
    """Return the vectors of `size` components of the words in `vocabulary`, which gives each its id.

    `source` is a file or a public set. A model of fastText has a vector for every word that has letters enough; the
    unknown token has none. Raises `DataError` for vectors of another size and where no word has one, and `RecipeError`
    with the place `where` for a public set of another kind.
    """
    path = vectors_path(source, where)
    table = open_vectors(path)
    if table.size != size:
        raise DataError(
            "the file's vectors have {came} numbers, the recipe expects {size}",
            "set the size of the vectors to {came} in the recipe",
            where=shown_name(path),
            values={"came": table.size, "size": size},
        )
    words = [word for word in vocabulary if word != UNKNOWN]
    found, values = table.values_of(words)
    if not found.any():
        raise DataError(
            "none of the vocabulary's {words} tokens has a vector in the file",
            "use vectors of the texts' language, and words as text.unit",
            where=shown_name(path),
            values={"words": len(vocabulary)},
        )
    ids = np.array([vocabulary[word] for word in words], np.int64)[found]
    order = np.argsort(ids)
    return FirstVectors(ids[order], values[order])


def vectors_path(source: str, where: str = "") -> Path:
    """Return the file of a public set of vectors, or the file of that name."""
    sets = {
        name: entry
        for name, entry in CATALOG.items()
        if entry.task == "vectors" and all("all" in form.splits for form in entry.forms)
    }
    if source in CATALOG and source not in sets:
        raise RecipeError(
            "the public set {name} holds no word vectors",
            "name a file, or one of {sets}",
            where=where,
            values={"name": source, "sets": ", ".join(sets)},
        )
    return find(sets[source]).paths["all"] if source in sets else existing_file(Path(source), known=sets)


def coverage_card(
    source: str, found: FirstVectors, vocabulary: Mapping[str, int], counts: npt.NDArray[np.int64]
) -> dict[str, Any]:
    """Say how much of what was counted (V,) in the training texts starts from vectors, for the data card."""
    held = np.zeros(len(counts), np.bool_)
    held[found.ids] = True
    lacking = np.flatnonzero(~held & (counts > 0))
    most = set(lacking[np.argsort(-counts[lacking], kind="stable")][:_SHOWN].tolist())
    missing = {token: number for token, number in vocabulary.items() if number in most and token != UNKNOWN}
    return {
        "source": source,
        "tokens": len(counts),
        "covered": len(found.ids),
        "share": float(counts[held].sum() / max(1, counts.sum())),
        "missing": sorted(missing, key=lambda token: (-int(counts[missing[token]]), token)),
    }
