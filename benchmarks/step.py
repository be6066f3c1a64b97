"""What a framework hands over once it has built a piece of work."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.work import Arrays, Work


@dataclass(frozen=True)
class Step:
    """One training step less the optimizer's: loss and gradients."""

    run: Callable[[], object]
    """Returns when all is computed."""
    results: Callable[[], Arrays]
    """Runs once more and returns "loss" and the gradient of each array, by its name and in its layout."""


def dropout_share(work: Work) -> float:
    return 0.2 if work.option == "recurrent_dropout" else 0.0
