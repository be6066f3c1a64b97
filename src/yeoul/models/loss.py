"""A loss as named terms, each a total with the count it is to be divided by.

Means are taken only at the very end, over the counts of all parts of a batch together, so cutting a batch
into parts, padding it or spreading it over processes never changes the value or the gradient.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

Counts = Mapping[str, float]


@dataclass(frozen=True)
class Term:
    """`total` is summed over `count` things; the term's mean enters the loss times `weight`."""

    total: Tensor  # ()
    count: float
    weight: float = 1.0


@dataclass(frozen=True)
class Loss:
    """What training lowers: Σ weight · total / count over its terms."""

    terms: Mapping[str, Term]

    def value(self, counts: Counts) -> Tensor:
        """Return the loss with every total divided by the given count of its name; of nothing it is zero.

        The values of the parts of a batch, each divided by the counts of the whole, add up to the value of
        the whole.
        """
        values = [term.weight * term.total / (counts[name] or 1.0) for name, term in self.terms.items()]
        return sum(values[1:], start=values[0])


def add_counts(parts: list[Counts]) -> Counts:
    """Add up the counts of the parts of a batch, name by name."""
    return {name: sum(part[name] for part in parts) for name in parts[0]}
