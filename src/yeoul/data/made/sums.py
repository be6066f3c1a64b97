"""Sums of two numbers of one to three digits: 57+5 is 62."""

import numpy as np

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

ADDITION = "addition"
ADDITION_TITLE = "50,000 sums of two numbers of one to three digits: 57+5 is 62 (made up)"
_ROWS = 50_000
_DIGITS = 3


def addition() -> Table:
    """Return the columns `question` and `answer`, no question twice.

    The digits of each number are drawn first, then the number among all of so many digits.
    """
    random = np.random.default_rng(31)
    digits = random.integers(1, _DIGITS + 1, (4 * _ROWS, 2))
    lowest = np.where(digits == 1, 0, 10 ** (digits - 1))
    numbers = lowest + (random.random(digits.shape) * (10**digits - lowest)).astype(np.int64)
    _, first = np.unique(numbers[:, 0] * 10**_DIGITS + numbers[:, 1], return_index=True)
    chosen = numbers[np.sort(first)[:_ROWS]].tolist()
    questions = [f"{left}+{right}" for left, right in chosen]
    answers = [str(left + right) for left, right in chosen]
    return made_table(ADDITION, {"question": questions, "answer": answers})
