"""Texts as numbers: vectorizers with scikit-learn's conventions, and below them what cuts and numbers texts.

Names are looked up on first use, for scikit-learn takes a while to import. What Keras once had for this is in
`yeoul.text.keras`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yeoul.text.counts import Counts as Counts
    from yeoul.text.counts import HashedCounts as HashedCounts
    from yeoul.text.places import HashedOneHot as HashedOneHot
    from yeoul.text.places import OneHot as OneHot
    from yeoul.text.places import PaddedIds as PaddedIds

_HOMES = {
    "Counts": "yeoul.text.counts",
    "HashedCounts": "yeoul.text.counts",
    "OneHot": "yeoul.text.places",
    "HashedOneHot": "yeoul.text.places",
    "PaddedIds": "yeoul.text.places",
}

__all__ = ["Counts", "HashedCounts", "HashedOneHot", "OneHot", "PaddedIds"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'yeoul.text' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
