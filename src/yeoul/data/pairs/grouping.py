"""Which pairs must stand on one side of a split, and which have slipped through an official one."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from yeoul.data.splits import duplicate_groups

Ints = npt.NDArray[np.int64]
Together = Literal["source", "target", "both", "sorted", "none"]


def together_groups(sources: pa.Array, targets: pa.Array, together: Together) -> Ints:
    """Number the rows (N,) so that rows which must stay together have equal numbers.

    "source" and "target": equal texts; "both": rows that share either, also by way of others; "sorted": sources of
    the same characters, as 1+23 and 23+1; "none": every row by itself.
    """
    match together:
        case "source":
            return duplicate_groups(sources)
        case "target":
            return duplicate_groups(targets)
        case "both":
            return joined_groups(duplicate_groups(sources), duplicate_groups(targets))
        case "sorted":
            return duplicate_groups(pa.array(["".join(sorted(text)) for text in sources.to_pylist()]))
        case "none":
            return np.arange(len(sources))


def leaks(groups: Ints, parts: Mapping[str, Ints]) -> dict[str, int]:
    """Count the validation and test rows whose group (N,) is also among the rows learned from.

    A validation row may be alike to a training row, a test row to one of either.
    """
    learned = {"validation": ("train",), "test": ("train", "validation")}
    return {
        split: int(
            np.isin(groups[parts[split]], groups[np.concatenate([parts[one] for one in before])]).sum()
        )
        for split, before in learned.items()
    }


def pair_groups(sources: Ints, targets: Ints) -> Ints:
    """Number the rows (N,) so that rows with equal source and equal target have equal numbers."""
    both = sources * (int(targets.max(initial=0)) + 1) + targets
    groups: Ints = np.unique(both, return_inverse=True)[1].astype(np.int64)
    return groups


def joined_groups(sources: Ints, targets: Ints) -> Ints:
    """Number the rows (N,) that share a source or a target, also by way of others; both are numbered from 0.

    These are the connected parts of the graph whose edges join a source with its target.
    """
    left = int(sources.max(initial=-1)) + 1
    size = left + int(targets.max(initial=-1)) + 1
    edges = coo_array((np.ones(len(sources), np.int8), (sources, left + targets)), shape=(size, size))
    labels: npt.NDArray[np.int32] = connected_components(edges, directed=False)[1]
    return labels[sources].astype(np.int64)
